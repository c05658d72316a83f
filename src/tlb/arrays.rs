//! The arrays of one level, and what flushes do to them.

use super::lru::Lru;
use super::tag::{page_tag, slot_of};
use super::{FlushSchedule, Geometry};
use crate::address::{Gva, PageSize};
use crate::guest::{Flush, Slot};

/// Arrays that are flushed alike.
#[derive(Debug)]
pub struct Arrays {
    /// An entry covers the guest's page, cut to this size at most.
    pub largest: PageSize,
    schedule: FlushSchedule,
    pub list: Vec<Lru>,
}

impl Arrays {
    pub fn new(largest: PageSize, schedule: FlushSchedule, shapes: impl Iterator<Item = Geometry>) -> Arrays {
        Arrays { largest, schedule, list: shapes.map(Lru::new).collect() }
    }

    pub fn flush(&mut self, flush: &Flush) {
        match *flush {
            Flush::Switch { .. } if !self.schedule.tags => self.list.iter_mut().for_each(Lru::clear),
            Flush::Switch { from } if self.schedule.drop_on_switch => self.flush_process(from),
            Flush::Switch { .. } => {}
            Flush::Process { slot } => self.flush_process(slot),
            Flush::Leaf { slot, start, size } => self.flush_leaf(slot, start, size),
        }
    }

    fn flush_process(&mut self, slot: Slot) {
        self.list.iter_mut().for_each(|array| array.remove_if(|tag| slot_of(tag) == slot));
    }

    /// Removes every effective page of one guest leaf.
    fn flush_leaf(&mut self, slot: Slot, start: Gva, size: PageSize) {
        let pages = size.min(self.largest);
        let first = start.page(pages);
        let last = first + (size.bytes() - 1) / pages.bytes();
        let (low, high) = (page_tag(slot, pages, first), page_tag(slot, pages, last));
        for array in &mut self.list {
            if last - first < array.entries() as u64 / 8 {
                (first..=last).for_each(|page| array.remove(page, page_tag(slot, pages, page)));
            } else {
                array.remove_if(|tag| (low..=high).contains(&tag));
            }
        }
    }

    /// Entries of the largest; `None` where there are none.
    pub fn most_entries(&self) -> Option<usize> {
        self.list.iter().map(Lru::entries).max()
    }

    /// Whether any ever replaced an entry.
    pub fn have_evicted(&self) -> bool {
        self.list.iter().any(Lru::has_evicted)
    }
}
