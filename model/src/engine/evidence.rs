//! What a run shows of how far its counts can be trusted.

/// Facts of a trace and a machine, for whoever judges what the counts are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Distinct 4 KiB pages that one copy of the trace touches.
    pub touched_pages: u64,
    /// Pages that all copies touch, of the size that TLB entries cover.
    pub tlb_pages: u64,
    /// Entries of the last TLB level; 0 where there is none.
    pub last_level_entries: u64,
    /// Whether any TLB array replaced an entry.
    pub evicted: bool,
    /// The addresses of all accesses, or-ed.
    pub address_bits: u64,
    /// Whether mappings were inferred from the accesses.
    pub inferred_ranges: bool,
}
