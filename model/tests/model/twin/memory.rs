//! One VM's guest-physical space (section 3): two arenas, stacks of freed frames, sharers of data frames.

use std::collections::{BTreeMap, HashMap};

use super::config::PageSize;

pub struct GuestMemory {
    next_node: u64,
    free_nodes: Vec<u64>,
    next_data: u64,
    free_data: BTreeMap<PageSize, Vec<u64>>,
    /// The smallest page that this guest ever maps: frames are counted in these, for thp may split a 2M frame.
    granule: PageSize,
    /// How many leaves map each granule.
    sharers: HashMap<u64, u32>,
}

impl GuestMemory {
    pub fn new(granule: PageSize) -> GuestMemory {
        GuestMemory {
            next_node: 0,
            free_nodes: vec![],
            next_data: 1 << 40,
            free_data: BTreeMap::new(),
            granule,
            sharers: HashMap::new(),
        }
    }

    /// "Nodes are taken from gPA 0 upward, 4 KiB each"; "allocation pops the stack first, else takes the next frame".
    pub fn allocate_node(&mut self) -> u64 {
        self.free_nodes.pop().unwrap_or_else(|| {
            let node = self.next_node;
            self.next_node += 4096;
            node
        })
    }

    pub fn free_node(&mut self, gpa: u64) {
        self.free_nodes.push(gpa);
    }

    /// "Data pages from gPA 2^40 upward, each aligned to its size." The frame has one sharer.
    /// "Data pages of all sizes share one arena: the next frame of a size starts at the first multiple of that size that
    /// is not below the end of the last frame taken. What alignment skips is never used."
    pub fn allocate_data(&mut self, size: PageSize) -> u64 {
        let frame = self.free_data.entry(size).or_default().pop().unwrap_or_else(|| {
            let frame = self.next_data.next_multiple_of(size.bytes());
            self.next_data = frame + size.bytes();
            frame
        });
        for piece in self.pieces(frame, size) {
            let before = self.sharers.insert(piece, 1);
            assert_eq!(before, None, "frame {piece:#x} was in use");
        }
        frame
    }

    fn pieces(&self, frame: u64, size: PageSize) -> Vec<u64> {
        (frame..frame + size.bytes()).step_by(self.granule.bytes() as usize).collect()
    }

    pub fn add_sharer(&mut self, frame: u64, size: PageSize) {
        for piece in self.pieces(frame, size) {
            *self.sharers.get_mut(&piece).unwrap() += 1;
        }
    }

    /// Does another leaf map the frame, or any part of it?
    pub fn is_shared(&self, frame: u64, size: PageSize) -> bool {
        self.pieces(frame, size).iter().any(|piece| self.sharers[piece] > 1)
    }

    /// The frame loses a sharer. "Its frame is freed when no process shares it any more."
    /// Section 10: "When a leaf lets go of a frame, the pieces that lost their last sharer are free: all of them together
    /// are the whole frame again, else each goes on the stack of 4K frames, in ascending order."
    pub fn remove_sharer(&mut self, frame: u64, size: PageSize) {
        let pieces = self.pieces(frame, size);
        let mut freed = vec![];
        for &piece in &pieces {
            let sharers = self.sharers.get_mut(&piece).unwrap();
            *sharers -= 1;
            if *sharers == 0 {
                self.sharers.remove(&piece);
                freed.push(piece);
            }
        }
        if freed.len() == pieces.len() {
            self.free_data.entry(size).or_default().push(frame);
        } else {
            self.free_data.entry(self.granule).or_default().extend(freed);
        }
    }

    /// Data frames in use, in granules.
    pub fn in_use(&self) -> usize {
        self.sharers.len()
    }
}
