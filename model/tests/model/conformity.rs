//! Does the program count what the naive twin counts, to the digit?

use crate::cells::{by_place, cell, tallies, value};
use crate::twin::config::{Geometry, PageSize, Policy};
use crate::twin::{self, COLUMNS, Config, generate};
use proptest::prelude::*;
use vmmu_model::counts::{Counts, Event, Gauges, Measure};
use vmmu_model::engine::{Cell, Machine};
use vmmu_model::program::{MemorySource, Row};

/// Runs one cell by itself, its TLB asked for each access.
fn run_alone(rows: &[Row], cell: &Cell, chunk: usize) -> (Counts, Gauges) {
    let tally = Machine::new(cell).run(&|| Ok(Box::new(MemorySource::new(rows.to_vec()).in_chunks_of(chunk))), "rows");
    let tally = tally.unwrap();
    (tally.counts, tally.gauges)
}

fn compare(rows: &[Row], configs: &[Config], chunk: usize) -> Result<(), TestCaseError> {
    if !rows.iter().any(|row| row.op.is_access()) {
        return Ok(());
    }
    let cells: Vec<_> = configs.iter().map(cell).collect();
    for ((config, cell), tally) in configs.iter().zip(&cells).zip(tallies(rows, &cells, chunk, None)) {
        let twin::Outcome { counts: wanted, references, steady } = twin::run(rows, config);
        let (found, alone) = ((tally.counts, tally.gauges), run_alone(rows, cell, chunk));
        for column in COLUMNS {
            prop_assert_eq!(value(&found, column), wanted[column], "{} under {:?}", column, config);
            prop_assert_eq!(
                value(&alone, column),
                wanted[column],
                "{} of one machine alone under {:?}",
                column,
                config
            );
        }
        prop_assert_eq!(by_place(&tally), references, "under {:?}", config);
        let counts = tally.steady.unwrap();
        // Gauges are no counts of a stretch.
        for (column, wanted) in steady.iter().filter(|(column, _)| Event::ALL.iter().any(|it| it.name() == **column)) {
            let found = value(&(counts, Gauges::default()), column);
            prop_assert_eq!(found, *wanted, "steady {} under {:?}", column, config);
        }
    }
    Ok(())
}

#[test]
fn the_twin_has_every_column_in_the_same_order() {
    assert_eq!(Measure::ALL.map(Measure::name), COLUMNS);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Several cells at once, so that shared passes are held to the twin too, and each by itself; in chunks of any size.
    #[test]
    fn random_traces_and_machines(
        rows in generate::trace(),
        configs in prop::collection::vec(generate::config(), 1..6),
        chunk in 1usize..200,
    ) {
        compare(&rows, &configs, chunk)?;
    }

    /// Machines that differ in the ways of their TLBs alone share one pass if they are lru: every array of every level has its own ways.
    #[test]
    fn ways_at_the_same_sets(
        rows in generate::trace(),
        config in generate::config(),
        sets in prop::collection::vec(1usize..5, 7),
        ways in prop::collection::vec(prop::collection::vec(1usize..5, 7), 2..5),
        policies in prop::option::of(prop::collection::vec(generate::policy(), 7)),
        chunk in 1usize..200,
    ) {
        let configs: Vec<_> = ways.iter().map(|ways| {
            let policy = |array: usize| policies.as_ref().map_or(Policy::Lru, |policies| policies[array]);
            let shape = |array: usize| Geometry::new(sets[array] * ways[array], ways[array]).with(policy(array));
            let l1d = [0, 1, 2].map(|array| Some(shape(array)));
            let l1i = [3, 4, 5].map(|array| Some(shape(array)));
            let l2 = vec![(vec![PageSize::K4, PageSize::M2, PageSize::G1], shape(6))];
            Config { l1d, l1i, l2, ..config.clone() }
        }).collect();
        compare(&rows, &configs, chunk)?;
    }
}
