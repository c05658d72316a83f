//! What the numbers cannot say: reasons to trust a row less.

use crate::counts::{Counts, Event};
use crate::engine::Evidence;

/// A reason to read a row with care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Warning {
    SinglePage,
    FitsTlb,
    FirstTouches,
    CacheFiltered,
    PhysicalAddresses,
    InferredRanges,
    Sampled,
}

/// What a row is judged by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances<'a> {
    pub evidence: Option<Evidence>,
    pub counts: &'a Counts,
    /// As the gauge says.
    pub touched_bytes: u64,
    /// Whether the trace is invented: what its addresses look like is then known to be chance.
    pub invented: bool,
    pub sampled: bool,
}

impl Warning {
    /// Every one, in order.
    pub const ALL: [Warning; 7] = [
        Warning::SinglePage,
        Warning::FitsTlb,
        Warning::FirstTouches,
        Warning::CacheFiltered,
        Warning::PhysicalAddresses,
        Warning::InferredRanges,
        Warning::Sampled,
    ];

    /// The name in results.
    pub const fn name(self) -> &'static str {
        match self {
            Warning::SinglePage => "single-page",
            Warning::FitsTlb => "fits-tlb",
            Warning::FirstTouches => "first-touches",
            Warning::CacheFiltered => "cache-filtered",
            Warning::PhysicalAddresses => "physical-addresses",
            Warning::InferredRanges => "inferred-ranges",
            Warning::Sampled => "sampled",
        }
    }

    /// What it means, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Warning::SinglePage => "The trace touches a single 4 KiB page: nothing can miss.",
            Warning::FitsTlb => {
                "The TLB holds every page that the trace touches, even at 4 KiB each, and never replaced an entry: nothing misses but first touches, and sizes, ways and replacement make no difference here."
            }
            Warning::FirstTouches => {
                "The trace makes fewer than 100 accesses to each 4 KiB page that it touches: most of what the whole pays is first touches, which a longer run would not pay again."
            }
            Warning::CacheFiltered => {
                "Every address is a multiple of 64: these look like cache lines filtered by a cache, without the accesses that hit in it."
            }
            Warning::PhysicalAddresses => {
                "No address lies above 64 GiB, as a 64-bit program's stack does: these look like physical addresses, or a 32-bit program's."
            }
            Warning::InferredRanges => {
                "The trace has no map rows: what may take huge pages was inferred from its accesses."
            }
            Warning::Sampled => {
                "What TLBs and walks count is estimated from windows of the trace; the columns that end in _ci95 say how far off it may be."
            }
        }
    }

    /// Those that hold, in order.
    pub(super) fn of(row: &Circumstances<'_>) -> Vec<Warning> {
        Warning::ALL.into_iter().filter(|warning| warning.holds(row)).collect()
    }

    fn holds(self, row: &Circumstances<'_>) -> bool {
        /// Traces of cache lines have no bits below; user programs' stacks lie above.
        const LINE: u64 = 64;
        const PHYSICAL: u64 = 1 << 36;
        /// A first touch takes thousands of cycles, an access some.
        const FEW_TO_A_PAGE: u64 = 100;
        let seen = |says: &dyn Fn(&Evidence) -> bool| row.evidence.as_ref().is_some_and(says);
        match self {
            Warning::SinglePage => seen(&|it| it.touched_pages == 1),
            Warning::FitsTlb => seen(&|it| {
                // Flushes make pages be walked for again, without any eviction.
                let walked_once = row.counts[Event::Walks] < 2 * it.tlb_pages;
                (2..=it.last_level_entries).contains(&it.touched_pages) && !it.evicted && walked_once
            }),
            Warning::FirstTouches => row.counts[Event::Accesses] * 4096 < FEW_TO_A_PAGE * row.touched_bytes,
            Warning::CacheFiltered => !row.invented && seen(&|it| it.address_bits.is_multiple_of(LINE)),
            Warning::PhysicalAddresses => !row.invented && seen(&|it| it.address_bits < PHYSICAL),
            Warning::InferredRanges => seen(&|it| it.inferred_ranges),
            Warning::Sampled => row.sampled,
        }
    }
}
