//! Radix page tables: trees of 512-entry nodes, used for guest, shadow and host tables alike.
//!
//! *Models:* nodes made top-down when a leaf needs them and freed upward when they are left empty; the root stays.
//! *Does not model:* the bytes of an entry beyond presence, size, dirty and copy-on-write.
//! *Source:* Intel SDM volume 3A, on 4-level and 5-level paging.

use crate::address::{Gpa, Gva, Level, NODE_ENTRIES, PageSize};
use crate::arrays::Slot;

/// Number of a node in its arena.
pub type NodeId = u32;

/// One entry: absent, a pointer to the node below, or a leaf.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry(u64);

impl Entry {
    pub const ABSENT: Entry = Entry(0);
    const PRESENT: u64 = 1;
    const LEAF: u64 = 2;
    const DIRTY: u64 = 4;
    const COPY_ON_WRITE: u64 = 8;

    /// A pointer to the node below.
    pub fn node(id: NodeId) -> Entry {
        Entry((id as u64) << 12 | Self::PRESENT)
    }

    /// A clean leaf that maps `frame`, which is aligned to 4 KiB at least.
    pub fn leaf(frame: Gpa) -> Entry {
        Entry(frame.get() | Self::PRESENT | Self::LEAF)
    }

    pub fn is_present(self) -> bool {
        self.0 & Self::PRESENT != 0
    }

    pub fn is_leaf(self) -> bool {
        self.0 & Self::LEAF != 0
    }

    /// Dirty and not copy-on-write: a store changes nothing.
    pub fn takes_stores(self) -> bool {
        self.0 & (Self::DIRTY | Self::COPY_ON_WRITE) == Self::DIRTY
    }

    pub fn is_copy_on_write(self) -> bool {
        self.0 & Self::COPY_ON_WRITE != 0
    }

    pub fn dirty(self) -> Entry {
        Entry(self.0 | Self::DIRTY)
    }

    pub fn copy_on_write(self) -> Entry {
        Entry(self.0 | Self::COPY_ON_WRITE)
    }

    /// The frame of a leaf.
    pub fn frame(self) -> Gpa {
        Gpa::new(self.0 & !0xfff)
    }

    /// The node that a present entry which is no leaf points to.
    pub fn child(self) -> NodeId {
        (self.0 >> 12) as NodeId
    }
}

/// What is known of a node beside its entries.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// The node above; a root's own number means nothing here.
    pub parent: NodeId,
    /// Index of the entry in the parent that points here.
    pub index: u16,
    /// Entries present.
    live: u16,
    pub level: Level,
    /// Where a guest's node lies; 0 in shadow and host tables, which the model gives no address.
    pub frame: Gpa,
}

/// A leaf found in a table. Addresses are linear: without the sign extension of canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    pub start: u64,
    pub size: PageSize,
    pub node: NodeId,
    pub index: usize,
}

impl Leaf {
    /// The first linear address beyond it.
    pub fn end(&self) -> u64 {
        self.start + self.size.bytes()
    }
}

/// All tables of one kind, in one arena of nodes.
#[derive(Debug)]
pub struct Tables {
    root_level: Level,
    entries: Vec<Box<[Entry; NODE_ENTRIES]>>,
    nodes: Vec<Node>,
    free: Vec<NodeId>,
    retired: Vec<NodeId>,
}

impl Tables {
    pub fn new(root_level: Level) -> Tables {
        Tables { root_level, entries: Vec::new(), nodes: Vec::new(), free: Vec::new(), retired: Vec::new() }
    }

    /// 4 or 5.
    pub fn root_level(&self) -> Level {
        self.root_level
    }

    /// Strips an address of its sign extension.
    pub fn linear(&self, address: Gva) -> u64 {
        address.get() & (self.span() - 1)
    }

    /// Gives a linear address its sign extension.
    pub fn canonical(&self, linear: u64) -> Gva {
        let unused = 64 - (self.root_level.shift() + 9);
        Gva::checked(((linear << unused) as i64 >> unused) as u64)
    }

    /// Bytes that one table covers.
    pub fn span(&self) -> u64 {
        1 << (self.root_level.shift() + 9)
    }

    /// Nodes alive.
    pub fn alive(&self) -> u64 {
        (self.nodes.len() - self.free.len() - self.retired.len()) as u64
    }

    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    pub fn place_node(&mut self, id: NodeId, frame: Gpa) {
        self.nodes[id as usize].frame = frame;
    }

    pub fn entry(&self, node: NodeId, index: usize) -> Entry {
        self.entries[node as usize][index]
    }

    /// Rewrites an entry that stays present.
    pub fn rewrite(&mut self, node: NodeId, index: usize, entry: Entry) {
        self.entries[node as usize][index] = entry;
    }

    /// Lets the numbers of freed nodes be used again. Until then the freed nodes can still be read, so that walks may lag
    /// behind the changes of one chunk.
    pub fn recycle(&mut self) {
        self.free.append(&mut self.retired);
    }

    fn create(&mut self, level: Level, parent: NodeId, index: usize) -> NodeId {
        let node = Node { parent, index: index as u16, live: 0, level, frame: Gpa::default() };
        match self.free.pop() {
            Some(id) => {
                self.nodes[id as usize] = node;
                id
            }
            None => {
                self.nodes.push(node);
                self.entries.push(Box::new([Entry::ABSENT; NODE_ENTRIES]));
                (self.nodes.len() - 1) as NodeId
            }
        }
    }

    /// Replaces a leaf by a node of leaves of the next smaller size, which map the same frames in the same state.
    pub fn split(&mut self, leaf: &Leaf) -> NodeId {
        let entry = self.entry(leaf.node, leaf.index);
        let level = self.nodes[leaf.node as usize].level.down();
        let child = self.create(level, leaf.node, leaf.index);
        for (i, part) in self.entries[child as usize].iter_mut().enumerate() {
            *part = Entry(entry.0 + ((i as u64) << level.shift()));
        }
        self.nodes[child as usize].live = NODE_ENTRIES as u16;
        self.rewrite(leaf.node, leaf.index, Entry::node(child));
        child
    }

    pub fn create_root(&mut self) -> NodeId {
        self.create(self.root_level, NodeId::MAX, 0)
    }

    /// Frees a root whose entries are gone.
    pub fn free_root(&mut self, root: NodeId) {
        debug_assert_eq!(self.nodes[root as usize].live, 0);
        self.retired.push(root);
    }

    /// The node of `level` on the path to `address`, if it exists.
    #[inline]
    pub fn find(&self, root: NodeId, address: u64, level: Level) -> Option<NodeId> {
        let (mut node, mut at) = (root, self.root_level);
        while at > level {
            let entry = self.entry(node, index(address, at));
            if !entry.is_present() || entry.is_leaf() {
                return None;
            }
            node = entry.child();
            at = at.down();
        }
        Some(node)
    }

    /// The node of `level` on the path to `address`; what is missing is made, top-down, and added to `created`.
    pub fn find_or_create(&mut self, root: NodeId, address: u64, level: Level, created: &mut Vec<NodeId>) -> NodeId {
        let (mut node, mut at) = (root, self.root_level);
        while at > level {
            let i = index(address, at);
            let entry = self.entry(node, i);
            node = if entry.is_present() {
                entry.child()
            } else {
                let child = self.create(at.down(), node, i);
                self.insert(node, i, Entry::node(child));
                created.push(child);
                child
            };
            at = at.down();
        }
        node
    }

    /// Writes an entry that was absent.
    pub fn insert(&mut self, node: NodeId, index: usize, entry: Entry) {
        debug_assert!(!self.entry(node, index).is_present());
        self.rewrite(node, index, entry);
        self.nodes[node as usize].live += 1;
    }

    /// Clears an entry; nodes left empty are freed upward, their parents' entries cleared, and added to `freed`.
    pub fn remove(&mut self, mut node: NodeId, mut index: usize, freed: &mut Vec<NodeId>) {
        loop {
            self.rewrite(node, index, Entry::ABSENT);
            let meta = &mut self.nodes[node as usize];
            meta.live -= 1;
            if meta.live > 0 || meta.level == self.root_level {
                return;
            }
            freed.push(node);
            self.retired.push(node);
            (node, index) = (meta.parent, meta.index as usize);
        }
    }

    /// The first leaf that ends after the linear address `from` and begins before `end`.
    pub fn next_leaf(&self, root: NodeId, from: u64, end: u64) -> Option<Leaf> {
        let (mut node, mut level, mut at) = (root, self.root_level, from);
        while at < end {
            let i = index(at, level);
            let entry = self.entry(node, i);
            let span = 1u64 << level.shift();
            if entry.is_leaf() {
                let size = PageSize::ALL[level.get() - 1];
                return Some(Leaf { start: at & !(span - 1), size, node, index: i });
            }
            if entry.is_present() {
                node = entry.child();
                level = level.down();
                continue;
            }
            // Step over what is absent; past the end of a node, go up to where the next index lies.
            at = (at & !(span - 1)) + span;
            while level < self.root_level && index(at, level) == 0 {
                node = self.nodes[node as usize].parent;
                level = level.up();
            }
            if level == self.root_level && at >= self.span() {
                return None;
            }
        }
        None
    }
}

/// Index of an address in a node of `level`.
#[inline]
pub fn index(address: u64, level: Level) -> usize {
    (address >> level.shift()) as usize & (NODE_ENTRIES - 1)
}

/// The leaf-level nodes used last, so that most accesses find theirs without a descent. Forget them when any node is freed.
#[derive(Debug)]
pub struct Recent([(Slot, u64, NodeId); Recent::REMEMBERED]);

impl Default for Recent {
    fn default() -> Recent {
        Recent([Recent::NONE; Recent::REMEMBERED])
    }
}

impl Recent {
    const REMEMBERED: usize = 64;
    const NONE: (Slot, u64, NodeId) = (Slot::MAX, 0, 0);

    /// The node of `level` on the path to `address` in the table of `slot`, if it exists.
    #[inline]
    pub fn find(&mut self, tables: &Tables, slot: Slot, root: NodeId, address: Gva, level: Level) -> Option<NodeId> {
        let region = (address.get() >> (level.shift() + 9)) << 3 | level.get() as u64;
        let remembered = &mut self.0[(region ^ slot as u64) as usize % Self::REMEMBERED];
        if (remembered.0, remembered.1) == (slot, region) {
            return Some(remembered.2);
        }
        let node = tables.find(root, address.get(), level)?;
        *remembered = (slot, region, node);
        Some(node)
    }

    pub fn forget(&mut self) {
        self.0.fill(Self::NONE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_are_found_in_ascending_order_and_nodes_freed_upward() {
        let mut tables = Tables::new(Level::new(4));
        let root = tables.create_root();
        let pages = [0x1000, 0x3000, 0x20_0000, 0x7fff_ffff_f000, tables.linear(Gva::checked(0xffff_8000_0000_0000))];
        let mut created = Vec::new();
        for page in pages {
            let node = tables.find_or_create(root, page, Level::new(1), &mut created);
            tables.insert(node, index(page, Level::new(1)), Entry::leaf(Gpa::new(0x5000)));
        }
        assert_eq!(created.len(), 3 + 1 + 3 + 3);
        let (mut found, mut from) = (Vec::new(), 0);
        while let Some(leaf) = tables.next_leaf(root, from, tables.span()) {
            found.push(leaf.start);
            from = leaf.end();
        }
        assert_eq!(found, pages);
        assert_eq!(tables.canonical(pages[4]).get(), 0xffff_8000_0000_0000);

        let mut freed = Vec::new();
        let leaf = tables.next_leaf(root, 0x20_0000, tables.span()).unwrap();
        tables.remove(leaf.node, leaf.index, &mut freed);
        assert_eq!(freed.len(), 1, "the second 2 MiB region shares its upper nodes with the first");
        assert_eq!(tables.alive(), 10);
    }
}
