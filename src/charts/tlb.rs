//! How many accesses still walk, as the TLB grows.

use polars::prelude::DataFrame;

use super::lines::{Across, Lines};
use super::page::{Heading, Stroke};
use super::series::{self, Series};
use super::table::{CELL, PRICES, Rows};
use crate::error::Result;

/// More lines than this are not told apart: further axes are then held at their first value.
const MOST_LINES: usize = 8;

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
    let (held, mut words, series) = loop {
        // Prices change no walk: they neither set lines apart nor are they worth a word.
        let mut free = vec![technique, guest, host, PRICES, entries];
        free.extend(&others);
        let (held, words) = rows.held(&free, Some(entries))?;
        let series = merged(series::gather(&held, &others, |row| point(&held, row, entries))?);
        if series.len() <= MOST_LINES || others.pop().is_none() {
            break (held, words, series);
        }
    };
    if !series::any_line(&series) {
        return Ok(None);
    }
    words.insert(0, "lines are named technique, guest page/host page; those that coincide are drawn as one".into());
    let size = |name: String| name.parse().ok().map(|size: f64| (size, name));
    let mut ticks: Vec<_> = sizes.into_iter().filter_map(size).collect();
    ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(Some(Lines {
        heading: Heading { title: "How many accesses walk the tables as the TLB grows?".into(), held: words },
        across: Across { name: format!("entries of the TLB array {array}"), ticks, sizes: true },
        axis: "walks per 1000 accesses".into(),
        legend: legend(&series),
        panels: series::panels(&held, &series)?,
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

/// Lines that coincide everywhere become one, named after all of them: `native, pv 4K; shadow, ept 4K/4K 2M/4K`.
fn merged(series: Vec<Series>) -> Vec<Series> {
    let mut groups: Vec<Vec<Series>> = Vec::new();
    for line in series {
        match groups.iter_mut().find(|group| group.iter().any(|known| known.points == line.points)) {
            Some(group) => group.push(line),
            None => groups.push(vec![line]),
        }
    }
    groups.into_iter().filter_map(one_of).collect()
}

fn one_of(group: Vec<Series>) -> Option<Series> {
    let mut pages_of: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in &group {
        match pages_of.iter_mut().find(|(technique, _)| *technique == line.technique) {
            Some((_, pages)) => pages.push(&line.pages),
            None => pages_of.push((&line.technique, vec![&line.pages])),
        }
    }
    let mut named: Vec<(String, Vec<&str>)> = Vec::new();
    for (technique, pages) in pages_of {
        match named.iter_mut().find(|(_, same)| *same == pages) {
            Some((techniques, _)) => *techniques = format!("{techniques}, {technique}"),
            None => named.push((technique.to_string(), pages)),
        }
    }
    let names: Vec<_> = named.iter().map(|(techniques, pages)| format!("{techniques} {}", pages.join(" "))).collect();
    let (technique, pages) = (String::new(), names.join("; "));
    group.into_iter().next().map(|line| Series { technique, pages, points: line.points })
}

fn legend(series: &[Series]) -> Vec<(String, Stroke)> {
    series.iter().enumerate().map(|(n, line)| (line.pages.clone(), Stroke { colour: n, mark: n })).collect()
}
