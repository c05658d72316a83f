//! TLBs that differ in nothing but ways, looked up once for all of them.

use super::arrays::{Arrays, Layout};
use crate::address::PageSize;
use crate::arrays::{Geometry, MattsonStack, Touched, page_tag};
use crate::guest::{At, Flush, Place};
use crate::program::{PerProcessor, Run};

/// A run whose page not every TLB holds.
#[derive(Clone, Copy, Debug)]
struct Moved {
    run: u32,
    array: u32,
    found: Touched,
}

/// First levels, or second levels behind one first, whose arrays have the same sets and inclusion. Each page has an array in all of
/// them.
#[derive(Debug)]
pub struct TlbStacks {
    arrays: PerProcessor<Arrays<MattsonStack>>,
    /// By array: the fewest ways that any of them has.
    fewest: Vec<usize>,
    /// Of the last chunk.
    pub(super) accesses: u64,
    moved: Vec<Moved>,
}

impl TlbStacks {
    /// Of at least one.
    pub fn new(layouts: &[Layout], largest: PageSize, tags: bool) -> TlbStacks {
        let ways = |array: usize| layouts.iter().map(move |layout| layout.shapes[array].ways);
        let mut most = layouts[0].clone();
        for (array, shape) in most.shapes.iter_mut().enumerate() {
            let ways = ways(array).fold(shape.ways, usize::max);
            *shape = Geometry { entries: shape.sets() * ways, ways, ..*shape };
        }
        let fewest =
            most.shapes.iter().enumerate().map(|(array, most)| ways(array).fold(most.ways, usize::min)).collect();
        let arrays = PerProcessor::new(Arrays::new(most, largest, tags));
        TlbStacks { arrays, fewest, accesses: 0, moved: Vec::new() }
    }

    /// Looks up these runs of a chunk.
    pub fn replay(&mut self, visits: impl Iterator<Item = u32>, runs: &[Run], places: &[Place], flushes: &[At<Flush>]) {
        self.skip(&[]);
        let mut flushes = flushes.iter().peekable();
        for i in visits {
            while let Some((_, flush)) = flushes.next_if(|(at, _)| *at <= i as usize) {
                self.arrays.follow(flush);
            }
            let arrays = self.arrays.now_mut();
            let (run, place) = (&runs[i as usize], &places[i as usize]);
            self.accesses += run.count as u64;
            let size = place.size.min(arrays.largest);
            let Some(array) = arrays.layout.of(size, run.op) else { continue };
            let page = run.address.page(size);
            let found = arrays.list[array].touch(page, page_tag(place.slot, size, page));
            if found.depth >= self.fewest[array] {
                self.moved.push(Moved { run: i, array: array as u32, found });
            }
        }
        flushes.for_each(|(_, flush)| self.arrays.follow(flush));
    }

    /// Lets a chunk pass with its flushes only.
    pub fn skip(&mut self, flushes: &[At<Flush>]) {
        (self.accesses, _) = (0, self.moved.clear());
        flushes.iter().for_each(|(_, flush)| self.arrays.follow(flush));
    }

    /// Adds the runs of the last chunk that arrays of these shapes miss; true if one of them had to make room.
    pub(super) fn miss(&self, shapes: &[Geometry], misses: &mut Vec<u32>) -> bool {
        let mut has_evicted = false;
        for Moved { run, array, found } in &self.moved {
            let ways = shapes[*array as usize].ways;
            if found.depth >= ways {
                misses.push(*run);
                has_evicted |= found.hole >= ways;
            }
        }
        has_evicted
    }
}
