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
    let (held, mut words, groups) = loop {
        // Prices change no walk: they neither set lines apart nor are they worth a word.
        let mut free = vec![technique, guest, host, PRICES, entries];
        free.extend(&others);
        let (held, words) = rows.held(&free, Some(entries))?;
        let groups = merged(series::gather(&held, &others, |row| point(&held, row, entries))?);
        if groups.len() <= MOST_LINES || others.pop().is_none() {
            break (held, words, groups);
        }
    };
    let legend = legend(&groups);
    let series: Vec<_> = groups.into_iter().filter_map(|group| group.into_iter().next()).collect();
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
        legend,
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

/// Lines that coincide everywhere become one entry.
fn merged(series: Vec<Series>) -> Vec<Vec<Series>> {
    let mut groups: Vec<Vec<Series>> = Vec::new();
    for line in series {
        match groups.iter_mut().find(|group| group.iter().any(|known| known.points == line.points)) {
            Some(group) => group.push(line),
            None => groups.push(vec![line]),
        }
    }
    groups
}

/// A colour and a mark for each group, named after all its lines.
fn legend(groups: &[Vec<Series>]) -> Vec<(String, Stroke)> {
    groups.iter().enumerate().map(|(n, group)| (name(group), Stroke { colour: n, mark: n })).collect()
}

/// `native, pv 4K; shadow, ept 4K/4K 2M/4K (tlb.tags true)`.
fn name(group: &[Series]) -> String {
    let lines = group.iter().map(|line| ((&line.others, &line.technique), line.pages.as_str()));
    let techniques =
        gathered(lines).into_iter().map(|((others, name), pages)| ((others, pages.join(" ")), name.as_str()));
    let cells =
        gathered(techniques).into_iter().map(|((others, pages), names)| (others, names.join(", ") + " " + &pages));
    let whole = gathered(cells).into_iter().map(|(others, cells)| (cells.join("; "), others.as_str()));
    let names = gathered(whole).into_iter().map(|(cells, others)| match others[..] {
        [""] => cells,
        _ => format!("{cells} ({})", others.join(" or ")),
    });
    names.collect::<Vec<_>>().join("; ")
}

/// What belongs to each key, in the order in which the keys came.
fn gathered<K: PartialEq, V>(pairs: impl Iterator<Item = (K, V)>) -> Vec<(K, Vec<V>)> {
    let mut gathered: Vec<(K, Vec<V>)> = Vec::new();
    for (key, value) in pairs {
        match gathered.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => gathered.push((key, vec![value])),
        }
    }
    gathered
}
