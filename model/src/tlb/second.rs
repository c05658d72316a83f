//! Second-level TLBs, fed with what a first level misses.

use super::any::AnyArrays;
use super::arrays::{Arrays, Layout};
use super::first::{FirstKey, FirstLevel};
use super::{SecondLevel, TlbStacks};
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
    pub fn follow(&mut self, first: &FirstLevel, stacks: &TlbStacks) {
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
        let (walked, misses) = (self.misses.len(), &mut self.misses);
        let accesses = match self.arrays.now_mut() {
            AnyArrays::Lru(arrays) if arrays.list.len() == 1 => match arrays.list[0].ways() {
                4 => look_up_ways::<4>(arrays, first, missed, runs, places, misses),
                8 => look_up_ways::<8>(arrays, first, missed, runs, places, misses),
                12 => look_up_ways::<12>(arrays, first, missed, runs, places, misses),
                16 => look_up_ways::<16>(arrays, first, missed, runs, places, misses),
                _ => look_up_any(arrays, Lru::touch, first, missed, runs, places, misses),
            },
            AnyArrays::Lru(arrays) => look_up_any(arrays, Lru::touch, first, missed, runs, places, misses),
            AnyArrays::Any(arrays) => look_up_any(arrays, AnyArray::touch, first, missed, runs, places, misses),
        };
        let walks = (self.misses.len() - walked) as u64;
        self.walks += walks;
        self.hits += accesses - walks;
    }
}

/// One array of so many ways.
fn look_up_ways<const WAYS: usize>(
    arrays: &mut Arrays<Lru>,
    first: &FirstLevel,
    missed: &[u32],
    runs: &[Run],
    places: &[Place],
    misses: &mut Vec<u32>,
) -> u64 {
    match first.plain {
        Some(size) => look_up_plain::<WAYS>(&mut arrays.list[0], size, missed, runs, places, misses),
        None => look_up_any(
            arrays,
            |array: &mut Lru, number, tag| array.sets::<WAYS>().touch(number, tag),
            first,
            missed,
            runs,
            places,
            misses,
        ),
    }
}

/// For one page size, behind a first level that holds it. Adds the runs that walk, and returns how many accesses came.
// Inlined beside its like, a loop would have fewer registers.
#[inline(never)]
fn look_up_plain<const WAYS: usize>(
    array: &mut Lru,
    size: PageSize,
    missed: &[u32],
    runs: &[Run],
    places: &[Place],
    misses: &mut Vec<u32>,
) -> u64 {
    let mut sets = array.sets::<WAYS>();
    for &i in missed {
        let page = runs[i as usize].address.page(size);
        if !sets.touch(page, page_tag(places[i as usize].slot, size, page)) {
            misses.push(i);
        }
    }
    missed.len() as u64
}

/// The same for pages and arrays of any kind: adds a run for each access that walks.
#[inline(never)]
fn look_up_any<A>(
    arrays: &mut Arrays<A>,
    touch: impl Fn(&mut A, u64, u64) -> bool,
    first: &FirstLevel,
    missed: &[u32],
    runs: &[Run],
    places: &[Place],
    misses: &mut Vec<u32>,
) -> u64 {
    let (first, mut accesses) = (first.layout(), missed.len() as u64);
    for &i in missed {
        let (run, place) = (&runs[i as usize], &places[i as usize]);
        let size = place.size.min(arrays.largest);
        // Without a first level the others of the run come here too.
        let others = if first.of(size, run.op).is_some() { 0 } else { run.count - 1 };
        accesses += others as u64;
        let Some(array) = arrays.layout.of(size, run.op) else {
            misses.extend((0..=others).map(|_| i));
            continue;
        };
        let page = run.address.page(size);
        if !touch(&mut arrays.list[array], page, page_tag(place.slot, size, page)) {
            misses.push(i);
        }
    }
    accesses
}
