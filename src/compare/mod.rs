//! Results held against earlier ones, row by row: rows are the same where their axes are.

mod columns;
mod inputs;
mod keys;
mod metric;
mod tolerance;

pub use inputs::Inputs;
pub use metric::{Gate, Metric};
pub use tolerance::{Course, Tolerance};

use crate::error::Result;
use crate::results::{ColumnKind, Results, kind};
use crate::words::counted;
use columns::Columns;
use keys::{Keyed, shared_axes};

/// What counts as a regression beside a row that is gone.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The metrics that may not rise, at least one.
    pub gates: Vec<Gate>,
    /// Whether a count that differs is a regression; else it is shown where a metric moved, and judged nowhere.
    pub counts: bool,
}

/// What one side has and the other has not.
#[derive(Clone, Debug, Default)]
pub struct OneSided {
    /// Axes, which then tell no rows apart.
    pub axes: Vec<String>,
    /// Other columns.
    pub columns: Vec<String>,
    /// Rows, by the values of the shared axes.
    pub rows: Vec<Vec<String>>,
}

/// A row whose counts differ, or of which a metric moved beyond its tolerance.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Values of the shared axes.
    pub key: Vec<String>,
    /// What became of each metric, in the order of the gates.
    pub moves: Vec<Move>,
    /// Counts that differ, in the order of the columns.
    pub counts: Vec<MovedCount>,
    /// The part of the bill whose share of the ideal cycles moved most, if any did.
    pub most: Option<(String, OldNew<f64>)>,
}

/// What became of a metric in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Move {
    pub values: OldNew<Option<f64>>,
    pub course: Course,
}

/// A count that differs; empty where a column has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedCount {
    pub name: String,
    pub values: OldNew<Option<u64>>,
}

/// The old and the new of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OldNew<T> {
    pub old: T,
    pub new: T,
}

/// Two tables of results, compared.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The shared axes, in the old order.
    pub axes: Vec<String>,
    pub rows: OldNew<usize>,
    /// Rows that both have.
    pub matched: usize,
    pub only: OldNew<OneSided>,
    /// In the order of the old rows.
    pub differences: Vec<Difference>,
    pub judgement: Judgement,
}

/// Compares results.
///
/// # Errors
/// A [`Defect`](crate::error::Defect) if a side has two rows with the same axes, or no column of a metric.
pub fn compare(old: &Results, new: &Results, judgement: Judgement) -> Result<Comparison> {
    let axes = shared_axes(old, new);
    let (before, after) = (Keyed::new(old, &axes, new)?, Keyed::new(new, &axes, old)?);
    let columns = Columns::shared(old, new, &judgement.gates)?;
    let mut only = OldNew { old: one_sided(old, new), new: one_sided(new, old) };
    let (mut matched, mut differences) = (0, Vec::new());
    for (key, row) in before.rows() {
        let Some(counterpart) = after.find(key) else {
            only.old.rows.push(key.clone());
            continue;
        };
        matched += 1;
        let difference = columns.difference(key, OldNew { old: row, new: counterpart })?;
        if difference.is_beyond() || (judgement.counts && !difference.counts.is_empty()) {
            differences.push(difference);
        }
    }
    only.new.rows = after.rows().filter(|(key, _)| before.find(key).is_none()).map(|(key, _)| key.clone()).collect();
    let rows = OldNew { old: old.height(), new: new.height() };
    Ok(Comparison { axes, rows, matched, only, differences, judgement })
}

impl Comparison {
    /// Rows in which the metric of a gate took a course.
    pub fn count(&self, gate: usize, course: Course) -> usize {
        self.differences.iter().filter(|it| it.moves[gate].course == course).count()
    }

    /// Rows with a count that differs and is judged.
    pub fn moved_counts(&self) -> usize {
        let judged = self.judgement.counts;
        self.differences.iter().filter(|it| judged && !it.counts.is_empty()).count()
    }

    /// Columns of counts that the new results lack.
    fn lost_counts(&self) -> usize {
        let is_count = |name: &&String| kind(name) == ColumnKind::Count;
        if self.judgement.counts { self.only.old.columns.iter().filter(is_count).count() } else { 0 }
    }

    /// Why the new results are worse: what the old have, the new have not, or have higher; empty where they are not.
    pub fn regressions(&self) -> Vec<String> {
        let gates = self.judgement.gates.iter().enumerate().flat_map(|(i, Gate { metric, .. })| {
            let risen = (self.count(i, Course::Risen), "row", format!("with {}", metric.more()));
            [risen, (self.count(i, Course::Unknown), "row", format!("whose {metric} one side lacks"))]
        });
        let others = [
            (self.moved_counts(), "row", "with other counts".to_string()),
            (self.only.old.rows.len(), "row", "gone".to_string()),
            (self.lost_counts(), "column", "of counts gone".to_string()),
        ];
        let reasons = gates.chain(others).filter(|it| it.0 > 0);
        reasons.map(|(n, what, how)| format!("{} {how}", counted(n, what))).collect()
    }
}

impl Difference {
    fn is_beyond(&self) -> bool {
        self.moves.iter().any(|it| it.course.is_beyond())
    }
}

fn one_sided(this: &Results, other: &Results) -> OneSided {
    let lacks = |name: &&String| !other.names().contains(name);
    let columns = &this.names()[this.axes().len()..];
    let axes = this.axes().iter().filter(|name| !other.axes().contains(name)).cloned().collect::<Vec<_>>();
    OneSided { axes, columns: columns.iter().filter(lacks).cloned().collect(), rows: Vec::new() }
}
