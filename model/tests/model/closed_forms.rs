//! Does every published closed form hold?

use crate::cells::{by_place, cell, run, tallies, value};
use crate::twin::{Backing, Config, Geometry, PageSize, Technique};
use vmmu_model::program::{Op, Row};

fn load(address: u64) -> Row {
    Row { op: Op::Load, address, length: 8, process: 1, thread: 0 }
}

/// The references of the first walk on a machine without any cache.
fn references(technique: Technique, pages: (PageSize, PageSize), levels: u32) -> u64 {
    let mut config = Config::bare(technique, pages.0, pages.1);
    (config.guest_levels, config.host_levels) = (levels, levels);
    let outcome = &run(&[load(0x1234_5678)], &[cell(&config)], 1)[0];
    assert_eq!(value(outcome, "walks"), 1);
    ["guest_refs", "shadow_refs", "host_refs"].iter().map(|column| value(outcome, column)).sum()
}

use PageSize::{G1, K4, M2};

#[test]
fn a_two_dimensional_walk_makes_g_plus_1_times_h_plus_1_minus_1_references() {
    // Bhargava et al., ASPLOS 2008: 24 for 4K on 4K. Gandhi et al., Agile Paging, ISCA 2016: 35 for five levels on five.
    let published = [
        ((K4, K4), 4, 24),
        ((K4, M2), 4, 19),
        ((M2, K4), 4, 19),
        ((M2, M2), 4, 15),
        ((G1, G1), 4, 8),
        ((K4, K4), 5, 35),
    ];
    for (pages, levels, wanted) in published {
        assert_eq!(references(Technique::Ept, pages, levels), wanted, "{pages:?} with {levels} levels");
    }
    for guest in PageSize::ALL {
        for host in PageSize::ALL {
            let (g, h) = (5 - u64::from(guest.leaf_level()), 5 - u64::from(host.leaf_level()));
            assert_eq!(references(Technique::Ept, (guest, host), 4), (g + 1) * (h + 1) - 1);
        }
    }
}

/// The places that the first walk of a machine without any cache reads, each once.
fn places(technique: Technique, pages: (PageSize, PageSize), levels: u32) -> Vec<(&'static str, Option<u32>, u32)> {
    let mut config = Config::bare(technique, pages.0, pages.1);
    (config.guest_levels, config.host_levels) = (levels, levels);
    let tally = &tallies(&[load(0x1234_5678)], &[cell(&config)], 1, None)[0];
    assert!(tally.references.iter().flatten().all(|it| it.count == 1), "{:?}", tally.references);
    by_place(tally).into_keys().collect()
}

#[test]
fn each_place_of_a_walk_is_read_once() {
    for guest in PageSize::ALL {
        for (host, levels) in PageSize::ALL.into_iter().flat_map(|host| [(host, 4), (host, 5)]) {
            let (nodes, hosts) = (guest.leaf_level()..=levels, host.leaf_level()..=levels);
            let own = nodes.clone().map(|level| ("guest_refs", None, level));
            let stops = [None].into_iter().chain(nodes.map(Some));
            let hosts = stops.flat_map(|node| hosts.clone().map(move |level| ("host_refs", node, level)));
            let wanted: Vec<_> = own.clone().chain(hosts).collect();
            assert_eq!(places(Technique::Ept, (guest, host), levels), wanted);
            assert_eq!(places(Technique::Native, (guest, host), levels), own.collect::<Vec<_>>());
        }
    }
    let count = |pages, levels| places(Technique::Ept, pages, levels).len();
    assert_eq!([count((K4, K4), 4), count((K4, M2), 4), count((M2, M2), 4), count((K4, K4), 5)], [24, 19, 15, 35]);
    assert_eq!(places(Technique::Shadow, (M2, M2), 4), [2, 3, 4].map(|level| ("shadow_refs", None, level)));
}

#[test]
fn a_native_walk_makes_4_3_2_references() {
    for (pages, wanted) in [(K4, 4), (M2, 3), (G1, 2)] {
        for technique in [Technique::Native, Technique::Pv] {
            assert_eq!(references(technique, (pages, K4), 4), wanted);
        }
        assert_eq!(references(Technique::Shadow, (pages, pages), 4), wanted);
    }
}

#[test]
fn a_shadow_leaf_is_as_large_as_the_smaller_page() {
    for (pages, wanted) in [((K4, M2), 4), ((M2, K4), 4), ((G1, M2), 3)] {
        assert_eq!(references(Technique::Shadow, pages, 4), wanted);
    }
}

#[test]
fn preallocated_memory_never_exits() {
    let mut config = Config::bare(Technique::Ept, K4, K4);
    config.host_backing = Backing::Prealloc;
    let rows: Vec<_> = (0..1000).map(|i| load(i * 0x20_0000)).collect();
    let [lazy, prealloc] =
        [&run(&rows, &[cell(&Config::bare(Technique::Ept, K4, K4))], 64)[0], &run(&rows, &[cell(&config)], 64)[0]];
    assert!(value(lazy, "vm_exits") > 1000);
    assert_eq!(value(prealloc, "vm_exits"), 0);
    assert_eq!(value(prealloc, "end_host_nodes"), value(lazy, "end_host_nodes"));
}

#[test]
fn four_vms_of_ten_processes_have_80_tables_under_shadow_and_44_under_ept() {
    let tables = |technique| {
        let mut config = Config::bare(technique, K4, K4);
        (config.vms, config.copies) = (4, 10);
        let outcome = &run(&[load(0x1000), load(0x2000)], &[cell(&config)], 64)[0];
        assert_eq!((value(outcome, "vm_switches"), value(outcome, "switches")), (3, 36));
        ["guest_tables", "shadow_tables", "host_tables"].map(|column| value(outcome, column))
    };
    assert_eq!(tables(Technique::Shadow), [40, 40, 0]);
    assert_eq!(tables(Technique::Ept), [40, 0, 4]);
    assert_eq!(tables(Technique::Native), [40, 0, 0]);
}

#[test]
fn a_tlb_of_1536_entries_need_not_be_a_power_of_two() {
    let mut config = Config::bare(Technique::Native, K4, K4);
    config.l2 = vec![(vec![K4, M2], Geometry::new(1536, 12))];
    let pages = |n: u64| (0..2 * n).map(|i| load(i % n * 4096)).collect::<Vec<_>>();
    assert_eq!(value(&run(&pages(1536), &[cell(&config)], 999)[0], "l2_hits"), 1536);
    assert_eq!(value(&run(&pages(3072), &[cell(&config)], 999)[0], "l2_hits"), 0, "LRU keeps nothing of a longer loop");
}

#[test]
fn one_dimensional_walks_of_native_pv_and_shadow_are_equal_where_page_sizes_are() {
    let op = |i: u64| if i.is_multiple_of(3) { Op::Store } else { Op::Load };
    let rows: Vec<_> = (0..20_000).map(|i| Row { op: op(i), ..load(i * i % 9973 * 0x7000) }).collect();
    for pages in PageSize::ALL {
        let [native, pv, shadow] = [Technique::Native, Technique::Pv, Technique::Shadow].map(|technique| {
            let mut config = Config::bare(technique, pages, pages);
            config.l1d = [Some(Geometry::new(12, 4)); 3];
            config.psc = [Geometry::full(4); 4];
            let outcome = &run(&rows, &[cell(&config)], 1000)[0];
            let refs = value(outcome, "guest_refs") + value(outcome, "shadow_refs");
            (value(outcome, "walks"), value(outcome, "psc_hits"), refs)
        });
        assert!(native.0 > 0);
        assert_eq!((native, native), (pv, shadow), "{pages:?}");
    }
}
