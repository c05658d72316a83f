//! The table of all cells, as far as it is readable without the script.

use super::bill::bill;
use crate::address::NODE_BYTES;
use crate::counts::{Event, Gauge};
use crate::numerals::{bytes, percent, short, spaced};
use crate::outcome::Outcome;
use crate::sweep::Sweep;
use minijinja::{Value, context};

/// What the table shows of each row for each stretch, after what was swept: heading, meaning.
const STRETCHES: [[(&str, &str); 2]; 2] = [
    [
        (
            "overhead",
            "Cycles beyond the ideal machine's, over the ideal machine's: the share of its time that translation adds.",
        ),
        ("added / access", "Cycles that translation adds to an access."),
    ],
    [
        ("steady overhead", "The overhead of the steady state alone."),
        ("steady added", "Cycles that translation adds to an access in the steady state."),
    ],
];

/// And for the first of them alone.
const FIRST: [(&str, &str); 7] = [
    ("cycles", "All cycles, the ideal machine's included."),
    ("walks / 1000", "Walks per thousand accesses."),
    ("refs / walk", "Walk references to page-table entries, per walk."),
    ("VM exits", "All VM exits."),
    ("hypercalls", "All hypercalls."),
    ("page tables", "Most memory of page tables of all kinds, alive after any row of the trace."),
    ("assumed", "The share of the cycles beyond the ideal that assumed prices make up."),
];

/// A column of what was swept, the trace included.
#[derive(Clone, Debug)]
pub struct SweptColumn {
    pub name: String,
    /// The value of each row; empty where one means nothing.
    pub values: Vec<String>,
}

impl SweptColumn {
    pub fn varies(&self) -> bool {
        self.values.windows(2).any(|pair| pair[0] != pair[1])
    }
}

/// What was swept, the trace first.
pub fn axes(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Vec<SweptColumn> {
    let trace = SweptColumn { name: "trace".into(), values: outcomes.iter().map(|it| it.trace.to_string()).collect() };
    let value = |i: usize| outcomes.iter().map(move |it| it.row.values[i].as_deref().unwrap_or_default().into());
    let others = sweep.columns.iter().enumerate();
    let others = others.map(|(i, column)| SweptColumn { name: column.name.clone(), values: value(i).collect() });
    std::iter::once(trace).chain(others).collect()
}

/// What the table shows of each row: heading, meaning. The script computes the same, in this order.
pub fn measures(stretches: &[bool]) -> Vec<(&'static str, &'static str)> {
    STRETCHES[..stretches.len()].iter().flatten().chain(&FIRST).copied().collect()
}

/// The measures of a row, as text.
fn measured(sweep: &Sweep, outcome: &Outcome<'_>, stretches: &[bool]) -> Vec<String> {
    let each = stretches.iter().flat_map(|&steady| {
        let overhead = outcome.overhead(steady).map(percent).unwrap_or_default();
        [overhead, outcome.added_per_access(steady).map(|added| spaced(short(added))).unwrap_or_default()]
    });
    let mut measured: Vec<String> = each.collect();
    let Some((counts, bill)) = outcome.stretch(stretches[0]) else { return measured };
    let of_walks = |number: u64, all: u64| match all {
        0 => String::new(),
        _ => format!("{:.2}", number as f64 / all as f64),
    };
    measured.extend([
        spaced(bill.cycles().to_f64().round()),
        of_walks(counts[Event::Walks] * 1000, counts[Event::Accesses]),
        of_walks(counts.sum(&Event::TABLE_REFS), counts[Event::Walks]),
        spaced(counts[Event::VmExits]),
        spaced(counts[Event::Hypercalls]),
        bytes(outcome.tally.gauges[Gauge::PeakTotalNodes] * NODE_BYTES),
        assumed(sweep, outcome, stretches).map(|share| format!("{share} %")).unwrap_or_default(),
    ]);
    measured
}

/// The share of the cycles beyond the ideal that assumed prices make up, in percent.
pub fn assumed(sweep: &Sweep, outcome: &Outcome<'_>, stretches: &[bool]) -> Option<u64> {
    let (counts, _) = outcome.stretch(stretches[0])?;
    let share = sweep.sheets[outcome.row.sheet].1.assumed_share(counts)?;
    Some((share * 100.0).round() as u64)
}

/// The rows as the template shows them without the script, each with its bill.
pub fn rows(sweep: &Sweep, outcomes: &[Outcome<'_>], axes: &[SweptColumn], stretches: &[bool]) -> Vec<Value> {
    let varying: Vec<&SweptColumn> = axes.iter().filter(|axis| axis.varies()).collect();
    let row = |(i, outcome): (usize, &Outcome<'_>)| {
        let values: Vec<String> = varying.iter().map(|axis| axis.values[i].clone()).collect();
        let warnings: Vec<&str> = outcome.warnings.iter().map(|it| it.name()).collect();
        context! {
            n => i + 1,
            values => values,
            measures => measured(sweep, outcome, stretches),
            warnings => warnings.join(" "),
            bill => bill(sweep, outcome, stretches),
        }
    };
    outcomes.iter().enumerate().map(row).collect()
}
