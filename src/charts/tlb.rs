//! How many accesses still walk, as the TLB grows.

use super::across::{Across, Ticks};
use super::lines::Lines;
use super::page::Heading;
use super::rows::{CELL, PRICES, Row, Rows};
use super::series::{self, Coincident, MOST_LINES};
use crate::counts::Event;

/// For each axis of TLB entries, its short name (`l1d.4K`) and the walks per thousand accesses along it.
pub fn prepare(results: &Rows<'_>) -> Vec<(String, Lines)> {
    let figure = |axis: &str| {
        let array = axis.strip_prefix("tlb.")?.strip_suffix(".entries")?;
        Some((array.to_string(), along(results, axis, array)?))
    };
    results.axes().into_iter().filter_map(figure).collect()
}

fn along(rows: &Rows<'_>, entries: &str, array: &str) -> Option<Lines> {
    let sizes = rows.distinct(entries);
    if sizes.len() < 2 {
        return None;
    }
    let mut others = others(rows, entries);
    let [technique, guest, host] = CELL;
    // Further axes are held at their first value where there would be too many lines.
    let (held, words) = loop {
        // Prices change no walk: they neither set lines apart nor are they worth a word.
        let mut free = vec![technique, guest, host, PRICES, entries];
        free.extend(&others);
        let (held, words) = rows.held(&free, Some(entries));
        if lines(&held, &others, entries).len() <= MOST_LINES || others.pop().is_none() {
            break (held, words);
        }
    };
    let (held, groups, mut words) = series::narrowed(held, words, |held| lines(held, &others, entries));
    words.extend(held.stretch());
    let size = |name: &str| name.parse().ok().map(|size: f64| (size, name.to_string()));
    let mut ticks: Vec<_> = sizes.into_iter().filter_map(size).collect();
    ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
    series::any_line(&groups).then(|| Lines {
        heading: Heading {
            title: "How many accesses walk the tables as the TLB grows?".into(),
            held: series::named(words),
        },
        across: Across { name: format!("entries of the TLB array {array}"), ticks: Ticks::Sizes(ticks) },
        axis: "walks per 1000 accesses".into(),
        legend: series::legend(&groups),
        panels: series::panels(&held, &groups),
    })
}

fn lines(rows: &Rows<'_>, others: &[&str], entries: &str) -> Vec<Coincident<f64>> {
    series::merged(series::gather(rows, others, f64::total_cmp, |row| point(rows, row, entries)))
}

/// The axes that set lines apart besides technique and pages: those that vary, and not just along with the entries.
fn others<'a>(rows: &Rows<'a>, entries: &str) -> Vec<&'a str> {
    let named = |axis: &str| axis == entries || axis == PRICES || CELL.contains(&axis);
    let apart = |axis: &&str| !named(axis) && rows.distinct(axis).len() > 1 && !rows.follows(axis, entries);
    rows.axes().into_iter().filter(apart).collect()
}

fn point<'a>(rows: &Rows<'a>, row: &Row<'a>, entries: &str) -> Option<(f64, f64)> {
    let rate = series::per_thousand(rows.counts(row)?, Event::Walks)?;
    Some((rows.value(row, entries).parse().ok()?, rate))
}
