//! A set-associative array under any replacement policy: TLBs, paging-structure caches, the nested TLB, data caches.

use super::config::{Geometry, Policy};

/// A way holds a tag and a value, or nothing.
struct Set<T, V> {
    ways: Vec<Option<(T, V)>>,
    /// lru, fifo: the ways that hold something, the next to go first.
    queue: Vec<usize>,
    /// tree-plru: for each half, quarter, … of the ways, by its first way and its length, whether the next victim is in its upper half.
    upper: Vec<((usize, usize), bool)>,
    /// nru: the ways whose bit is set.
    recent: Vec<usize>,
}

pub struct Array<T, V> {
    policy: Policy,
    sets: Vec<Set<T, V>>,
    /// random: where the stream is.
    state: u64,
}

impl<T: PartialEq, V: Copy> Array<T, V> {
    /// "sets = entries / ways, any positive integer."
    pub fn new(geometry: Geometry) -> Array<T, V> {
        let Geometry { entries, ways, policy } = geometry;
        assert!(ways > 0 && entries > 0 && entries.is_multiple_of(ways), "impossible geometry: {entries} / {ways}");
        let sets = (0..entries / ways).map(|_| Set::new(ways)).collect();
        // "The state starts as the seed."
        let state = if let Policy::Random { seed } = policy { seed } else { 0 };
        Array { policy, sets, state }
    }

    /// "Set index = number mod sets."
    fn set(&mut self, number: u64) -> &mut Set<T, V> {
        let sets = self.sets.len() as u64;
        &mut self.sets[(number % sets) as usize]
    }

    /// Looks the tag up; a hit is noted.
    pub fn find(&mut self, number: u64, tag: &T) -> Option<V> {
        let policy = self.policy;
        let set = self.set(number);
        let way = set.ways.iter().position(|entry| entry.as_ref().is_some_and(|(held, _)| held == tag))?;
        set.note(policy, way, false);
        set.ways[way].as_ref().map(|entry| entry.1)
    }

    /// Puts in a tag that is not there: "a fill takes the lowest empty way before any victim is looked for".
    pub fn insert(&mut self, number: u64, tag: T, value: V) {
        let policy = self.policy;
        let is_full = self.set(number).ways.iter().all(Option::is_some);
        // "One draw x for each fill of a full set; no draw otherwise."
        let x = if is_full && matches!(policy, Policy::Random { .. }) { self.draw() } else { 0 };
        let set = self.set(number);
        assert!(set.ways.iter().flatten().all(|(held, _)| *held != tag), "the tag is already there");
        let way = set.ways.iter().position(Option::is_none).unwrap_or_else(|| set.victim(policy, x));
        set.queue.retain(|queued| *queued != way);
        set.ways[way] = Some((tag, value));
        set.note(policy, way, true);
    }

    /// "Each draw adds 0x9E3779B97F4A7C15 to it, then z = state, z ^= z >> 30, z *= 0xBF58476D1CE4E5B9, z ^= z >> 27,
    /// z *= 0x94D049BB133111EB, z ^= z >> 31, all mod 2^64."
    fn draw(&mut self) -> u64 {
        let modulo = |number: u128| (number % (1 << 64)) as u64;
        self.state = modulo(u128::from(self.state) + 0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        for (shift, factor) in [(30, 0xBF58_476D_1CE4_E5B9), (27, 0x94D0_49BB_1331_11EB), (31, 1)] {
            z = modulo(u128::from(z ^ (z >> shift)) * factor);
        }
        z
    }

    /// Removes every entry whose tag answers yes. In a tree the bits stay.
    pub fn remove_if(&mut self, gone: impl Fn(&T) -> bool) {
        for set in &mut self.sets {
            for way in 0..set.ways.len() {
                if set.ways[way].as_ref().is_some_and(|(tag, _)| gone(tag)) {
                    set.ways[way] = None;
                    set.queue.retain(|queued| *queued != way);
                    set.recent.retain(|recent| *recent != way);
                }
            }
        }
    }

    /// "A cleared array starts anew, but for the random stream, which goes on."
    pub fn clear(&mut self) {
        for set in &mut self.sets {
            *set = Set::new(set.ways.len());
        }
    }
}

impl<T, V> Set<T, V> {
    fn new(ways: usize) -> Set<T, V> {
        Set { ways: (0..ways).map(|_| None).collect(), queue: vec![], upper: vec![], recent: vec![] }
    }

    /// Notes a hit, or a fill.
    fn note(&mut self, policy: Policy, way: usize, fill: bool) {
        match policy {
            Policy::Lru => {
                self.queue.retain(|queued| *queued != way);
                self.queue.push(way);
            }
            Policy::Fifo if fill => self.queue.push(way),
            Policy::Fifo | Policy::Random { .. } => {}
            // "A hit or fill points every bit on its way away from it."
            Policy::TreePlru => {
                let (mut first, mut length) = (0, self.ways.len());
                while length > 1 {
                    let is_upper = way >= first + length / 2;
                    self.upper.retain(|(of, _)| *of != (first, length));
                    self.upper.push(((first, length), !is_upper));
                    length /= 2;
                    first += if is_upper { length } else { 0 };
                }
            }
            // "When that would leave no clear bit in a set of more than one way, all other bits of the set are cleared."
            Policy::Nru => {
                self.recent.retain(|recent| *recent != way);
                self.recent.push(way);
                if self.ways.len() > 1 && self.recent.len() == self.ways.len() {
                    self.recent = vec![way];
                }
            }
        }
    }

    /// The way that gives way in a full set; x is what was drawn.
    fn victim(&self, policy: Policy, x: u64) -> usize {
        match policy {
            Policy::Lru | Policy::Fifo => self.queue[0],
            Policy::Random { .. } => (x % self.ways.len() as u64) as usize,
            // "Found by following the bits (bits start pointing at the lowest way)."
            Policy::TreePlru => {
                let (mut first, mut length) = (0, self.ways.len());
                while length > 1 {
                    let is_upper = self.upper.contains(&((first, length), true));
                    length /= 2;
                    first += if is_upper { length } else { 0 };
                }
                first
            }
            // "The lowest way with a clear bit (way 0 if there is but one way)."
            Policy::Nru => (0..self.ways.len()).find(|way| !self.recent.contains(way)).unwrap_or(0),
        }
    }
}
