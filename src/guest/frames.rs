//! Guest-physical frames: who gets which gPA.
//!
//! *Models:* nodes from gPA 0 upward, data pages from gPA 2^40 upward, each aligned to its size; freed frames are used again
//! last in, first out; frames shared between processes after a fork.
//! *Does not model:* fragmentation, ballooning, memory of a finite size.
//! *Source:* a bump allocator with free lists, the simplest policy that is deterministic.

use crate::address::{Gpa, NODE_BYTES, PageSize};

/// Where data pages begin.
const DATA: u64 = 1 << 40;

/// The frames of one VM.
#[derive(Debug)]
pub struct Frames {
    next_node: u64,
    free_nodes: Vec<Gpa>,
    next_page: u64,
    free_pages: [Vec<Gpa>; PageSize::ALL.len()],
    /// Sharers beyond the first, by page above [`DATA`]; as long as the highest shared page needs.
    extra_sharers: Vec<u32>,
}

impl Default for Frames {
    fn default() -> Frames {
        Frames {
            next_node: 0,
            free_nodes: Vec::new(),
            next_page: DATA,
            free_pages: Default::default(),
            extra_sharers: Vec::new(),
        }
    }
}

impl Frames {
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

    fn sharers(frame: Gpa, size: PageSize) -> usize {
        ((frame.get() - DATA) / size.bytes()) as usize
    }

    /// One more process maps `frame`.
    pub fn share(&mut self, frame: Gpa, size: PageSize) {
        let i = Self::sharers(frame, size);
        if i >= self.extra_sharers.len() {
            self.extra_sharers.resize(i + 1, 0);
        }
        self.extra_sharers[i] += 1;
    }

    /// One process fewer maps `frame`: true if another still does.
    pub fn leave_to_others(&mut self, frame: Gpa, size: PageSize) -> bool {
        match self.extra_sharers.get_mut(Self::sharers(frame, size)) {
            Some(extra @ 1..) => {
                *extra -= 1;
                true
            }
            _ => false,
        }
    }

    /// One process fewer maps `frame`; it is free when no other does.
    pub fn release_page(&mut self, frame: Gpa, size: PageSize) {
        if !self.leave_to_others(frame, size) {
            self.free_pages[size as usize].push(frame);
        }
    }
}
