//! Lines, one for each technique and pair of page sizes: what a figure of lines shows.

use super::lines::LinePanel;
use super::overhead_unit::OverheadUnit;
use super::page::Stroke;
use super::rows::{CELL, Row, Rows};
use crate::counts::{Counts, Event};
use crate::guest::GuestPages;
use crate::outcome::Pages;
use crate::technique::Facts;
use std::cmp::Ordering;

/// How a reader is told what the names of lines mean.
const NAMING: [&str; 2] = ["lines are named technique, guest page/host page", "those that coincide are drawn as one"];

/// More lines than this are not told apart.
pub const MOST_LINES: usize = 8;

/// One line, through every trace: values over places of some kind.
pub struct Series<X> {
    pub technique: &'static Facts,
    pub pages: Pages,
    /// Whatever else sets the line apart: `vms 2, tlb.tags true`.
    pub others: String,
    /// One list of points for each trace, in the order of their places.
    pub points: Vec<Vec<(X, f64)>>,
}

/// Lines that coincide.
pub type Coincident<X> = Vec<Series<X>>;

/// The lines of some rows; `others` are the axes that set lines apart besides technique and pages. Of two points in one place the
/// first counts.
pub fn gather<'a, T: Copy, X: Copy>(
    rows: &Rows<'a, T>,
    others: &[&str],
    order: impl Fn(&X, &X) -> Ordering,
    point: impl Fn(&Row<'a, T>) -> Option<(X, f64)>,
) -> Vec<Series<X>> {
    let traces = rows.traces();
    let mut series: Vec<Series<X>> = Vec::new();
    for row in &rows.kept {
        let (technique, pages) = (row.outcome.technique(), row.outcome.pages());
        let words: Vec<_> = others.iter().map(|axis| format!("{axis} {}", rows.value(row, axis))).collect();
        let others = words.join(", ");
        let same = |line: &Series<X>| (line.technique, line.pages, &line.others) == (technique, pages, &others);
        let line = series.iter().position(same).unwrap_or_else(|| {
            series.push(Series { technique, pages, others, points: traces.iter().map(|_| Vec::new()).collect() });
            series.len() - 1
        });
        for (points, _) in series[line].points.iter_mut().zip(&traces).filter(|(_, name)| **name == row.outcome.trace) {
            points.extend(point(row));
        }
    }
    for points in series.iter_mut().flat_map(|line| &mut line.points) {
        points.sort_by(|a, b| order(&a.0, &b.0));
        points.dedup_by(|later, first| order(&later.0, &first.0).is_eq());
    }
    series
}

/// Lines that coincide everywhere become one group; those without a point are left out.
pub fn merged<X: PartialEq>(series: Vec<Series<X>>) -> Vec<Coincident<X>> {
    let mut groups: Vec<Coincident<X>> = Vec::new();
    for line in series.into_iter().filter(|line| line.points.iter().any(|points| !points.is_empty())) {
        match groups.iter_mut().find(|group| group.iter().any(|known| known.points == line.points)) {
            Some(group) => group.push(line),
            None => groups.push(vec![line]),
        }
    }
    groups
}

/// A panel for each trace, with a line for each group.
pub fn panels<T: Copy>(rows: &Rows<'_, T>, groups: &[Coincident<f64>]) -> Vec<LinePanel> {
    let lines = |trace: usize| groups.iter().map(|group| group[0].points[trace].clone()).collect();
    let panel =
        |(n, name): (usize, &str)| LinePanel { name: name.into(), lines: lines(n), notes: Vec::new(), end: 0.0 };
    rows.traces().into_iter().enumerate().map(panel).collect()
}

/// Fewer rows, and the words for which they are.
type Narrowing<'a, T> = fn(&Rows<'a, T>) -> (Rows<'a, T>, String);

/// Some rows, their lines, and the words for which rows they are.
type Few<'a, T> = (Rows<'a, T>, Vec<Coincident<f64>>, Vec<String>);

/// The lines of technique and pages, every other axis held at its first value; with their rows, and the words for what is held.
pub fn few<'a, T: Copy>(rows: &Rows<'a, T>, gather: impl Fn(&Rows<'a, T>) -> Vec<Coincident<f64>>) -> Few<'a, T> {
    let (rows, words) = rows.held(&CELL, None);
    let (rows, groups, words) = narrowed(rows, words, gather);
    (rows, groups, named(words))
}

/// The lines of some rows, for which there are words. Where there are too many, first the host's pages are those of the guest,
/// and then both are held as well.
pub fn narrowed<'a, T: Copy>(
    mut rows: Rows<'a, T>,
    mut words: Vec<String>,
    gather: impl Fn(&Rows<'a, T>) -> Vec<Coincident<f64>>,
) -> Few<'a, T> {
    let mut groups = gather(&rows);
    let narrowings: [Narrowing<'a, T>; 3] = [of_one_size, |rows| rows.first(CELL[1]), |rows| rows.first(CELL[2])];
    for narrow in narrowings {
        if groups.len() <= MOST_LINES {
            break;
        }
        let (fewer, said) = narrow(&rows);
        let techniques = |rows: &Rows<'a, T>| rows.distinct_by(|row| row.outcome.technique());
        // No technique may be lost.
        if fewer.kept.len() < rows.kept.len() && techniques(&fewer) == techniques(&rows) {
            groups = gather(&fewer);
            rows = fewer;
            words.push(said);
        }
    }
    (rows, groups, words)
}

/// The rows whose host pages are the guest's, and those without host pages.
fn of_one_size<'a, T: Copy>(rows: &Rows<'a, T>) -> (Rows<'a, T>, String) {
    let [_, guest, host] = CELL;
    let rows = rows.that(|row| {
        let pages = row.outcome.pages();
        pages.host.is_none_or(|host| pages.guest == GuestPages::One(host))
    });
    (rows, format!("{host} as {guest}"))
}

/// What is held, after what the names of lines mean.
pub fn named(held: Vec<String>) -> Vec<String> {
    NAMING.into_iter().map(String::from).chain(held).collect()
}

/// A colour and a mark for each group, named after all its lines.
pub fn legend(groups: &[Coincident<f64>]) -> Vec<(String, Stroke)> {
    groups.iter().enumerate().map(|(n, group)| (name(group), Stroke { colour: n, mark: n })).collect()
}

/// A colour for each technique and a mark for each pair of page sizes.
pub fn legend_by_technique(groups: &[Coincident<f64>]) -> Vec<(String, Stroke)> {
    let (mut techniques, mut pages) = (Vec::new(), Vec::new());
    let stroke = |group: &Coincident<f64>| {
        let line = &group[0];
        let stroke = Stroke { colour: rank(&mut techniques, line.technique), mark: rank(&mut pages, line.pages) };
        (name(group), stroke)
    };
    groups.iter().map(stroke).collect()
}

/// The place of something among what was seen so far; if it is new, it is added.
fn rank<T: PartialEq>(seen: &mut Vec<T>, it: T) -> usize {
    seen.iter().position(|known| *known == it).unwrap_or_else(|| {
        seen.push(it);
        seen.len() - 1
    })
}

/// Puts overheads, given as shares of the ideal, into the unit for the highest of them; returns the name of the axis.
pub fn as_overheads(groups: &mut [Coincident<f64>]) -> String {
    let points = || groups.iter().flatten().flat_map(|line| &line.points).flatten();
    let unit = OverheadUnit::up_to(points().map(|point| point.1).fold(0.0, f64::max));
    for point in groups.iter_mut().flatten().flat_map(|line| &mut line.points).flatten() {
        point.1 *= unit.factor;
    }
    unit.axis.into()
}

/// So many of an event in a thousand accesses, if there is any.
pub fn per_thousand(counts: &Counts, event: Event) -> Option<f64> {
    let accesses = Some(counts[Event::Accesses] as f64).filter(|&accesses| accesses > 0.0)?;
    Some(1000.0 * counts[event] as f64 / accesses)
}

/// Whether any line joins two points.
pub fn any_line(groups: &[Coincident<f64>]) -> bool {
    groups.iter().flatten().flat_map(|line| &line.points).any(|points| points.len() > 1)
}

/// `native, pv 4K; shadow, ept 4K/4K 2M/4K (tlb.tags true)`.
pub fn name<X>(group: &[Series<X>]) -> String {
    let lines = group.iter().map(|line| ((&line.others, line.technique), slashed(line.pages)));
    let techniques =
        gathered(lines).into_iter().map(|((others, technique), pages)| ((others, pages.join(" ")), technique.name));
    let cells =
        gathered(techniques).into_iter().map(|((others, pages), names)| (others, names.join(", ") + " " + &pages));
    let whole = gathered(cells).into_iter().map(|(others, cells)| (cells.join("; "), others.as_str()));
    let names = gathered(whole).into_iter().map(|(cells, others)| match others[..] {
        [""] => cells,
        _ => format!("{cells} ({})", others.join(" or ")),
    });
    names.collect::<Vec<_>>().join("; ")
}

/// `4K`, or guest and host: `2M/4K`.
pub fn slashed(pages: Pages) -> String {
    pages.host.map_or(pages.guest.name().into(), |host| format!("{}/{host}", pages.guest.name()))
}

/// What belongs to each key, in the order in which the keys came.
pub fn gathered<K: PartialEq, V>(pairs: impl Iterator<Item = (K, V)>) -> Vec<(K, Vec<V>)> {
    let mut gathered: Vec<(K, Vec<V>)> = Vec::new();
    for (key, value) in pairs {
        match gathered.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => gathered.push((key, vec![value])),
        }
    }
    gathered
}
