//! Which laws do counts and bills keep on every trace?

mod common;
mod oracle;

use common::{cell, run, value};
use oracle::{Backing, Config, Geometry, PageSize, Technique, generate};
use proptest::prelude::*;
use vmmu::counts::{Counts, Event};
use vmmu::prices::{Cycles, PRICES, Prices};

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// A run of one access and a chunk of one row collapse nothing.
    #[test]
    fn collapsing_runs_changes_no_count(rows in generate::trace(), config in generate::config()) {
        prop_assume!(rows.iter().any(|row| row.op.is_access()));
        let cells = [cell(&config)];
        prop_assert_eq!(run(&rows, &cells, 1), run(&rows, &cells, rows.len()));
    }

    /// LRU keeps what a smaller array of the same sets keeps (Mattson et al., 1970).
    #[test]
    fn more_ways_at_the_same_number_of_sets_never_miss_more(rows in generate::trace(), sets in 1usize..8, ways in 1usize..8) {
        prop_assume!(rows.iter().any(|row| row.op.is_access()));
        let cells = [ways, ways + 1].map(|ways| {
            let mut config = Config::bare(Technique::Native, PageSize::K4, PageSize::K4);
            config.l1d[0] = Some(Geometry { entries: sets * ways, ways });
            config.l1i[0] = config.l1d[0];
            cell(&config)
        });
        let walks: Vec<_> = run(&rows, &cells, 64).iter().map(|outcome| value(outcome, "walks")).collect();
        prop_assert!(walks[1] <= walks[0]);
    }

    #[test]
    fn preallocated_hosts_never_exit(rows in generate::trace(), config in generate::config()) {
        prop_assume!(rows.iter().any(|row| row.op.is_access()));
        let config = Config { technique: Technique::Ept, host_backing: Backing::Prealloc, ..config };
        prop_assert_eq!(value(&run(&rows, &[cell(&config)], 64)[0], "vm_exits"), 0);
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
                Cycles::parse(&of(i - 1).to_string()).unwrap()
            }))
        };
        let total = |prices: Prices| prices.bill(&counts).cycles().to_string().parse::<u128>().unwrap();
        let singles: u128 = (0..PRICES.len()).map(|one| total(sheet(&|i| if i == one { cycles[i] } else { 0 }))).sum();
        prop_assert_eq!(total(sheet(&|i| cycles[i])), singles);
        prop_assert_eq!(total(sheet(&|i| 3 * cycles[i])), 3 * singles);
    }
}
