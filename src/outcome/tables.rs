//! The tables of a run.

use super::{Outcome, Steady};
use crate::counts::{Counts, Event, Measure};
use crate::error::{Error, Result};
use crate::prices::{Bill, Part};
use crate::sampling::{estimable, estimate};
use crate::sweep::{Chart, Kind, Sweep};
use crate::walk::{References, Table};
use polars::prelude::{Column, DataFrame, IntoColumn, NamedFrom, Series};
use std::collections::HashSet;

/// The axis that changes no walk.
pub const PRICES: &str = "prices";

/// A table that a run may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunTable {
    Results,
    Intervals,
    Sensitivity,
    References,
}

impl RunTable {
    pub const ALL: [RunTable; 4] =
        [RunTable::Results, RunTable::Intervals, RunTable::Sensitivity, RunTable::References];

    /// The name of its files, without the ending.
    pub const fn name(self) -> &'static str {
        match self {
            RunTable::Results => "results",
            RunTable::Intervals => "intervals",
            RunTable::Sensitivity => "sensitivity",
            RunTable::References => "references",
        }
    }

    /// Those of a sweep, the results first.
    pub fn of(sweep: &Sweep) -> Vec<RunTable> {
        /// Above so many rows, sensitivity and references are written only if asked for: they have some twenty rows for each.
        const MOST_ROWS: usize = 10_000;
        let few = sweep.rows.len() * sweep.traces.len() <= MOST_ROWS;
        let names = |chart| sweep.output.names(chart);
        let is_there = |table: &RunTable| match table {
            RunTable::Results => true,
            RunTable::Intervals => sweep.interval.is_some(),
            RunTable::Sensitivity => sweep.output.sensitivity.unwrap_or(few || names(Chart::Tornado)),
            // Windows tell how many references there are, not where they go.
            RunTable::References => {
                sweep.sample.is_none() && sweep.output.references.unwrap_or(few || names(Chart::References))
            }
        };
        RunTable::ALL.into_iter().filter(is_there).collect()
    }

    /// Makes it.
    pub fn frame(self, sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Result<DataFrame> {
        match self {
            RunTable::Results => results(sweep, outcomes),
            RunTable::Intervals => intervals(sweep, outcomes),
            RunTable::Sensitivity => sensitivity(sweep, outcomes),
            RunTable::References => references(sweep, outcomes),
        }
    }
}

fn column<T, Phantom: ?Sized>(name: &str, values: T) -> Column
where
    Series: NamedFrom<T, Phantom>,
{
    Series::new(name.into(), values).into_column()
}

fn frame(height: usize, columns: Vec<Column>) -> Result<DataFrame> {
    DataFrame::new(height, columns).map_err(|cause| Error::failed("put the results into a table", cause))
}

/// `trace` and the axes.
fn keys(sweep: &Sweep, outcomes: &[&Outcome<'_>]) -> Vec<Column> {
    let mut columns = vec![column("trace", outcomes.iter().map(|it| it.trace).collect::<Vec<_>>())];
    for (i, axis) in sweep.columns.iter().enumerate() {
        let values = outcomes.iter().map(|it| it.row.values[i].as_deref());
        columns.push(match axis.kind {
            Kind::Whole => column(&axis.name, values.map(|text| text?.parse::<u64>().ok()).collect::<Vec<_>>()),
            Kind::Decimal => column(&axis.name, values.map(|text| text?.parse::<f64>().ok()).collect::<Vec<_>>()),
            Kind::Words => column(&axis.name, values.collect::<Vec<_>>()),
        });
    }
    columns
}

fn events(counts: &[&Counts]) -> impl Iterator<Item = Column> {
    Event::columns()
        .map(move |event| column(event.name(), counts.iter().map(|counts| counts[event]).collect::<Vec<_>>()))
}

fn bill(bills: &[Bill]) -> Vec<Column> {
    let part = |part: Part| column(part.name(), bills.iter().map(|bill| bill.part(part).to_f64()).collect::<Vec<_>>());
    let mut columns: Vec<Column> = Part::ALL.into_iter().map(part).collect();
    columns.push(column("cycles", bills.iter().map(|bill| bill.cycles().to_f64()).collect::<Vec<_>>()));
    columns.push(column("overhead", bills.iter().map(Bill::overhead).collect::<Vec<_>>()));
    columns
}

/// The results: `trace`, the axes, the counts, the memory, the bill, what to beware of; one row per cell and price sheet.
pub fn results(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Result<DataFrame> {
    let mut columns = keys(sweep, &outcomes.iter().collect::<Vec<_>>());
    for measure in Measure::ALL {
        let values = outcomes.iter().map(|it| measure.of(&it.tally.counts, &it.tally.gauges));
        columns.push(column(measure.name(), values.collect::<Vec<_>>()));
    }
    columns.extend(bill(&outcomes.iter().map(|it| it.bill).collect::<Vec<_>>()));
    columns.extend(steady(outcomes));
    for (name, of_steady) in [("added_per_access", false), ("steady_added_per_access", true)] {
        columns.push(column(name, outcomes.iter().map(|it| it.added_per_access(of_steady)).collect::<Vec<_>>()));
    }
    columns.push(column("assumed_share", outcomes.iter().map(|it| it.assumed_share).collect::<Vec<_>>()));
    let warnings = |it: &Outcome<'_>| it.warnings.iter().map(|it| it.name()).collect::<Vec<_>>().join(" ");
    columns.push(column("warnings", outcomes.iter().map(warnings).collect::<Vec<_>>()));
    if sweep.sample.is_some() {
        columns.extend(doubts(sweep, outcomes));
    }
    frame(outcomes.len(), columns)
}

/// The accesses and the bill of the steady state; nothing in them where not every access was looked up.
fn steady(outcomes: &[Outcome<'_>]) -> Vec<Column> {
    let cycles = |name: String, of: &dyn Fn(&Steady) -> Option<f64>| {
        column(&name, outcomes.iter().map(|it| it.steady.as_ref().and_then(of)).collect::<Vec<_>>())
    };
    let accesses = outcomes.iter().map(|it| it.steady.as_ref().map(|steady| steady.counts[Event::Accesses]));
    let mut columns = vec![column("steady_accesses", accesses.collect::<Vec<_>>())];
    let part = |part: Part| cycles(format!("steady_{}", part.name()), &|it| Some(it.bill.part(part).to_f64()));
    columns.extend(Part::ALL.into_iter().map(part));
    columns.push(cycles("steady_cycles".into(), &|it| Some(it.bill.cycles().to_f64())));
    columns.push(cycles("steady_overhead".into(), &|it| it.bill.overhead()));
    columns
}

/// Half the width of the 95 % confidence interval of each count that is estimated, and of the overhead.
fn doubts(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Vec<Column> {
    let doubt = |outcome: &Outcome<'_>, of: &dyn Fn(&Counts) -> f64| {
        let tally = &outcome.tally;
        let half_width = estimate(&tally.intervals, tally.counts[Event::Accesses], of).half_width;
        Some(half_width).filter(|width| width.is_finite())
    };
    let all = |name: &str, doubt: &dyn Fn(&Outcome<'_>) -> Option<f64>| {
        column(&format!("{name}_ci95"), outcomes.iter().map(doubt).collect::<Vec<_>>())
    };
    let event = |event: Event| {
        // Hits of the first level are what the others leave.
        let told: &[Event] = if event == Event::L1Hits { &[Event::L2Hits, Event::Walks] } else { &[event] };
        all(event.name(), &|it| doubt(it, &|counts| counts.sum(told) as f64))
    };
    let mut columns: Vec<Column> = estimable().map(event).collect();
    // As if all went wrong the same way, which is no less than it can be.
    columns.push(all("overhead", &|outcome| {
        let mut widths = Counts::default();
        for event in estimable() {
            widths[event] = doubt(outcome, &|counts| counts[event] as f64)?.ceil() as u64;
        }
        let bill = sweep.sheets[outcome.row.sheet].1.bill(&widths).ok()?;
        let cycles = bill.part(Part::Tlb).to_f64() + bill.part(Part::Walk).to_f64();
        Some(cycles / outcome.bill.part(Part::Ideal).to_f64()).filter(|doubt| doubt.is_finite())
    }));
    columns
}

/// The intervals: `trace`, the axes, `interval` (from 0), `first_access` (accesses before it), the counts and the bill of
/// each interval of each row.
pub fn intervals(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Result<DataFrame> {
    let length = sweep.interval.unwrap_or_default();
    let each = || {
        outcomes
            .iter()
            .flat_map(|it| it.tally.intervals.iter().enumerate().map(move |(i, counts)| (it, i as u64, counts)))
    };
    let mut columns = keys(sweep, &each().map(|(outcome, ..)| outcome).collect::<Vec<_>>());
    columns.push(column("interval", each().map(|(_, i, _)| i).collect::<Vec<_>>()));
    columns.push(column("first_access", each().map(|(_, i, _)| i * length).collect::<Vec<_>>()));
    columns.extend(events(&each().map(|(_, _, counts)| counts).collect::<Vec<_>>()));
    let bills = each().map(|(outcome, _, counts)| sweep.sheets[outcome.row.sheet].1.bill(counts));
    columns.extend(bill(&bills.collect::<Result<Vec<_>>>()?));
    frame(each().count(), columns)
}

/// What assumptions do: `trace`, the axes, `price`, its `cycles`, the `overhead`, and the overhead with the price halved
/// (`overhead_halved`) and doubled (`overhead_doubled`); one row for each row of the results and assumed price that it was
/// charged.
pub fn sensitivity(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Result<DataFrame> {
    let moves = |outcome: &Outcome<'_>| sweep.sheets[outcome.row.sheet].1.sensitivity(&outcome.tally.counts);
    let each: Vec<_> = outcomes.iter().flat_map(|it| moves(it).into_iter().map(move |moved| (it, moved))).collect();
    let mut columns = keys(sweep, &each.iter().map(|(outcome, _)| *outcome).collect::<Vec<_>>());
    columns.push(column("price", each.iter().map(|(_, it)| it.price.name).collect::<Vec<_>>()));
    columns.push(column("cycles", each.iter().map(|(_, it)| it.cycles.to_f64()).collect::<Vec<_>>()));
    columns.push(column("overhead", each.iter().map(|(outcome, _)| outcome.bill.overhead()).collect::<Vec<_>>()));
    columns.push(column("overhead_halved", each.iter().map(|(_, it)| it.halved).collect::<Vec<_>>()));
    columns.push(column("overhead_doubled", each.iter().map(|(_, it)| it.doubled).collect::<Vec<_>>()));
    frame(each.len(), columns)
}

/// Where references go: `trace`, the axes but `prices`, `table`, `stop` (of host tables, whose gPA is translated), `level`,
/// `references` and `per_walk`; one row for each place that walks of a cell may read. None for cells without walks.
pub fn references(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Result<DataFrame> {
    let cells = once_each(sweep, outcomes);
    let each: Vec<_> =
        cells.into_iter().flat_map(|it| it.tally.references.iter().flatten().map(move |place| (it, place))).collect();
    let mut columns = keys(sweep, &each.iter().map(|(outcome, _)| *outcome).collect::<Vec<_>>());
    columns.retain(|column| column.name() != PRICES);
    columns.push(column("table", each.iter().map(|(_, it)| it.table.name()).collect::<Vec<_>>()));
    columns.push(column("stop", each.iter().map(|(_, it)| stop(it)).collect::<Vec<_>>()));
    columns.push(column("level", each.iter().map(|(_, it)| it.level.get() as u64).collect::<Vec<_>>()));
    columns.push(column("references", each.iter().map(|(_, it)| it.count).collect::<Vec<_>>()));
    let per_walk = |outcome: &Outcome<'_>, it: &References| it.count as f64 / outcome.tally.counts[Event::Walks] as f64;
    columns.push(column("per_walk", each.iter().map(|(outcome, it)| per_walk(outcome, it)).collect::<Vec<_>>()));
    frame(each.len(), columns)
}

/// The first outcome of each cell on each trace, whatever its prices.
pub fn once_each<'o, 'a>(sweep: &Sweep, outcomes: &'o [Outcome<'a>]) -> Vec<&'o Outcome<'a>> {
    let sheets = sweep.columns.iter().position(|axis| axis.name == PRICES);
    let mut seen = HashSet::new();
    let mut is_new = |outcome: &&Outcome<'_>| {
        let values = outcome.row.values.iter().enumerate().filter(|(i, _)| Some(*i) != sheets);
        seen.insert((outcome.trace.to_string(), values.map(|(_, value)| value.clone()).collect::<Vec<_>>()))
    };
    outcomes.iter().filter(|outcome| is_new(outcome)).collect()
}

fn stop(references: &References) -> Option<String> {
    match references.table {
        Table::Guest | Table::Shadow => None,
        Table::Host(Some(node)) => Some(format!("level {}", node.get())),
        Table::Host(None) => Some("data".into()),
    }
}
