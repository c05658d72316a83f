//! The numbers that docs/model.md states itself.

use super::*;
use crate::twin::PageSize::{G1, K4, M2};
use crate::twin::Technique::{Ept, Native, Pv, Shadow};
use crate::twin::{Config, Geometry, GuestPages, PageSize, Technique};

/// References of one walk with no caches at all.
fn walk(technique: Technique, guest: PageSize, host: PageSize, levels: u32) -> u64 {
    let config = Config { guest_levels: levels, host_levels: levels, ..Config::bare(technique, guest, host) };
    let counts = expect(&[load(1, 0x1234), load(1, 0x1235)], &config, &[("walks", 2)]);
    let refs = counts["guest_refs"] + counts["shadow_refs"] + counts["host_refs"];
    assert_eq!(refs, counts["refs_dram"]);
    refs / 2
}

#[test]
fn two_dimensional_walks() {
    for (guest, host, refs) in
        [(K4, K4, 24), (K4, M2, 19), (M2, K4, 19), (M2, M2, 15), (G1, G1, 8), (K4, G1, 14), (G1, K4, 14)]
    {
        assert_eq!(walk(Ept, guest, host, 4), refs, "{guest:?} on {host:?}");
    }
    assert_eq!(walk(Ept, K4, K4, 5), 35);
    // (g+1)(h+1) − 1 for all.
    for (guest, host, levels) in
        PageSize::ALL.iter().flat_map(|g| PageSize::ALL.iter().flat_map(move |h| [(*g, *h, 4), (*g, *h, 5)]))
    {
        let depth = |size: PageSize| u64::from(levels - size.leaf_level() + 1);
        assert_eq!(walk(Ept, guest, host, levels), (depth(guest) + 1) * (depth(host) + 1) - 1);
    }
}

#[test]
fn one_dimensional_walks() {
    for technique in [Native, Pv] {
        for (size, refs) in [(K4, 4), (M2, 3), (G1, 2)] {
            assert_eq!(walk(technique, size, K4, 4), refs);
            assert_eq!(walk(technique, size, K4, 5), refs + 1);
        }
    }
    // Shadow: leaf level of the effective page, min(G, H).
    for (guest, host, refs) in [(K4, G1, 4), (G1, K4, 4), (M2, G1, 3), (G1, M2, 3), (G1, G1, 2)] {
        assert_eq!(walk(Shadow, guest, host, 4), refs);
    }
}

#[test]
fn hierarchies() {
    let rows: Vec<Row> = (1..=10).map(|process| load(process, 0)).collect();
    let of = |technique| Config { vms: 4, ..bare(technique) };
    expect(&rows, &of(Shadow), &[("guest_tables", 40), ("shadow_tables", 40), ("host_tables", 0)]);
    expect(&rows, &of(Ept), &[("guest_tables", 40), ("shadow_tables", 0), ("host_tables", 4)]);
    expect(&rows, &of(Native), &[("guest_tables", 40), ("shadow_tables", 0), ("host_tables", 0)]);
    expect(&rows, &of(Pv), &[("guest_tables", 40), ("shadow_tables", 0), ("host_tables", 0)]);
    expect(&rows, &of(Shadow), &[("end_guest_nodes", 160), ("end_shadow_nodes", 160), ("peak_total_nodes", 320)]);
    // Per VM: 40 nodes at gPA 0 and up, in one host L1 node; 10 data pages at 2^40 and up, in another. 1 root, and below
    // it two L3, two L2 and two L1 nodes.
    expect(&rows, &of(Ept), &[("end_host_nodes", 28), ("host_faults", 4 * (40 + 10)), ("exit_ept_violation", 200)]);
}

#[test]
fn psc_and_nested_tlb_shorten_walks() {
    let rows = [load(1, 0x0000), load(1, 0x1000), load(1, 0x20_0000), load(1, 0x4000_0000)];
    let one = Geometry::full(4);
    let psc = [one, one, one, Geometry::NONE];
    // 4, then an L2 entry gives the L1 node: 1, then an L3 entry: 2, then an L4 entry: 3.
    let config = Config { psc, ..bare(Native) };
    expect(&rows, &config, &[("guest_refs", 10), ("psc_hits", 3), ("host_psc_hits", 0)]);
    // No cache of level 2 entries: 4, 2, 2, 3.
    let config = Config { psc: [Geometry::NONE, one, one, one], ..bare(Native) };
    expect(&rows, &config, &[("guest_refs", 11), ("psc_hits", 3)]);
    // 5 levels: 5, 1, 2, 3.
    let config = Config { psc, guest_levels: 5, ..bare(Native) };
    expect(&rows, &config, &[("guest_refs", 11), ("psc_hits", 3)]);

    // Nested: guest references as in one dimension. gPAs translated: 4 nodes and the data page, then the data page, then
    // a new L1 node and the data page, then a new L2 and L1 node and the data page: 11, all on distinct host pages.
    let config = Config { psc, nested_tlb: Some(Geometry::full(64)), ..bare(Ept) };
    let wanted = [("guest_refs", 10), ("psc_hits", 3), ("nested_tlb_hits", 0), ("nested_tlb_misses", 11)];
    expect(&rows, &config, &wanted);
    expect(&rows, &config, &[("host_refs", 44)]);
    // On 2M host pages: all nodes on one, all data pages on another: 2 misses.
    let config = Config { host_pages: M2, ..config };
    expect(&rows, &config, &[("nested_tlb_hits", 9), ("nested_tlb_misses", 2), ("host_refs", 6)]);
    // Host PSCs in place of the nested TLB: the first translation reads L4, L3, L2 and L1. The next three are for nodes
    // in the same 2 MiB: 1 each. The data page: the root's entry 2 is new, 4. After that each is 1.
    let config = Config { nested_tlb: None, host_pages: K4, host_psc: psc, ..config };
    let wanted = [("host_refs", 4 + 3 + 4 + 6), ("host_psc_hits", 9), ("nested_tlb_hits", 0), ("nested_tlb_misses", 0)];
    expect(&rows, &config, &wanted);
}

#[test]
fn psc_capacity_is_per_level() {
    // One level-2 entry: the two 2M regions drive each other out; level 3 still hits.
    let one = Geometry::full(1);
    let rows = [load(1, 0x0000), load(1, 0x20_0000), load(1, 0x0000), load(1, 0x20_0000)];
    let config = Config { psc: [one, one, one, one], ..bare(Native) };
    expect(&rows, &config, &[("guest_refs", 4 + 2 + 2 + 2), ("psc_hits", 3)]);
    // A 2M guest never looks at the level-2 PSC.
    let config = Config { guest_pages: GuestPages::One(M2), ..config };
    expect(&rows, &config, &[("guest_refs", 3 + 1 + 1 + 1), ("psc_hits", 3)]);
}
