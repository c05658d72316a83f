//! Set-associative arrays with true LRU, and with FIFO where they are touched by what they lack only: TLBs.
//!
//! *Models:* any positive number of sets, any number of ways, exact recency in each set, removal that makes room.
//! *Does not model:* other policies (`policy`), hashing of the set index.
//! *Source:* the textbook set-associative array.

use super::Geometry;

/// An array of tags in sets, which a number selects.
pub trait Array {
    fn new(geometry: Geometry) -> Self;

    fn entries(&self) -> usize;

    fn remove(&mut self, number: u64, tag: u64);

    /// Removes every tag for which `goes` is true; the others keep their order.
    fn remove_if(&mut self, goes: impl Fn(u64) -> bool);

    fn clear(&mut self);
}

/// Marks a way that holds nothing; no tag has this value.
pub(super) const EMPTY: u64 = u64::MAX;

/// The array. Each set is a short run of tags, most recent first, empty ways last.
#[derive(Clone, Debug, PartialEq)]
pub struct Lru {
    tags: Vec<u64>,
    ways: usize,
    sets: u64,
    /// sets − 1 where sets is a power of two, so that the common case needs no division.
    mask: Option<u64>,
    has_evicted: bool,
}

impl Lru {
    pub fn ways(&self) -> usize {
        self.ways
    }

    /// Whether an entry ever had to make room for another.
    pub fn has_evicted(&self) -> bool {
        self.has_evicted
    }

    #[inline(always)]
    fn set(&mut self, number: u64) -> &mut [u64] {
        let set = index(number, self.mask, self.sets);
        &mut self.tags[set * self.ways..][..self.ways]
    }

    /// Its sets, where each is known to have so many ways: a loop keeps them at hand.
    #[inline(always)]
    pub fn sets<const WAYS: usize>(&mut self) -> Sets<'_, WAYS> {
        let Lru { mask, has_evicted, .. } = self;
        Sets { sets: self.tags.as_chunks_mut().0, mask: *mask, has_evicted }
    }

    /// Whether the set that `number` selects holds `tag`.
    pub(super) fn holds(&mut self, number: u64, tag: u64) -> bool {
        find(self.set(number), tag).is_some()
    }

    /// Makes `tag` the most recent of its set, which `number` selects. True if it was there; if not, the least recent goes.
    #[inline(always)]
    pub fn touch(&mut self, number: u64, tag: u64) -> bool {
        // Loops of a known length are unrolled.
        match self.ways {
            4 => self.sets::<4>().touch(number, tag),
            8 => self.sets::<8>().touch(number, tag),
            12 => self.sets::<12>().touch(number, tag),
            16 => self.sets::<16>().touch(number, tag),
            _ => self.touch_any(number, tag),
        }
    }

    #[inline(always)]
    fn touch_any(&mut self, number: u64, tag: u64) -> bool {
        let set = self.set(number);
        if set[0] == tag {
            return true;
        }
        let lost = move_in(set, tag);
        self.has_evicted |= lost != tag && lost != EMPTY;
        lost == tag
    }
}

/// The sets of an [`Lru`].
pub struct Sets<'a, const WAYS: usize> {
    sets: &'a mut [[u64; WAYS]],
    mask: Option<u64>,
    has_evicted: &'a mut bool,
}

impl<const WAYS: usize> Sets<'_, WAYS> {
    /// As [`Lru::touch`] does.
    #[inline(always)]
    pub fn touch(&mut self, number: u64, tag: u64) -> bool {
        let set = index(number, self.mask, self.sets.len() as u64);
        let set = &mut self.sets[set];
        if set[0] == tag {
            return true;
        }
        let lost = shift_in(set, tag);
        *self.has_evicted |= lost != tag && lost != EMPTY;
        lost == tag
    }
}

/// The set that a number selects; `mask` is sets − 1 where they are a power of two.
#[inline(always)]
pub(super) fn index(number: u64, mask: Option<u64>, sets: u64) -> usize {
    match mask {
        Some(mask) => (number & mask) as usize,
        None => (number % sets) as usize,
    }
}

impl Array for Lru {
    fn new(geometry: Geometry) -> Lru {
        let sets = geometry.sets() as u64;
        let mask = sets.is_power_of_two().then(|| sets - 1);
        Lru { tags: vec![EMPTY; geometry.entries], ways: geometry.ways, sets, mask, has_evicted: false }
    }

    fn entries(&self) -> usize {
        self.tags.len()
    }

    fn remove(&mut self, number: u64, tag: u64) {
        let set = self.set(number);
        if let Some(depth) = set.iter().position(|&held| held == tag) {
            set.copy_within(depth + 1.., depth);
            set[set.len() - 1] = EMPTY;
        }
    }

    fn remove_if(&mut self, goes: impl Fn(u64) -> bool) {
        for set in self.tags.chunks_exact_mut(self.ways) {
            let mut kept = 0;
            for i in 0..set.len() {
                if set[i] != EMPTY && !goes(set[i]) {
                    set[kept] = set[i];
                    kept += 1;
                }
            }
            set[kept..].fill(EMPTY);
        }
    }

    fn clear(&mut self) {
        self.tags.fill(EMPTY);
    }
}

/// Puts `tag` first; those before its old place move down by one. Returns what was there: itself, or the least recent.
#[inline(always)]
fn shift_in<const WAYS: usize>(set: &mut [u64; WAYS], tag: u64) -> u64 {
    // Of many ways mostly none holds it: they are looked at without a branch for each, and moved all at once.
    if WAYS > 8 && !set.iter().fold(false, |found, &held| found | (held == tag)) {
        let lost = set[WAYS - 1];
        set.copy_within(..WAYS - 1, 1);
        set[0] = tag;
        return lost;
    }
    let mut carried = tag;
    for held in set {
        carried = std::mem::replace(held, carried);
        if carried == tag {
            break;
        }
    }
    carried
}

/// The same for sets of any number of ways.
#[inline(never)]
fn move_in(set: &mut [u64], tag: u64) -> u64 {
    let depth = find(set, tag).unwrap_or(set.len() - 1);
    let lost = set[depth];
    set.copy_within(..depth, 1);
    set[0] = tag;
    lost
}

/// Where a tag is, looked for block by block without a branch for each.
#[inline]
pub(super) fn find(set: &[u64], tag: u64) -> Option<usize> {
    const BLOCK: usize = 8;
    let (blocks, rest) = set.as_chunks::<BLOCK>();
    for (i, block) in blocks.iter().enumerate() {
        if block.iter().fold(false, |found, &held| found | (held == tag)) {
            return block.iter().position(|&held| held == tag).map(|at| i * BLOCK + at);
        }
    }
    rest.iter().position(|&held| held == tag).map(|at| blocks.len() * BLOCK + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recent_goes_and_removal_makes_room() {
        let mut lru = Lru::new(Geometry::try_new(3, 3).unwrap());
        assert_eq!([1, 2, 3, 1, 4, 2].map(|tag| lru.touch(0, tag)), [false, false, false, true, false, false]);
        lru.remove(0, 4);
        assert!(lru.touch(0, 1) && lru.touch(0, 2));
        assert!(!lru.touch(0, 5));
        assert!(lru.touch(0, 1), "the freed way was taken, nothing was evicted");
    }

    #[test]
    fn any_positive_number_of_sets_works() {
        let mut lru = Lru::new(Geometry::try_new(6, 2).unwrap());
        for number in [0, 3, 6] {
            lru.touch(number, number);
        }
        assert!(lru.touch(3, 3) && lru.touch(6, 6));
        assert!(!lru.touch(0, 0), "0, 3 and 6 share a set of two ways");
    }
}
