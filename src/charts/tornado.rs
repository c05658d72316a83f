//! Which assumed prices the overhead of one cell hangs on.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;

use super::overhead;
use super::page::Heading;
use super::style::FILLS;
use super::swings::{Swing, Swings};
use super::table::{CELL, Rows, TRACE};
use crate::error::{Error, Result};
use crate::words::worth_a_word;

/// More bars than this are not read.
const MOST_BARS: usize = 12;
/// Overheads with the price halved and with it doubled, by column and by name.
const SIDES: [(&str, &str); 2] = [("overhead_halved", "price halved"), ("overhead_doubled", "price doubled")];
const VIRTUAL: [&str; 3] = ["shadow", "ept", "pv"];

/// The overhead of one cell as each price moves, the widest move first; nothing where no price moves it.
///
/// The cell is the first that has the values of `cell`, column by column. Where it is empty, it is the one that moves most, of
/// the virtual techniques if any of those moves.
pub fn prepare(sensitivity: &DataFrame, cell: &BTreeMap<String, String>) -> Result<Option<Swings>> {
    let all = Rows::all(sensitivity);
    let Some(chosen) = (if cell.is_empty() { widest(&all)? } else { Some(matching(&all, cell)?) }) else {
        return Ok(None);
    };
    let (mut rows, mut held) = (all.clone(), Vec::new());
    for column in [TRACE].into_iter().chain(all.axes()) {
        let value = all.text(chosen, column)?;
        rows = rows.with(column, &value)?;
        if worth_a_word(column, &value) {
            held.push(format!("{column} {value}"));
        }
    }
    let Some(middle) = rows.number(chosen, "overhead")? else { return Ok(None) };
    let mut bars = Vec::new();
    for &row in &rows.kept {
        bars.push((swing(&rows, row)?, bar(&rows, row)?));
    }
    let prices = bars.len();
    bars.retain(|(swing, _)| *swing > 1e-9 * middle);
    if bars.is_empty() {
        return Ok(None);
    }
    bars.sort_by(|a, b| b.0.total_cmp(&a.0));
    held.push("each price is moved alone".into());
    let left_out = [(bars.len().saturating_sub(MOST_BARS), "a smaller move"), (prices - bars.len(), "none")];
    let left_out =
        left_out.iter().filter(|(count, _)| *count > 0).map(|(count, which)| format!("{count} with {which}"));
    let left_out = left_out.collect::<Vec<_>>().join(", ");
    held.extend((!left_out.is_empty()).then(|| format!("left out: {left_out}")));
    bars.truncate(MOST_BARS);
    let ends = bars.iter().flat_map(|(_, bar)| bar.ends).flatten();
    let unit = overhead::unit(ends.fold(middle, f64::max));
    let mut swings = Swings {
        heading: Heading { title: "How far does each assumed price move the overhead?".into(), held },
        panel: all.text(chosen, TRACE)?,
        axis: unit.axis.into(),
        suffix: unit.suffix,
        middle,
        sides: [(SIDES[0].1, FILLS[0]), (SIDES[1].1, FILLS[3])],
        bars: bars.into_iter().map(|(_, bar)| bar).collect(),
    };
    swings.multiply(unit.factor);
    Ok(Some(swings))
}

fn bar(rows: &Rows<'_>, row: usize) -> Result<Swing> {
    Ok(Swing {
        price: rows.text(row, "price")?,
        cycles: rows.number(row, "cycles")?.map_or(String::new(), |cycles| cycles.to_string()),
        ends: [rows.number(row, SIDES[0].0)?, rows.number(row, SIDES[1].0)?],
    })
}

/// How far apart the overheads of a row are.
fn swing(rows: &Rows<'_>, row: usize) -> Result<f64> {
    let mut values = Vec::new();
    for column in ["overhead", SIDES[0].0, SIDES[1].0] {
        values.extend(rows.number(row, column)?);
    }
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    Ok(values.into_iter().fold(0.0, |most, value| f64::max(most, value - least)))
}

/// A row of the cell that moves most.
fn widest(all: &Rows<'_>) -> Result<Option<usize>> {
    let guests = all.that(|row| Ok(VIRTUAL.contains(&all.text(row, CELL[0])?.as_str())))?;
    for rows in [&guests, all] {
        let mut most = (0.0, None);
        for &row in &rows.kept {
            let swing = swing(rows, row)?;
            if swing > most.0 && rows.number(row, "overhead")?.is_some() {
                most = (swing, Some(row));
            }
        }
        if most.1.is_some() {
            return Ok(most.1);
        }
    }
    Ok(None)
}

/// The first row with these values.
fn matching(all: &Rows<'_>, cell: &BTreeMap<String, String>) -> Result<usize> {
    let wanted = || cell.iter().map(|(column, value)| format!("{column} {value}")).collect::<Vec<_>>().join(", ");
    let failed = |cause: String| Error::failed(format!("find the cell {}", wanted()), cause);
    let axes = all.axes();
    let mut rows = all.clone();
    for (column, value) in cell {
        if column != TRACE && !axes.contains(&column.as_str()) {
            return Err(failed(format!("`{column}` is no column of the results")));
        }
        rows = rows.with(column, value)?;
    }
    rows.kept.first().copied().ok_or_else(|| failed("the results have no such row".into()))
}
