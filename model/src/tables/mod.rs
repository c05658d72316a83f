//! Page tables, and the numbers of their nodes.

mod numbers;
mod radix;

pub use numbers::Numbers;
pub use radix::{Entry, Leaf, Node, NodeId, Recent, Tables, index};
