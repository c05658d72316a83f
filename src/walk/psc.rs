//! Paging-structure caches: entries that let a walk start below the root.
//!
//! *Models:* one LRU array per upper level, holding non-leaf entries; probed from the lowest level upward.
//! *Does not model:* unified caches of several levels, partial-hit latencies.
//! *Source:* Barr, Cox and Rixner, "Translation caching: skip, don't walk (the page table)", ISCA 2010.

use crate::address::Level;
use crate::tlb::{Array, Geometry, Lru, slot_of, tag};

/// Arrays for levels 2 to 5; `None` where a level is not cached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PscShape(pub [Option<Geometry>; 4]);

/// The caches of one dimension.
#[derive(Debug)]
pub struct Psc([Option<Lru>; 4]);

impl Psc {
    pub fn new(shape: &PscShape) -> Psc {
        Psc(shape.0.map(|geometry| geometry.map(Lru::new)))
    }

    fn array(&mut self, level: Level) -> Option<&mut Lru> {
        self.0[level.get() - 2].as_mut()
    }

    /// The level of the node at which a walk to `leaf` starts: below the lowest entry held, at `root` if none is.
    #[inline]
    pub fn start(&mut self, owner: u32, address: u64, leaf: Level, root: Level) -> Level {
        for level in Level::range(leaf.up(), root) {
            let number = address >> level.shift();
            if self.array(level).is_some_and(|array| array.probe(number, tag(owner, number))) {
                return level.down();
            }
        }
        root
    }

    /// Holds the non-leaf entries that a walk from `start` to `leaf` has read: none was held when it started.
    #[inline]
    pub fn fill(&mut self, owner: u32, address: u64, leaf: Level, start: Level) {
        for level in Level::range(leaf.up(), start) {
            let number = address >> level.shift();
            if let Some(array) = self.array(level) {
                array.insert(number, tag(owner, number));
            }
        }
    }

    /// Removes what belongs to one process.
    pub fn flush(&mut self, owner: u32) {
        self.0.iter_mut().flatten().for_each(|array| array.remove_if(|tag| slot_of(tag) == owner));
    }

    pub fn clear(&mut self) {
        self.0.iter_mut().flatten().for_each(Lru::clear);
    }
}
