//! First-level TLBs: their hits depend on no second level, which only sees what they miss.

use super::TlbStacks;
use super::any::AnyArrays;
use super::arrays::{Arrays, Layout};
use crate::address::PageSize;
use crate::arrays::{AnyArray, Geometry, Lru, page_tag};
use crate::guest::{At, Flush, Place};
use crate::program::{Op, PerProcessor, Run};
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
    arrays: PerProcessor<AnyArrays>,
    /// The one page size, where there is one and both its arrays are there: for data, then for fetches.
    pub(super) plain: Option<PageSize>,
    hits: u64,
    has_evicted: bool,
    /// Runs of the last chunk whose first access missed.
    pub misses: Vec<u32>,
}

impl FirstLevel {
    pub fn new(key: &FirstKey) -> FirstLevel {
        let layout = Layout::first(key);
        let plain = key.only.filter(|size| layout.shapes.len() == 2 && layout.holds(*size));
        let arrays = PerProcessor::new(AnyArrays::new(layout, key.largest, key.tags));
        FirstLevel { arrays, plain, hits: 0, has_evicted: false, misses: Vec::new() }
    }

    /// Accesses that hit so far.
    pub fn hits(&self) -> u64 {
        self.hits
    }

    /// Which of its arrays holds which pages.
    pub(super) fn layout(&self) -> &Layout {
        self.arrays.now().layout()
    }

    /// Entries of its largest array; `None` where it has none.
    pub(super) fn most_entries(&self) -> Option<usize> {
        self.layout().most_entries()
    }

    /// Whether an entry ever had to make room for another.
    pub(super) fn has_evicted(&self) -> bool {
        self.has_evicted || self.arrays.all().any(AnyArrays::has_evicted)
    }

    /// Takes what the last chunk came to from stacks that it shares.
    pub fn follow(&mut self, stacks: &TlbStacks) {
        self.misses.clear();
        self.has_evicted |= stacks.miss(&self.arrays.now().layout().shapes, &mut self.misses);
        self.hits += stacks.accesses - self.misses.len() as u64;
    }

    /// Looks up every run of a chunk.
    pub fn replay(&mut self, runs: &[Run], places: &[Place], flushes: &[At<Flush>]) {
        self.misses.clear();
        let mut done = 0;
        for (at, flush) in flushes {
            self.look_up(done..*at, runs, places);
            self.arrays.follow(flush);
            done = *at;
        }
        self.look_up(done..runs.len(), runs, places);
    }

    /// Lets a chunk pass with its flushes only.
    pub fn skip(&mut self, flushes: &[At<Flush>]) {
        self.misses.clear();
        flushes.iter().for_each(|(_, flush)| self.arrays.follow(flush));
    }

    fn look_up(&mut self, range: Range<usize>, runs: &[Run], places: &[Place]) {
        let visits = (range.start as u32..).zip(runs[range.clone()].iter().zip(&places[range]));
        let misses = &mut self.misses;
        self.hits += match (self.arrays.now_mut(), self.plain) {
            (AnyArrays::Lru(arrays), Some(size)) => look_up_ways(arrays, size, visits, misses),
            (AnyArrays::Lru(arrays), None) => look_up_any(arrays, Lru::touch, visits, misses),
            (AnyArrays::Any(arrays), _) => look_up_any(arrays, AnyArray::touch, visits, misses),
        };
    }
}

/// Pages of one size, in an array of data and one of fetches. Adds the runs that miss, and returns how many accesses hit.
fn look_up_ways<'a>(
    arrays: &mut Arrays<Lru>,
    size: PageSize,
    visits: impl Iterator<Item = Visit<'a>>,
    misses: &mut Vec<u32>,
) -> u64 {
    let [data, fetch] = &mut arrays.list[..] else { return 0 };
    match data.ways() {
        4 => {
            let mut sets = data.sets::<4>();
            look_up_sized(size, |page, tag| sets.touch(page, tag), fetch, visits, misses)
        }
        8 => {
            let mut sets = data.sets::<8>();
            look_up_sized(size, |page, tag| sets.touch(page, tag), fetch, visits, misses)
        }
        _ => look_up_sized(size, |page, tag| data.touch(page, tag), fetch, visits, misses),
    }
}

fn look_up_sized<'a>(
    size: PageSize,
    touch_data: impl FnMut(u64, u64) -> bool,
    fetch: &mut Lru,
    visits: impl Iterator<Item = Visit<'a>>,
    misses: &mut Vec<u32>,
) -> u64 {
    match size {
        PageSize::Size4K => look_up_plain::<true>(size, touch_data, fetch, visits, misses),
        _ => look_up_plain::<false>(size, touch_data, fetch, visits, misses),
    }
}

/// Pages of 4K if `SMALL`: what is known beforehand makes the common case more than twice as fast.
// Inlined beside its like, a loop would have fewer registers.
#[inline(never)]
fn look_up_plain<'a, const SMALL: bool>(
    size: PageSize,
    mut touch_data: impl FnMut(u64, u64) -> bool,
    fetch: &mut Lru,
    visits: impl Iterator<Item = Visit<'a>>,
    misses: &mut Vec<u32>,
) -> u64 {
    let size = if SMALL { PageSize::Size4K } else { size };
    let (mut accesses, missed) = (0, misses.len());
    for (i, (run, place)) in visits {
        accesses += run.count as u64;
        let page = run.address.page(size);
        let tag = page_tag(place.slot, size, page);
        let hit = if run.op == Op::Fetch { fetch.touch(page, tag) } else { touch_data(page, tag) };
        if !hit {
            misses.push(i);
        }
    }
    // What the first access of a run filled serves the others.
    accesses - (misses.len() - missed) as u64
}

/// The same for pages and arrays of any kind.
#[inline(never)]
fn look_up_any<'a, A>(
    arrays: &mut Arrays<A>,
    touch: impl Fn(&mut A, u64, u64) -> bool,
    visits: impl Iterator<Item = Visit<'a>> + Clone,
    misses: &mut Vec<u32>,
) -> u64 {
    let (mut accesses, missed) = (visits.clone().map(|(_, (run, _))| run.count as u64).sum::<u64>(), misses.len());
    for (i, (run, place)) in visits {
        let size = place.size.min(arrays.largest);
        let Some(array) = arrays.layout.of(size, run.op) else {
            accesses -= run.count as u64 - 1;
            misses.push(i);
            continue;
        };
        let page = run.address.page(size);
        if !touch(&mut arrays.list[array], page, page_tag(place.slot, size, page)) {
            misses.push(i);
        }
    }
    accesses - (misses.len() - missed) as u64
}
