//! Tags: which translation an entry holds, packed into one word.

use crate::address::PageSize;

/// Number of a live process; a number is used again after its process is gone.
pub type Slot = u32;

/// Live processes at once; a tag has room for no more.
pub const MOST_PROCESSES: usize = 1 << 17;

const PAGE_BITS: u32 = 45;
const SIZE_BITS: u32 = 2;

/// (process, page size, page number). A page number of a canonical address fits in 45 bits. The all-ones word is never a
/// tag, because no page size has number 3.
pub fn page_tag(slot: Slot, size: PageSize, page: u64) -> u64 {
    debug_assert!((slot as usize) < MOST_PROCESSES);
    ((slot as u64) << SIZE_BITS | size as u64) << PAGE_BITS | page & ((1 << PAGE_BITS) - 1)
}

/// (process or VM, number), for structures that hold one kind of thing.
pub fn tag(owner: u32, number: u64) -> u64 {
    page_tag(owner, PageSize::Size4K, number)
}

/// The process of a tag.
pub fn slot_of(tag: u64) -> Slot {
    (tag >> (PAGE_BITS + SIZE_BITS)) as Slot
}
