//! The rows of a run's results, as charts go through them: what was swept, and what came out.

use crate::counts::Counts;
use crate::outcome::{Outcome, beginning, stretches};
use crate::sweep::{Sweep, means_something, worth_a_word};

pub use crate::outcome::CELL;

pub use crate::outcome::PRICES;

/// A row of the results, and what a chart shows of it.
#[derive(Clone, Copy)]
pub struct Row<'a, T = ()> {
    pub outcome: &'a Outcome<'a>,
    pub shown: T,
}

/// Some rows of the results.
#[derive(Clone)]
pub struct Rows<'a, T = ()> {
    sweep: &'a Sweep,
    /// The axes that tell the rows apart, by their places among the sweep's columns.
    axes: Vec<usize>,
    /// Whether each stretch that they speak of is the steady state; where one value is shown, it is that of the first.
    pub stretches: &'static [bool],
    pub kept: Vec<Row<'a, T>>,
}

impl<'a> Rows<'a> {
    /// The results themselves.
    pub fn all(sweep: &'a Sweep, outcomes: &'a [Outcome<'a>]) -> Rows<'a> {
        Rows::each(sweep, outcomes.iter().map(|outcome| Row { outcome, shown: () }))
    }
}

impl<'a, T: Copy> Rows<'a, T> {
    pub fn each(sweep: &'a Sweep, rows: impl Iterator<Item = Row<'a, T>>) -> Rows<'a, T> {
        let kept: Vec<_> = rows.collect();
        let stretches = stretches(sweep, kept.iter().map(|row: &Row<'a, T>| row.outcome));
        Rows { sweep, axes: (0..sweep.columns.len()).collect(), stretches, kept }
    }

    /// The counts that a row speaks of; `None` where they are not known.
    pub fn counts(&self, row: &Row<'a, T>) -> Option<&'a Counts> {
        row.outcome.stretch(self.stretches[0]).map(|(counts, _)| counts)
    }

    /// The overhead that a row speaks of; `None` where it is not known or an access is free.
    pub fn overhead(&self, row: &Row<'a, T>) -> Option<f64> {
        row.outcome.overhead(self.stretches[0])
    }

    /// What the rows speak of, in words, unless it is the whole trace.
    pub fn stretch(&self) -> Option<String> {
        self.stretches[0].then(|| self.steady_state())
    }

    /// What the steady state of the rows is, in words.
    pub fn steady_state(&self) -> String {
        let first = self.kept.first().map(|row| beginning(row.outcome.row.cell.warm));
        format!("steady state, {}", first.unwrap_or_default())
    }

    /// The same rows, which one axis does not tell apart.
    pub fn without(mut self, axis: &str) -> Rows<'a, T> {
        self.axes.retain(|&at| self.sweep.columns[at].name != axis);
        self
    }

    /// The axes that tell the rows apart, the trace left out.
    pub fn axes(&self) -> Vec<&'a str> {
        self.axes.iter().map(|&at| self.sweep.columns[at].name.as_str()).collect()
    }

    /// Tells how a row's value of an axis is written; empty where it has none.
    fn reader(&self, axis: &str) -> impl Fn(&Row<'a, T>) -> &'a str + use<'a, T> {
        let at = self.sweep.columns.iter().position(|column| column.name == axis);
        move |row| at.and_then(|at| row.outcome.row.values[at].as_deref()).unwrap_or_default()
    }

    /// How a row's value of an axis is written; empty where it has none.
    pub fn value(&self, row: &Row<'a, T>, axis: &str) -> &'a str {
        self.reader(axis)(row)
    }

    /// What the rows are by some measure, each once, in the order of the rows.
    pub fn distinct_by<K: PartialEq>(&self, key: impl Fn(&Row<'a, T>) -> K) -> Vec<K> {
        let mut seen = Vec::new();
        for key in self.kept.iter().map(key) {
            if !seen.contains(&key) {
                seen.push(key);
            }
        }
        seen
    }

    /// The traces, in order.
    pub fn traces(&self) -> Vec<&'a str> {
        self.distinct_by(|row| row.outcome.trace)
    }

    /// The values of an axis, each once, in the order of the rows.
    pub fn distinct(&self, axis: &str) -> Vec<&'a str> {
        self.distinct_by(self.reader(axis))
    }

    /// The rows for which a test holds.
    pub fn that(&self, test: impl Fn(&Row<'a, T>) -> bool) -> Rows<'a, T> {
        let kept = self.kept.iter().filter(|row| test(row)).copied().collect();
        Rows { axes: self.axes.clone(), kept, ..*self }
    }

    /// The rows of one trace.
    pub fn of(&self, trace: &str) -> Rows<'a, T> {
        self.that(|row| row.outcome.trace == trace)
    }

    /// The rows with one value of an axis.
    pub fn with(&self, axis: &str, value: &str) -> Rows<'a, T> {
        let read = self.reader(axis);
        self.that(|row| read(row) == value)
    }

    /// The rows of the first trace, and the words for that.
    pub fn of_first_trace(&self) -> (Rows<'a, T>, String) {
        let traces = self.traces();
        let first = traces.first().copied().unwrap_or_default();
        (self.of(first), first_of("trace", first, traces.len()))
    }

    /// The rows with the first value of an axis and those with none, and the words for that.
    pub fn first(&self, axis: &str) -> (Rows<'a, T>, String) {
        let mut values = self.distinct(axis);
        values.retain(|value| !value.is_empty());
        let first = values.first().copied().unwrap_or_default();
        let read = self.reader(axis);
        let rows = self.that(|row| ["", first].contains(&read(row)));
        (rows, first_of(axis, first, values.len()))
    }

    /// Whether an axis has one value for each value of another.
    pub fn follows(&self, axis: &str, leader: &str) -> bool {
        self.distinct(leader).into_iter().all(|value| self.with(leader, value).distinct(axis).len() <= 1)
    }

    /// Keeps the first value of every axis that is not free, and says so. An axis that follows `leader` moves with it instead.
    pub fn held(&self, free: &[&str], leader: Option<&str>) -> (Rows<'a, T>, Vec<String>) {
        let (mut rows, mut words) = (self.clone(), Vec::new());
        for axis in self.axes().into_iter().filter(|axis| !free.contains(axis)) {
            let mut values = self.distinct(axis);
            values.retain(|value| !value.is_empty());
            // What means nothing to a row does not tell it apart.
            let heeds = |row: &Row<'a, T>| means_something(axis, row.outcome.technique());
            let Some(first) = rows.that(heeds).distinct(axis).into_iter().next() else { continue };
            if let Some(leader) = leader
                && values.len() > 1
                && rows.follows(axis, leader)
            {
                words.push(format!("{axis} moves with {leader}"));
                continue;
            }
            let read = rows.reader(axis);
            rows = rows.that(|row| !heeds(row) || read(row) == first);
            if values.len() > 1 {
                words.push(first_of(axis, first, values.len()));
            } else if worth_a_word(axis, first) {
                words.push(format!("{axis} {first}"));
            }
        }
        (rows, words)
    }
}

fn first_of(axis: &str, value: &str, values: usize) -> String {
    format!("{axis} {value} (first of {values})")
}
