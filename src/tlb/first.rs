//! First-level TLBs: their hits depend on no second level, which only sees what they miss.

use super::arrays::Arrays;
use super::lru::Geometry;
use super::tag::page_tag;
use super::FlushSchedule;
use crate::address::PageSize;
use crate::guest::{At, Flush, Place};
use crate::trace::{Op, Run};

/// What decides the hits of a first level; equal keys share one pass.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FirstKey {
    /// An entry covers the guest's page, cut to this size at most.
    pub largest: PageSize,
    /// The arrays in use, by page size; others are left out.
    pub l1d: [Option<Geometry>; PageSize::ALL.len()],
    pub l1i: [Option<Geometry>; PageSize::ALL.len()],
    pub schedule: FlushSchedule,
}

/// The first-level TLBs of one run.
#[derive(Debug)]
pub struct FirstLevel {
    arrays: Arrays,
    /// The array for data and for fetches of each page size.
    of: [[Option<usize>; 2]; PageSize::ALL.len()],
    hits: u64,
    /// Runs of the last chunk whose first access missed.
    pub misses: Vec<u32>,
}

impl FirstLevel {
    pub fn new(key: &FirstKey) -> FirstLevel {
        let mut shapes = Vec::new();
        let mut add = |shape: Option<Geometry>| {
            shapes.extend(shape);
            shape.map(|_| shapes.len() - 1)
        };
        let of = PageSize::ALL.map(|size| [add(key.l1d[size as usize]), add(key.l1i[size as usize])]);
        let arrays = Arrays::new(key.largest, key.schedule, shapes.into_iter());
        FirstLevel { arrays, of, hits: 0, misses: Vec::new() }
    }

    pub fn hits(&self) -> u64 {
        self.hits
    }

    /// Whether it holds the page that a run accesses, once the first access is over.
    pub(super) fn holds(&self, run: &Run, place: &Place) -> bool {
        self.of[place.size.min(self.arrays.largest) as usize][(run.op == Op::Fetch) as usize].is_some()
    }

    pub(super) fn arrays(&self) -> &Arrays {
        &self.arrays
    }

    /// Looks up every run of a chunk.
    pub fn replay(&mut self, runs: &[Run], places: &[Place], flushes: &[At<Flush>]) {
        self.misses.clear();
        let mut done = 0;
        for (at, flush) in flushes {
            self.look_up(done..*at, runs, places);
            self.arrays.flush(flush);
            done = *at;
        }
        self.look_up(done..runs.len(), runs, places);
    }

    fn look_up(&mut self, range: std::ops::Range<usize>, runs: &[Run], places: &[Place]) {
        let (first, mut hits) = (range.start as u32, 0);
        for (i, (run, place)) in (first..).zip(runs[range.clone()].iter().zip(&places[range])) {
            let size = place.size.min(self.arrays.largest);
            let Some(array) = self.of[size as usize][(run.op == Op::Fetch) as usize] else {
                self.misses.push(i);
                continue;
            };
            // What the first access of a run filled serves the others.
            hits += run.count as u64;
            let page = run.address.page(size);
            if !self.arrays.list[array].touch(page, page_tag(place.slot, size, page)) {
                hits -= 1;
                self.misses.push(i);
            }
        }
        self.hits += hits;
    }
}
