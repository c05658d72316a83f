//! Lines, one for each technique and pair of page sizes: what a figure of lines shows.

use super::lines::Panel;
use super::overhead;
use super::page::Stroke;
use super::table::{CELL, Rows, TRACE};
use crate::error::Result;

/// How a reader is told what the names of lines mean.
const NAMING: [&str; 2] = ["lines are named technique, guest page/host page", "those that coincide are drawn as one"];

/// More lines than this are not told apart.
pub const MOST_LINES: usize = 8;

/// One line, through every trace.
pub struct Series {
    pub technique: String,
    /// `4K`, or guest and host: `2M/4K`.
    pub pages: String,
    /// Whatever else sets the line apart: `vms 2, tlb.tags true`.
    pub others: String,
    /// One list of points for each trace, ordered along the horizontal axis.
    pub points: Vec<Vec<(f64, f64)>>,
}

/// The lines of some rows; `others` are the axes that set lines apart besides technique and pages.
pub fn gather(
    rows: &Rows<'_>,
    others: &[&str],
    point: impl Fn(usize) -> Result<Option<(f64, f64)>>,
) -> Result<Vec<Series>> {
    let traces = rows.distinct(TRACE)?;
    let mut series: Vec<Series> = Vec::new();
    for &row in &rows.kept {
        let key = (rows.text(row, CELL[0])?, pages(rows, row)?, further(rows, row, others)?);
        let same = |line: &Series| (&line.technique, &line.pages, &line.others) == (&key.0, &key.1, &key.2);
        let known = series.iter().position(same);
        let line = known.unwrap_or_else(|| {
            let (technique, pages, others) = key;
            series.push(Series { technique, pages, others, points: vec![Vec::new(); traces.len()] });
            series.len() - 1
        });
        let trace = rows.text(row, TRACE)?;
        for (points, _) in series[line].points.iter_mut().zip(&traces).filter(|(_, name)| **name == trace) {
            points.extend(point(row)?);
        }
    }
    for points in series.iter_mut().flat_map(|line| &mut line.points) {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points.dedup_by_key(|point| point.0);
    }
    Ok(series)
}

fn pages(rows: &Rows<'_>, row: usize) -> Result<String> {
    let (guest, host) = (rows.text(row, CELL[1])?, rows.text(row, CELL[2])?);
    Ok(if host.is_empty() { guest } else { format!("{guest}/{host}") })
}

fn further(rows: &Rows<'_>, row: usize, axes: &[&str]) -> Result<String> {
    let words: Result<Vec<_>> = axes.iter().map(|axis| Ok(format!("{axis} {}", rows.text(row, axis)?))).collect();
    Ok(words?.join(", "))
}

/// Lines that coincide everywhere become one group; those without a point are left out.
pub fn merged(series: Vec<Series>) -> Vec<Vec<Series>> {
    let mut groups: Vec<Vec<Series>> = Vec::new();
    for line in series.into_iter().filter(|line| line.points.iter().any(|points| !points.is_empty())) {
        match groups.iter_mut().find(|group| group.iter().any(|known| known.points == line.points)) {
            Some(group) => group.push(line),
            None => groups.push(vec![line]),
        }
    }
    groups
}

/// A panel for each trace, with a line for each group.
pub fn panels(rows: &Rows<'_>, groups: &[Vec<Series>]) -> Result<Vec<Panel>> {
    let lines = |trace: usize| groups.iter().map(|group| group[0].points[trace].clone()).collect();
    Ok(rows
        .distinct(TRACE)?
        .into_iter()
        .enumerate()
        .map(|(n, name)| Panel { name, lines: lines(n), notes: Vec::new(), end: 0.0 })
        .collect())
}

/// Fewer rows, and the words for which they are.
type Narrowing<'a> = fn(&Rows<'a>) -> Result<(Rows<'a>, String)>;

/// The lines of technique and pages, every other axis held at its first value; with their rows, and the words for what is held.
///
/// Where there are too many lines, first the host's pages are those of the guest, and then both are held as well.
pub fn few<'a>(
    rows: &Rows<'a>,
    gather: impl Fn(&Rows<'a>) -> Result<Vec<Vec<Series>>>,
) -> Result<(Rows<'a>, Vec<Vec<Series>>, Vec<String>)> {
    let (mut rows, mut words) = rows.held(&CELL, None)?;
    let mut groups = gather(&rows)?;
    let narrowings: [Narrowing<'a>; 3] = [of_one_size, |rows| rows.first(CELL[1]), |rows| rows.first(CELL[2])];
    for narrow in narrowings {
        if groups.len() <= MOST_LINES {
            break;
        }
        let (fewer, said) = narrow(&rows)?;
        // No technique may be lost.
        if fewer.kept.len() < rows.kept.len() && fewer.distinct(CELL[0])? == rows.distinct(CELL[0])? {
            groups = gather(&fewer)?;
            rows = fewer;
            words.push(said);
        }
    }
    Ok((rows, groups, named(words)))
}

/// The rows whose host pages are the guest's, and those without host pages.
fn of_one_size<'a>(rows: &Rows<'a>) -> Result<(Rows<'a>, String)> {
    let [_, guest, host] = CELL;
    let rows = rows.that(|row| {
        let pages = rows.text(row, host)?;
        Ok(pages.is_empty() || pages == rows.text(row, guest)?)
    })?;
    Ok((rows, format!("{host} as {guest}")))
}

/// What is held, after what the names of lines mean.
pub fn named(held: Vec<String>) -> Vec<String> {
    NAMING.into_iter().map(String::from).chain(held).collect()
}

/// A colour and a mark for each group, named after all its lines.
pub fn legend(groups: &[Vec<Series>]) -> Vec<(String, Stroke)> {
    groups.iter().enumerate().map(|(n, group)| (name(group), Stroke { colour: n, mark: n })).collect()
}

/// A colour for each technique and a mark for each pair of page sizes.
pub fn legend_by_technique(groups: &[Vec<Series>]) -> Vec<(String, Stroke)> {
    let (mut techniques, mut pages) = (Vec::new(), Vec::new());
    let stroke = |group: &Vec<Series>| {
        let line = &group[0];
        let stroke = Stroke { colour: rank(&mut techniques, &line.technique), mark: rank(&mut pages, &line.pages) };
        (name(group), stroke)
    };
    groups.iter().map(stroke).collect()
}

/// The place of a name among those seen so far; a new one is added.
fn rank(seen: &mut Vec<String>, name: &str) -> usize {
    seen.iter().position(|known| known == name).unwrap_or_else(|| {
        seen.push(name.to_string());
        seen.len() - 1
    })
}

/// Puts overheads, given as shares of the ideal, into the unit for the highest of them; returns the name of the axis.
pub fn as_overheads(groups: &mut [Vec<Series>]) -> String {
    let points = || groups.iter().flatten().flat_map(|line| &line.points).flatten();
    let unit = overhead::unit(points().map(|point| point.1).fold(0.0, f64::max));
    for point in groups.iter_mut().flatten().flat_map(|line| &mut line.points).flatten() {
        point.1 *= unit.factor;
    }
    unit.axis.into()
}

/// Whether any line joins two points.
pub fn any_line(groups: &[Vec<Series>]) -> bool {
    groups.iter().flatten().flat_map(|line| &line.points).any(|points| points.len() > 1)
}

/// `native, pv 4K; shadow, ept 4K/4K 2M/4K (tlb.tags true)`.
pub fn name(group: &[Series]) -> String {
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
