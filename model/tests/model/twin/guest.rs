//! What happens to the guest's memory: faults, copy-on-write, and the ops that change address spaces (section 3).

use super::config::{GuestPages, PageSize};
use super::machine::{GuestLeaf, Machine, Pid};

impl Machine<'_> {
    pub fn guest_events(&mut self, pid: Pid, address: u64, store: bool) {
        match self.process(pid).guest.find(address).copied() {
            None => self.guest_fault(pid, address, store),
            Some(leaf) if leaf.cow && store => self.copy_on_write(pid, leaf, address),
            // "First write. `g` is mapped, clean, not copy-on-write, and the access is a store."
            Some(leaf) if !leaf.cow && !leaf.dirty && store => {
                self.count("first_writes", 1);
                self.process(pid).guest.find_mut(address).unwrap().dirty = true;
                self.first_write_happens();
            }
            Some(_) => {}
        }
    }

    fn guest_fault(&mut self, pid: Pid, address: u64, store: bool) {
        self.count("guest_faults", 1);
        self.guest_or_cow_fault_happens(false);
        let size = self.size_of_new_page(pid, address);
        let start = address >> size.shift() << size.shift();
        // "Missing nodes … are allocated top-down, each costing `pte_writes += 1` (the parent's entry)"
        self.make_guest_nodes(pid, start, size);
        // "then the data frame is allocated and the leaf written (`pte_writes += 1`)."
        let frame = self.allocate_data(pid.vm, size);
        // "A guest clears every data frame that it allocates at a fault."
        self.count("cleared_bytes", size.bytes());
        let trapped = self.pte_write(pid, size.leaf_level(), start);
        self.put_guest_leaf(pid, GuestLeaf { start, size, frame, dirty: store, cow: false });
        self.eager_fill(pid, address, trapped);
    }

    /// Section 10: "a 2 MiB-aligned region is mapped by a 2M leaf if, at a fault in it, it lies wholly inside one mapped
    /// range and holds no 4K leaf yet, else by 4K leaves. This is asked at every fault, so a region that has lost its last
    /// leaf starts afresh."
    fn size_of_new_page(&mut self, pid: Pid, address: u64) -> PageSize {
        if let GuestPages::One(size) = self.config.guest_pages {
            return size;
        }
        let start = u128::from(address >> 21 << 21);
        let region = (start, start + u128::from(PageSize::M2.bytes()));
        let process = self.process(pid);
        let empty = !process.guest.leaves().iter().any(|leaf| leaf.meets(region));
        if process.mapped.hold(region.0, region.1) && empty { PageSize::M2 } else { PageSize::K4 }
    }

    fn make_guest_nodes(&mut self, pid: Pid, address: u64, size: PageSize) {
        for level in self.process(pid).guest.missing(address, size.leaf_level()) {
            let node = self.new_guest_node(pid.vm, level);
            self.pte_write(pid, level + 1, address);
            self.process(pid).guest.attach(address, node);
        }
    }

    fn put_guest_leaf(&mut self, pid: Pid, leaf: GuestLeaf) {
        self.mapped_bytes += leaf.size.bytes();
        self.process(pid).guest.put(leaf.start, leaf.size.leaf_level(), leaf);
    }

    fn copy_on_write(&mut self, pid: Pid, leaf: GuestLeaf, address: u64) {
        self.count("cow_faults", 1);
        self.guest_or_cow_fault_happens(true);
        // "If another process still shares the frame, a new frame is allocated for the writer and the old one loses a
        // sharer; else the frame is kept."
        let mut frame = leaf.frame;
        if self.vms[pid.vm].memory.is_shared(leaf.frame, leaf.size) {
            frame = self.allocate_data(pid.vm, leaf.size);
            self.vms[pid.vm].memory.remove_sharer(leaf.frame, leaf.size);
            self.count("copied_bytes", leaf.size.bytes());
        }
        // "Either way the leaf is rewritten (`pte_writes += 1`), is no longer copy-on-write, is dirty, and its
        // translation is invalidated."
        let trapped = self.pte_write(pid, leaf.size.leaf_level(), leaf.start);
        *self.process(pid).guest.find_mut(address).unwrap() = GuestLeaf { frame, dirty: true, cow: false, ..leaf };
        self.count("invalidations", 1);
        self.flush_instructions(pid, 1);
        self.invalidate(pid, &leaf);
        // "A copy-on-write fault drops all effective pages of the leaf, then fills per policy."
        self.drop_shadow(pid, &leaf);
        self.resync_node_of(pid, &leaf);
        self.eager_fill(pid, address, trapped);
    }

    /// "Every mapped leaf that lies wholly inside the range is removed in ascending order."
    pub fn unmap(&mut self, pid: Pid, range: (u128, u128)) {
        let mut touched = vec![];
        for leaf in self.process(pid).guest.leaves() {
            for leaf in self.part_inside(pid, leaf, range) {
                self.remove_leaf(pid, &leaf);
                self.drop_shadow(pid, &leaf);
                touched.push(leaf);
            }
        }
        self.invalidate_range(pid, &touched);
    }

    /// "For every mapped leaf wholly inside, in ascending order, `pte_writes += 1`, and its translation is invalidated.
    /// State is unchanged otherwise."
    pub fn protect(&mut self, pid: Pid, range: (u128, u128)) {
        let mut touched = vec![];
        for leaf in self.process(pid).guest.leaves() {
            for leaf in self.part_inside(pid, leaf, range) {
                self.pte_write(pid, leaf.size.leaf_level(), leaf.start);
                self.drop_shadow(pid, &leaf);
                touched.push(leaf);
            }
        }
        self.invalidate_range(pid, &touched);
    }

    /// What of a leaf lies wholly inside the range: itself or nothing. Section 10: a 2M leaf that lies there in part is
    /// split, and the answer is those of its 4K leaves.
    /// "A leaf is split when its turn comes in ascending order, not before the first removal."
    fn part_inside(&mut self, pid: Pid, leaf: GuestLeaf, range: (u128, u128)) -> Vec<GuestLeaf> {
        if leaf.lies_inside(range) {
            return vec![leaf];
        }
        if self.config.guest_pages == GuestPages::Thp && leaf.size == PageSize::M2 && leaf.meets(range) {
            let pieces = self.split(pid, leaf);
            return pieces.into_iter().filter(|piece| piece.lies_inside(range)).collect();
        }
        vec![]
    }

    /// "Unmapping part of a 2M leaf splits it first: one node allocated, 512 leaf writes and one parent write
    /// (`pte_writes += 513`, `invalidations += 1`), frames stay in place; protecting part of one likewise."
    /// "The 4K leaves inherit dirty and copy-on-write. The shadow table drops the 2M leaf's entries. The split's
    /// invalidation is over and above those of the range, and does not count towards its 33."
    fn split(&mut self, pid: Pid, leaf: GuestLeaf) -> Vec<GuestLeaf> {
        let node = self.new_guest_node(pid.vm, 1);
        self.process(pid).guest.take_leaf(leaf.start);
        self.process(pid).guest.attach(leaf.start, node);
        let mut pieces = vec![];
        for i in 0..512 {
            let piece =
                GuestLeaf { start: leaf.start + i * 4096, frame: leaf.frame + i * 4096, size: PageSize::K4, ..leaf };
            self.process(pid).guest.put(piece.start, 1, piece);
            pieces.push(piece);
        }
        for piece in &pieces {
            self.pte_write(pid, 1, piece.start);
        }
        self.pte_write(pid, 2, leaf.start);
        self.count("invalidations", 1);
        self.flush_instructions(pid, 1);
        self.invalidate(pid, &leaf);
        self.drop_shadow(pid, &leaf);
        pieces
    }

    /// "`pte_writes += 1`, its frame is freed when no process shares it any more. … A node left without entries is freed
    /// at once and its parent's entry cleared (`pte_writes += 1`), upward; the root stays."
    fn remove_leaf(&mut self, pid: Pid, leaf: &GuestLeaf) {
        self.pte_write(pid, leaf.size.leaf_level(), leaf.start);
        self.mapped_bytes -= leaf.size.bytes();
        let (_, freed) = self.process(pid).guest.remove(leaf.start);
        self.vms[pid.vm].memory.remove_sharer(leaf.frame, leaf.size);
        for node in freed {
            self.free_guest_node(pid.vm, &node);
            self.pte_write(pid, node.level + 1, leaf.start);
            // "A node that is freed does not come back in sync."
            if node.level == 1 {
                self.process(pid).out_of_sync.remove(&(leaf.start >> 21));
            }
        }
    }

    /// "An unmap or protect that touches n > 0 leaves: if n ≤ 33, `invalidations += n`, else `full_flushes += 1`."
    fn invalidate_range(&mut self, pid: Pid, touched: &[GuestLeaf]) {
        let n = touched.len() as u64;
        if n > 33 {
            self.count("full_flushes", 1);
            self.flush_instructions(pid, 1);
            self.full_flush(pid);
            self.resync_all(pid);
        } else if n > 0 {
            self.count("invalidations", n);
            self.flush_instructions(pid, n);
            for leaf in touched {
                self.invalidate(pid, leaf);
                self.resync_node_of(pid, leaf);
            }
        }
    }

    /// "The child comes into being with a root and a copy of every leaf, in ascending gVA order, sharing the frames."
    pub fn fork(&mut self, parent: Pid, child: Pid) {
        assert!(!self.processes.contains_key(&child), "fork to a live process");
        self.be_born(child);
        // "A forked child inherits the ranges of its parent."
        self.process(child).mapped = self.process(parent).mapped.clone();
        let leaves = self.process(parent).guest.leaves();
        for leaf in &leaves {
            // "Nodes are allocated as in a fault, `pte_writes += 1` per node other than the root and per leaf."
            self.make_guest_nodes(child, leaf.start, leaf.size);
            self.pte_write(child, leaf.size.leaf_level(), leaf.start);
            self.vms[parent.vm].memory.add_sharer(leaf.frame, leaf.size);
            // "The child's leaves are copy-on-write too; clean or dirty is copied."
            self.put_guest_leaf(child, GuestLeaf { cow: true, ..*leaf });
        }
        // "Every leaf of the parent that is not yet copy-on-write becomes so (`pte_writes += 1` each)" and its shadow
        // entries are dropped.
        for leaf in leaves.iter().filter(|leaf| !leaf.cow) {
            self.pte_write(parent, leaf.size.leaf_level(), leaf.start);
            self.process(parent).guest.find_mut(leaf.start).unwrap().cow = true;
            self.drop_shadow(parent, leaf);
        }
        // "Then one full flush of the parent."
        self.count("full_flushes", 1);
        self.flush_instructions(parent, 1);
        self.full_flush(parent);
        self.resync_all(parent);
    }

    /// "As unmap of everything, in ascending order; then the root is freed (no PTE write). Nothing is invalidated page by
    /// page: one full flush of the process. The process is gone."
    pub fn exit(&mut self, pid: Pid) {
        for leaf in self.process(pid).guest.leaves() {
            self.remove_leaf(pid, &leaf);
            self.drop_shadow(pid, &leaf);
        }
        self.count("full_flushes", 1);
        self.flush_instructions(pid, 1);
        self.full_flush(pid);
        let process = self.processes.remove(&pid).unwrap();
        self.free_guest_node(pid.vm, &process.guest);
        if let Some(shadow) = process.shadow {
            assert_eq!(shadow.count(), 1, "every shadow leaf lies in a guest leaf");
            self.alive.shadow -= 1;
        }
    }
}
