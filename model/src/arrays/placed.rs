//! Set-associative arrays whose entries have fixed ways: random, tree-PLRU and NRU replacement.
//!
//! *Models:* what `policy` says of them.
//! *Does not model:* what `lru` does not.
//! *Source:* as `policy`.

use super::Geometry;
use super::lru::{EMPTY, find};
use crate::chance::SplitMix;

/// How a set chooses the way that makes room.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Choice {
    Random(SplitMix),
    /// Bits are the nodes of a tree from 1, the root, on: below node n are 2n and 2n + 1, and node ways + w is way w.
    Tree,
    /// A bit is a way's.
    Nru,
}

/// The array, under one of these policies.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    tags: Vec<u64>,
    /// As many for each set as it has ways.
    bits: Vec<bool>,
    ways: usize,
    choice: Choice,
    has_evicted: bool,
}

impl Placed {
    pub(super) fn new(geometry: Geometry, choice: Choice) -> Placed {
        let Geometry { entries, ways, .. } = geometry;
        Placed { tags: vec![EMPTY; entries], bits: vec![false; entries], ways, choice, has_evicted: false }
    }

    /// As [`Lru::touch`](super::Lru::touch), under its own policy.
    pub fn touch(&mut self, number: u64, tag: u64) -> bool {
        let set = self.set(number);
        let (tags, bits) = (&mut self.tags[set..][..self.ways], &mut self.bits[set..][..self.ways]);
        let held = find(tags, tag);
        let way = held.or_else(|| find(tags, EMPTY)).unwrap_or_else(|| {
            self.has_evicted = true;
            self.choice.victim(bits)
        });
        tags[way] = tag;
        self.choice.touch(bits, way);
        held.is_some()
    }

    /// Where the set that a number selects begins.
    fn set(&self, number: u64) -> usize {
        (number % (self.tags.len() / self.ways) as u64) as usize * self.ways
    }

    pub fn has_evicted(&self) -> bool {
        self.has_evicted
    }

    pub fn entries(&self) -> usize {
        self.tags.len()
    }

    pub fn remove(&mut self, number: u64, tag: u64) {
        let set = self.set(number);
        if let Some(way) = find(&self.tags[set..][..self.ways], tag) {
            self.empty(set + way);
        }
    }

    pub fn remove_if(&mut self, goes: impl Fn(u64) -> bool) {
        for entry in 0..self.tags.len() {
            if self.tags[entry] != EMPTY && goes(self.tags[entry]) {
                self.empty(entry);
            }
        }
    }

    fn empty(&mut self, entry: usize) {
        self.tags[entry] = EMPTY;
        self.bits[entry] &= self.choice != Choice::Nru;
    }

    /// The stream of random numbers goes on.
    pub fn clear(&mut self) {
        self.tags.fill(EMPTY);
        self.bits.fill(false);
    }
}

impl Choice {
    /// The way that makes room in a full set with these bits.
    fn victim(&mut self, bits: &[bool]) -> usize {
        match self {
            Choice::Random(stream) => (stream.draw() % bits.len() as u64) as usize,
            Choice::Tree => {
                let mut node = 1;
                while node < bits.len() {
                    node = 2 * node + bits[node] as usize;
                }
                node - bits.len()
            }
            Choice::Nru => bits.iter().position(|bit| !bit).unwrap_or(0),
        }
    }

    /// Notes a hit or a fill.
    fn touch(&self, bits: &mut [bool], way: usize) {
        match self {
            Choice::Random(_) => {}
            Choice::Tree => {
                let mut node = bits.len() + way;
                while node > 1 {
                    bits[node / 2] = node.is_multiple_of(2);
                    node /= 2;
                }
            }
            Choice::Nru => {
                bits[way] = true;
                if bits.len() > 1 && bits.iter().all(|bit| *bit) {
                    bits.fill(false);
                    bits[way] = true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tags of one set by way, after these touches.
    fn held(choice: Choice, ways: usize, tags: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let mut array = Placed::new(Geometry::try_new(ways, ways).unwrap(), choice);
        tags.into_iter().for_each(|tag| _ = array.touch(0, tag));
        array.tags
    }

    #[test]
    fn a_tree_leads_away_from_what_was_touched_last() {
        assert_eq!(held(Choice::Tree, 4, [1, 2, 3, 4, 5]), [5, 2, 3, 4], "4 led to the lower half, 2 there to 1");
        assert_eq!(held(Choice::Tree, 4, [1, 2, 3, 4, 1, 5]), [1, 2, 5, 4], "1 led to the upper half, 4 there to 3");
        assert_eq!(held(Choice::Tree, 8, 1..=12), [9, 2, 11, 4, 10, 6, 12, 8]);
    }

    #[test]
    fn nru_takes_the_lowest_way_without_its_bit() {
        assert_eq!(held(Choice::Nru, 4, [1, 2, 3, 4, 5]), [5, 2, 3, 4], "4 cleared the bits of the others");
        assert_eq!(held(Choice::Nru, 4, [1, 2, 3, 4, 5, 2, 6, 7]), [7, 2, 6, 4], "6 cleared them again");
        assert_eq!(held(Choice::Nru, 1, [1, 2]), [2]);
    }

    #[test]
    fn random_draws_once_for_each_fill_of_a_full_set() {
        let stream = || Choice::Random(SplitMix::new(1_234_567));
        assert_eq!(held(stream(), 10, (0..10).chain([3])), Vec::from_iter(0..10));
        // The first draws end in 7, 3 and 3.
        assert_eq!(held(stream(), 10, (0..10).chain([3, 10, 10, 11, 12])), [0, 1, 2, 12, 4, 5, 6, 10, 8, 9]);
    }

    #[test]
    fn removal_leaves_the_bits_of_a_tree_and_clears_those_of_nru() {
        let left = |choice, before: &[u64], removed, after: &[u64]| {
            let mut array = Placed::new(Geometry::try_new(4, 4).unwrap(), choice);
            before.iter().for_each(|tag| _ = array.touch(0, *tag));
            array.remove(0, removed);
            after.iter().for_each(|tag| _ = array.touch(0, *tag));
            array.tags
        };
        assert_eq!(left(Choice::Tree, &[1, 2, 3, 4, 1], 3, &[5, 6]), [1, 6, 5, 4], "1 leads to 2 in the lower half");
        assert_eq!(left(Choice::Nru, &[1, 2, 3, 4], 4, &[1, 2, 3, 5, 2, 6, 7]), [6, 2, 7, 5], "5 cleared the others'");
    }

    #[test]
    fn a_cleared_array_starts_anew_but_for_its_stream() {
        let of = |choice| Placed::new(Geometry::try_new(8, 4).unwrap(), choice);
        for choice in [Choice::Tree, Choice::Nru, Choice::Random(SplitMix::new(1))] {
            let (new, mut array) = (of(choice.clone()), of(choice));
            (0..9).for_each(|tag| _ = array.touch(0, tag));
            array.clear();
            assert_eq!((&array.tags, &array.bits), (&new.tags, &new.bits));
            assert_eq!(array.choice != new.choice, matches!(new.choice, Choice::Random(_)));
        }
    }
}
