//! Where the references of a walk go: how many of each walk read which level of which table.

use super::page::Heading;
use super::rows::{CELL, PRICES, Row, Rows};
use super::series::{self, Coincident};
use super::walk_grids::{Square, WalkGrid, WalkGrids};
use crate::counts::Event;
use crate::outcome::{Outcome, once_each};
use crate::sweep::Sweep;
use crate::walk::{References, Table};

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
pub fn prepare(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Option<WalkGrids> {
    let mut rows = rows(sweep, outcomes);
    let mut others = others(&rows);
    let mut trace = match rows.traces()[..] {
        [only] => Some(format!("trace {only}")),
        _ => None,
    };
    let (grids, words) = loop {
        let (held, words) = rows.held(&free(&rows, &others), None);
        let groups = series::merged(series::gather(&held, &others, Square::cmp, square));
        let grids = grids(&held.traces(), &groups);
        if (0..2).all(|kind| grids[kind].len() <= MOST_GRIDS[kind]) {
            break (grids, words);
        }
        if rows.traces().len() > 1 {
            let (of_first, said) = rows.of_first_trace();
            (rows, trace) = (of_first, Some(said));
        } else if others.pop().is_none() {
            break (grids, words);
        }
    };
    let all = grids.iter().map(Vec::len).sum::<usize>();
    let grids: Vec<WalkGrid> =
        grids.into_iter().zip(MOST_GRIDS).flat_map(|(grids, most)| grids.into_iter().take(most)).collect();
    let mut held: Vec<String> = READING.into_iter().map(String::from).chain(trace).chain(words).collect();
    held.extend(rows.stretch().map(|_| "the whole trace".into()));
    held.extend((grids.len() < all).then(|| format!("left out: {} of {all} grids", all - grids.len())));
    let heading = Heading { title: "Where do the references of a walk go?".into(), held };
    (!grids.is_empty()).then_some(WalkGrids { heading, axis: "references per walk".into(), grids })
}

/// Every place that walks of a cell may read, whatever the prices.
fn rows<'a>(sweep: &'a Sweep, outcomes: &'a [Outcome<'a>]) -> Rows<'a, &'a References> {
    let places =
        |outcome: &'a Outcome<'a>| outcome.tally.references.iter().flatten().map(move |shown| Row { outcome, shown });
    Rows::each(sweep, once_each(sweep, outcomes).into_iter().flat_map(places)).without(PRICES)
}

/// The axes that set grids apart besides technique and pages: those that vary, and not just along with others, as long as
/// their values are few together.
fn others<'a, T: Copy>(rows: &Rows<'a, T>) -> Vec<&'a str> {
    let (mut others, mut cells) = (Vec::new(), 1);
    for axis in rows.axes().into_iter().filter(|axis| !CELL.contains(axis)) {
        let values = rows.distinct(axis).len();
        if values > 1 && cells * values <= MOST_GRIDS[0] && !follows(rows, axis, &others) {
            others.push(axis);
            cells *= values;
        }
    }
    others
}

/// The axes that are not held: technique, pages, these others, and what varies just along with those.
fn free<'a, T: Copy>(rows: &Rows<'a, T>, others: &[&'a str]) -> Vec<&'a str> {
    let mut free = [&CELL, others].concat();
    for axis in rows.axes() {
        if !free.contains(&axis) && rows.distinct(axis).len() > 1 && follows(rows, axis, others) {
            free.push(axis);
        }
    }
    free
}

fn follows<T: Copy>(rows: &Rows<'_, T>, axis: &str, leaders: &[&str]) -> bool {
    leaders.iter().any(|leader| rows.follows(axis, leader))
}

/// A square with its references per walk.
fn square(row: &Row<'_, &References>) -> Option<(Square, f64)> {
    let level = Some(row.shown.level);
    let square = match row.shown.table {
        Table::Guest | Table::Shadow => Square { stop: level, host: None },
        Table::Host(stop) => Square { stop, host: level },
    };
    let per_walk = row.shown.count as f64 / row.outcome.tally.counts[Event::Walks] as f64;
    per_walk.is_finite().then_some((square, per_walk))
}

/// Those of two dimensions, and those of one.
fn grids(traces: &[&str], groups: &[Coincident<Square>]) -> [Vec<WalkGrid>; 2] {
    let mut grids = [Vec::new(), Vec::new()];
    for (n, trace) in traces.iter().enumerate() {
        for group in groups.iter().filter(|group| !group[0].points[n].is_empty()) {
            let squares = group[0].points[n].clone();
            let grid = WalkGrid { trace: trace.to_string(), name: series::name(group), squares };
            grids[!grid.is_nested() as usize].push(grid);
        }
    }
    grids
}
