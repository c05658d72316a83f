//! Where page-table references are found: data caches that hold table entries beside the program's own lines.
//!
//! *Models:* three LRU caches of 64-byte lines, looked up in order, filled on the way back; eight entries of a node share a
//! line; the program's data competes as far as `data_pressure` says.
//! *Does not model:* inclusion, write-back, prefetching, hashed set indexes, other cores.
//! *Source:* page-table entries as cacheable memory: Bhargava et al., ASPLOS 2008.

use crate::address::Gpa;
use crate::counts::{Counts, Event};
use crate::tlb::{Array, Geometry, Lru, Sparse};

/// Bytes of a cache line.
pub const LINE_BYTES: u64 = 64;
/// Where the lines of data begin, far above those of nodes.
const DATA_LINES: u64 = 1 << 40;
/// Lines from one VM's data to the next one's.
const VM_LINES: u64 = 1 << 50;

/// Which of the program's accesses take room in the caches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DataPressure {
    /// None of them: table entries have the caches to themselves.
    None,
    /// Those that walk.
    #[default]
    Walked,
    /// All of them, walked or not.
    All,
}

/// The first-level, second-level and last-level cache, in lines, and what competes for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CacheShape {
    /// Entries are lines.
    pub levels: [Geometry; 3],
    pub pressure: DataPressure,
}

/// A line that takes its room without being counted; no line number reaches this bit.
const UNCOUNTED: u64 = 1 << 63;
/// Lines that wait before they are looked up.
const WAITING: usize = 1024;

/// The caches as one walker sees them. Lines wait in order and are looked up many at a time.
#[derive(Debug)]
pub struct Caches {
    l1: Lru,
    l2: Lru,
    llc: Sparse,
    pub pressure: DataPressure,
    waiting: Vec<u64>,
    found: [u64; 4],
}

impl Caches {
    pub fn new(shape: &CacheShape) -> Caches {
        let waiting = Vec::with_capacity(WAITING);
        let [l1, l2, llc] = shape.levels;
        let (l1, l2, llc) = (Lru::new(l1), Lru::new(l2), Sparse::new(llc));
        Caches { l1, l2, llc, pressure: shape.pressure, waiting, found: [0; 4] }
    }

    /// A reference to an entry of the node with this number.
    #[inline]
    pub fn reference(&mut self, node: u64, index: usize) {
        self.wait(node * LINE_BYTES + index as u64 / 8);
    }

    /// The program's own access takes its room; it is not counted.
    #[inline]
    pub fn data(&mut self, vm: u32, gpa: Gpa) {
        self.wait(UNCOUNTED | (DATA_LINES + gpa.get() / LINE_BYTES + VM_LINES * vm as u64));
    }

    #[inline]
    fn wait(&mut self, line: u64) {
        self.waiting.push(line);
        if self.waiting.len() == WAITING {
            self.settle();
        }
    }

    /// Looks up every line that waits: level by level, and filled into every level that missed.
    pub fn settle(&mut self) {
        let Caches { l1, l2, llc, .. } = self;
        let mut found = [0; 4];
        for &line in &self.waiting {
            let tag = line & !UNCOUNTED;
            let place = if l1.touch(tag, tag) {
                0
            } else if l2.touch(tag, tag) {
                1
            } else {
                3 - llc.touch(tag, tag) as usize
            };
            found[place] += (line & UNCOUNTED == 0) as u64;
        }
        self.found.iter_mut().zip(found).for_each(|(sum, n)| *sum += n);
        self.waiting.clear();
    }

    /// Adds the references by the place where they were found.
    pub fn count(&self, counts: &mut Counts) {
        let places = [Event::RefsL1, Event::RefsL2, Event::RefsLlc, Event::RefsDram];
        for (place, found) in places.into_iter().zip(self.found) {
            counts[place] += found;
        }
    }
}

/// Numbers of nodes in order of creation, over all tables of one technique's run; a number is not used again.
#[derive(Debug, Default)]
pub struct Numbers(Vec<u64>);

impl Numbers {
    /// Numbers a node that was just created.
    pub fn assign(&mut self, node: u32, next: &mut u64) {
        let node = node as usize;
        if node >= self.0.len() {
            self.0.resize(node + 1, 0);
        }
        self.0[node] = *next;
        *next += 1;
    }

    pub fn get(&self, node: u32) -> u64 {
        self.0[node as usize]
    }
}
