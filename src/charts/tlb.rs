//! How many accesses still walk, as the TLB grows.

use polars::prelude::DataFrame;

use super::across::{Across, Ticks};
use super::lines::Lines;
use super::page::Heading;
use super::series::{self, MOST_LINES};
use super::table::{CELL, PRICES, Rows};
use crate::error::Result;

/// For each axis of TLB entries, its short name (`l1d.4K`) and the walks per thousand accesses along it.
pub fn prepare(results: &DataFrame) -> Result<Vec<(String, Lines)>> {
    let rows = Rows::all(results);
    let mut figures = Vec::new();
    for axis in rows.axes() {
        if let Some(array) = axis.strip_prefix("tlb.").and_then(|key| key.strip_suffix(".entries"))
            && let Some(lines) = along(&rows, axis, array)?
        {
            figures.push((array.to_string(), lines));
        }
    }
    Ok(figures)
}

fn along(rows: &Rows<'_>, entries: &str, array: &str) -> Result<Option<Lines>> {
    let sizes = rows.distinct(entries)?;
    if sizes.len() < 2 {
        return Ok(None);
    }
    let mut others = others(rows, entries)?;
    let [technique, guest, host] = CELL;
    // Further axes are held at their first value where there would be too many lines.
    let (held, words, groups) = loop {
        // Prices change no walk: they neither set lines apart nor are they worth a word.
        let mut free = vec![technique, guest, host, PRICES, entries];
        free.extend(&others);
        let (held, words) = rows.held(&free, Some(entries))?;
        let groups = series::merged(series::gather(&held, &others, |row| point(&held, row, entries))?);
        if groups.len() <= MOST_LINES || others.pop().is_none() {
            break (held, words, groups);
        }
    };
    if !series::any_line(&groups) {
        return Ok(None);
    }
    let size = |name: String| name.parse().ok().map(|size: f64| (size, name));
    let mut ticks: Vec<_> = sizes.into_iter().filter_map(size).collect();
    ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(Some(Lines {
        heading: Heading {
            title: "How many accesses walk the tables as the TLB grows?".into(),
            held: series::named(words),
        },
        across: Across { name: format!("entries of the TLB array {array}"), ticks: Ticks::Sizes(ticks) },
        axis: "walks per 1000 accesses".into(),
        legend: series::legend(&groups),
        panels: series::panels(&held, &groups)?,
    }))
}

/// The axes that set lines apart besides technique and pages: those that vary, and not just along with the entries.
fn others<'a>(rows: &Rows<'a>, entries: &str) -> Result<Vec<&'a str>> {
    let mut others = Vec::new();
    for axis in rows.axes() {
        let named = axis == entries || axis == PRICES || CELL.contains(&axis);
        if !named && rows.distinct(axis)?.len() > 1 && !rows.follows(axis, entries)? {
            others.push(axis);
        }
    }
    Ok(others)
}

fn point(rows: &Rows<'_>, row: usize, entries: &str) -> Result<Option<(f64, f64)>> {
    let accesses = rows.number(row, "accesses")?.filter(|&accesses| accesses > 0.0);
    let rate = rows.number(row, "walks")?.zip(accesses).map(|(walks, accesses)| 1000.0 * walks / accesses);
    Ok(rows.number(row, entries)?.zip(rate))
}
