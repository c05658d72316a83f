//! The shadow table (section 4): one per process, leaves of the effective page size.

use super::config::{Fill, PageSize, Sync, Technique};
use super::machine::{GuestLeaf, Machine, Pid};
use super::table::Node;

#[derive(Clone, Copy)]
pub struct ShadowLeaf {
    pub start: u64,
}

impl Machine<'_> {
    /// E is "the effective page size, what a TLB entry covers: G under native and pv, min(G, H) under shadow and ept"; with
    /// thp it "is then min(leaf size, H) per page under shadow and ept, and the leaf size under native and pv".
    pub fn effective(&self, leaf_size: PageSize) -> PageSize {
        match self.config.technique {
            Technique::Native | Technique::Pv => leaf_size,
            Technique::Shadow | Technique::Ept => leaf_size.min(self.config.host_pages),
        }
    }

    pub fn new_shadow_node(&mut self, level: u32) -> Node<ShadowLeaf> {
        self.alive.shadow += 1;
        Node::new(level, self.number_node(), 0)
    }

    /// "access to an effective page that the guest maps and the shadow table lacks | – | `exit_hidden_fault` 1"
    pub fn hidden_fault(&mut self, pid: Pid, address: u64) {
        if self.config.technique != Technique::Shadow {
            return;
        }
        if self.process(pid).shadow.as_ref().unwrap().find(address).is_none() {
            self.count("exit_hidden_fault", 1);
            self.fill_shadow(pid, address);
        }
    }

    /// "`shadow.fill = "eager"` (default): the PTE-write exit that maps or rewrites a guest leaf because of an access
    /// (fault, copy-on-write) also fills the shadow entry of the effective page accessed."
    /// "With eager fill the shadow entry is filled only by an exit that follows the leaf's write, its trapped PTE write."
    pub fn eager_fill(&mut self, pid: Pid, address: u64, trapped: bool) {
        if self.config.technique == Technique::Shadow && self.config.shadow_fill == Fill::Eager && trapped {
            self.fill_shadow(pid, address);
        }
    }

    /// "Shadow nodes are allocated top-down on fill …; they cost no exit."
    fn fill_shadow(&mut self, pid: Pid, address: u64) {
        let guest = self.process(pid).guest.find(address).unwrap().size;
        let size = self.effective(guest);
        let start = address >> size.shift() << size.shift();
        for level in self.process(pid).shadow.as_ref().unwrap().missing(start, size.leaf_level()) {
            let node = self.new_shadow_node(level);
            self.process(pid).shadow.as_mut().unwrap().attach(start, node);
        }
        self.process(pid).shadow.as_mut().unwrap().put(start, size.leaf_level(), ShadowLeaf { start });
    }

    /// Whether a write to an entry of a guest node of this level traps. "A PTE write to an entry of a node in sync traps and
    /// puts the node out of sync … further writes to its entries cost no exit. Writes to entries of higher levels, leaves or
    /// not, always trap."
    pub fn traps(&mut self, pid: Pid, level: u32, address: u64) -> bool {
        if self.config.shadow_sync == Sync::Traced || level > 1 {
            return true;
        }
        let was_in_sync = self.process(pid).out_of_sync.insert(address >> 21);
        self.count("unsyncs", was_in_sync as u64);
        was_in_sync
    }

    /// "Nodes come back in sync, `resyncs += 1` each: all of a process's when it is switched to … and at its full flushes."
    pub fn resync_all(&mut self, pid: Pid) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        let nodes = std::mem::take(&mut process.out_of_sync).len() as u64;
        self.count("resyncs", nodes);
    }

    /// "The node of the leaf at each invalidation that is counted leaf by leaf."
    pub fn resync_node_of(&mut self, pid: Pid, leaf: &GuestLeaf) {
        let was_out = leaf.size == PageSize::K4 && self.process(pid).out_of_sync.remove(&(leaf.start >> 21));
        self.count("resyncs", was_out as u64);
    }

    /// Drops the shadow entries of a guest leaf: of all its effective pages. Nodes are "freed like guest nodes".
    pub fn drop_shadow(&mut self, pid: Pid, leaf: &GuestLeaf) {
        let Some(shadow) = &mut self.process(pid).shadow else { return };
        let mut freed = 0;
        for entry in shadow.leaves() {
            if u128::from(leaf.start) <= u128::from(entry.start) && u128::from(entry.start) < leaf.end() {
                freed += shadow.remove(entry.start).1.len() as u64;
            }
        }
        self.alive.shadow -= freed;
    }

    /// "`"drop"` discards it (all but its root) when the process is switched away from, together with its TLB entries and
    /// paging-structure-cache entries."
    pub fn discard_shadow(&mut self, pid: Pid) {
        if !self.processes.contains_key(&pid) {
            return; // it has exited
        }
        let shadow = self.process(pid).shadow.as_mut().unwrap();
        let mut freed = 0;
        for entry in shadow.leaves() {
            freed += shadow.remove(entry.start).1.len() as u64;
        }
        assert_eq!(shadow.count(), 1);
        self.alive.shadow -= freed;
        self.full_flush(pid);
    }
}
