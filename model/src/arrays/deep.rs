//! Mattson's stack of many ways, in which a touch takes the logarithm of their number.
//!
//! *Models:* what `stack` does.
//! *Does not model:* what `stack` does not.
//! *Source:* Olken, "Efficient methods for calculating the success function of fixed space replacement policies", 1981; the counts
//! are a tree of Fenwick's over words of bits.

use super::{Touched, lru::EMPTY};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::collections::BTreeSet;
use std::hash::BuildHasher;

/// One set. Tags and holes stand in the order of their times, the most recent last.
#[derive(Clone, Debug)]
pub struct DeepSet {
    ways: usize,
    /// By time: a tag, or `EMPTY` for a hole and for what is no longer there.
    tags: Vec<u64>,
    /// Which times there is a tag or a hole of.
    there: Bits,
    /// The time of each tag.
    times: HashTable<u32>,
    /// Times of the holes that removals left.
    holes: BTreeSet<u32>,
    /// No tag and no hole is older.
    oldest: usize,
}

#[inline]
fn hash(tag: u64) -> u64 {
    const STATE: FixedState = FixedState::with_seed(0);
    STATE.hash_one(tag)
}

impl DeepSet {
    pub fn new(ways: usize) -> DeepSet {
        let (there, times) = (Bits::new(2 * ways), HashTable::new());
        DeepSet { ways, tags: Vec::new(), there, times, holes: BTreeSet::new(), oldest: 0 }
    }

    /// Makes `tag` the most recent.
    pub fn touch(&mut self, tag: u64) -> Touched {
        let hole = self.first_hole();
        if self.tags.last() == Some(&tag) {
            return Touched { depth: 0, hole };
        }
        let time = self.time(tag);
        let depth = time.map_or(usize::MAX, |time| self.depth(time));
        if time.is_some() {
            self.remove(tag);
        }
        self.close_hole();
        if self.tags.len() == self.there.len() {
            self.renumber();
        }
        self.put_on_top(tag);
        Touched { depth, hole }
    }

    /// Leaves a hole where the tag was.
    pub fn remove(&mut self, tag: u64) {
        let tags = &mut self.tags;
        if let Ok(found) = self.times.find_entry(hash(tag), |time| tags[*time as usize] == tag) {
            let (time, _) = found.remove();
            tags[time as usize] = EMPTY;
            self.holes.insert(time);
        }
    }

    pub fn remove_if(&mut self, goes: impl Fn(u64) -> bool) {
        let gone: Vec<u64> = self.tags.iter().copied().filter(|tag| *tag != EMPTY && goes(*tag)).collect();
        gone.into_iter().for_each(|tag| self.remove(tag));
    }

    pub fn clear(&mut self) {
        *self = DeepSet::new(self.ways);
    }

    fn time(&self, tag: u64) -> Option<u32> {
        self.times.find(hash(tag), |time| self.tags[*time as usize] == tag).copied()
    }

    /// Tags and holes that are more recent.
    fn depth(&self, time: u32) -> usize {
        self.there.count - self.there.before(time as usize + 1)
    }

    /// How deep the first hole is. Below all tags and holes that there are, there are holes to begin with.
    fn first_hole(&self) -> usize {
        self.holes.last().map_or(self.there.count, |time| self.depth(*time))
    }

    /// Takes the first hole away; if there is none, the least recent tag.
    fn close_hole(&mut self) {
        if let Some(time) = self.holes.pop_last() {
            self.there.flip(time as usize);
        } else if self.there.count == self.ways {
            self.oldest = self.there.first(self.oldest);
            let tag = self.tags[self.oldest];
            self.remove(tag);
            self.holes.clear();
            self.there.flip(self.oldest);
        }
    }

    fn put_on_top(&mut self, tag: u64) {
        let time = self.tags.len();
        self.tags.push(tag);
        self.there.flip(time);
        let tags = &self.tags;
        self.times.insert_unique(hash(tag), time as u32, |time| hash(tags[*time as usize]));
    }

    /// Gives tags and holes new times without gaps.
    fn renumber(&mut self) {
        let mut fresh = DeepSet::new(self.ways);
        for time in (0..self.tags.len()).filter(|time| self.there.has(*time)) {
            match self.tags[time] {
                EMPTY => {
                    fresh.holes.insert(fresh.tags.len() as u32);
                    fresh.there.flip(fresh.tags.len());
                    fresh.tags.push(EMPTY);
                }
                tag => fresh.put_on_top(tag),
            }
        }
        *self = fresh;
    }
}

/// Bits that can be counted.
#[derive(Clone, Debug)]
struct Bits {
    words: Vec<u64>,
    /// A tree of Fenwick's over the counts of the words.
    tree: Vec<u32>,
    count: usize,
}

impl Bits {
    /// At least so many, none of them set.
    fn new(bits: usize) -> Bits {
        let words = bits.div_ceil(u64::BITS as usize);
        Bits { words: vec![0; words], tree: vec![0; words + 1], count: 0 }
    }

    fn len(&self) -> usize {
        self.words.len() * u64::BITS as usize
    }

    fn has(&self, bit: usize) -> bool {
        self.words[bit / 64] >> (bit % 64) & 1 != 0
    }

    fn flip(&mut self, bit: usize) {
        let word = bit / 64;
        self.words[word] ^= 1 << (bit % 64);
        let by = if self.has(bit) { 1 } else { -1 };
        self.count = self.count.wrapping_add_signed(by as isize);
        let mut node = word + 1;
        while node < self.tree.len() {
            self.tree[node] = self.tree[node].wrapping_add_signed(by);
            node += node & node.wrapping_neg();
        }
    }

    /// How many are set before `bit`.
    fn before(&self, bit: usize) -> usize {
        let (word, low) = (bit / 64, (1 << (bit % 64)) - 1);
        let (mut sum, mut node) = (self.words.get(word).map_or(0, |word| (word & low).count_ones()), word);
        while node > 0 {
            sum += self.tree[node];
            node &= node - 1;
        }
        sum as usize
    }

    /// The first that is set, none before `from` being.
    fn first(&self, from: usize) -> usize {
        let words = (from / 64..).zip(&self.words[from / 64..]);
        words
            .clone()
            .find(|(_, bits)| **bits != 0)
            .map_or(from, |(word, bits)| word * 64 + bits.trailing_zeros() as usize)
    }
}
