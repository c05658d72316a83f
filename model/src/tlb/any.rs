//! The arrays of one level, of any policies.

use super::arrays::{Arrays, Layout};
use crate::address::PageSize;
use crate::arrays::{AnyArray, FEW_WAYS, Lru, Policy};
use crate::guest::{Flush, Flushed};

/// All of them LRU of few ways, or some not: told apart once for many touches.
#[derive(Debug)]
pub enum AnyArrays {
    Lru(Arrays<Lru>),
    Any(Arrays<AnyArray>),
}

impl AnyArrays {
    pub fn new(layout: Layout, largest: PageSize, tags: bool) -> AnyArrays {
        if layout.shapes.iter().all(|shape| shape.policy == Policy::Lru && shape.ways <= FEW_WAYS) {
            AnyArrays::Lru(Arrays::new(layout, largest, tags))
        } else {
            AnyArrays::Any(Arrays::new(layout, largest, tags))
        }
    }

    pub fn layout(&self) -> &Layout {
        match self {
            AnyArrays::Lru(arrays) => &arrays.layout,
            AnyArrays::Any(arrays) => &arrays.layout,
        }
    }

    /// Whether an entry ever had to make room for another.
    pub fn has_evicted(&self) -> bool {
        match self {
            AnyArrays::Lru(arrays) => arrays.list.iter().any(Lru::has_evicted),
            AnyArrays::Any(arrays) => arrays.list.iter().any(AnyArray::has_evicted),
        }
    }
}

impl Flushed for AnyArrays {
    fn another(&self) -> AnyArrays {
        match self {
            AnyArrays::Lru(arrays) => AnyArrays::Lru(arrays.another()),
            AnyArrays::Any(arrays) => AnyArrays::Any(arrays.another()),
        }
    }

    fn flush(&mut self, flush: &Flush) {
        match self {
            AnyArrays::Lru(arrays) => arrays.flush(flush),
            AnyArrays::Any(arrays) => arrays.flush(flush),
        }
    }
}
