//! Set-associative arrays of tags: what TLBs, paging-structure caches, nested TLBs and data caches are made of.

mod any;
mod deep;
mod geometry;
mod listed;
pub mod lru;
mod packed;
mod placed;
mod policy;
mod short;
mod stack;
mod tag;

pub use any::{AnyArray, FEW_WAYS};
pub use geometry::Geometry;
pub use lru::{Array, Lru};
pub use packed::Packed;
pub use placed::Placed;
pub use policy::Policy;
pub use stack::{MattsonStack, Touched};
pub use tag::{MOST_PROCESSES, Slot, page_tag, slot_of, tag};
