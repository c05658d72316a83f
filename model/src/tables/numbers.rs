//! Numbers of nodes, by which data caches know their lines.

use super::NodeId;

/// Numbers of nodes in order of creation, over all tables of one technique's run; a number is not used again.
#[derive(Debug, Default)]
pub struct Numbers(Vec<u64>);

impl Numbers {
    /// Numbers a node that was just created.
    pub fn assign(&mut self, node: NodeId, next: &mut u64) {
        let node = node as usize;
        if node >= self.0.len() {
            self.0.resize(node + 1, 0);
        }
        self.0[node] = *next;
        *next += 1;
    }

    pub fn get(&self, node: NodeId) -> u64 {
        self.0[node as usize]
    }
}
