//! Second-level TLBs, fed with what a first level misses.

use super::arrays::{Arrays, Layout};
use super::first::{FirstKey, FirstLevel};
use super::{SecondLevel, Stacks};
use crate::arrays::{Lru, page_tag};
use crate::counts::{Counts, Event};
use crate::guest::{At, Flush, Place};
use crate::program::Run;

/// A second level behind a first, which several may share.
#[derive(Debug)]
pub struct Tlb {
    arrays: Arrays<Lru>,
    hits: u64,
    walks: u64,
    has_evicted: bool,
    /// Runs of the last chunk whose first access walked; a run appears once per access where no array holds its page.
    pub misses: Vec<u32>,
}

impl Tlb {
    pub fn new(first: &FirstKey, second: &[SecondLevel]) -> Tlb {
        let arrays = Arrays::new(Layout::second(second), first.largest, first.tags);
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
        self.arrays.layout.most_entries().or_else(|| first.most_entries()).unwrap_or(0)
    }

    /// Whether any array of either level ever replaced an entry.
    pub fn has_evicted(&self, first: &FirstLevel) -> bool {
        self.has_evicted || self.arrays.list.iter().any(Lru::has_evicted) || first.has_evicted()
    }

    /// Takes what the last chunk came to from stacks that it shares.
    pub fn follow(&mut self, first: &FirstLevel, stacks: &Stacks) {
        self.misses.clear();
        self.has_evicted |= stacks.miss(&self.arrays.layout.shapes, &mut self.misses);
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
            self.arrays.flush(flush);
            left = after;
        }
        self.look_up(left, first, runs, places);
    }

    fn look_up(&mut self, missed: &[u32], first: &FirstLevel, runs: &[Run], places: &[Place]) {
        match &self.arrays.list[..] {
            [array] if first.holds_all() => match array.ways() {
                4 => self.look_up_plain::<4>(missed, runs, places),
                8 => self.look_up_plain::<8>(missed, runs, places),
                12 => self.look_up_plain::<12>(missed, runs, places),
                16 => self.look_up_plain::<16>(missed, runs, places),
                _ => self.look_up_plain::<0>(missed, runs, places),
            },
            _ => self.look_up_any(missed, first, runs, places),
        }
    }

    /// One array of so many ways for one page size, behind a first level that holds it.
    fn look_up_plain<const WAYS: usize>(&mut self, missed: &[u32], runs: &[Run], places: &[Place]) {
        let (array, size, walked) = (&mut self.arrays.list[0], self.arrays.largest, self.misses.len());
        for &i in missed {
            let page = runs[i as usize].address.page(size);
            if !array.touch_ways::<WAYS>(page, page_tag(places[i as usize].slot, size, page)) {
                self.misses.push(i);
            }
        }
        let walks = self.misses.len() - walked;
        self.walks += walks as u64;
        self.hits += (missed.len() - walks) as u64;
    }

    fn look_up_any(&mut self, missed: &[u32], first: &FirstLevel, runs: &[Run], places: &[Place]) {
        for &i in missed {
            let (run, place) = (&runs[i as usize], &places[i as usize]);
            let size = place.size.min(self.arrays.largest);
            let page = run.address.page(size);
            // Without a first level the others of the run come here too.
            let others = if first.holds(run, place) { 0 } else { run.count as u64 - 1 };
            let array = self.arrays.layout.of(size, run.op).map(|array| &mut self.arrays.list[array]);
            let is_held = array.is_some();
            if array.is_some_and(|array| array.touch(page, page_tag(place.slot, size, page))) {
                self.hits += 1;
            } else {
                self.walks += 1;
                self.misses.push(i);
            }
            if is_held {
                self.hits += others;
            } else {
                self.walks += others;
                self.misses.extend((0..others).map(|_| i));
            }
        }
    }
}
