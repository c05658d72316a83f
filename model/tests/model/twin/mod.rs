//! The twin: docs/model.md carried out word by word, one row at a time, one cell at a time. It shares no code with the
//! crate but the trace's `Row` and `Op`, is slow on purpose, and fast code is held to it to the last digit.
//!
//! What stands in double quotes in a comment is from that page; a test holds it there.

mod array;
pub mod config;
pub mod generate;
mod guest;
mod machine;
pub mod memory;
mod processor;
pub mod ranges;
mod section13;
mod section4;
mod shadow;
mod table;
mod tests;
mod traces;
mod translate;

use std::collections::BTreeMap;

use vmmu_model::program::Row;

pub use config::{Backing, Config, Fill, Geometry, GuestPages, OnSwitch, PageSize, Policy, Pressure, Sync, Technique};

/// Every column of counts and memory of docs/columns.md, in its order.
pub const COLUMNS: [&str; 64] = [
    "accesses",
    "loads",
    "stores",
    "fetches",
    "l1_hits",
    "l2_hits",
    "walks",
    "guest_refs",
    "shadow_refs",
    "host_refs",
    "refs_l1",
    "refs_l2",
    "refs_llc",
    "refs_dram",
    "psc_hits",
    "host_psc_hits",
    "nested_tlb_hits",
    "nested_tlb_misses",
    "guest_faults",
    "cow_faults",
    "first_writes",
    "pte_writes",
    "invalidations",
    "full_flushes",
    "switches",
    "vm_switches",
    "host_faults",
    "exit_page_fault",
    "exit_pt_write",
    "exit_hidden_fault",
    "exit_dirty",
    "exit_cr3",
    "exit_invlpg",
    "exit_ept_violation",
    "vm_exits",
    "mmu_updates",
    "pv_bounces",
    "hypercall_mmu_update",
    "hypercall_iret",
    "hypercall_pin",
    "hypercall_cr3",
    "hypercall_invlpg",
    "hypercalls",
    "peak_guest_nodes",
    "peak_shadow_nodes",
    "peak_host_nodes",
    "peak_total_nodes",
    "end_guest_nodes",
    "end_shadow_nodes",
    "end_host_nodes",
    "guest_tables",
    "shadow_tables",
    "host_tables",
    "peak_mapped_bytes",
    "touched_bytes",
    "cleared_bytes",
    "copied_bytes",
    "forks",
    "process_exits",
    "unsyncs",
    "resyncs",
    "shootdown_rounds",
    "shootdowns",
    "exit_ipi",
];

/// References by the column that counts them, for host tables by the level of the guest node whose gPA is translated (none: the
/// data's), and by the level of the entry.
pub type References = BTreeMap<(&'static str, Option<u32>, u32), u64>;

/// What a cell comes to.
pub struct Outcome {
    /// Every count column.
    pub counts: BTreeMap<&'static str, u64>,
    /// Every reference by its place.
    pub references: References,
    /// The counts of the steady state.
    pub steady: BTreeMap<&'static str, u64>,
}

/// Simulates one cell: the trace, run by every copy in every VM under one configuration.
pub fn run(rows: &[Row], config: &Config) -> Outcome {
    let mut machine = machine::Machine::new(config);
    let copies = config.vms * config.copies;
    let quantum = config.quantum.unwrap_or(rows.len()).max(1);
    let (mut done, mut accesses) = (vec![0; copies], vec![0_u64; copies]);
    let mut steady: BTreeMap<_, u64> = BTreeMap::new();
    // "Copies run round-robin, VM 0 copy 0, VM 0 copy 1, …, VM V-1 copy C-1, each for `quantum` rows (default: to its
    // end)."
    while done.iter().any(|&rows_done| rows_done < rows.len()) {
        for turn in 0..copies {
            let (vm, copy) = (turn / config.copies, turn % config.copies);
            let stop = (done[turn] + quantum).min(rows.len());
            for row in &rows[done[turn]..stop] {
                let before = machine.counts.clone();
                machine.row(vm, copy, row);
                // "An access is steady if its number within its copy of the trace, from 0, is at least that. A call belongs to the
                // access before it in its copy; those before the first access belong to the first."
                let number = if row.op.is_access() { accesses[turn] } else { accesses[turn].saturating_sub(1) };
                accesses[turn] += row.op.is_access() as u64;
                if number >= config.warm {
                    let grown = machine.counts.iter().map(|(column, now)| (*column, now - before[column]));
                    grown.for_each(|(column, grown)| *steady.entry(column).or_default() += grown);
                }
            }
            done[turn] = stop;
        }
    }
    for (sum, prefix) in [("vm_exits", "exit_"), ("hypercalls", "hypercall_")] {
        let parts = steady.iter().filter(|(column, _)| column.starts_with(prefix)).map(|(_, n)| n).sum();
        steady.insert(sum, parts);
    }
    let references = std::mem::take(&mut machine.references);
    Outcome { counts: machine.finish(), references, steady }
}
