//! What the numbers cannot say: reasons to trust a row less.

use crate::engine::Evidence;

/// A reason to read a row with care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Warning {
    SinglePage,
    ShortTrace,
    NoEviction,
    CacheFiltered,
    PhysicalAddresses,
    InferredRanges,
    Sampled,
    AssumedPrices,
}

/// What a row is judged by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances {
    pub evidence: Option<Evidence>,
    /// Whether the trace is invented: what its addresses look like is then known to be chance.
    pub invented: bool,
    pub sampled: bool,
    /// The share of the cycles beyond the ideal that assumed prices make up.
    pub assumed_share: Option<f64>,
}

impl Warning {
    /// Every one, in order.
    pub const ALL: [Warning; 8] = [
        Warning::SinglePage,
        Warning::ShortTrace,
        Warning::NoEviction,
        Warning::CacheFiltered,
        Warning::PhysicalAddresses,
        Warning::InferredRanges,
        Warning::Sampled,
        Warning::AssumedPrices,
    ];

    /// The name in results.
    pub const fn name(self) -> &'static str {
        match self {
            Warning::SinglePage => "single-page",
            Warning::ShortTrace => "short-trace",
            Warning::NoEviction => "no-eviction",
            Warning::CacheFiltered => "cache-filtered",
            Warning::PhysicalAddresses => "physical-addresses",
            Warning::InferredRanges => "inferred-ranges",
            Warning::Sampled => "sampled",
            Warning::AssumedPrices => "assumed-prices",
        }
    }

    /// What it means, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Warning::SinglePage => "The trace touches a single 4 KiB page: nothing can miss.",
            Warning::ShortTrace => {
                "The trace touches fewer than twice as many pages as the last TLB level has entries: mostly first touches are counted, not a warm TLB."
            }
            Warning::NoEviction => {
                "No TLB array ever replaced an entry: sizes, ways and replacement make no difference here."
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
            Warning::AssumedPrices => {
                "Prices that are assumed, not measured or published, make up more than half of the overhead."
            }
        }
    }

    /// Those that hold, in order.
    pub(super) fn of(row: &Circumstances) -> Vec<Warning> {
        Warning::ALL.into_iter().filter(|warning| warning.holds(row)).collect()
    }

    fn holds(self, row: &Circumstances) -> bool {
        /// Traces of cache lines have no bits below; user programs' stacks lie above.
        const LINE: u64 = 64;
        const PHYSICAL: u64 = 1 << 36;
        let seen = |says: fn(&Evidence) -> bool| row.evidence.as_ref().is_some_and(says);
        match self {
            Warning::SinglePage => seen(|it| it.touched_pages == 1),
            Warning::ShortTrace => seen(|it| it.tlb_pages < 2 * it.last_level_entries),
            Warning::NoEviction => seen(|it| it.last_level_entries > 0 && !it.evicted),
            Warning::CacheFiltered => !row.invented && seen(|it| it.address_bits.is_multiple_of(LINE)),
            Warning::PhysicalAddresses => !row.invented && seen(|it| it.address_bits < PHYSICAL),
            Warning::InferredRanges => seen(|it| it.inferred_ranges),
            Warning::Sampled => row.sampled,
            Warning::AssumedPrices => row.assumed_share > Some(0.5),
        }
    }
}
