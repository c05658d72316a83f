//! Which laws do counts and bills keep on every trace?

use crate::cells::{cell, run, tallies, value};
use crate::twin::{Backing, Config, Geometry, GuestPages, OnSwitch, PageSize, Technique, generate};
use proptest::prelude::*;
use vmmu_model::counts::{Counts, Event};
use vmmu_model::engine::{Cell, Tally};
use vmmu_model::guest::FrameOrder;
use vmmu_model::prices::{Cycles, PRICES, Prices};
use vmmu_model::program::{Op, Row};

fn references(rows: &[Row], cells: &[Cell]) -> Vec<u64> {
    let sum = |counts: &Counts| counts.sum(&[Event::GuestRefs, Event::ShadowRefs, Event::HostRefs]);
    run(rows, cells, 64).iter().map(|(counts, _)| sum(counts)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// A run of one access and a chunk of one row collapse nothing.
    #[test]
    fn collapsing_runs_changes_no_count(rows in generate::trace(), config in generate::config()) {
        prop_assume!(rows.iter().any(|row| row.op.is_access()));
        let cells = [cell(&config)];
        prop_assert_eq!(run(&rows, &cells, 1), run(&rows, &cells, rows.len()));
    }

    /// However long the intervals, and however the trace is cut into chunks.
    #[test]
    fn counts_add_up_over_intervals(
        rows in generate::trace(),
        configs in prop::collection::vec(generate::config(), 1..4),
        interval in 1u64..50,
        chunk in 1usize..100,
    ) {
        prop_assume!(rows.iter().any(|row| row.op.is_access()));
        let cells: Vec<Cell> = configs.iter().map(cell).collect();
        for tally in tallies(&rows, &cells, chunk, Some(interval)) {
            let mut sum = Counts::default();
            tally.intervals.iter().for_each(|counts| sum += counts);
            prop_assert_eq!(sum, tally.counts);
            let (last, whole) = tally.intervals.split_last().unwrap();
            prop_assert!(whole.iter().all(|counts| counts[Event::Accesses] == interval));
            prop_assert!((1..=interval).contains(&last[Event::Accesses]));
        }
    }

    /// One paging-structure cache sees the same touches whatever its size, so that LRU keeps what a smaller one keeps. With
    /// several this is no law: see `a_larger_cache_below_can_starve_one_above`.
    #[test]
    fn a_larger_paging_structure_cache_alone_never_makes_more_references(
        rows in generate::trace(), config in generate::config(), level in 0usize..4, entries in 0usize..6, more in 1usize..4,
    ) {
        prop_assume!(rows.iter().any(|row| row.op.is_access()));
        let with = |entries| {
            let mut config = Config { nested_tlb: None, ..config.clone() };
            (config.psc, config.host_psc) = ([Geometry::NONE; 4], [Geometry::NONE; 4]);
            config.psc[level] = Geometry::full(entries);
            cell(&config)
        };
        let found = references(&rows, &[with(entries), with(entries + more)]);
        prop_assert!(found[1] <= found[0], "{:?}", found);
    }

    #[test]
    fn a_larger_nested_tlb_alone_never_makes_more_references(
        rows in generate::trace(), config in generate::config(), entries in 0usize..6, more in 1usize..4,
    ) {
        prop_assume!(rows.iter().any(|row| row.op.is_access()));
        let with = |entries| {
            let mut config = Config { technique: Technique::Ept, ..config.clone() };
            config.host_psc = [Geometry::NONE; 4];
            config.nested_tlb = (entries > 0).then_some(Geometry::full(entries));
            cell(&config)
        };
        let found = references(&rows, &[with(entries), with(entries + more)]);
        prop_assert!(found[1] <= found[0], "{:?}", found);
    }

    /// Where frames lie is nothing to the guest, nor to walks of one dimension; on 4K host pages each 4K frame has its own.
    #[test]
    fn scattered_frames_change_nothing_but_what_host_pages_share(rows in generate::trace(), config in generate::config(), seed in 0u64..9) {
        prop_assume!(rows.iter().any(|row| row.op.is_access()));
        for technique in [Technique::Native, Technique::Shadow, Technique::Ept, Technique::Pv] {
            let mut config = Config { technique, caches: None, host_pages: PageSize::K4, nested_tlb: None, ..config.clone() };
            config.host_psc = [Geometry::NONE; 4];
            let contiguous = cell(&config);
            let frames = FrameOrder::Scattered { seed, pool: 1 << 22 };
            let scattered = Cell { frames, ..contiguous.clone() };
            let found = tallies(&rows, &[contiguous, scattered], 64, None);
            prop_assert_eq!(found[0].counts, found[1].counts);
        }
    }

    /// LRU keeps what a smaller array of the same sets keeps (Mattson et al., 1970).
    #[test]
    fn more_ways_at_the_same_number_of_sets_never_miss_more(rows in generate::trace(), sets in 1usize..8, ways in 1usize..8) {
        prop_assume!(rows.iter().any(|row| row.op.is_access()));
        let cells = [ways, ways + 1].map(|ways| {
            let mut config = Config::bare(Technique::Native, PageSize::K4, PageSize::K4);
            config.l1d[0] = Some(Geometry::new(sets * ways, ways));
            config.l1i[0] = config.l1d[0];
            cell(&config)
        });
        let walks: Vec<_> = run(&rows, &cells, 64).iter().map(|outcome| value(outcome, "walks")).collect();
        prop_assert!(walks[1] <= walks[0]);
    }

    #[test]
    fn preallocated_hosts_exit_for_interrupts_alone(rows in generate::trace(), config in generate::config()) {
        prop_assume!(rows.iter().any(|row| row.op.is_access()));
        let config = Config { technique: Technique::Ept, host_backing: Backing::Prealloc, ..config };
        let outcome = &run(&rows, &[cell(&config)], 64)[0];
        prop_assert_eq!(value(outcome, "vm_exits"), value(outcome, "exit_ipi"));
    }

    /// With private pages, as many virtual CPUs as threads, and nothing flushed.
    #[test]
    fn threads_on_processors_of_their_own_hit_as_they_would_alone(
        touches in prop::collection::vec((0u32..5, 0u64..3, 0u64..40, any::<bool>()), 1..200),
        config in generate::config(),
    ) {
        let touch = |&(thread, gib, page, fetches): &(u32, u64, u64, bool)| Row {
            op: if fetches { Op::Fetch } else { Op::Store },
            address: (16 * u64::from(thread) + gib) << 30 | page << 12,
            length: 8,
            process: 1,
            thread,
        };
        let rows: Vec<Row> = touches.iter().map(touch).collect();
        let alone = (0..5).map(|thread| rows.iter().filter(|row| row.thread == thread).copied().collect::<Vec<_>>());
        let alone: Vec<_> = alone.filter(|rows| !rows.is_empty()).collect();
        let config = Config { vms: 1, copies: 1, quantum: None, shadow_on_switch: OnSwitch::Keep, ..config };
        let together = &run(&rows, &[cell(&Config { cpus: alone.len(), ..config.clone() })], 64)[0];
        let alone = alone.iter().flat_map(|rows| run(rows, &[cell(&Config { cpus: 1, ..config.clone() })], 64));
        let alone: Vec<_> = alone.collect();
        for column in ["l1_hits", "l2_hits", "walks"] {
            prop_assert_eq!(value(together, column), alone.iter().map(|outcome| value(outcome, column)).sum::<u64>());
        }
    }

    #[test]
    fn one_processor_knows_no_threads(rows in generate::trace(), config in generate::config()) {
        prop_assume!(rows.iter().any(|row| row.op.is_access()));
        let cells = [cell(&Config { cpus: 1, ..config })];
        let unthreaded: Vec<Row> = rows.iter().map(|row| Row { thread: 0, ..*row }).collect();
        prop_assert_eq!(run(&rows, &cells, 64), run(&unthreaded, &cells, 64));
    }

    #[test]
    fn processors_without_rows_change_nothing(rows in generate::trace(), config in generate::config()) {
        let (process, thread) = (rows[0].process, rows[0].thread);
        let of_first = |row: &&Row| row.process == process && row.op != Op::Fork;
        let rows: Vec<Row> = rows.iter().filter(of_first).map(|row| Row { thread, ..*row }).collect();
        prop_assume!(rows.iter().any(|row| row.op.is_access()));
        let config = Config { shadow_on_switch: OnSwitch::Keep, ..config };
        let cells = [1, 5].map(|cpus| cell(&Config { cpus, ..config.clone() }));
        let found = run(&rows, &cells, 64);
        prop_assert_eq!(found[0], found[1]);
    }

    /// Every price counts once for each of its events, and for nothing else.
    #[test]
    fn cycles_are_linear_in_prices(
        happened in prop::collection::vec(0u64..1 << 40, Event::ALL.len()),
        cycles in prop::collection::vec(0u64..1 << 20, PRICES.len()),
    ) {
        let mut counts = Counts::default();
        Event::ALL.into_iter().zip(&happened).for_each(|(event, n)| counts[event] = *n);
        let sheet = |of: &dyn Fn(usize) -> u64| {
            let mut i = 0;
            Prices::new(PRICES.map(|_| {
                i += 1;
                Cycles::parse(&of(i - 1).to_string())
            }), [false; PRICES.len()])
        };
        let total = |prices: Prices| prices.bill(&counts).unwrap().cycles().to_string().parse::<u128>().unwrap();
        let singles: u128 = (0..PRICES.len()).map(|one| total(sheet(&|i| if i == one { cycles[i] } else { 0 }))).sum();
        prop_assert_eq!(total(sheet(&|i| cycles[i])), singles);
        prop_assert_eq!(total(sheet(&|i| 3 * cycles[i])), 3 * singles);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    /// More than a few walkers are fed in longer chunks, which are made of what the source gives.
    #[test]
    fn cells_count_the_same_alone_and_beside_many(
        rows in generate::trace(), configs in prop::collection::vec(generate::config(), 40), chunk in 1usize..100,
    ) {
        prop_assume!(rows.iter().any(|row| row.op.is_access()));
        let turns = |it| Config { vms: 1, copies: 1, quantum: None, cpus: 1, ..it };
        let cells: Vec<Cell> = configs.into_iter().map(|it| cell(&turns(it))).collect();
        let alone: Vec<_> = cells.iter().flat_map(|cell| run(&rows, std::slice::from_ref(cell), chunk)).collect();
        prop_assert_eq!(run(&rows, &cells, chunk), alone);
    }

    /// 300,000 leaves are changed in one chunk, which is replayed in parts then.
    #[test]
    fn calls_of_many_steps_change_no_count(configs in prop::collection::vec(generate::config(), 3)) {
        let row = |op, page: u64, length| Row { op, address: (1 << 30) + (page << 12), length, process: 1, thread: 0 };
        let stores = (0..600).map(|page| row(Op::Store, page, 8));
        let change = |n: u64| {
            let op = if n % 50 == 49 { Op::Unmap } else { Op::Protect };
            [row(op, 0, 600 << 12), row(Op::Store, 7 * n % 600, 8), row(Op::Load, n % 600, 8)]
        };
        let rows: Vec<Row> = stores.chain((0..49).flat_map(change)).chain((0..460).flat_map(|_| change(0))).collect();
        let pages = GuestPages::One(PageSize::K4);
        let cells: Vec<Cell> = configs.into_iter().map(|it| cell(&Config { guest_pages: pages, ..it })).collect();
        prop_assert_eq!(run(&rows, &cells, 1), run(&rows, &cells, rows.len()));
    }
}

/// Where the larger cache below hits, the one above is not asked, and forgets what it would have kept: five walks, one more
/// reference. So "larger never costs more" is a law of one array, not of a walk through several.
#[test]
fn a_larger_cache_below_can_starve_one_above() {
    let load = |(gib, region): (u64, u64)| Row {
        op: Op::Load,
        address: gib << 30 | region << 21,
        length: 8,
        process: 1,
        thread: 0,
    };
    let rows = [(3, 2), (1, 1), (3, 2), (5, 3), (3, 3)].map(load);
    let with = |entries| {
        let mut config = Config::bare(Technique::Native, PageSize::K4, PageSize::K4);
        config.psc[0] = Geometry::full(entries);
        config.psc[1] = Geometry::full(2);
        cell(&config)
    };
    assert_eq!(references(&rows, &[with(1), with(2)]), [16, 17]);
}

/// Map rows in front of the trace say what is inferred: from the first page in use to the last, holes below 2 MiB filled.
#[test]
fn inferred_ranges_count_as_map_rows_would() {
    let row = |op, address, length| Row { op, address, length, process: 1, thread: 0 };
    let pages = [0x40_0000u64, 0x40_1000, 0x5f_f000, 0x7f_f000, 0x81_0000, 0xff_f000, 0x1200_0000];
    let rows: Vec<Row> = pages.iter().map(|page| row(Op::Store, page + 8, 8)).collect();
    let maps = [row(Op::Map, 0x40_0000, 0x41_1000), row(Op::Map, 0xff_f000, 0x1000), row(Op::Map, 0x1200_0000, 0x1000)];
    let mapped: Vec<Row> = maps.into_iter().chain(rows.clone()).collect();
    let mut config = Config::bare(Technique::Ept, PageSize::K4, PageSize::M2);
    config.guest_pages = GuestPages::Thp;
    let strict = cell(&config);
    let inferring = Cell { infer_ranges: true, ..strict.clone() };
    let found = tallies(&rows, &[inferring.clone(), strict.clone()], 3, None);
    let wanted = tallies(&mapped, &[inferring, strict], 3, None);
    assert_eq!((found[0].counts, found[0].gauges), (wanted[1].counts, wanted[1].gauges));
    assert_eq!(found[0].counts[Event::GuestFaults], 5, "two huge pages, and three small ones");
    assert_ne!(found[0].counts, found[1].counts);
    let inferred = |tally: &Tally| tally.evidence.unwrap().inferred_ranges;
    assert!(inferred(&found[0]) && !inferred(&found[1]));
    assert!(!inferred(&wanted[0]), "map rows leave nothing to infer");
    assert_eq!(wanted[0].counts, wanted[1].counts);
}
