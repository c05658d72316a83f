//! Where page-table references are found: data caches that hold table entries beside the program's own lines.
//!
//! *Models:* three caches of 64-byte lines, looked up in order, filled on the way back, the first two of each processor its own;
//! eight entries of a node share a line; the program's data competes as far as `data_pressure` says.
//! *Does not model:* inclusion, write-back, prefetching, hashed set indexes, coherence.
//! *Source:* page-table entries as cacheable memory: Bhargava et al., ASPLOS 2008.

use crate::address::{Gpa, NODE_BYTES};
use crate::arrays::{Geometry, Packed};
use crate::counts::{Counts, Event};
use crate::program::{PerProcessor, Processor};
use fearless_simd::Simd;

/// Bytes of a cache line.
pub const LINE_BYTES: u64 = 64;
/// Lines of a node.
const NODE_LINES: u64 = NODE_BYTES / LINE_BYTES;
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
    near: PerProcessor<Packed<2>>,
    llc: Packed<1>,
    pub pressure: DataPressure,
    waiting: Vec<u64>,
    found: [u64; 4],
}

impl Caches {
    pub fn new(shape: &CacheShape) -> Caches {
        let waiting = Vec::with_capacity(WAITING);
        let [l1, l2, llc] = shape.levels.map(Some);
        let near = PerProcessor::new(Packed::new([l1, l2]));
        Caches { near, llc: Packed::new([llc]), pressure: shape.pressure, waiting, found: [0; 4] }
    }

    /// What follows is of this processor.
    #[inline(always)]
    pub fn turn_to<S: Simd>(&mut self, simd: S, processor: Processor) {
        self.settle(simd);
        self.near.turn_to(processor, Packed::another);
    }

    /// A reference to an entry of the node with this number.
    #[inline(always)]
    pub fn reference<S: Simd>(&mut self, simd: S, node: u64, index: usize) {
        self.wait(simd, node * NODE_LINES + index as u64 / 8);
    }

    /// The program's own access takes its room; it is not counted.
    #[inline(always)]
    pub fn data<S: Simd>(&mut self, simd: S, vm: u32, gpa: Gpa) {
        self.wait(simd, UNCOUNTED | (DATA_LINES + gpa.get() / LINE_BYTES + VM_LINES * vm as u64));
    }

    #[inline(always)]
    fn wait<S: Simd>(&mut self, simd: S, line: u64) {
        self.waiting.push(line);
        if self.waiting.len() == WAITING {
            simd.vectorize(
                #[inline(always)]
                || self.settle(simd),
            );
        }
    }

    /// Looks up every line that waits, and fills it into every level that missed: level by level, since what a level hits depends
    /// on nothing but what the levels before it missed, in order.
    #[inline(always)]
    pub fn settle<S: Simd>(&mut self, simd: S) {
        let Caches { near, llc, waiting, found, .. } = self;
        let near = near.now_mut();
        let counted = |lines: &[u64]| lines.iter().map(|line| 1 - (line >> UNCOUNTED.ilog2())).sum::<u64>();
        let all = counted(waiting);
        near.sift(simd, 0, waiting, !UNCOUNTED);
        let beyond_l1 = counted(waiting);
        near.sift(simd, 1, waiting, !UNCOUNTED);
        let beyond_l2 = counted(waiting);
        llc.sift(simd, 0, waiting, !UNCOUNTED);
        let beyond_llc = counted(waiting);
        let places = [all - beyond_l1, beyond_l1 - beyond_l2, beyond_l2 - beyond_llc, beyond_llc];
        found.iter_mut().zip(places).for_each(|(sum, n)| *sum += n);
        waiting.clear();
    }

    /// Adds the references by the place where they were found.
    pub fn count(&self, counts: &mut Counts) {
        let places = [Event::RefsL1, Event::RefsL2, Event::RefsLlc, Event::RefsDram];
        for (place, found) in places.into_iter().zip(self.found) {
            counts[place] += found;
        }
    }
}
