//! How the overhead moves as the trace runs.

use polars::prelude::DataFrame;

use super::across::{Across, Ticks};
use super::lines::Lines;
use super::page::Heading;
use super::series;
use super::table::{Rows, TRACE};
use crate::error::Result;

/// The overhead of each interval at its middle; nothing unless some cell has two intervals.
pub fn prepare(intervals: &DataFrame) -> Result<Option<Lines>> {
    let (rows, mut groups, mut held) = series::few(&Rows::all(intervals), |rows| {
        Ok(series::merged(series::gather(rows, &[], |row| {
            Ok(span(rows, row)?.map(|(first, end)| (first + end) / 2.0).zip(rows.number(row, "overhead")?))
        })?))
    })?;
    if !series::any_line(&groups) {
        return Ok(None);
    }
    let axis = series::as_overheads(&mut groups);
    let mut panels = series::panels(&rows, &groups)?;
    for panel in &mut panels {
        for &row in &rows.with(TRACE, &panel.name)?.kept {
            panel.end = panel.end.max(span(&rows, row)?.map_or(0.0, |(_, end)| end));
        }
    }
    held.push("points at the middles of intervals".into());
    Ok(Some(Lines {
        heading: Heading { title: "How does the overhead move as the trace runs?".into(), held },
        across: Across { name: "accesses so far".into(), ticks: Ticks::FromZero },
        axis,
        legend: series::legend(&groups),
        panels,
    }))
}

/// The accesses before an interval and those up to its end.
fn span(rows: &Rows<'_>, row: usize) -> Result<Option<(f64, f64)>> {
    let first = rows.number(row, "first_access")?;
    Ok(first.zip(rows.number(row, "accesses")?).map(|(first, accesses)| (first, first + accesses)))
}
