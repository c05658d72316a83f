//! What of a row is judged: a column, or what comes of it per access.

use super::{OldNew, Tolerance};
use crate::error::{Defect, Result};
use crate::results::{ColumnKind, Results, Value, kind};
use std::fmt;

const PER_ACCESS: &str = " per access";
const STEADY: &str = "steady_";

/// A number of each row that may not rise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    column: String,
    per_access: bool,
}

impl Metric {
    /// What is judged of results where nothing else is asked for: of a share, which falls where the program itself takes more, and
    /// of the cycles and walks beside it, those that either side has.
    pub fn usual(old: &Results, new: &Results) -> Vec<Metric> {
        let usual = ["overhead", "cycles per access", "walks per access"].map(Metric::named);
        let there = |metric: &&Metric| metric.is_of(old) || metric.is_of(new);
        let found: Vec<Metric> = usual.iter().filter(there).cloned().collect();
        // Where there is none, the first is missed.
        if found.is_empty() { usual[..1].to_vec() } else { found }
    }

    /// `overhead`, `cycles per access`.
    pub fn named(name: &str) -> Metric {
        let name = name.trim();
        match name.strip_suffix(PER_ACCESS) {
            Some(column) => Metric { column: column.trim_end().into(), per_access: true },
            None => Metric { column: name.into(), per_access: false },
        }
    }

    /// Whether it is a share, to be read in percent.
    pub fn is_share(&self) -> bool {
        !self.per_access && kind(&self.column) == ColumnKind::Share
    }

    /// As it is said of rows that have more of it.
    pub fn more(&self) -> String {
        if self.per_access { format!("more {self}") } else { format!("a higher {self}") }
    }

    /// The columns that it needs.
    fn columns(&self) -> Vec<String> {
        let steady = if self.column.starts_with(STEADY) { STEADY } else { "" };
        [self.column.clone()].into_iter().chain(self.per_access.then(|| format!("{steady}accesses"))).collect()
    }

    /// Whether some results have it.
    fn is_of(&self, results: &Results) -> bool {
        self.columns().iter().all(|column| results.names().contains(column))
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.column, if self.per_access { PER_ACCESS } else { "" })
    }
}

/// A metric, and how far it may rise.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    pub metric: Metric,
    pub tolerance: Tolerance,
}

/// Where a metric is in both results.
pub struct Places(OldNew<Vec<usize>>);

impl Places {
    /// # Errors
    /// A [`Defect`] if a side has no such column, or words in it.
    pub fn find(metric: &Metric, old: &Results, new: &Results) -> Result<Places> {
        let side = |results: &Results| -> Result<Vec<usize>> {
            let places =
                metric.columns().iter().map(|column| results.find(column, "--metric")).collect::<Result<Vec<_>>>()?;
            for row in 0..results.height() {
                if let Value::Text(text) = results.value(row, places[0])? {
                    let found =
                        format!("column `{}` of {} holds words: {text:?}", metric.column, results.file.display());
                    return Err(Defect::new("command line", "--metric", found).expected("a column of numbers").into());
                }
            }
            Ok(places)
        };
        Ok(Places(OldNew { old: side(old)?, new: side(new)? }))
    }

    /// What both sides have in their rows; nothing where one has no value, or no access.
    pub fn values(&self, results: OldNew<&Results>, rows: OldNew<usize>) -> Result<OldNew<Option<f64>>> {
        let side = |results: &Results, row: usize, places: &[usize]| -> Result<Option<f64>> {
            let numbers =
                places.iter().map(|&place| Ok(results.value(row, place)?.number())).collect::<Result<Vec<_>>>()?;
            let share = match numbers[..] {
                [number, Some(accesses)] => number.map(|number| number / accesses),
                [number] => number,
                _ => None,
            };
            Ok(share.filter(|share| share.is_finite()))
        };
        Ok(OldNew { old: side(results.old, rows.old, &self.0.old)?, new: side(results.new, rows.new, &self.0.new)? })
    }
}
