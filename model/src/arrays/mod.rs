//! Set-associative arrays of tags: what TLBs, paging-structure caches, nested TLBs and data caches are made of.

mod geometry;
pub mod lru;
mod packed;
mod stack;
mod tag;

pub use geometry::Geometry;
pub use lru::{Array, Lru};
pub use packed::Packed;
pub use stack::{Stack, Touched};
pub use tag::{MOST_PROCESSES, Slot, page_tag, slot_of, tag};
