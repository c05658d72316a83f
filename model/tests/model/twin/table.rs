//! Radix page tables as what they are: a tree of nodes with 512 slots each. Guest, shadow and host tables are the same
//! tree with different leaves.

pub struct Node<L> {
    /// The level of its entries: the root is 4 or 5, a node of 4K leaves is 1.
    pub level: u32,
    /// Frame number by order of creation (section 7).
    pub number: u64,
    /// gPA of a guest node (section 3); 0 for others.
    pub gpa: u64,
    slots: Vec<Option<Entry<L>>>,
}

enum Entry<L> {
    Next(Box<Node<L>>),
    Leaf(L),
}

/// One entry that a walk reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub level: u32,
    pub number: u64,
    pub gpa: u64,
    pub index: u64,
}

impl<L: Clone> Node<L> {
    pub fn new(level: u32, number: u64, gpa: u64) -> Node<L> {
        Node { level, number, gpa, slots: (0..512).map(|_| None).collect() }
    }

    /// "An entry at level k covers 2^(12+9(k-1)) bytes."
    fn index(&self, address: u64) -> usize {
        ((address >> (12 + 9 * (self.level - 1))) % 512) as usize
    }

    /// The leaf that maps the address.
    pub fn find(&self, address: u64) -> Option<&L> {
        match &self.slots[self.index(address)] {
            None => None,
            Some(Entry::Leaf(leaf)) => Some(leaf),
            Some(Entry::Next(next)) => next.find(address),
        }
    }

    pub fn find_mut(&mut self, address: u64) -> Option<&mut L> {
        let index = self.index(address);
        match &mut self.slots[index] {
            None => None,
            Some(Entry::Leaf(leaf)) => Some(leaf),
            Some(Entry::Next(next)) => next.find_mut(address),
        }
    }

    /// The entries from this node down to the leaf of the address, which must be mapped.
    pub fn path(&self, address: u64) -> Vec<Step> {
        let index = self.index(address);
        let mut steps = vec![Step { level: self.level, number: self.number, gpa: self.gpa, index: index as u64 }];
        match &self.slots[index] {
            None => panic!("{address:#x} is not mapped"),
            Some(Entry::Leaf(_)) => {}
            Some(Entry::Next(next)) => steps.extend(next.path(address)),
        }
        steps
    }

    /// The levels of the nodes that the address lacks above a leaf of this level, from the top down.
    pub fn missing(&self, address: u64, leaf_level: u32) -> Vec<u32> {
        if self.level == leaf_level {
            return vec![];
        }
        match &self.slots[self.index(address)] {
            None => (leaf_level..self.level).rev().collect(),
            Some(Entry::Leaf(_)) => panic!("a leaf is in the way of {address:#x}"),
            Some(Entry::Next(next)) => next.missing(address, leaf_level),
        }
    }

    /// Hangs a new node into the tree, below the node of the level above it.
    pub fn attach(&mut self, address: u64, node: Node<L>) {
        let index = self.index(address);
        if self.level == node.level + 1 {
            assert!(self.slots[index].is_none());
            self.slots[index] = Some(Entry::Next(Box::new(node)));
            return;
        }
        match &mut self.slots[index] {
            Some(Entry::Next(next)) => next.attach(address, node),
            _ => panic!("no node above {address:#x}"),
        }
    }

    /// Writes a leaf into the node of its level, which is there.
    pub fn put(&mut self, address: u64, leaf_level: u32, leaf: L) {
        let index = self.index(address);
        if self.level == leaf_level {
            assert!(self.slots[index].is_none());
            self.slots[index] = Some(Entry::Leaf(leaf));
            return;
        }
        match &mut self.slots[index] {
            Some(Entry::Next(next)) => next.put(address, leaf_level, leaf),
            _ => panic!("no node above {address:#x}"),
        }
    }

    /// Removes the leaf of the address. "A node left without entries is freed at once and its parent's entry cleared …,
    /// upward; the root stays." Returns the leaf and the freed nodes, the lowest first.
    pub fn remove(&mut self, address: u64) -> (L, Vec<Node<L>>) {
        let index = self.index(address);
        match self.slots[index].take() {
            None => panic!("{address:#x} is not mapped"),
            Some(Entry::Leaf(leaf)) => (leaf, vec![]),
            Some(Entry::Next(mut next)) => {
                let (leaf, mut freed) = next.remove(address);
                if next.slots.iter().all(Option::is_none) {
                    freed.push(*next);
                } else {
                    self.slots[index] = Some(Entry::Next(next));
                }
                (leaf, freed)
            }
        }
    }

    /// Removes the leaf of the address alone, to put a node in its place (section 10: split).
    pub fn take_leaf(&mut self, address: u64) -> L {
        let index = self.index(address);
        match &mut self.slots[index] {
            Some(Entry::Next(next)) => next.take_leaf(address),
            _ => match self.slots[index].take() {
                Some(Entry::Leaf(leaf)) => leaf,
                _ => panic!("{address:#x} is not mapped"),
            },
        }
    }

    /// Every leaf in ascending order.
    pub fn leaves(&self) -> Vec<L> {
        let mut leaves = vec![];
        for slot in &self.slots {
            match slot {
                None => {}
                Some(Entry::Leaf(leaf)) => leaves.push(leaf.clone()),
                Some(Entry::Next(next)) => leaves.extend(next.leaves()),
            }
        }
        leaves
    }

    /// This node and all below it.
    pub fn count(&self) -> u64 {
        let below = |slot: &Option<Entry<L>>| match slot {
            Some(Entry::Next(next)) => next.count(),
            _ => 0,
        };
        1 + self.slots.iter().map(below).sum::<u64>()
    }
}
