//! Guest-physical frames: who gets which gPA.
//!
//! *Models:* nodes from gPA 0 upward, data pages from gPA 2^40 upward, each aligned to its size; freed frames are used again
//! last in, first out; frames shared between processes after a fork, in parts where page sizes are mixed; frames handed out
//! in a random order, as after long uptime.
//! *Does not model:* failure to find a huge frame, compaction, ballooning, memory of a finite size.
//! *Source:* a bump allocator with free lists, the simplest policy that is deterministic.

use super::sharers::Sharers;
use crate::address::{Gpa, NODE_BYTES, PageSize};
use crate::chance::{Chance, Permutation};
use std::ops::Range;

/// Where data pages begin.
pub const DATA: u64 = 1 << 40;

/// In which order frames are handed out for the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FrameOrder {
    /// Upward.
    #[default]
    Contiguous,
    /// At random within a pool of so many bytes, a power of two; when it is used up, within the next. Nodes and each size of
    /// page have pools of their own.
    Scattered { seed: u64, pool: u64 },
}

/// Frames of one size that come one after another, or in a random order.
#[derive(Debug, Default)]
struct Pool {
    start: u64,
    frames: u64,
    used: u64,
    order: Option<Permutation>,
}

impl Pool {
    /// The next frame of `size` bytes; a new pool begins at `next` or above.
    fn take(&mut self, size: u64, next: &mut u64, order: FrameOrder) -> Gpa {
        if self.used == self.frames {
            *self = Pool::new(size, *next, order);
            *next = self.start + self.frames * size;
        }
        let place = self.order.as_ref().map_or(self.used, |order| order.at(self.used));
        self.used += 1;
        Gpa::new(self.start + place * size)
    }

    fn new(size: u64, from: u64, order: FrameOrder) -> Pool {
        match order {
            FrameOrder::Contiguous => Pool { start: from.next_multiple_of(size), frames: 1, used: 0, order: None },
            FrameOrder::Scattered { seed, pool } => {
                let bytes = pool.max(size);
                let (start, frames) = (from.next_multiple_of(bytes), bytes / size);
                let order = Permutation::new(frames, &mut Chance::new(seed.wrapping_add(start)));
                Pool { start, frames, used: 0, order: Some(order) }
            }
        }
    }
}

/// The frames of one VM.
#[derive(Debug)]
pub(super) struct Frames {
    /// What is shared and freed by itself: the page size, or 4 KiB where sizes are mixed.
    unit: PageSize,
    order: FrameOrder,
    next_node: u64,
    nodes: Pool,
    free_nodes: Vec<Gpa>,
    next_page: u64,
    pages: [Pool; PageSize::ALL.len()],
    free_pages: [Vec<Gpa>; PageSize::ALL.len()],
    /// By unit above [`DATA`].
    sharers: Sharers,
}

impl Frames {
    pub fn new(unit: PageSize, order: FrameOrder) -> Frames {
        Frames {
            unit,
            order,
            next_node: 0,
            nodes: Pool::default(),
            free_nodes: Vec::new(),
            next_page: DATA,
            pages: Default::default(),
            free_pages: Default::default(),
            sharers: Sharers::default(),
        }
    }

    pub fn take_node(&mut self) -> Gpa {
        self.free_nodes.pop().unwrap_or_else(|| self.nodes.take(NODE_BYTES, &mut self.next_node, self.order))
    }

    pub fn free_node(&mut self, frame: Gpa) {
        self.free_nodes.push(frame);
    }

    pub fn take_page(&mut self, size: PageSize) -> Gpa {
        let (free, pool) = (&mut self.free_pages[size as usize], &mut self.pages[size as usize]);
        free.pop().unwrap_or_else(|| pool.take(size.bytes(), &mut self.next_page, self.order))
    }

    /// The units of a page, by number above [`DATA`].
    fn units(&self, frame: Gpa, size: PageSize) -> Range<u64> {
        let first = (frame.get() - DATA) / self.unit.bytes();
        first..first + size.bytes() / self.unit.bytes()
    }

    /// One more process maps `frame`.
    pub fn share(&mut self, frame: Gpa, size: PageSize) {
        self.sharers.add(self.units(frame, size));
    }

    /// Whether more than one process maps any part of `frame`.
    pub fn is_shared(&self, frame: Gpa, size: PageSize) -> bool {
        self.sharers.any(self.units(frame, size))
    }

    /// One process fewer maps `frame`. What no other maps is free: as a whole, or the parts of it in ascending order.
    pub fn release_page(&mut self, frame: Gpa, size: PageSize) {
        if !self.is_shared(frame, size) {
            return self.free_pages[size as usize].push(frame);
        }
        for unit in self.units(frame, size) {
            if !self.sharers.remove(unit) {
                self.free_pages[self.unit as usize].push(Gpa::new(DATA + unit * self.unit.bytes()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_shared_until_all_but_one_let_go_of_it_and_of_its_parts() {
        let mut frames = Frames::new(PageSize::Size4K, FrameOrder::Contiguous);
        let [page, other] = [(); 2].map(|()| frames.take_page(PageSize::Size2M));
        frames.share(page, PageSize::Size2M);
        let part = Gpa::new(page.get() + 5 * 4096);
        frames.release_page(part, PageSize::Size4K);
        assert!(!frames.is_shared(part, PageSize::Size4K) && frames.is_shared(page, PageSize::Size2M));
        frames.release_page(page, PageSize::Size2M);
        assert!(!frames.is_shared(page, PageSize::Size2M) && !frames.is_shared(other, PageSize::Size2M));
        assert_eq!(frames.take_page(PageSize::Size4K), part, "the one part that nobody mapped any more is free");
    }

    #[test]
    fn a_scattered_pool_is_used_up_before_the_next_begins() {
        let order = FrameOrder::Scattered { seed: 1, pool: 1 << 20 };
        let mut frames = Frames::new(PageSize::Size4K, order);
        let mut pool = || (0..256).map(|_| frames.take_page(PageSize::Size4K).get()).collect::<Vec<_>>();
        let (first, second) = (pool(), pool());
        let upward: Vec<u64> = (0..512).map(|n| DATA + n * 4096).collect();
        let sorted = |mut frames: Vec<u64>| {
            frames.sort_unstable();
            frames
        };
        assert_ne!(first, upward[..256]);
        assert_eq!(sorted(first), upward[..256]);
        assert_eq!(sorted(second), upward[256..]);
    }
}
