//! TLB, walks, and where their references are found (sections 5, 6, 7).

use vmmu_model::program::{Op, Row};

use super::array::Array;
use super::config::{Pressure, Technique};
use super::machine::{GuestLeaf, Machine, Pid, TlbTag};
use super::processor::Processor;
use super::table::Step;

impl Machine<'_> {
    /// "Lookup: the L1 array (data or instruction) for size E, if there is one; on a miss the first L2 array that holds
    /// E, if there is one; on a miss a walk."
    pub fn translate(&mut self, pid: Pid, row: &Row) {
        let address = row.address;
        let leaf = *self.process(pid).guest.find(address).unwrap();
        let size = self.effective(leaf.size);
        let number = address >> size.shift();
        let tag = TlbTag { pid, size, number };
        let Processor { l1d, l1i, l2, .. } = &mut self.processors[self.on];
        let l1 = if row.op == Op::Fetch { l1i } else { l1d };
        let mut l1 = l1.get_mut(&size);
        let mut l2 = l2.iter_mut().find(|(sizes, _)| sizes.contains(&size)).map(|(_, array)| array);

        let mut walked = false;
        // "An L1 hit updates only L1's order."
        if l1.as_mut().is_some_and(|array| array.find(number, &tag).is_some()) {
            self.count("l1_hits", 1);
        // "An L2 hit updates L2's order and fills L1."
        } else if l2.as_mut().is_some_and(|array| array.find(number, &tag).is_some()) {
            if let Some(array) = l1 {
                array.insert(number, tag, ());
            }
            self.count("l2_hits", 1);
        // "A walk fills L2 and L1."
        } else {
            for array in [l2, l1].into_iter().flatten() {
                array.insert(number, tag, ());
            }
            self.count("walks", 1);
            self.walk(pid, address, &leaf);
            walked = true;
        }
        self.data_access(pid, gpa_of(&leaf, address), walked);
    }

    fn walk(&mut self, pid: Pid, address: u64, leaf: &GuestLeaf) {
        match self.config.technique {
            Technique::Native | Technique::Pv => {
                let path = self.process(pid).guest.path(address);
                self.one_dimensional_walk(pid, address, &path, "guest_refs");
            }
            Technique::Shadow => {
                let path = self.process(pid).shadow.as_ref().unwrap().path(address);
                self.one_dimensional_walk(pid, address, &path, "shadow_refs");
            }
            Technique::Ept => self.two_dimensional_walk(pid, address, leaf),
        }
    }

    /// "One reference per level from the start down to the leaf level."
    fn one_dimensional_walk(&mut self, pid: Pid, address: u64, path: &[Step], column: &'static str) {
        let start = self.probe_psc(pid, address, path);
        for step in path.iter().filter(|step| step.level <= start) {
            self.reference(column, None, step);
        }
        self.fill_psc(pid, address, path, start);
    }

    /// "The guest dimension as above over the guest table …, with PSC entries giving the host address of the next node.
    /// Every other gPA must be translated first: the root node's and each next node's before reading from it, and the
    /// data page's at the end (the gPA of the byte accessed)."
    fn two_dimensional_walk(&mut self, pid: Pid, address: u64, leaf: &GuestLeaf) {
        let path = self.process(pid).guest.path(address);
        let start = self.probe_psc(pid, address, &path);
        let psc_hit = start < self.config.guest_levels;
        for step in path.iter().filter(|step| step.level <= start) {
            let host_address_is_known = psc_hit && step.level == start;
            if !host_address_is_known {
                self.translate_gpa(pid.vm, step.gpa, Some(step.level));
            }
            self.reference("guest_refs", None, step);
        }
        self.fill_psc(pid, address, &path, start);
        self.translate_gpa(pid.vm, gpa_of(leaf, address), None);
    }

    /// "Probe the PSCs from k = leaf level + 1 upward. The first hit, at k, is made most recent and the walk starts at
    /// the node of level k-1; with no hit it starts at the root." Returns the level of the node at which it starts.
    fn probe_psc(&mut self, pid: Pid, address: u64, path: &[Step]) -> u32 {
        let (root, leaf_level) = ends(path);
        for k in leaf_level + 1..=root {
            let number = psc_number(address, k);
            if let Some(next) = self.processor().psc.get_mut(&k).and_then(|psc| psc.find(number, &(pid, number))) {
                assert_eq!(next, next_node(path, k), "a stale entry");
                self.count("psc_hits", 1);
                return k - 1;
            }
        }
        root
    }

    /// "Afterwards every non-leaf entry *read* is inserted in its PSC as most recent."
    fn fill_psc(&mut self, pid: Pid, address: u64, path: &[Step], start: u32) {
        let (_, leaf_level) = ends(path);
        for k in leaf_level + 1..=start {
            let number = psc_number(address, k);
            if let Some(psc) = self.processor().psc.get_mut(&k) {
                psc.insert(number, (pid, number), next_node(path, k));
            }
        }
    }

    /// "Translation: look the host page number (gPA >> log2(H)) up in the nested TLB; on a miss walk the host table (leaf
    /// level of H) with its own PSCs (tag (vm, gPA >> …)) and fill the nested TLB."
    /// "With no nested TLB nothing is looked up, and no miss is counted."
    /// `node` is the level of the guest node that lies there, none for the data.
    fn translate_gpa(&mut self, vm: usize, gpa: u64, node: Option<u32>) {
        let number = gpa >> self.config.host_pages.shift();
        if let Some(nested) = &mut self.processor().nested_tlb {
            if nested.find(number, &(vm, number)).is_some() {
                self.count("nested_tlb_hits", 1);
                return;
            }
            nested.insert(number, (vm, number), ());
            self.count("nested_tlb_misses", 1);
        }
        let path = self.vms[vm].host.as_ref().unwrap().path(gpa);
        let (root, leaf_level) = ends(&path);
        let mut start = root;
        for k in leaf_level + 1..=root {
            let number = psc_number(gpa, k);
            if let Some(next) = self.processor().host_psc.get_mut(&k).and_then(|psc| psc.find(number, &(vm, number))) {
                assert_eq!(next, next_node(&path, k), "a stale entry");
                self.count("host_psc_hits", 1);
                start = k - 1;
                break;
            }
        }
        for step in path.iter().filter(|step| step.level <= start) {
            self.reference("host_refs", node, step);
        }
        for k in leaf_level + 1..=start {
            let number = psc_number(gpa, k);
            if let Some(psc) = self.processor().host_psc.get_mut(&k) {
                psc.insert(number, (vm, number), next_node(&path, k));
            }
        }
    }

    /// "Line of a table reference = (frame of its node) × 64 + (entry index) / 8."
    fn reference(&mut self, column: &'static str, node: Option<u32>, step: &Step) {
        self.count(column, 1);
        *self.references.entry((column, node, step.level)).or_default() += 1;
        let line = step.number * 64 + step.index / 8;
        let found = self.look_up_line(line);
        self.count(found, 1);
    }

    /// "A reference is looked up in order and on the way back filled into every level that missed." With no caches "all
    /// references are `refs_dram`".
    fn look_up_line(&mut self, line: u64) -> &'static str {
        let own = self.processors[self.on].caches.iter_mut();
        let mut missed = vec![];
        for (cache, found) in own.chain(&mut self.llc).zip(["refs_l1", "refs_l2", "refs_llc"]) {
            if cache.find(line, &line).is_some() {
                missed.into_iter().for_each(|cache: &mut Array<u64, ()>| cache.insert(line, line, ()));
                return found;
            }
            missed.push(cache);
        }
        missed.into_iter().for_each(|cache| cache.insert(line, line, ()));
        "refs_dram"
    }

    /// "`walked` (default): after each walk's references, the accessed data's own line is looked up and filled the same way,
    /// but not counted. Its line number is 2^40 + (the gPA of the byte accessed) / 64, plus 2^50 × the VM's number. `none`:
    /// data does not enter. `all`: every access does, walked or not, after its walk."
    fn data_access(&mut self, pid: Pid, gpa: u64, walked: bool) {
        let enters = match self.config.data_pressure {
            Pressure::None => false,
            Pressure::Walked => walked,
            Pressure::All => true,
        };
        if enters {
            self.look_up_line((1 << 40) + gpa / 64 + (1 << 50) * pid.vm as u64);
        }
    }

    /// "An invalidation removes the effective pages of that leaf from every array and empties the guest-dimension
    /// paging-structure caches of that process."
    pub fn invalidate(&mut self, pid: Pid, leaf: &GuestLeaf) {
        let of_leaf = |tag: &TlbTag| {
            let start = u128::from(tag.number) << tag.size.shift();
            tag.pid == pid && u128::from(leaf.start) <= start && start < leaf.end()
        };
        for processor in self.flushed_processors(pid) {
            self.processors[processor].flush(pid, of_leaf);
        }
    }

    /// "A full flush removes all entries of that process from both."
    pub fn full_flush(&mut self, pid: Pid) {
        for processor in self.flushed_processors(pid) {
            self.processors[processor].flush(pid, |tag| tag.pid == pid);
        }
    }
}

/// The gPA of the byte accessed.
fn gpa_of(leaf: &GuestLeaf, address: u64) -> u64 {
    leaf.frame + (address - leaf.start)
}

/// "Tag (process, gVA >> (12+9(k-1)))".
fn psc_number(address: u64, k: u32) -> u64 {
    address >> (12 + 9 * (k - 1))
}

/// The levels of the root and of the leaf.
fn ends(path: &[Step]) -> (u32, u32) {
    (path[0].level, path[path.len() - 1].level)
}

/// The node that the entry of level k points to.
fn next_node(path: &[Step], k: u32) -> u64 {
    path.iter().find(|step| step.level == k - 1).unwrap().number
}
