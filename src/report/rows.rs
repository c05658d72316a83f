//! The rows that can be compared: one machine and price sheet, under every technique and page sizes.

use crate::counts::Counts;
use crate::outcome::{CELL, Outcome, Pages};
use crate::prices::Bill;
use crate::sweep::{Sweep, means_something};
use crate::technique::{Facts, NATIVE};
use std::sync::Arc;

/// A row of the results that has an overhead, over the whole trace or in its steady state.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    pub overhead: f64,
    /// The cycles that translation adds to an access.
    pub added: f64,
    pub counts: &'a Counts,
    pub bill: &'a Bill,
    pub outcome: &'a Outcome<'a>,
}

impl<'a> Compared<'a> {
    pub fn trace(&self) -> &'a str {
        self.outcome.trace
    }

    /// What translation adds, as a share of all cycles.
    pub fn share(&self) -> f64 {
        self.overhead / (1.0 + self.overhead)
    }

    pub fn technique(&self) -> &'static Facts {
        self.outcome.technique()
    }

    pub fn pages(&self) -> Pages {
        self.outcome.pages()
    }

    /// `shadow paging with 2M on 4K pages`
    pub fn label(&self) -> String {
        format!("{} with {} pages", self.technique().title, self.pages())
    }

    /// Whether it has the same technique and page sizes.
    pub fn is_like(&self, other: &Compared<'_>) -> bool {
        (self.technique(), self.pages()) == (other.technique(), other.pages())
    }
}

/// The first value of every other axis holds, as in the charts; of the whole trace or of its steady state. Rows without an overhead
/// are left out.
pub fn comparable<'a>(sweep: &Sweep, outcomes: &'a [Outcome<'a>], steady: bool) -> Vec<Compared<'a>> {
    let others: Vec<usize> =
        (0..sweep.columns.len()).filter(|&i| !CELL.contains(&sweep.columns[i].name.as_str())).collect();
    let heeds = |it: &Outcome<'_>, i: usize| means_something(&sweep.columns[i].name, it.technique());
    let first = |i: usize| Some((i, &outcomes.iter().find(|it| heeds(it, i))?.row.values[i]));
    let held: Vec<(usize, &Option<Arc<str>>)> = others.into_iter().filter_map(first).collect();
    let like = |it: &&Outcome<'_>| held.iter().all(|&(i, first)| !heeds(it, i) || it.row.values[i] == *first);
    let row = |outcome: &'a Outcome<'a>| {
        let (counts, bill) = outcome.stretch(steady)?;
        Some(Compared { overhead: bill.overhead()?, added: outcome.added_per_access(steady)?, counts, bill, outcome })
    };
    outcomes.iter().filter(like).filter_map(row).collect()
}

/// The first value of every other axis that has several, in words; empty where there is none.
pub fn held(sweep: &Sweep) -> Vec<String> {
    let axis = |(i, name): (usize, &String)| {
        let mut values = sweep.rows.iter().filter_map(|row| row.values[i].as_ref());
        let first = values.next()?;
        let varies = values.any(|value| value != first);
        (varies && !CELL.contains(&name.as_str())).then(|| format!("{name} {first}"))
    };
    sweep.columns.iter().map(|column| &column.name).enumerate().filter_map(axis).collect()
}

/// The rows of the virtualized techniques, or all where there is none.
pub fn candidates<'a>(rows: &[Compared<'a>]) -> Vec<Compared<'a>> {
    let virtualized: Vec<_> = rows.iter().filter(|row| row.technique() != &NATIVE).copied().collect();
    if virtualized.is_empty() { rows.to_vec() } else { virtualized }
}

/// Values, each once, in their order.
pub fn distinct<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}
