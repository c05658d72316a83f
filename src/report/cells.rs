//! The table of all cells, as far as it is readable without the script.

use super::bill;
use crate::counts::{Event, Gauge};
use crate::numerals::{bytes, percent, spaced};
use crate::outcome::Outcome;
use crate::sweep::Sweep;
use minijinja::{Value, context};

/// What the table shows of each row, after what was swept: heading, meaning. The script computes the same, in this order.
pub const MEASURES: [(&str, &str); 8] = [
    ("overhead", "Cycles beyond the ideal machine's, over the ideal machine's."),
    ("cycles", "All cycles, the ideal machine's included."),
    ("walks / 1000", "Walks per thousand accesses."),
    ("refs / walk", "Walk references to page-table entries, per walk."),
    ("VM exits", "All VM exits."),
    ("hypercalls", "All hypercalls."),
    ("page tables", "Most memory of page tables of all kinds, alive after any row of the trace."),
    ("assumed", "The share of the cycles beyond the ideal that assumed prices make up."),
];

const NODE_BYTES: u64 = 4096;

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
    let value = |i: usize| outcomes.iter().map(move |it| it.row.values[i].clone().unwrap_or_default());
    let others = sweep.columns.iter().enumerate();
    let others = others.map(|(i, column)| SweptColumn { name: column.name.clone(), values: value(i).collect() });
    std::iter::once(trace).chain(others).collect()
}

/// The measures of a row, as text.
pub fn measures(outcome: &Outcome<'_>) -> [String; MEASURES.len()] {
    let counts = &outcome.tally.counts;
    let per_thousand = counts[Event::Walks] as f64 * 1000.0 / counts[Event::Accesses] as f64;
    let references = outcome.references_per_walk();
    [
        outcome.bill.overhead().map(percent).unwrap_or_default(),
        spaced(outcome.bill.cycles().to_f64().round()),
        format!("{per_thousand:.2}"),
        if references.is_finite() { format!("{references:.2}") } else { String::new() },
        spaced(counts[Event::VmExits]),
        spaced(counts[Event::Hypercalls]),
        bytes(outcome.tally.gauges[Gauge::PeakTotalNodes] * NODE_BYTES),
        outcome.assumed_share.map(|share| format!("{:.0} %", share * 100.0)).unwrap_or_default(),
    ]
}

/// The rows as the template shows them without the script, each with its bill.
pub fn rows(sweep: &Sweep, outcomes: &[Outcome<'_>], axes: &[SweptColumn]) -> Vec<Value> {
    let varying: Vec<&SweptColumn> = axes.iter().filter(|axis| axis.varies()).collect();
    let row = |(i, outcome): (usize, &Outcome<'_>)| {
        let values: Vec<String> = varying.iter().map(|axis| axis.values[i].clone()).collect();
        let warnings: Vec<&str> = outcome.warnings.iter().map(|it| it.name()).collect();
        context! {
            n => i + 1,
            values => values,
            measures => measures(outcome).to_vec(),
            warnings => warnings.join(" "),
            bill => bill::parts(sweep, outcome),
        }
    };
    outcomes.iter().enumerate().map(row).collect()
}
