//! Entries by index: any index, and memory only near those that are in use.

use std::array;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed};

const PAGE: usize = 1 << 12;
const PAGES: usize = 1 << (u32::BITS - 12);

/// Pointers that the owner gives meaning to; null where there is none.
pub struct Table<T> {
    pages: [AtomicPtr<Page<T>>; PAGES],
    /// One more than the highest index that was ever set.
    end: AtomicUsize,
}

struct Page<T>([AtomicPtr<T>; PAGE]);

impl<T> Table<T> {
    pub const fn new() -> Table<T> {
        Table { pages: [const { AtomicPtr::new(ptr::null_mut()) }; PAGES], end: AtomicUsize::new(0) }
    }

    #[inline(always)]
    pub fn get(&self, index: u32) -> *mut T {
        let page = self.pages[index as usize / PAGE].load(Acquire);
        if page.is_null() {
            return ptr::null_mut();
        }
        // SAFETY: from Box::into_raw in `make`, and never freed.
        unsafe { &*page }.0[index as usize % PAGE].load(Relaxed)
    }

    /// Puts another pointer in the place of one, which is returned.
    pub fn swap(&self, index: u32, entry: *mut T) -> *mut T {
        let place = &self.pages[index as usize / PAGE];
        let page = match place.load(Acquire) {
            page if page.is_null() => make(place),
            page => page,
        };
        self.end.fetch_max(index as usize + 1, Relaxed);
        // SAFETY: as in `get`.
        unsafe { &*page }.0[index as usize % PAGE].swap(entry, Relaxed)
    }

    /// The indices whose pointers are not null.
    pub fn indices(&self) -> impl Iterator<Item = u32> {
        (0..self.end.load(Relaxed)).map(|index| index as u32).filter(|&index| !self.get(index).is_null())
    }
}

/// The page that belongs in a place, of which another thread may have thought at the same time.
fn make<T>(place: &AtomicPtr<Page<T>>) -> *mut Page<T> {
    let made = Box::into_raw(Box::new(Page(array::from_fn(|_| AtomicPtr::new(ptr::null_mut())))));
    match place.compare_exchange(ptr::null_mut(), made, AcqRel, Acquire) {
        Ok(_) => made,
        Err(first) => {
            // SAFETY: from Box::into_raw, and nobody has seen it.
            drop(unsafe { Box::from_raw(made) });
            first
        }
    }
}
