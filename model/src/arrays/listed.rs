//! Set-associative arrays of many ways with true LRU, in which a touch takes the same time however many there are.
//!
//! *Models:* what `lru` does.
//! *Does not model:* what `lru` does not.
//! *Source:* the textbook LRU list beside a hash table.

use super::{Array, Geometry};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// No entry.
const NONE: u32 = u32::MAX;

/// The array: a table finds the entry of a tag, and each set is a list of entries, most recent first.
#[derive(Clone, Debug)]
pub struct Listed {
    table: HashTable<u32>,
    /// Those in use, and those that a removal left free.
    entries: Vec<Entry>,
    /// The first free one; `after` leads on.
    free: u32,
    sets: Vec<Set>,
    ways: usize,
    has_evicted: bool,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    tag: u64,
    /// `NONE`: free.
    set: u32,
    before: u32,
    after: u32,
}

#[derive(Clone, Copy, Debug)]
struct Set {
    first: u32,
    last: u32,
    count: u32,
}

const EMPTY: Set = Set { first: NONE, last: NONE, count: 0 };

#[inline]
fn hash(set: u32, tag: u64) -> u64 {
    const STATE: FixedState = FixedState::with_seed(0);
    STATE.hash_one(tag ^ u64::from(set).rotate_left(32))
}

impl Listed {
    /// Whether an entry ever had to make room for another.
    pub fn has_evicted(&self) -> bool {
        self.has_evicted
    }

    /// Whether the set that `number` selects holds `tag`.
    pub(super) fn holds(&self, number: u64, tag: u64) -> bool {
        self.find(self.set(number), tag).is_some()
    }

    /// Makes `tag` the most recent of its set, which `number` selects. True if it was there; if not, the least recent goes.
    pub fn touch(&mut self, number: u64, tag: u64) -> bool {
        let set = self.set(number);
        let Set { first, last, count } = self.sets[set as usize];
        if first != NONE && self.entries[first as usize].tag == tag {
            return true;
        }
        if let Some(at) = self.find(set, tag) {
            self.unlink(at);
            self.link(at, set);
            return true;
        }
        if count as usize == self.ways {
            self.has_evicted = true;
            self.take_out(last);
        }
        self.put_in(set, tag);
        false
    }

    fn set(&self, number: u64) -> u32 {
        (number % self.sets.len() as u64) as u32
    }

    #[inline]
    fn find(&self, set: u32, tag: u64) -> Option<u32> {
        let is_it = |at: &u32| {
            let entry = &self.entries[*at as usize];
            entry.tag == tag && entry.set == set
        };
        self.table.find(hash(set, tag), is_it).copied()
    }

    fn put_in(&mut self, set: u32, tag: u64) {
        let entry = Entry { tag, set, before: NONE, after: NONE };
        let at = match self.free {
            NONE => {
                self.entries.push(entry);
                self.entries.len() as u32 - 1
            }
            at => {
                self.free = self.entries[at as usize].after;
                self.entries[at as usize] = entry;
                at
            }
        };
        let entries = &self.entries;
        self.table.insert_unique(hash(set, tag), at, |at| {
            let Entry { tag, set, .. } = entries[*at as usize];
            hash(set, tag)
        });
        self.link(at, set);
    }

    fn take_out(&mut self, at: u32) {
        let Entry { tag, set, .. } = self.entries[at as usize];
        if let Ok(found) = self.table.find_entry(hash(set, tag), |held| *held == at) {
            found.remove();
        }
        self.unlink(at);
        self.entries[at as usize] = Entry { tag, set: NONE, before: NONE, after: self.free };
        self.free = at;
    }

    /// Puts an entry in front of its set.
    fn link(&mut self, at: u32, set: u32) {
        let ends = &mut self.sets[set as usize];
        let second = std::mem::replace(&mut ends.first, at);
        ends.count += 1;
        match second {
            NONE => ends.last = at,
            second => self.entries[second as usize].before = at,
        }
        let entry = &mut self.entries[at as usize];
        (entry.before, entry.after) = (NONE, second);
    }

    fn unlink(&mut self, at: u32) {
        let Entry { set, before, after, .. } = self.entries[at as usize];
        let ends = &mut self.sets[set as usize];
        ends.count -= 1;
        match before {
            NONE => ends.first = after,
            before => self.entries[before as usize].after = after,
        }
        match after {
            NONE => ends.last = before,
            after => self.entries[after as usize].before = before,
        }
    }

    /// The tags of a set, most recent first.
    fn tags(&self, set: &Set) -> impl Iterator<Item = u64> {
        let entry = |at: u32| self.entries.get(at as usize);
        std::iter::successors(entry(set.first), move |held| entry(held.after)).map(|held| held.tag)
    }
}

/// Arrays that hold the same tags in the same order.
impl PartialEq for Listed {
    fn eq(&self, other: &Listed) -> bool {
        let same = |(own, others): (&Set, &Set)| self.tags(own).eq(other.tags(others));
        self.sets.len() == other.sets.len()
            && (self.ways, self.has_evicted) == (other.ways, other.has_evicted)
            && self.sets.iter().zip(&other.sets).all(same)
    }
}

impl Array for Listed {
    fn new(geometry: Geometry) -> Listed {
        let (table, entries, sets) = (HashTable::new(), Vec::new(), vec![EMPTY; geometry.sets()]);
        Listed { table, entries, free: NONE, sets, ways: geometry.ways, has_evicted: false }
    }

    fn entries(&self) -> usize {
        self.sets.len() * self.ways
    }

    fn remove(&mut self, number: u64, tag: u64) {
        if let Some(at) = self.find(self.set(number), tag) {
            self.take_out(at);
        }
    }

    fn remove_if(&mut self, goes: impl Fn(u64) -> bool) {
        for at in 0..self.entries.len() as u32 {
            let Entry { tag, set, .. } = self.entries[at as usize];
            if set != NONE && goes(tag) {
                self.take_out(at);
            }
        }
    }

    fn clear(&mut self) {
        self.table.clear();
        self.entries.clear();
        self.free = NONE;
        self.sets.fill(EMPTY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::Lru;
    use proptest::prelude::*;

    proptest! {
        /// The naive twin moves its tags.
        #[test]
        fn it_holds_what_lru_holds(
            sets in 1usize..4, ways in 1usize..7, actions in prop::collection::vec((0..20u8, 0..40u64), 1..300),
        ) {
            let geometry = Geometry::try_new(sets * ways, ways).unwrap();
            let (mut listed, mut lru) = (Listed::new(geometry), Lru::new(geometry));
            for (action, tag) in actions {
                match action {
                    0 => {
                        listed.clear();
                        lru.clear();
                    }
                    1 => {
                        listed.remove_if(|held| held % 3 == tag % 3);
                        lru.remove_if(|held| held % 3 == tag % 3);
                    }
                    2 | 3 => {
                        listed.remove(tag, tag);
                        lru.remove(tag, tag);
                    }
                    _ => {
                        prop_assert_eq!(listed.holds(tag, tag), lru.holds(tag, tag));
                        prop_assert_eq!(listed.touch(tag, tag), lru.touch(tag, tag));
                    }
                }
                prop_assert_eq!(listed.has_evicted(), lru.has_evicted());
            }
        }
    }

    #[test]
    fn a_loop_over_as_many_pages_as_entries_fits() {
        const ENTRIES: u64 = 1 << 18;
        let mut listed = Listed::new(Geometry::try_new(ENTRIES as usize, ENTRIES as usize).unwrap());
        assert!((0..ENTRIES).all(|tag| !listed.touch(tag, tag)));
        assert!((0..ENTRIES).step_by(1 << 10).all(|tag| listed.touch(tag, tag)));
        assert!(!listed.touch(ENTRIES, ENTRIES) && listed.has_evicted());
        assert!(!listed.touch(1, 1), "the least recent went");
    }
}
