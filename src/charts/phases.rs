//! How the overhead moves as the trace runs.

use super::across::{Across, Ticks};
use super::lines::Lines;
use super::page::Heading;
use super::rows::{Row, Rows};
use super::series;
use crate::counts::Event;
use crate::outcome::Outcome;
use crate::sweep::Sweep;

/// An interval of a row: the accesses before it and those up to its end, and its overhead.
#[derive(Clone, Copy)]
struct Interval {
    first: f64,
    end: f64,
    overhead: Option<f64>,
}

/// The overhead of each interval at its middle; nothing unless some cell has two intervals.
pub fn prepare(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Option<Lines> {
    let (rows, mut groups, mut held) = series::few(&intervals(sweep, outcomes)?, |rows| {
        let middle = |it: &Interval| Some(((it.first + it.end) / 2.0, it.overhead?));
        series::merged(series::gather(rows, &[], f64::total_cmp, |row| middle(&row.shown)))
    });
    if !series::any_line(&groups) {
        return None;
    }
    let axis = series::as_overheads(&mut groups);
    let mut panels = series::panels(&rows, &groups);
    for panel in &mut panels {
        panel.end = rows.of(&panel.name).kept.iter().map(|row| row.shown.end).fold(panel.end, f64::max);
    }
    held.push("points at the middles of intervals".into());
    Some(Lines {
        heading: Heading { title: "How does the overhead move as the trace runs?".into(), held },
        across: Across { name: "accesses so far".into(), ticks: Ticks::FromZero },
        axis,
        legend: series::legend(&groups),
        panels,
    })
}

/// Every interval of every row; nothing where the sweep asks for none.
fn intervals<'a>(sweep: &'a Sweep, outcomes: &'a [Outcome<'a>]) -> Option<Rows<'a, Interval>> {
    let length = sweep.interval?;
    let each = |outcome: &'a Outcome<'a>| {
        let prices = &sweep.sheets[outcome.row.sheet].1;
        (0..).zip(&outcome.tally.intervals).map(move |(i, counts)| {
            let first = (i * length) as f64;
            let end = first + counts[Event::Accesses] as f64;
            let overhead = prices.bill(counts).ok().and_then(|bill| bill.overhead());
            Row { outcome, shown: Interval { first, end, overhead } }
        })
    };
    Some(Rows::each(sweep, outcomes.iter().flat_map(each)))
}
