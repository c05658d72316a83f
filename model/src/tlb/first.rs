//! First-level TLBs: their hits depend on no second level, which only sees what they miss.

use super::Stacks;
use super::arrays::{Arrays, Layout};
use crate::address::PageSize;
use crate::arrays::{Geometry, Lru, page_tag};
use crate::guest::{At, Flush, Place};
use crate::program::{Op, Run};
use std::ops::Range;

/// What decides the hits of a first level; equal keys share one pass.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FirstKey {
    /// An entry covers the guest's page, cut to this size at most.
    pub largest: PageSize,
    /// The one page size that entries cover, if there is one.
    pub only: Option<PageSize>,
    /// The arrays in use, by page size; others are left out.
    pub l1d: [Option<Geometry>; PageSize::ALL.len()],
    pub l1i: [Option<Geometry>; PageSize::ALL.len()],
    /// Entries carry process tags: a switch empties nothing.
    pub tags: bool,
}

/// A run, with its number and its place.
type Visit<'a> = (u32, (&'a Run, &'a Place));

/// The first-level TLBs of one run.
#[derive(Debug)]
pub struct FirstLevel {
    arrays: Arrays<Lru>,
    /// The one page size, where there is one and both its arrays are there: for data, then for fetches.
    plain: Option<PageSize>,
    hits: u64,
    has_evicted: bool,
    /// Runs of the last chunk whose first access missed.
    pub misses: Vec<u32>,
}

impl FirstLevel {
    pub fn new(key: &FirstKey) -> FirstLevel {
        let layout = Layout::first(key);
        let plain = key.only.filter(|size| layout.shapes.len() == 2 && layout.holds(*size));
        let arrays = Arrays::new(layout, key.largest, key.tags);
        FirstLevel { arrays, plain, hits: 0, has_evicted: false, misses: Vec::new() }
    }

    /// Accesses that hit so far.
    pub fn hits(&self) -> u64 {
        self.hits
    }

    /// Whether it holds the page that a run accesses, once the first access is over.
    pub(super) fn holds(&self, run: &Run, place: &Place) -> bool {
        self.arrays.layout.of(place.size.min(self.arrays.largest), run.op).is_some()
    }

    /// Whether every page is of one size, the largest, and has its array.
    pub(super) fn holds_all(&self) -> bool {
        self.plain.is_some_and(|size| size == self.arrays.largest)
    }

    /// Entries of its largest array; `None` where it has none.
    pub(super) fn most_entries(&self) -> Option<usize> {
        self.arrays.layout.most_entries()
    }

    /// Whether an entry ever had to make room for another.
    pub(super) fn has_evicted(&self) -> bool {
        self.has_evicted || self.arrays.list.iter().any(Lru::has_evicted)
    }

    /// Takes what the last chunk came to from stacks that it shares.
    pub fn follow(&mut self, stacks: &Stacks) {
        self.misses.clear();
        self.has_evicted |= stacks.miss(&self.arrays.layout.shapes, &mut self.misses);
        self.hits += stacks.accesses - self.misses.len() as u64;
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

    /// Lets a chunk pass with its flushes only.
    pub fn skip(&mut self, flushes: &[At<Flush>]) {
        self.misses.clear();
        flushes.iter().for_each(|(_, flush)| self.arrays.flush(flush));
    }

    fn look_up(&mut self, range: Range<usize>, runs: &[Run], places: &[Place]) {
        let visits = (range.start as u32..).zip(runs[range.clone()].iter().zip(&places[range]));
        match self.plain.map(|size| (size, self.arrays.list[0].ways())) {
            Some((size, 4)) => self.look_up_plain::<4>(size, visits),
            Some((size, 8)) => self.look_up_plain::<8>(size, visits),
            Some((size, _)) => self.look_up_plain::<0>(size, visits),
            None => self.look_up_any(visits),
        }
    }

    /// Pages of one size, and data in an array of so many ways (0: any number): what is known beforehand makes the common
    /// case more than twice as fast.
    fn look_up_plain<'a, const WAYS: usize>(&mut self, size: PageSize, visits: impl Iterator<Item = Visit<'a>>) {
        let [data, fetch] = &mut self.arrays.list[..] else { return };
        let (mut accesses, missed) = (0, self.misses.len());
        for (i, (run, place)) in visits {
            accesses += run.count as u64;
            let page = run.address.page(size);
            let tag = page_tag(place.slot, size, page);
            let hit = if run.op == Op::Fetch { fetch.touch(page, tag) } else { data.touch_ways::<WAYS>(page, tag) };
            if !hit {
                self.misses.push(i);
            }
        }
        // What the first access of a run filled serves the others.
        self.hits += accesses - (self.misses.len() - missed) as u64;
    }

    fn look_up_any<'a>(&mut self, visits: impl Iterator<Item = Visit<'a>>) {
        for (i, (run, place)) in visits {
            let size = place.size.min(self.arrays.largest);
            let Some(array) = self.arrays.layout.of(size, run.op) else {
                self.misses.push(i);
                continue;
            };
            self.hits += run.count as u64;
            let page = run.address.page(size);
            if !self.arrays.list[array].touch(page, page_tag(place.slot, size, page)) {
                self.hits -= 1;
                self.misses.push(i);
            }
        }
    }
}
