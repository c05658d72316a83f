//! Paging-structure caches: entries that let a walk start below the root.
//!
//! *Models:* one array per upper level, holding non-leaf entries; probed from the lowest level upward.
//! *Does not model:* unified caches of several levels, partial-hit latencies.
//! *Source:* Barr, Cox and Rixner, "Translation caching: skip, don't walk (the page table)", ISCA 2010.

use crate::address::Level;
use crate::arrays::{Geometry, Packed, slot_of, tag};
use fearless_simd::Simd;

/// Arrays for levels 2 to 5; `None` where a level is not cached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PscShape(pub [Option<Geometry>; 4]);

/// The caches of one dimension.
#[derive(Debug)]
pub struct Psc {
    arrays: Packed<4>,
    /// A process of which nothing was put in since it was flushed.
    flushed: Option<u32>,
}

impl Psc {
    pub fn new(shape: &PscShape) -> Psc {
        Psc { arrays: Packed::new(shape.0), flushed: None }
    }

    /// The level of the node at which a walk to `leaf` starts: below the lowest entry held, at `root` if none is. From now on
    /// the non-leaf entries that the walk reads are held: they are those that were looked for in vain.
    #[inline(always)]
    pub fn start<S: Simd>(&mut self, simd: S, owner: u32, address: u64, leaf: Level, root: Level) -> Level {
        if self.flushed == Some(owner) {
            self.flushed = None;
        }
        for level in Level::range(leaf.up(), root) {
            let number = address >> level.shift();
            if self.arrays.touch(simd, level.get() - 2, number, tag(owner, number)) {
                return level.down();
            }
        }
        root
    }

    /// Removes what belongs to one process.
    pub fn flush(&mut self, owner: u32) {
        if self.flushed != Some(owner) {
            self.arrays.remove_if(|tag| slot_of(tag) == owner);
            self.flushed = Some(owner);
        }
    }

    pub fn clear(&mut self) {
        self.arrays.clear();
    }
}
