//! The arrays of one level, and what flushes do to them.

use super::{FirstKey, Geometry, SecondLevel};
use crate::address::{Gva, PageSize};
use crate::arrays::{Array, page_tag, slot_of};
use crate::guest::{Flush, Flushed, Slot};
use crate::program::Op;

/// The arrays of one level, and which of them holds which pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Layout {
    pub shapes: Vec<Geometry>,
    /// By page size, for data and for fetches.
    of: [[Option<usize>; 2]; PageSize::ALL.len()],
}

impl Layout {
    pub fn first(key: &FirstKey) -> Layout {
        let mut layout = Layout::default();
        for size in PageSize::ALL {
            layout.of[size as usize] = [key.l1d, key.l1i].map(|shapes| {
                layout.shapes.extend(shapes[size as usize]);
                shapes[size as usize].map(|_| layout.shapes.len() - 1)
            });
        }
        layout
    }

    pub fn second(arrays: &[SecondLevel]) -> Layout {
        let of = |size| arrays.iter().position(|array| array.sizes.contains(&size));
        Layout {
            shapes: arrays.iter().map(|array| array.geometry).collect(),
            of: PageSize::ALL.map(|size| [of(size); 2]),
        }
    }

    /// The same with one way each: equal for levels that differ in nothing but ways.
    pub fn sets(mut self) -> Layout {
        self.shapes.iter_mut().for_each(|shape| *shape = Geometry { entries: shape.sets(), ways: 1, ..*shape });
        self
    }

    /// Whether every array holds what one of fewer ways would hold.
    pub fn has_inclusion(&self) -> bool {
        self.shapes.iter().all(|shape| shape.policy.has_inclusion())
    }

    /// The array that holds the page of an access.
    #[inline]
    pub fn of(&self, size: PageSize, op: Op) -> Option<usize> {
        self.of[size as usize][(op == Op::Fetch) as usize]
    }

    /// Whether pages of a size have an array, for data and for fetches.
    pub fn holds(&self, size: PageSize) -> bool {
        self.of[size as usize].iter().all(Option::is_some)
    }

    /// Entries of the largest; `None` where there are none.
    pub fn most_entries(&self) -> Option<usize> {
        self.shapes.iter().map(|shape| shape.entries).max()
    }
}

/// Arrays that are flushed alike.
#[derive(Debug)]
pub struct Arrays<A> {
    pub layout: Layout,
    /// An entry covers the guest's page, cut to this size at most.
    pub largest: PageSize,
    tags: bool,
    pub list: Vec<A>,
}

impl<A: Array> Arrays<A> {
    pub fn new(layout: Layout, largest: PageSize, tags: bool) -> Arrays<A> {
        let list = layout.shapes.iter().map(|shape| A::new(*shape)).collect();
        Arrays { layout, largest, tags, list }
    }

    fn flush_process(&mut self, slot: Slot) {
        self.list.iter_mut().for_each(|array| array.remove_if(|tag| slot_of(tag) == slot));
    }

    /// Removes every effective page of one guest leaf.
    fn flush_leaf(&mut self, slot: Slot, start: Gva, size: PageSize) {
        let pages = size.min(self.largest);
        let first = start.page(pages);
        let last = first + (size.bytes() - 1) / pages.bytes();
        let (low, high) = (page_tag(slot, pages, first), page_tag(slot, pages, last));
        for array in &mut self.list {
            if last - first < array.entries() as u64 / 8 {
                (first..=last).for_each(|page| array.remove(page, page_tag(slot, pages, page)));
            } else {
                array.remove_if(|tag| (low..=high).contains(&tag));
            }
        }
    }
}

impl<A: Array> Flushed for Arrays<A> {
    fn another(&self) -> Arrays<A> {
        Arrays::new(self.layout.clone(), self.largest, self.tags)
    }

    fn flush(&mut self, flush: &Flush) {
        match *flush {
            Flush::Turn { .. } => {}
            Flush::Switch { .. } if self.tags => {}
            Flush::Switch { .. } => self.list.iter_mut().for_each(A::clear),
            Flush::Process { slot, .. } => self.flush_process(slot),
            Flush::Leaf { slot, start, size, .. } => self.flush_leaf(slot, start, size),
        }
    }
}
