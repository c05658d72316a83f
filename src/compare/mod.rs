//! Results held against earlier ones, row by row: rows are the same where their axes are.

mod inputs;
mod keys;
mod tolerance;

pub use inputs::Inputs;
pub use tolerance::{Course, Tolerance};

use crate::error::{Defect, Result};
use crate::results::{ColumnKind, Results, kind};
use crate::words::counted;
use keys::{Keyed, shared_axes};

/// What counts as a regression beside a row that is gone.
#[derive(Clone, Copy, Debug)]
pub struct Judgement {
    /// How far an overhead may rise.
    pub tolerance: Tolerance,
    /// Whether a count that differs is a regression; else it is shown where an overhead moved, and judged nowhere.
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

/// A row whose counts differ, or whose overhead moved beyond the tolerance.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Values of the shared axes.
    pub key: Vec<String>,
    pub overhead: OldNew<Option<f64>>,
    pub course: Course,
    /// Counts that differ, in the order of the columns.
    pub counts: Vec<MovedCount>,
    /// The part of the bill whose share of the ideal cycles moved most, if any did.
    pub most: Option<(String, OldNew<f64>)>,
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
    judgement: Judgement,
}

/// Compares results.
///
/// # Errors
/// A [`Defect`] if a side has two rows with the same axes, or no column `overhead`.
pub fn compare(old: &Results, new: &Results, judgement: Judgement) -> Result<Comparison> {
    let axes = shared_axes(old, new);
    let (before, after) = (Keyed::new(old, &axes, new)?, Keyed::new(new, &axes, old)?);
    let columns = Columns::shared(old, new)?;
    let mut only = OldNew { old: one_sided(old, new), new: one_sided(new, old) };
    let (mut matched, mut differences) = (0, Vec::new());
    for (key, row) in before.rows() {
        let Some(counterpart) = after.find(key) else {
            only.old.rows.push(key.clone());
            continue;
        };
        matched += 1;
        let difference = columns.difference(key, OldNew { old: row, new: counterpart }, judgement.tolerance)?;
        if difference.course.is_beyond() || (judgement.counts && !difference.counts.is_empty()) {
            differences.push(difference);
        }
    }
    only.new.rows = after.rows().filter(|(key, _)| before.find(key).is_none()).map(|(key, _)| key.clone()).collect();
    let rows = OldNew { old: old.height(), new: new.height() };
    Ok(Comparison { axes, rows, matched, only, differences, judgement })
}

impl Comparison {
    /// Rows whose overhead took a course.
    pub fn count(&self, course: Course) -> usize {
        self.differences.iter().filter(|it| it.course == course).count()
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
        let reasons = [
            (self.count(Course::Risen), "row", "with a higher overhead"),
            (self.count(Course::Unknown), "row", "whose overhead one side lacks"),
            (self.moved_counts(), "row", "with other counts"),
            (self.only.old.rows.len(), "row", "gone"),
            (self.lost_counts(), "column", "of counts gone"),
        ];
        reasons.into_iter().filter(|it| it.0 > 0).map(|(n, what, how)| format!("{} {how}", counted(n, what))).collect()
    }
}

fn one_sided(this: &Results, other: &Results) -> OneSided {
    let lacks = |name: &&String| !other.names().contains(name);
    let columns = &this.names()[this.axes().len()..];
    let axes = this.axes().iter().filter(|name| !other.axes().contains(name)).cloned().collect::<Vec<_>>();
    OneSided { axes, columns: columns.iter().filter(lacks).cloned().collect(), rows: Vec::new() }
}

/// The columns to compare, by place in either side.
struct Columns<'a> {
    results: OldNew<&'a Results>,
    overhead: OldNew<usize>,
    counts: Vec<(&'a str, OldNew<usize>)>,
    parts: Vec<(&'a str, OldNew<usize>)>,
    ideal: Option<OldNew<usize>>,
}

impl<'a> Columns<'a> {
    fn shared(old: &'a Results, new: &'a Results) -> Result<Columns<'a>> {
        let place = |results: &Results| {
            let found = results.names().iter().position(|name| name == "overhead");
            found.ok_or_else(|| {
                Defect::new(&results.file, "", "no column `overhead`").expected("results with their bill")
            })
        };
        let both = |name: &str| {
            let at = |results: &Results| results.names().iter().position(|known| known == name);
            Some(OldNew { old: at(old)?, new: at(new)? })
        };
        let of = |kind: ColumnKind| {
            let named = old.names().iter().enumerate().filter(move |(i, _)| old.kind(*i) == kind);
            named.filter_map(move |(_, name)| Some((name.as_str(), both(name)?)))
        };
        let sums = ["ideal_cycles", "cycles", "added_per_access"];
        let is_part = |name: &str| !sums.contains(&name) && !name.starts_with("steady_");
        Ok(Columns {
            results: OldNew { old, new },
            overhead: OldNew { old: place(old)?, new: place(new)? },
            counts: of(ColumnKind::Count).collect(),
            parts: of(ColumnKind::Cycles).filter(|(name, _)| is_part(name)).collect(),
            ideal: both("ideal_cycles"),
        })
    }

    fn difference(&self, key: &[String], rows: OldNew<usize>, tolerance: Tolerance) -> Result<Difference> {
        let values = |at: OldNew<usize>| -> Result<_> {
            Ok(OldNew {
                old: self.results.old.value(rows.old, at.old)?,
                new: self.results.new.value(rows.new, at.new)?,
            })
        };
        let overhead = values(self.overhead)?;
        let overhead = OldNew { old: overhead.old.number(), new: overhead.new.number() };
        let mut counts = Vec::new();
        for (name, at) in &self.counts {
            let found = values(*at)?;
            if found.old != found.new {
                let values = OldNew { old: found.old.count(), new: found.new.count() };
                counts.push(MovedCount { name: name.to_string(), values });
            }
        }
        let mut most: Option<(String, OldNew<f64>)> = None;
        for (name, at) in &self.parts {
            let (Some(ideal), part) = (self.ideal.map(&values).transpose()?, values(*at)?) else { continue };
            let share = |part: Option<f64>, ideal: Option<f64>| Some(part? / ideal.filter(|&ideal| ideal > 0.0)?);
            let old = share(part.old.number(), ideal.old.number());
            let Some((old, new)) = old.zip(share(part.new.number(), ideal.new.number())) else { continue };
            let far = |side: &OldNew<f64>| (side.new - side.old).abs();
            let side = OldNew { old, new };
            if far(&side) > most.as_ref().map_or(0.0, |(_, known)| far(known)) {
                most = Some((name.to_string(), side));
            }
        }
        let course = tolerance.course(overhead.old, overhead.new);
        Ok(Difference { key: key.to_vec(), overhead, course, counts, most })
    }
}
