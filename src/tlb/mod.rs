//! TLBs: which accesses are translated without a walk.
//!
//! *Models:* split first-level arrays for data and instructions, one per page size; second-level arrays that hold one or more
//! sizes; process tags or none; single invalidations and flushes.
//! *Does not model:* prefetching, speculation, coalescing of neighbours, inclusion between levels.
//! *Source:* Intel SDM volume 3A, on caching translation information.

mod lru;
mod tag;

pub use lru::{Geometry, Lru};
pub use tag::{page_tag, slot_of, tag};

use crate::address::{Gva, PageSize};
use crate::counts::{Counts, Event};
use crate::guest::{At, Flush, Place, Slot};
use crate::trace::{Op, Run};

/// One second-level array and the page sizes that it holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecondLevel {
    pub sizes: Vec<PageSize>,
    pub geometry: Geometry,
}

/// Every TLB of a processor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TlbShape {
    pub l1d: [Option<Geometry>; PageSize::ALL.len()],
    pub l1i: [Option<Geometry>; PageSize::ALL.len()],
    pub l2: Vec<SecondLevel>,
}

/// When entries go beside single invalidations and process flushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlushSchedule {
    /// Entries carry process tags (PCID with VPID): a switch empties nothing.
    pub tags: bool,
    /// A switch flushes the process that is left (`shadow.on_switch = "drop"`).
    pub drop_on_switch: bool,
}

/// What decides the hits and misses of one TLB; equal keys share one pass.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TlbKey {
    /// An entry covers the guest's page, cut to this size at most.
    pub largest: PageSize,
    /// The arrays in use; others are left out.
    pub arrays: TlbShape,
    pub schedule: FlushSchedule,
}

impl TlbShape {
    /// The arrays that a guest with pages of these sizes uses.
    pub fn key(&self, pages: &[PageSize], largest: PageSize, schedule: FlushSchedule) -> TlbKey {
        let mut arrays = TlbShape::default();
        for size in pages.iter().map(|size| *size.min(&largest)) {
            arrays.l1d[size as usize] = self.l1d[size as usize];
            arrays.l1i[size as usize] = self.l1i[size as usize];
        }
        for array in &self.l2 {
            let is_first = |size: &PageSize| !arrays.l2.iter().any(|held: &SecondLevel| held.sizes.contains(size));
            let used = |size: &&PageSize| pages.iter().any(|page| *page.min(&largest) == **size);
            let sizes: Vec<PageSize> = array.sizes.iter().filter(used).copied().filter(is_first).collect();
            if !sizes.is_empty() {
                arrays.l2.push(SecondLevel { sizes, geometry: array.geometry });
            }
        }
        TlbKey { largest, arrays, schedule }
    }
}

/// The TLBs of one run.
#[derive(Debug)]
pub struct Tlb {
    largest: PageSize,
    schedule: FlushSchedule,
    l1d: [Option<Lru>; PageSize::ALL.len()],
    l1i: [Option<Lru>; PageSize::ALL.len()],
    l2: Vec<Lru>,
    /// Which second-level array holds pages of a size.
    l2_of: [Option<usize>; PageSize::ALL.len()],
    counts: Counts,
    /// Runs of the last chunk whose first access walked; a run appears once per access where no array holds its page.
    pub misses: Vec<usize>,
}

impl Tlb {
    pub fn new(key: &TlbKey) -> Tlb {
        let arrays = &key.arrays;
        Tlb {
            largest: key.largest,
            schedule: key.schedule,
            l1d: arrays.l1d.map(|geometry| geometry.map(Lru::new)),
            l1i: arrays.l1i.map(|geometry| geometry.map(Lru::new)),
            l2: arrays.l2.iter().map(|array| Lru::new(array.geometry)).collect(),
            l2_of: PageSize::ALL.map(|size| arrays.l2.iter().position(|array| array.sizes.contains(&size))),
            counts: Counts::default(),
            misses: Vec::new(),
        }
    }

    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Entries of the largest array of the last level; 0 where there is no TLB.
    pub fn last_level_entries(&self) -> usize {
        let largest = |arrays: &mut dyn Iterator<Item = &Lru>| arrays.map(Lru::entries).max();
        let first_level = || largest(&mut self.l1d.iter().chain(&self.l1i).flatten());
        largest(&mut self.l2.iter()).or_else(first_level).unwrap_or(0)
    }

    /// Whether any array ever replaced an entry.
    pub fn has_evicted(&self) -> bool {
        self.l1d.iter().chain(&self.l1i).flatten().chain(&self.l2).any(Lru::has_evicted)
    }

    /// Looks up every run of a chunk.
    pub fn replay(&mut self, runs: &[Run], places: &[Place], flushes: &[At<Flush>]) {
        self.misses.clear();
        let mut done = 0;
        for (at, flush) in flushes {
            self.look_up(done..*at, runs, places);
            self.flush(flush);
            done = *at;
        }
        self.look_up(done..runs.len(), runs, places);
    }

    fn look_up(&mut self, range: std::ops::Range<usize>, runs: &[Run], places: &[Place]) {
        let (mut l1_hits, mut l2_hits, mut walks) = (0, 0, 0);
        for i in range {
            let run = &runs[i];
            let size = places[i].size.min(self.largest);
            let page = run.address.page(size);
            let tag = page_tag(places[i].slot, size, page);
            let l1 = if run.op == Op::Fetch { &mut self.l1i } else { &mut self.l1d };
            let l2 = self.l2_of[size as usize];
            // What the first access of a run filled serves the others.
            let others = run.count as u64 - 1;
            if let Some(l1) = &mut l1[size as usize] {
                l1_hits += others;
                if l1.touch(page, tag) {
                    l1_hits += 1;
                    continue;
                }
            } else if l2.is_some() {
                l2_hits += others;
            } else {
                walks += others;
                self.misses.extend((0..others).map(|_| i));
            }
            if l2.is_some_and(|l2| self.l2[l2].touch(page, tag)) {
                l2_hits += 1;
            } else {
                walks += 1;
                self.misses.push(i);
            }
        }
        self.counts[Event::L1Hits] += l1_hits;
        self.counts[Event::L2Hits] += l2_hits;
        self.counts[Event::Walks] += walks;
    }

    fn arrays(&mut self) -> impl Iterator<Item = &mut Lru> {
        self.l1d.iter_mut().chain(&mut self.l1i).flatten().chain(&mut self.l2)
    }

    fn flush(&mut self, flush: &Flush) {
        match *flush {
            Flush::Switch { .. } if !self.schedule.tags => self.arrays().for_each(Lru::clear),
            Flush::Switch { from } if self.schedule.drop_on_switch => self.flush_process(from),
            Flush::Switch { .. } => {}
            Flush::Process { slot } => self.flush_process(slot),
            Flush::Leaf { slot, start, size } => self.flush_leaf(slot, start, size),
        }
    }

    fn flush_process(&mut self, slot: Slot) {
        self.arrays().for_each(|array| array.remove_if(|tag| slot_of(tag) == slot));
    }

    /// Removes every effective page of one guest leaf.
    fn flush_leaf(&mut self, slot: Slot, start: Gva, size: PageSize) {
        let pages = size.min(self.largest);
        let first = start.page(pages);
        let last = first + (size.bytes() - 1) / pages.bytes();
        let (low, high) = (page_tag(slot, pages, first), page_tag(slot, pages, last));
        for array in self.arrays() {
            if last - first < array.entries() as u64 / 8 {
                (first..=last).for_each(|page| array.remove(page, page_tag(slot, pages, page)));
            } else {
                array.remove_if(|tag| (low..=high).contains(&tag));
            }
        }
    }
}
