//! Small scenarios worked out by hand.

use super::*;
use crate::twin::PageSize::{K4, M2};
use crate::twin::Technique::{Ept, Native, Pv, Shadow};
use crate::twin::memory::GuestMemory;
use crate::twin::ranges::Ranges;
use crate::twin::{Config, Fill, Geometry, GuestPages, OnSwitch, Pressure};

const MIB: u64 = 1 << 20;

#[test]
fn fork_then_writes_by_child_and_parent() {
    let rows = [store(1, 0), fork(1, 2), store(2, 0), store(1, 0), store(1, 0)];
    // Fault: 3 nodes, 1 leaf. Fork: 3 nodes, 1 leaf, 1 leaf of the parent. Two copy-on-write faults of 1.
    let wanted = [
        ("guest_faults", 1),
        ("cow_faults", 2),
        ("first_writes", 0),
        ("pte_writes", 4 + 5 + 2),
        ("invalidations", 2),
        ("full_flushes", 1),
        ("switches", 2),
        ("end_guest_nodes", 8),
        ("peak_mapped_bytes", 8192),
        ("touched_bytes", 8192),
    ];
    for technique in [Native, Shadow, Ept, Pv] {
        expect(&rows, &bare(technique), &wanted);
    }
    // Frames: 8 nodes, the first data page, the child's copy. The parent keeps its frame.
    expect(&rows, &bare(Ept), &[("host_faults", 10)]);
    // The parent writes first: it gets the new frame, the child keeps the old.
    expect(&[store(1, 0), fork(1, 2), store(1, 0), store(2, 0)], &bare(Ept), &[("host_faults", 10), ("cow_faults", 2)]);
    // The child has gone: no copy.
    expect(&[store(1, 0), fork(1, 2), exit(2), store(1, 0)], &bare(Ept), &[("host_faults", 9), ("cow_faults", 1)]);
    // A clean page that is copy-on-write takes a copy-on-write fault, not a first write; reading it takes none.
    let rows = [load(1, 0), fork(1, 2), exit(1), load(2, 0), store(2, 0), store(2, 0)];
    expect(&rows, &bare(Native), &[("cow_faults", 1), ("first_writes", 0)]);
    // pv: per row ceil(w / 2048): fault, fork and two copy-on-write faults; 8 nodes; 3 faults; 3 flushes.
    let rows = [store(1, 0), fork(1, 2), store(2, 0), store(1, 0)];
    let wanted = [
        ("hypercall_mmu_update", 4),
        ("hypercall_pin", 8),
        ("hypercall_iret", 3),
        ("hypercall_invlpg", 3),
        ("hypercall_cr3", 2),
        ("hypercalls", 20),
        ("mmu_updates", 11),
    ];
    expect(&rows, &bare(Pv), &wanted);
    expect(&rows, &Config { pv_batch: 2, ..bare(Pv) }, &[("hypercall_mmu_update", 2 + 3 + 1 + 1)]);
}

#[test]
fn first_write_is_counted_once() {
    let rows = [load(1, 0), store(1, 0), store(1, 0), store(1, 4096)];
    expect(&rows, &bare(Shadow), &[("first_writes", 1), ("exit_dirty", 1), ("guest_faults", 2), ("pte_writes", 5)]);
}

#[test]
fn frames_are_taken_from_the_stack_first() {
    let mut memory = GuestMemory::new(K4);
    assert_eq!([memory.allocate_node(), memory.allocate_node()], [0, 4096]);
    memory.free_node(0);
    memory.free_node(4096);
    assert_eq!([memory.allocate_node(), memory.allocate_node(), memory.allocate_node()], [4096, 0, 8192]);

    // Mixed sizes share the arena; 2M pages are aligned; a split frame comes back in pieces.
    const BASE: u64 = 1 << 40;
    assert_eq!(memory.allocate_data(K4), BASE);
    assert_eq!(memory.allocate_data(M2), BASE + 2 * MIB);
    assert_eq!(memory.allocate_data(K4), BASE + 4 * MIB);
    memory.add_sharer(BASE + 2 * MIB, M2);
    memory.remove_sharer(BASE + 2 * MIB + 4096, K4); // one of two sharers of that page
    assert_eq!(memory.allocate_data(K4), BASE + 4 * MIB + 4096);
    memory.remove_sharer(BASE + 2 * MIB, M2); // the other: this page is free, the rest has a sharer left
    assert_eq!(memory.allocate_data(K4), BASE + 2 * MIB + 4096);

    // What was freed is used again: the host backs no new page.
    expect(&[store(1, 0), unmap(1, 0, 4096), store(1, 4096)], &bare(Ept), &[("host_faults", 5), ("guest_faults", 2)]);
}

#[test]
fn unmap_frees_nodes_upward() {
    let rows = [store(1, 0), store(1, 4096), store(1, 2 * MIB), unmap(1, 0, 8192)];
    // 4, 1, and a node and its leaf; then two leaves and the entry of the node.
    let wanted = [
        ("pte_writes", 4 + 1 + 2 + 3),
        ("invalidations", 2),
        ("full_flushes", 0),
        ("peak_guest_nodes", 5),
        ("end_guest_nodes", 4),
        ("peak_mapped_bytes", 3 * 4096),
    ];
    expect(&rows, &bare(Native), &wanted);
    // All of it: three leaves and four nodes; the root stays.
    let rows = [store(1, 0), store(1, 4096), store(1, 2 * MIB), unmap(1, 0, 1 << 47)];
    expect(&rows, &bare(Native), &[("pte_writes", 7 + 3 + 4), ("end_guest_nodes", 1), ("guest_tables", 1)]);
    // A leaf that is covered in part stays.
    let config = Config::bare(Native, M2, K4);
    let rows = [store(1, 0), unmap(1, 0, 2 * MIB - 4096), protect(1, 4096, 2 * MIB), store(1, 0)];
    expect(&rows, &config, &[("pte_writes", 3), ("invalidations", 0), ("guest_faults", 1)]);
    // Nothing mapped: nothing happens.
    expect(&[unmap(1, 0, 4096)], &bare(Shadow), &[("pte_writes", 0), ("invalidations", 0), ("vm_exits", 0)]);
}

#[test]
fn exit_frees_everything() {
    let rows = [store(1, 0), store(1, 4096), exit(1)];
    let wanted = [
        ("pte_writes", 4 + 1 + 2 + 3),
        ("invalidations", 0),
        ("full_flushes", 1),
        ("exit_invlpg", 1),
        ("end_guest_nodes", 0),
        ("end_shadow_nodes", 0),
        ("guest_tables", 0),
        ("shadow_tables", 0),
        ("peak_total_nodes", 8),
    ];
    expect(&rows, &bare(Shadow), &wanted);
    // The id again: a new process, and no switch. Its page counts as touched before, by the same id.
    let rows = [store(1, 0), exit(1), store(1, 0)];
    let wanted =
        [("guest_faults", 2), ("switches", 0), ("guest_tables", 1), ("touched_bytes", 4096), ("hypercall_pin", 8)];
    expect(&rows, &bare(Pv), &wanted);
    expect(&rows, &bare(Ept), &[("host_faults", 5), ("host_tables", 1)]);
    // To fork to an exited id, and to switch to it.
    let rows = [load(1, 0), load(2, 0), exit(2), fork(1, 2), load(2, 0)];
    expect(&rows, &bare(Native), &[("switches", 3), ("guest_faults", 2), ("guest_tables", 2), ("full_flushes", 2)]);
}

#[test]
fn more_than_33_leaves_are_one_full_flush() {
    for (leaves, invalidations, full) in [(33, 33, 0), (34, 0, 1)] {
        let mut rows: Vec<Row> = (0..40).map(|page| load(1, page * 4096)).collect();
        rows.push(protect(1, 0, leaves * 4096));
        rows.push(load(1, 39 * 4096));
        let config = Config { l1d: [Some(Geometry::full(64)), None, None], ..bare(Shadow) };
        let wanted = [
            ("invalidations", invalidations),
            ("full_flushes", full),
            ("exit_invlpg", invalidations + full),
            // The page outside the range is still in the TLB, or not.
            ("walks", 40 + full),
            ("l1_hits", 1 - full),
        ];
        expect(&rows, &config, &wanted);
    }
}

#[test]
fn invalidation_empties_the_psc_of_the_process() {
    let psc = [Geometry::full(4); 4];
    let rows = [load(1, 0), load(2, 0), load(1, 4096), protect(1, 0, 4096), load(1, 4096), load(2, 4096)];
    expect(&rows, &Config { psc, ..bare(Native) }, &[("psc_hits", 2), ("guest_refs", 4 + 4 + 1 + 4 + 1)]);
    // Without tags each of the three switches empties it; after the protect there is none either.
    expect(&rows, &Config { psc, tags: false, ..bare(Native) }, &[("psc_hits", 0), ("guest_refs", 20)]);
}

#[test]
fn shadow_fill_eager_and_lazy() {
    let config = Config::bare(Shadow, M2, K4);
    let lazy = Config { shadow_fill: Fill::Lazy, ..config.clone() };
    // The fault fills the effective page accessed; the next page of the same leaf is hidden.
    let rows = [load(1, 0), load(1, 4096), load(1, 4096)];
    let wanted = [("exit_page_fault", 1), ("exit_pt_write", 3), ("shadow_refs", 12), ("end_shadow_nodes", 4)];
    expect(&rows, &config, &wanted);
    expect(&rows, &config, &[("exit_hidden_fault", 1), ("vm_exits", 5)]);
    expect(&rows, &lazy, &wanted);
    expect(&rows, &lazy, &[("exit_hidden_fault", 2), ("vm_exits", 6)]);
    // Protect drops every effective page of the leaf.
    let rows = [load(1, 0), load(1, 4096), protect(1, 0, 2 * MIB), load(1, 4096)];
    expect(&rows, &config, &[("exit_hidden_fault", 2), ("exit_invlpg", 1), ("exit_pt_write", 4)]);
    let rows = [load(1, 0), load(1, 4096), protect(1, 0, 2 * MIB)];
    expect(&rows, &config, &[("end_shadow_nodes", 1), ("peak_shadow_nodes", 4)]);
    // Fork drops the parent's leaves that become copy-on-write, once; copy-on-write drops all and fills one.
    let rows = [store(1, 0), store(1, 4096), fork(1, 2), load(1, 0), load(1, 4096), fork(1, 3), load(1, 0)];
    expect(&rows, &config, &[("exit_hidden_fault", 1 + 2)]);
    let more = [&rows[..], &[store(1, 0), load(1, 0), load(1, 4096)]].concat();
    expect(&more, &config, &[("exit_hidden_fault", 1 + 2 + 1), ("cow_faults", 1)]);
    expect(&more, &lazy, &[("exit_hidden_fault", 2 + 2 + 2)]);
    // The child's table is empty.
    expect(&[store(1, 0), fork(1, 2), load(2, 0)], &config, &[("exit_hidden_fault", 1), ("end_shadow_nodes", 1 + 4)]);
}

#[test]
fn shadow_dropped_on_switch() {
    let rows = [load(1, 0), load(2, 0), load(1, 0)];
    let tlb = [Some(Geometry::full(4)), None, None];
    let keep = Config { l1d: tlb, ..bare(Shadow) };
    let drop = Config { shadow_on_switch: OnSwitch::Drop, ..keep.clone() };
    expect(&rows, &keep, &[("exit_hidden_fault", 0), ("exit_cr3", 2), ("walks", 2), ("end_shadow_nodes", 8)]);
    let wanted =
        [("exit_hidden_fault", 1), ("exit_cr3", 2), ("walks", 3), ("end_shadow_nodes", 5), ("guest_faults", 2)];
    expect(&rows, &drop, &wanted);
    // A switch between VMs drops nothing.
    let two = Config { vms: 2, quantum: Some(1), ..drop };
    let wanted = [("exit_hidden_fault", 0), ("vm_switches", 3), ("switches", 0), ("exit_cr3", 0), ("l1_hits", 2)];
    expect(&[load(1, 0), load(1, 0)], &two, &wanted);
}

#[test]
fn transparent_huge_pages() {
    let thp = |technique, host| Config { guest_pages: GuestPages::Thp, ..Config::bare(technique, K4, host) };
    let rows = [
        map(1, 0, 3 * MIB),
        map(1, 3 * MIB, MIB), // adjacent: merged
        load(1, 4096),        // a 2M leaf: two nodes and itself
        store(1, 2 * MIB),    // another: itself
        unmap(1, 4096, 8192), // split, then two leaves
        load(1, 8192),        // a 4K leaf, for the region is no longer mapped whole
    ];
    let wanted = [
        ("guest_faults", 3),
        ("pte_writes", 3 + 1 + 513 + 2 + 1),
        ("invalidations", 1 + 2),
        ("end_guest_nodes", 4),
        ("peak_mapped_bytes", 4 * MIB),
        ("touched_bytes", 3 * 4096), // 4096, 2 MiB, 8192
        ("walks", 3),
    ];
    expect(&rows, &thp(Native, K4), &wanted);
    expect(&rows, &thp(Native, K4), &[("guest_refs", 3 + 3 + 4)]);
    let pv = Config { pv_batch: 512, ..thp(Pv, K4) };
    expect(&rows, &pv, &[("hypercall_mmu_update", 1 + 1 + 2 + 1), ("hypercall_pin", 4), ("hypercall_invlpg", 3)]);
    // On 2M: one host page of nodes, two of data; the new 4K page comes from those unmapped.
    expect(&rows, &thp(Ept, M2), &[("host_faults", 3), ("guest_refs", 10), ("host_refs", (4 + 4 + 5) * 3)]);
    // On 4K: 4 nodes and 1024 pages.
    expect(&rows, &thp(Ept, K4), &[("host_faults", 4 + 1024)]);
    // The shadow drops the split leaf; on 4K the effective pages are 4K throughout.
    let again = [&rows[..], &[load(1, 0)]].concat();
    expect(&again, &thp(Shadow, M2), &[("exit_hidden_fault", 1), ("shadow_refs", 3 + 3 + 4 + 4)]);
    expect(&again, &thp(Shadow, K4), &[("exit_hidden_fault", 1), ("shadow_refs", 16)]);

    // Not mapped whole at the first fault: 4K, and 4K ever after while a 4K leaf is there.
    let rows = [map(1, 0, 2 * MIB - 4096), load(1, 0), map(1, 2 * MIB - 4096, 4096), load(1, 4096)];
    expect(&rows, &thp(Native, K4), &[("peak_mapped_bytes", 8192)]);
    // When it has lost its last leaf it starts afresh.
    let again = [&rows[..], &[unmap(1, 0, 8192), map(1, 0, 8192), load(1, 0)]].concat();
    expect(&again, &thp(Native, K4), &[("peak_mapped_bytes", 2 * MIB)]);

    // Protecting part splits too; the pieces inherit dirty and copy-on-write.
    let rows = [map(1, 0, 2 * MIB), store(1, 0), fork(1, 2), protect(2, 0, 4096), store(2, 0), store(2, 4096)];
    // 3; fork 2 nodes, 1 leaf, 1 of the parent; split 513, protect 1; two copy-on-write faults.
    let wanted = [("pte_writes", 3 + 4 + 514 + 2), ("cow_faults", 2), ("invalidations", 1 + 1 + 2)];
    expect(&rows, &thp(Native, K4), &wanted);
    // The parent still shares 510 pages with the child, so its write copies 2M.
    let more = [&rows[..], &[store(1, 0)]].concat();
    expect(&more, &thp(Ept, K4), &[("host_faults", 7 + 512 + 2 + 512)]);
}

#[test]
fn many_vms_take_turns() {
    let rows = [load(1, 0), load(1, 0)];
    let tlb = [Some(Geometry::full(8)), None, None];
    let config = Config { vms: 2, copies: 2, quantum: Some(1), l1d: tlb, ..bare(Shadow) };
    // V0C0 V0C1 | V1C0 V1C1 | V0C0 V0C1 | V1C0 V1C1
    let wanted = [("switches", 4), ("vm_switches", 3), ("exit_cr3", 4), ("walks", 4), ("l1_hits", 4)];
    expect(&rows, &config, &wanted);
    expect(&rows, &Config { tags: false, ..config.clone() }, &[("walks", 8)]);
    // To the end each: V0C0 | V0C1, then V1C0 | V1C1.
    let wanted = [("switches", 2), ("vm_switches", 1), ("l1_hits", 4), ("touched_bytes", 4 * 4096)];
    expect(&rows, &Config { quantum: None, tags: false, ..config }, &wanted);
}

#[test]
fn where_references_are_found() {
    let rows = [load(1, 0), load(1, 0)];
    let caches = Some([Geometry::full(4), Geometry::full(2), Geometry::full(8)]);
    let config = Config { caches, ..bare(Native) };
    // Nodes 0 to 3, lines 0, 64, 128, 192. The data's line drives the root's out of l1, whose reading drives out the next.
    expect(&rows, &config, &[("refs_dram", 4), ("refs_llc", 4), ("refs_l1", 0), ("refs_l2", 0)]);
    let none = Config { data_pressure: Pressure::None, ..config.clone() };
    expect(&rows, &none, &[("refs_dram", 4), ("refs_l1", 4)]);
    // Eight entries share a line: page 7 does with page 0, page 8 does not.
    expect(&[load(1, 0), load(1, 7 * 4096)], &none, &[("refs_dram", 4), ("refs_l1", 4)]);
    expect(&[load(1, 0), load(1, 8 * 4096)], &none, &[("refs_dram", 5), ("refs_l1", 3)]);
    // Only `all` enters data that hits the TLB: four lines of data drive out all of l1.
    let lines = [load(1, 0), load(1, 64), load(1, 128), load(1, 192), load(1, 256), fetch(1, 0)];
    let tlb = [Some(Geometry::full(1)), None, None];
    let caches = Some([Geometry::full(4), Geometry::full(5), Geometry::full(64)]);
    let all = Config { l1d: tlb, caches, data_pressure: Pressure::All, ..bare(Native) };
    expect(&lines, &all, &[("walks", 2), ("refs_dram", 4), ("refs_llc", 4)]);
    let walked = Config { data_pressure: Pressure::Walked, ..all };
    expect(&lines, &walked, &[("walks", 2), ("refs_dram", 4), ("refs_l2", 4)]);
}

#[test]
fn nodes_are_numbered_in_order_of_creation() {
    let none = |technique| Config { data_pressure: Pressure::None, ..bare(technique) };
    // Shadow: guest root 0, shadow root 1, guest 2 3 4, shadow 5 6 7. Of 1 5 6 7 in six sets, 1 and 7 clash.
    let config =
        Config { caches: Some([Geometry::new(6 * 64, 1), Geometry::full(64), Geometry::full(64)]), ..none(Shadow) };
    expect(&[load(1, 0), load(1, 0)], &config, &[("refs_dram", 4), ("refs_l1", 2), ("refs_l2", 2)]);
    // Ept: host root 0, guest root 1, host 2 3 4, guest 5 6 7, host 8 9 10 for the data page. One walk reads 0 2 3 4 before
    // each of 1 5 6 7, then 0 8 9 10.
    let config = Config { caches: Some([Geometry::full(11), Geometry::full(11), Geometry::full(11)]), ..none(Ept) };
    expect(&[load(1, 0)], &config, &[("refs_dram", 11), ("refs_l1", 13)]);
    // In five sets with one way: 0 2 3 4 1 all fit, then 5 drives out 0, 0 drives out 5, 6 drives out 1, 7 drives out 2,
    // 0 is there, 8 drives out 3, 9 drives out 4, 10 drives out 0.
    // Misses: 0 2 3 4 1; 5; 0 (2 3 4 hit) 6; (0 2 3 4 hit) 7; (0 hits) 8 9 10.
    let config =
        Config { caches: Some([Geometry::new(5 * 64, 1), Geometry::full(64), Geometry::full(64)]), ..none(Ept) };
    expect(&[load(1, 0)], &config, &[("refs_l1", 12), ("refs_l2", 1), ("refs_dram", 11)]);
}

#[test]
fn tlb_arrays() {
    let one = |n| [Some(Geometry::full(n)), None, None];
    // Data and instructions apart in L1, together in L2.
    let config = Config { l1d: one(1), l1i: one(1), l2: vec![(vec![K4, M2], Geometry::full(4))], ..bare(Native) };
    let rows = [load(1, 0), fetch(1, 0), fetch(1, 0), store(1, 0)];
    expect(&rows, &config, &[("walks", 1), ("l2_hits", 1), ("l1_hits", 2)]);
    // Only the first L2 array that holds the size is looked up.
    let l2 = vec![(vec![M2], Geometry::full(4)), (vec![K4], Geometry::full(1)), (vec![K4, M2], Geometry::full(8))];
    let config = Config { l2, ..bare(Native) };
    expect(&[load(1, 0), load(1, 4096), load(1, 0)], &config, &[("walks", 3), ("l2_hits", 0)]);
    // An L1 hit leaves L2's order alone: page 0 is L2's oldest though just used.
    let config = Config { l1d: one(1), l2: vec![(vec![K4], Geometry::full(2))], ..bare(Native) };
    let rows = [load(1, 0), fetch(1, 4096), load(1, 0), fetch(1, 8192), load(1, 0), fetch(1, 0)];
    expect(&rows, &config, &[("walks", 4), ("l1_hits", 2), ("l2_hits", 0)]);
    // The set is that of the whole 52-bit page number: 0xf_fff8_0000_0000 mod 7 = 5 (of its 36 bits alone it were 4).
    let high = 0xffff_8000_0000_0000;
    let config = Config { l1d: [Some(Geometry::new(7, 1)), None, None], ..bare(Native) };
    expect(&[load(1, high), load(1, 5 * 4096), load(1, high)], &config, &[("walks", 3)]);
    expect(&[load(1, high), load(1, 4 * 4096), load(1, high)], &config, &[("walks", 2)]);
}

#[test]
fn the_top_page_of_all() {
    let rows = [store(1, u64::MAX), protect(1, !4095, 4096), unmap(1, !4095, 4096), load(1, u64::MAX)];
    expect(&rows, &bare(Shadow), &[("guest_faults", 2), ("invalidations", 2), ("end_guest_nodes", 4)]);
}

#[test]
fn map_minus_unmap() {
    let mut ranges = Ranges::default();
    ranges.add(10, 20);
    ranges.add(20, 30);
    assert!(ranges.hold(10, 30));
    ranges.remove(15, 16);
    assert!(!ranges.hold(10, 30) && ranges.hold(10, 15) && ranges.hold(16, 30));
    ranges.add(12, 18);
    assert!(ranges.hold(10, 30) && !ranges.hold(9, 30) && !ranges.hold(10, 31));
}
