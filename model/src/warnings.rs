//! What the numbers cannot say: reasons to trust a row less.

use crate::counts::columns;

columns! {
    /// A reason to read a row with care.
    Warning {
        SinglePage "single-page" "The trace touches a single 4 KiB page: nothing can miss.",
        ShortTrace "short-trace" "The trace touches fewer than twice as many pages as the last TLB level has entries: mostly first touches are counted, not a warm TLB.",
        NoEviction "no-eviction" "No TLB array ever replaced an entry: sizes, ways and replacement make no difference here.",
        CacheFiltered "cache-filtered" "Every address is a multiple of 64: these look like cache lines filtered by a cache, without the accesses that hit in it.",
        PhysicalAddresses "physical-addresses" "No address lies above 64 GiB, as a 64-bit program's stack does: these look like physical addresses, or a 32-bit program's.",
        InferredRanges "inferred-ranges" "The trace has no map rows: what may take huge pages was inferred from its accesses.",
        Sampled "sampled" "What TLBs and walks count is estimated from windows of the trace; the columns that end in _ci95 say how far off it may be.",
        AssumedPrices "assumed-prices" "Prices that are assumed, not measured or published, make up more than half of the overhead.",
    }
}
