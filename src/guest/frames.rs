//! Guest-physical frames: who gets which gPA.
//!
//! *Models:* nodes from gPA 0 upward, data pages from gPA 2^40 upward, each aligned to its size; freed frames are used again
//! last in, first out; frames shared between processes after a fork, in parts where page sizes are mixed.
//! *Does not model:* fragmentation, ballooning, memory of a finite size.
//! *Source:* a bump allocator with free lists, the simplest policy that is deterministic.

use crate::address::{Gpa, NODE_BYTES, PageSize};
use std::ops::Range;

/// Where data pages begin.
const DATA: u64 = 1 << 40;

/// The frames of one VM.
#[derive(Debug)]
pub struct Frames {
    /// What is shared and freed by itself: the page size, or 4 KiB where sizes are mixed.
    unit: PageSize,
    next_node: u64,
    free_nodes: Vec<Gpa>,
    next_page: u64,
    free_pages: [Vec<Gpa>; PageSize::ALL.len()],
    /// Sharers beyond the first, by unit above [`DATA`]; as long as the highest shared one needs.
    extra_sharers: Vec<u32>,
}

impl Frames {
    pub fn new(unit: PageSize) -> Frames {
        Frames {
            unit,
            next_node: 0,
            free_nodes: Vec::new(),
            next_page: DATA,
            free_pages: Default::default(),
            extra_sharers: Vec::new(),
        }
    }

    pub fn take_node(&mut self) -> Gpa {
        self.free_nodes.pop().unwrap_or_else(|| {
            let frame = Gpa::new(self.next_node);
            self.next_node += NODE_BYTES;
            frame
        })
    }

    pub fn free_node(&mut self, frame: Gpa) {
        self.free_nodes.push(frame);
    }

    pub fn take_page(&mut self, size: PageSize) -> Gpa {
        self.free_pages[size as usize].pop().unwrap_or_else(|| {
            let frame = self.next_page.next_multiple_of(size.bytes());
            self.next_page = frame + size.bytes();
            Gpa::new(frame)
        })
    }

    /// The units of a page, by number above [`DATA`].
    fn units(&self, frame: Gpa, size: PageSize) -> Range<usize> {
        let first = ((frame.get() - DATA) / self.unit.bytes()) as usize;
        first..first + (size.bytes() / self.unit.bytes()) as usize
    }

    /// One more process maps `frame`.
    pub fn share(&mut self, frame: Gpa, size: PageSize) {
        let units = self.units(frame, size);
        if units.end > self.extra_sharers.len() {
            self.extra_sharers.resize(units.end, 0);
        }
        self.extra_sharers[units].iter_mut().for_each(|extra| *extra += 1);
    }

    /// Whether more than one process maps any part of `frame`.
    pub fn is_shared(&self, frame: Gpa, size: PageSize) -> bool {
        self.units(frame, size).any(|unit| self.extra_sharers.get(unit).is_some_and(|extra| *extra > 0))
    }

    /// One process fewer maps `frame`. What no other maps is free: as a whole, or the parts of it in ascending order.
    pub fn release_page(&mut self, frame: Gpa, size: PageSize) {
        if !self.is_shared(frame, size) {
            return self.free_pages[size as usize].push(frame);
        }
        for unit in self.units(frame, size) {
            match self.extra_sharers.get_mut(unit) {
                Some(extra @ 1..) => *extra -= 1,
                _ => self.free_pages[self.unit as usize].push(Gpa::new(DATA + unit as u64 * self.unit.bytes())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_page_takes_one_counter_whatever_its_size() {
        let mut frames = Frames::new(PageSize::Size1G);
        let page = frames.take_page(PageSize::Size1G);
        frames.share(page, PageSize::Size1G);
        assert_eq!(frames.extra_sharers.len(), 1);
        frames.release_page(page, PageSize::Size1G);
        assert!(!frames.is_shared(page, PageSize::Size1G));
    }
}
