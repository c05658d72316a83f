//! How the overhead moves with the prices: which technique gains when an exit becomes cheap.

use polars::prelude::DataFrame;

use super::lines::{Across, Lines};
use super::overhead;
use super::page::{Heading, Stroke};
use super::series::{self, Series};
use super::table::{CELL, PRICES, Rows};
use crate::error::Result;

/// The overhead of every cell under each price sheet, in the order of the sheets; nothing if no cell has two.
pub fn prepare(results: &DataFrame) -> Result<Option<Lines>> {
    let [technique, guest, host] = CELL;
    let (rows, mut held) = Rows::all(results).held(&[technique, guest, host, PRICES], Some(PRICES))?;
    let sheets = rows.distinct(PRICES)?;
    let mut groups = series::merged(series::gather(&rows, &[], |row| {
        let sheet = rows.text(row, PRICES)?;
        let place = sheets.iter().position(|known| *known == sheet);
        Ok(place.map(|n| n as f64).zip(rows.number(row, "overhead")?))
    })?);
    if !series::any_line(&groups) {
        return Ok(None);
    }
    held.insert(0, series::NAMING.into());
    let points = groups.iter().flatten().flat_map(|line| &line.points).flatten();
    let unit = overhead::unit(points.map(|point| point.1).fold(0.0, f64::max));
    for point in groups.iter_mut().flatten().flat_map(|line| &mut line.points).flatten() {
        point.1 *= unit.factor;
    }
    Ok(Some(Lines {
        heading: Heading { title: "What does address translation cost at each price sheet?".into(), held },
        across: Across {
            name: "price sheet".into(),
            ticks: sheets.into_iter().enumerate().map(|(n, sheet)| (n as f64, sheet)).collect(),
            sizes: false,
        },
        axis: unit.axis.into(),
        legend: legend(&groups),
        panels: series::panels(&rows, &groups)?,
    }))
}

/// A colour for each technique and a mark for each pair of page sizes.
fn legend(groups: &[Vec<Series>]) -> Vec<(String, Stroke)> {
    let (mut techniques, mut pages) = (Vec::new(), Vec::new());
    let stroke = |group: &Vec<Series>| {
        let line = &group[0];
        let stroke = Stroke { colour: rank(&mut techniques, &line.technique), mark: rank(&mut pages, &line.pages) };
        (series::name(group), stroke)
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
