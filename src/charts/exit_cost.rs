//! How the overhead moves with the prices: which technique gains when an exit becomes cheap.

use super::across::{Across, Ticks};
use super::lines::{self, Lines};
use super::page::Heading;
use super::rows::{CELL, PRICES, Rows};
use super::scale::Scale;
use super::series::{self, Coincident, MOST_LINES};
use crate::words::counted;

/// A line that moves by less of the axis is flat: three pixels.
const FLAT: f64 = 0.01;

/// The overhead of every cell under each price sheet, in the order of the sheets; nothing if no cell has two.
pub fn prepare(results: &Rows<'_>) -> Option<Lines> {
    let [technique, guest, host] = CELL;
    let (rows, mut held) = results.held(&[technique, guest, host, PRICES], Some(PRICES));
    held.extend(rows.stretch());
    let sheets = rows.distinct(PRICES);
    let mut groups = series::merged(series::gather(&rows, &[], f64::total_cmp, |row| {
        let place = sheets.iter().position(|sheet| *sheet == rows.value(row, PRICES))?;
        Some((place as f64, rows.overhead(row)?))
    }));
    if !series::any_line(&groups) {
        return None;
    }
    let scale = lines::scale(&series::panels(&rows, &groups));
    held.extend(drop_least(&mut groups, &scale));
    Some(Lines {
        heading: Heading {
            title: "What does address translation cost at each price sheet?".into(),
            held: series::named(held),
        },
        across: Across {
            name: "price sheet".into(),
            ticks: Ticks::Names(sheets.iter().map(|sheet| sheet.to_string()).collect()),
        },
        axis: series::as_overheads(&mut groups),
        legend: series::legend_by_technique(&groups),
        panels: series::panels(&rows, &groups),
    })
}

/// Of too many lines, leaves those that move most up the axis, and of every technique one, the first if none moves. Says how many
/// are left out.
fn drop_least(groups: &mut Vec<Coincident<f64>>, scale: &Scale) -> Option<String> {
    if groups.len() <= MOST_LINES {
        return None;
    }
    let moves = |group: &Coincident<f64>| group[0].points.iter().map(|points| rise(points, scale)).fold(0.0, f64::max);
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by(|&a, &b| moves(&groups[b]).total_cmp(&moves(&groups[a])));
    let technique = |place: usize| groups[place][0].technique;
    let is_first = |at: usize| order[..at].iter().all(|&before| technique(before) != technique(order[at]));
    let (firsts, others): (Vec<usize>, Vec<usize>) = (0..order.len()).partition(|&at| is_first(at));
    let others = others.into_iter().filter(|&at| moves(&groups[order[at]]) > FLAT);
    let kept: Vec<usize> = firsts.iter().copied().chain(others).take(MOST_LINES).map(|at| order[at]).collect();
    let left = groups.len() - kept.len();
    let mut place = 0..;
    groups.retain(|_| place.next().is_some_and(|place| kept.contains(&place)));
    Some(format!("left out: {} with a smaller move or none", counted(left, "line")))
}

/// How far up the axis a line reaches from its lowest point.
fn rise(points: &[(f64, f64)], scale: &Scale) -> f64 {
    let shares = || points.iter().map(|point| scale.share(point.1));
    shares().fold(0.0, f64::max) - shares().fold(1.0, f64::min)
}
