//! From which rate of page-table updates on nested paging is cheaper than shadow paging: traces are one workload at several rates.

use super::across::{Across, Ticks};
use super::lines::{self, LinePanel, Lines};
use super::page::Heading;
use super::rows::{Row, Rows};
use super::scale::Scale;
use super::series::{self, Coincident, Series, slashed};
use crate::counts::Event;
use crate::numerals::short;
use crate::technique::{EPT, Facts, SHADOW};

/// Rates whose largest is more than this many times their smallest are put on a logarithmic axis.
const WIDE: f64 = 20.0;

/// The overhead over the page-table updates per thousand accesses, each trace a point; nothing if no cell has two.
pub fn prepare(results: &Rows<'_>) -> Option<Lines> {
    let (_, mut groups, mut held) = series::few(results, |rows| {
        let mut lines = series::gather(rows, &[], f64::total_cmp, |row| point(rows, row));
        lines.iter_mut().for_each(join_traces);
        series::merged(lines)
    });
    if !series::any_line(&groups) {
        return None;
    }
    let axis = series::as_overheads(&mut groups);
    let lines: Vec<_> = groups.iter().map(|group| group[0].points[0].clone()).collect();
    let across = across(lines.iter().flatten().map(|point| point.0));
    let name = match &results.traces()[..] {
        [first, _, .., last] => format!("{first} … {last}"),
        few => few.join(", "),
    };
    let mut panels = vec![LinePanel { name, lines, notes: Vec::new(), end: 0.0 }];
    let crossings = crossings(&groups, across, lines::scale(&panels));
    held.extend(results.stretch());
    held.extend(crossings.as_ref().map(|crossings| match crossings[..] {
        [] => "shadow and ept do not cross".into(),
        _ => "crossings are those of the lines as drawn".into(),
    }));
    panels[0].notes = crossings.unwrap_or_default();
    Some(Lines {
        heading: Heading { title: "What do page-table updates cost each technique?".into(), held },
        across: Across { name: "page-table updates per 1000 accesses".into(), ticks: Ticks::Round(across) },
        axis,
        legend: series::legend_by_technique(&groups),
        panels,
    })
}

fn point(rows: &Rows<'_>, row: &Row<'_>) -> Option<(f64, f64)> {
    let rate = series::per_thousand(rows.counts(row)?, Event::PteWrites)?;
    Some((rate, rows.overhead(row)?))
}

/// One line through the points of all traces.
fn join_traces(line: &mut Series<f64>) {
    let mut points = line.points.concat();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    line.points = vec![points];
}

fn across(rates: impl Iterator<Item = f64> + Clone) -> Scale {
    let low = rates.clone().fold(f64::INFINITY, f64::min);
    let high = rates.fold(0.0, f64::max);
    if low > 0.0 && high / low > WIDE { Scale::doubling(low, high) } else { Scale::from_zero(high) }
}

/// Where shadow and nested paging with the same pages cross, in words for each rate; ascending. Nothing
/// unless some pages have both.
fn crossings(groups: &[Coincident<f64>], across: Scale, up: Scale) -> Option<Vec<(f64, String)>> {
    let drawn = |line: &Series<f64>| -> Vec<_> {
        line.points[0].iter().map(|&(rate, overhead)| (across.share(rate), up.share(overhead))).collect()
    };
    let of = |technique: &'static Facts| groups.iter().flatten().filter(move |line| line.technique == technique);
    let pairs = || of(&SHADOW).flat_map(|shadow| of(&EPT).map(move |ept| (shadow, ept)));
    let pairs = || pairs().filter(|(shadow, ept)| shadow.pages == ept.pages);
    let mut crossings: Vec<_> = pairs()
        .filter_map(|(shadow, ept)| Some((across.value(crossing(&drawn(shadow), &drawn(ept))?), slashed(shadow.pages))))
        .collect();
    crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
    let several = pairs().count() > 1;
    let words = |rate: f64, pages: Vec<String>| {
        let pages: String = pages.iter().filter(|_| several).map(|pages| format!(" {pages}")).collect();
        (rate, format!("shadow = ept{pages} at {}", short(rate)))
    };
    let crossings = series::gathered(crossings.into_iter()).into_iter().map(|(rate, pages)| words(rate, pages));
    pairs().next().map(|_| crossings.collect())
}

/// Where two lines first cross: the first coordinate, by linear interpolation between the points of each, which ascend in it.
/// Nothing where they only touch.
pub fn crossing(a: &[(f64, f64)], b: &[(f64, f64)]) -> Option<f64> {
    let mut places: Vec<f64> = a.iter().chain(b).map(|point| point.0).collect();
    places.sort_by(f64::total_cmp);
    let (mut before, mut met) = (None, None);
    for x in places {
        let (Some(a), Some(b)) = (height(a, x), height(b, x)) else { continue };
        let gap = a - b;
        if gap == 0.0 {
            met = met.or(Some(x));
            continue;
        }
        if let Some((from, earlier)) = before
            && (earlier < 0.0) != (gap < 0.0)
        {
            return met.or(Some(from + (x - from) * earlier / (earlier - gap)));
        }
        (before, met) = (Some((x, gap)), None);
    }
    None
}

/// How high a line is somewhere, if it passes there.
fn height(line: &[(f64, f64)], x: f64) -> Option<f64> {
    let next = line.iter().position(|point| point.0 >= x)?;
    let (right, up) = line[next];
    if right == x {
        return Some(up);
    }
    let (left, down) = *line.get(next.checked_sub(1)?)?;
    Some(down + (up - down) * (x - left) / (right - left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_cross_where_the_sign_of_their_gap_changes() {
        let flat = [(0.0, 1.0), (10.0, 1.0)];
        assert_eq!(crossing(&[(0.0, 0.0), (10.0, 4.0)], &flat), Some(2.5));
        assert_eq!(crossing(&flat, &[(0.0, 0.0), (10.0, 4.0)]), Some(2.5));
        assert_eq!(crossing(&[(0.0, 0.0), (4.0, 1.0), (10.0, 3.0)], &flat), Some(4.0), "on a point");
        assert_eq!(crossing(&[(0.0, 0.0), (4.0, 1.0), (5.0, 1.0), (10.0, 3.0)], &flat), Some(4.0), "along a piece");
        assert_eq!(crossing(&[(2.0, 0.0), (6.0, 2.0)], &flat), Some(4.0), "other points");
    }

    #[test]
    fn lines_that_touch_or_never_meet_do_not_cross() {
        let flat = [(0.0, 1.0), (10.0, 1.0)];
        assert_eq!(crossing(&[(0.0, 0.0), (5.0, 1.0), (10.0, 0.0)], &flat), None);
        assert_eq!(crossing(&[(0.0, 1.0), (10.0, 2.0)], &flat), None, "from one point");
        assert_eq!(crossing(&flat, &flat), None);
        assert_eq!(crossing(&[(11.0, 0.0), (12.0, 2.0)], &flat), None, "elsewhere");
        assert_eq!(crossing(&[], &flat), None);
    }
}
