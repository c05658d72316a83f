//! Second-level TLBs, fed with what a first level misses.

use super::any::AnyArrays;
use super::arrays::{Arrays, Layout};
use super::first::{FirstKey, FirstLevel, Visit};
use super::{SecondLevel, Stacks};
use crate::address::PageSize;
use crate::arrays::{AnyArray, Lru, page_tag};
use crate::counts::{Counts, Event};
use crate::guest::{At, Flush, Place};
use crate::program::{PerProcessor, Run};

/// A second level behind a first, which several may share.
#[derive(Debug)]
pub struct Tlb {
    arrays: PerProcessor<AnyArrays>,
    hits: u64,
    walks: u64,
    has_evicted: bool,
    /// Runs of the last chunk whose first access walked; a run appears once per access where no array holds its page.
    pub misses: Vec<u32>,
}

impl Tlb {
    pub fn new(first: &FirstKey, second: &[SecondLevel]) -> Tlb {
        let arrays = PerProcessor::new(AnyArrays::new(Layout::second(second), first.largest, first.tags));
        Tlb { arrays, hits: 0, walks: 0, has_evicted: false, misses: Vec::new() }
    }

    /// Hits of both levels, and walks.
    pub fn counts(&self, first: &FirstLevel) -> Counts {
        let mut counts = Counts::default();
        counts[Event::L1Hits] = first.hits();
        counts[Event::L2Hits] = self.hits;
        counts[Event::Walks] = self.walks;
        counts
    }

    /// Entries of the largest array of the last level; 0 where there is no TLB.
    pub fn last_level_entries(&self, first: &FirstLevel) -> usize {
        self.arrays.now().layout().most_entries().or_else(|| first.most_entries()).unwrap_or(0)
    }

    /// Whether any array of either level ever replaced an entry.
    pub fn has_evicted(&self, first: &FirstLevel) -> bool {
        self.has_evicted || self.arrays.all().any(AnyArrays::has_evicted) || first.has_evicted()
    }

    /// Takes what the last chunk came to from stacks that it shares.
    pub fn follow(&mut self, first: &FirstLevel, stacks: &Stacks) {
        self.misses.clear();
        self.has_evicted |= stacks.miss(&self.arrays.now().layout().shapes, &mut self.misses);
        self.walks += self.misses.len() as u64;
        self.hits += (first.misses.len() - self.misses.len()) as u64;
    }

    /// Looks up what the first level missed of a chunk.
    pub fn replay(&mut self, first: &FirstLevel, runs: &[Run], places: &[Place], flushes: &[At<Flush>]) {
        self.misses.clear();
        let mut left = &first.misses[..];
        for (at, flush) in flushes {
            let (before, after) = left.split_at(left.partition_point(|&i| (i as usize) < *at));
            self.look_up(before, first, runs, places);
            self.arrays.follow(flush);
            left = after;
        }
        self.look_up(left, first, runs, places);
    }

    fn look_up(&mut self, missed: &[u32], first: &FirstLevel, runs: &[Run], places: &[Place]) {
        let (visits, walked) =
            (missed.iter().map(|&i| (i, (&runs[i as usize], &places[i as usize]))), self.misses.len());
        let misses = &mut self.misses;
        let accesses = match (self.arrays.now_mut(), first.plain) {
            (AnyArrays::Lru(arrays), Some(size)) if arrays.list.len() == 1 => match arrays.list[0].ways() {
                4 => look_up_plain::<4>(arrays, size, visits, misses),
                8 => look_up_plain::<8>(arrays, size, visits, misses),
                12 => look_up_plain::<12>(arrays, size, visits, misses),
                16 => look_up_plain::<16>(arrays, size, visits, misses),
                _ => look_up_plain::<0>(arrays, size, visits, misses),
            },
            (AnyArrays::Lru(arrays), _) => look_up_any(arrays, Lru::touch, first, visits, misses),
            (AnyArrays::Any(arrays), _) => look_up_any(arrays, AnyArray::touch, first, visits, misses),
        };
        let walks = (self.misses.len() - walked) as u64;
        self.walks += walks;
        self.hits += accesses - walks;
    }
}

/// One array of so many ways for one page size, behind a first level that holds it. Adds the runs that walk, and returns how many
/// accesses came.
fn look_up_plain<'a, const WAYS: usize>(
    arrays: &mut Arrays<Lru>,
    size: PageSize,
    visits: impl ExactSizeIterator<Item = Visit<'a>>,
    misses: &mut Vec<u32>,
) -> u64 {
    let (array, accesses) = (&mut arrays.list[0], visits.len());
    for (i, (run, place)) in visits {
        let page = run.address.page(size);
        if !array.touch_ways::<WAYS>(page, page_tag(place.slot, size, page)) {
            misses.push(i);
        }
    }
    accesses as u64
}

/// The same for pages and arrays of any kind; a run is added for each access that walks.
fn look_up_any<'a, A>(
    arrays: &mut Arrays<A>,
    touch: impl Fn(&mut A, u64, u64) -> bool,
    first: &FirstLevel,
    visits: impl Iterator<Item = Visit<'a>>,
    misses: &mut Vec<u32>,
) -> u64 {
    let (first, mut accesses) = (first.layout(), 0);
    for (i, (run, place)) in visits {
        let size = place.size.min(arrays.largest);
        // Without a first level the others of the run come here too.
        let count = if first.of(size, run.op).is_some() { 1 } else { run.count };
        accesses += count as u64;
        let page = run.address.page(size);
        let walks = match arrays.layout.of(size, run.op).map(|array| &mut arrays.list[array]) {
            Some(array) => !touch(array, page, page_tag(place.slot, size, page)) as u32,
            None => count,
        };
        misses.extend((0..walks).map(|_| i));
    }
    accesses
}
