//! Laws that every run keeps, on random traces and configurations.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::twin::{Backing, Config, Geometry, GuestPages, OnSwitch, PageSize, Pressure, Technique, generate, run};

fn sum(counts: &BTreeMap<&'static str, u64>, columns: &[&str]) -> u64 {
    columns.iter().map(|column| counts[column]).sum()
}

fn check_sums(rows: &[Row], config: &Config, counts: &BTreeMap<&'static str, u64>) {
    let runs = (config.vms * config.copies) as u64;
    let accesses = rows.iter().filter(|row| row.op.is_access()).count() as u64;
    assert_eq!(counts["accesses"], accesses * runs);
    assert_eq!(sum(counts, &["loads", "stores", "fetches"]), accesses * runs);
    assert_eq!(sum(counts, &["l1_hits", "l2_hits", "walks"]), counts["accesses"]);
    let by_table = sum(counts, &["guest_refs", "shadow_refs", "host_refs"]);
    assert_eq!(by_table, sum(counts, &["refs_l1", "refs_l2", "refs_llc", "refs_dram"]));
    assert!(by_table >= counts["walks"]);
    if config.caches.is_none() {
        assert_eq!(by_table, counts["refs_dram"]);
    }
    let flushes = sum(counts, &["invalidations", "full_flushes"]);
    let (rounds, interrupted) = (counts["shootdown_rounds"], counts["shootdowns"]);
    assert!(rounds <= flushes && (rounds..=rounds * (config.cpus as u64 - 1)).contains(&interrupted));
    let ipi_exits = if config.posted_interrupts { interrupted } else { 2 * interrupted };
    let faults = sum(counts, &["guest_faults", "cow_faults"]);
    match config.technique {
        Technique::Native => assert_eq!(sum(counts, &["vm_exits", "hypercalls", "host_faults"]), 0),
        Technique::Shadow => {
            assert_eq!(counts["exit_pt_write"], counts["pte_writes"]);
            assert_eq!(counts["exit_page_fault"], faults);
            assert!(
                counts["exit_invlpg"] >= flushes + interrupted && counts["exit_invlpg"] <= flushes * config.cpus as u64
            );
            assert_eq!(counts["exit_ipi"], ipi_exits);
            assert_eq!(counts["exit_dirty"], counts["first_writes"]);
            assert_eq!(counts["exit_cr3"], counts["switches"]);
            assert_eq!(sum(counts, &["hypercalls", "host_faults", "guest_refs", "exit_ept_violation"]), 0);
            assert_eq!(counts["shadow_tables"], counts["guest_tables"]);
        }
        Technique::Ept => {
            assert_eq!(counts["vm_exits"], counts["host_faults"] + ipi_exits);
            assert_eq!(counts["exit_ept_violation"], counts["host_faults"]);
            assert_eq!(counts["host_tables"], config.vms as u64);
            assert_eq!(sum(counts, &["hypercalls", "shadow_refs"]), 0);
        }
        Technique::Pv => {
            assert_eq!(counts["mmu_updates"], counts["pte_writes"]);
            assert_eq!(counts["pv_bounces"], faults);
            assert_eq!(counts["hypercall_iret"], faults);
            assert_eq!(counts["hypercall_invlpg"], flushes);
            assert_eq!(counts["hypercall_cr3"], counts["switches"]);
            assert_eq!(sum(counts, &["vm_exits", "host_faults", "shadow_refs"]), 0);
        }
    }
}

/// What guest memory alone decides.
const GUEST: [&str; 12] = [
    "guest_faults",
    "cow_faults",
    "first_writes",
    "pte_writes",
    "invalidations",
    "full_flushes",
    "switches",
    "vm_switches",
    "peak_guest_nodes",
    "guest_tables",
    "peak_mapped_bytes",
    "touched_bytes",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn traces_are_sound(rows in generate::trace()) {
        let mut live = BTreeSet::new();
        prop_assert!(!rows.is_empty());
        for row in rows {
            let canonical = |address: u64| ((address << 16) as i64 >> 16) as u64 == address;
            prop_assert!(row.op != Op::Exit || live.contains(&row.process));
            live.insert(row.process);
            match row.op {
                Op::Load | Op::Store | Op::Fetch => {
                    prop_assert!(row.length > 0 && row.address % 4096 + row.length <= 4096);
                    prop_assert!(canonical(row.address));
                }
                Op::Map | Op::Unmap | Op::Protect => {
                    let last = row.address.checked_add(row.length).unwrap() - 1;
                    prop_assert!(row.length > 0 && row.address % 4096 == 0 && row.length % 4096 == 0);
                    prop_assert!(canonical(row.address) && canonical(last) && row.address >> 63 == last >> 63);
                }
                Op::Fork => {
                    prop_assert_eq!(row.address, 0);
                    prop_assert!(live.insert(row.length as u32), "fork to a live process");
                }
                Op::Exit => {
                    prop_assert_eq!((row.address, row.length), (0, 0));
                    live.remove(&row.process);
                }
            }
        }
    }

    #[test]
    fn sums_agree(rows in generate::trace(), config in generate::config()) {
        check_sums(&rows, &config, &run(&rows, &config));
    }

    /// "Guest memory (the same for every technique and every TLB)."
    #[test]
    fn guest_memory_is_the_same_for_all(rows in generate::trace(), config in generate::config()) {
        let native = run(&rows, &Config { technique: Technique::Native, ..config.clone() });
        let other = run(&rows, &Config { tags: true, psc: [Geometry::NONE; 4], ..config });
        for column in GUEST {
            prop_assert_eq!(native[column], other[column], "{}", column);
        }
    }

    /// Data in the caches, and the caches, change only where references are found.
    #[test]
    fn caches_change_only_places(rows in generate::trace(), config in generate::config()) {
        let mut a = run(&rows, &Config { data_pressure: Pressure::None, ..config.clone() });
        let mut b = run(&rows, &Config { caches: None, ..config });
        for column in ["refs_l1", "refs_l2", "refs_llc", "refs_dram"] {
            a.remove(column);
            b.remove(column);
        }
        prop_assert_eq!(a, b);
    }

    /// Preallocated backing differs in host faults alone.
    #[test]
    fn prealloc_counts_no_fault(rows in generate::trace(), config in generate::config()) {
        let config = Config { technique: Technique::Ept, ..config };
        let mut lazy = run(&rows, &Config { host_backing: Backing::Lazy, ..config.clone() });
        let prealloc = run(&rows, &Config { host_backing: Backing::Prealloc, ..config });
        for column in ["host_faults", "exit_ept_violation", "vm_exits"] {
            lazy.insert(column, prealloc[column]);
        }
        prop_assert_eq!((prealloc["host_faults"], prealloc["vm_exits"]), (0, prealloc["exit_ipi"]));
        prop_assert_eq!(lazy, prealloc);
    }

    /// Without map rows there are no 2M leaves: thp is 4K.
    #[test]
    fn thp_without_maps_is_4k(rows in generate::trace(), config in generate::config()) {
        let rows: Vec<Row> = rows.into_iter().filter(|row| row.op != Op::Map).collect();
        let thp = run(&rows, &Config { guest_pages: GuestPages::Thp, ..config.clone() });
        let small = run(&rows, &Config { guest_pages: GuestPages::One(PageSize::K4), ..config });
        prop_assert_eq!(thp, small);
    }

    /// Copies that run to their end one after the other add up.
    #[test]
    fn vms_without_quantum_add_up(rows in generate::trace(), config in generate::plain_config()) {
        let turns = Config { vms: 1, copies: 1, quantum: None, ..config };
        let config = Config { shadow_on_switch: OnSwitch::Keep, host_pages: PageSize::M2, tags: false, ..turns };
        let one = run(&rows, &config);
        let three = run(&rows, &Config { vms: 3, ..config });
        let threads: BTreeSet<_> = rows.iter().map(|row| (row.process, row.thread)).collect();
        prop_assert_eq!(three["vm_switches"], 2 * threads.len().min(config.cpus) as u64);
        for column in ["accesses", "guest_refs", "shadow_refs", "guest_faults", "pte_writes", "host_faults", "vm_exits",
            "hypercalls", "switches", "end_guest_nodes", "end_host_nodes", "end_shadow_nodes", "walks", "touched_bytes"] {
            // The nested TLB and host caches are shared, so host_refs is left out; they are not flushed.
            prop_assert_eq!(three[column], 3 * one[column], "{}", column);
        }
    }
}

/// The generators reach what they are meant to reach.
#[test]
fn the_generators_reach_everything() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<&'static str, u64> = BTreeMap::new();
    for _ in 0..300 {
        let rows = generate::trace().new_tree(&mut runner).unwrap().current();
        let config = generate::config().new_tree(&mut runner).unwrap().current();
        for (column, n) in run(&rows, &config) {
            *seen.entry(column).or_default() += u64::from(n > 0);
        }
    }
    for (column, runs) in &seen {
        assert!(*runs >= 8, "{column} is above 0 in {runs} runs of 300 only: {seen:?}");
    }
}
