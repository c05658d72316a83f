//! Where the references of a walk go: how many of each walk read which level of which table.

use polars::prelude::DataFrame;

use super::grids::{Grid, Grids, Square};
use super::page::Heading;
use super::series::{self, Series};
use super::table::{CELL, Rows, TRACE};
use crate::error::Result;

/// More grids of two dimensions, and of one, are not looked at.
const MOST_GRIDS: [usize; 2] = [9, 6];

/// How a reader is told what a grid shows.
const READING: [&str; 3] = [
    "host entries (hL) translate each guest node (gL) and the data",
    "the bottom row is the guest's own entries",
    "grids are named technique, guest page/host page",
];

/// A grid for each cell and trace that has walks; nothing where none has.
///
/// Where there are too many, it is the first trace, then further axes are held at their first values, and then the last grids
/// are left out. Grids of two dimensions come first.
pub fn prepare(references: &DataFrame) -> Result<Option<Grids>> {
    let mut rows = Rows::all(references);
    let mut others = others(&rows)?;
    let mut trace = match &rows.distinct(TRACE)?[..] {
        [only] => Some(format!("{TRACE} {only}")),
        _ => None,
    };
    let (grids, words) = loop {
        let (held, words) = rows.held(&free(&rows, &others)?, None)?;
        let groups = series::merged(series::gather(&held, &others, |row| square(&held, row))?);
        let grids = grids(&held.distinct(TRACE)?, &groups);
        if (0..2).all(|kind| grids[kind].len() <= MOST_GRIDS[kind]) {
            break (grids, words);
        }
        if rows.distinct(TRACE)?.len() > 1 {
            let (of_first, said) = rows.first(TRACE)?;
            (rows, trace) = (of_first, Some(said));
        } else if others.pop().is_none() {
            break (grids, words);
        }
    };
    let all = grids.iter().map(Vec::len).sum::<usize>();
    let grids: Vec<Grid> =
        grids.into_iter().zip(MOST_GRIDS).flat_map(|(grids, most)| grids.into_iter().take(most)).collect();
    let mut held: Vec<String> = READING.into_iter().map(String::from).chain(trace).chain(words).collect();
    held.extend((grids.len() < all).then(|| format!("left out: {} of {all} grids", all - grids.len())));
    let heading = Heading { title: "Where do the references of a walk go?".into(), held };
    Ok((!grids.is_empty()).then_some(Grids { heading, axis: "references per walk".into(), grids }))
}

/// The axes that set grids apart besides technique and pages: those that vary, and not just along with others, as long as
/// their values are few together.
fn others<'a>(rows: &Rows<'a>) -> Result<Vec<&'a str>> {
    let (mut others, mut cells) = (Vec::new(), 1);
    for axis in rows.axes().into_iter().filter(|axis| !CELL.contains(axis)) {
        let values = rows.distinct(axis)?.len();
        if values > 1 && cells * values <= MOST_GRIDS[0] && !follows(rows, axis, &others)? {
            others.push(axis);
            cells *= values;
        }
    }
    Ok(others)
}

/// The axes that are not held: technique, pages, these others, and what varies just along with those.
fn free<'a>(rows: &Rows<'a>, others: &[&'a str]) -> Result<Vec<&'a str>> {
    let mut free = [&CELL, others].concat();
    for axis in rows.axes() {
        if !free.contains(&axis) && rows.distinct(axis)?.len() > 1 && follows(rows, axis, others)? {
            free.push(axis);
        }
    }
    Ok(free)
}

fn follows(rows: &Rows<'_>, axis: &str, leaders: &[&str]) -> Result<bool> {
    leaders.iter().try_fold(false, |follows, leader| Ok(follows || rows.follows(axis, leader)?))
}

/// A square by its number, with its references per walk.
fn square(rows: &Rows<'_>, row: usize) -> Result<Option<(f64, f64)>> {
    let level = rows.number(row, "level")?.unwrap_or_default() as u8;
    let stop = rows.text(row, "stop")?;
    let square = match rows.text(row, "table")?.as_str() {
        "host" => Square { stop: stop.trim_start_matches("level ").parse().unwrap_or(Square::DATA), host: level },
        _ => Square { stop: level, host: Square::OWN },
    };
    Ok(rows.number(row, "per_walk")?.map(|references| (square.number(), references)))
}

/// Those of two dimensions, and those of one.
fn grids(traces: &[String], groups: &[Vec<Series>]) -> [Vec<Grid>; 2] {
    let mut grids = [Vec::new(), Vec::new()];
    for (n, trace) in traces.iter().enumerate() {
        for group in groups.iter().filter(|group| !group[0].points[n].is_empty()) {
            let squares = group[0].points[n].iter().map(|&(number, value)| (Square::of(number), value)).collect();
            let grid = Grid { trace: trace.clone(), name: series::name(group), squares };
            grids[!grid.is_nested() as usize].push(grid);
        }
    }
    grids
}
