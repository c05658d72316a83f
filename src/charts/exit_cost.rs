//! How the overhead moves with the prices: which technique gains when an exit becomes cheap.

use polars::prelude::DataFrame;

use super::across::{Across, Ticks};
use super::lines::Lines;
use super::page::Heading;
use super::series;
use super::table::{CELL, PRICES, Rows};
use crate::error::Result;

/// The overhead of every cell under each price sheet, in the order of the sheets; nothing if no cell has two.
pub fn prepare(results: &DataFrame) -> Result<Option<Lines>> {
    let [technique, guest, host] = CELL;
    let (rows, held) = Rows::all(results).held(&[technique, guest, host, PRICES], Some(PRICES))?;
    let sheets = rows.distinct(PRICES)?;
    let mut groups = series::merged(series::gather(&rows, &[], |row| {
        let sheet = rows.text(row, PRICES)?;
        let place = sheets.iter().position(|known| *known == sheet);
        Ok(place.map(|n| n as f64).zip(rows.number(row, "overhead")?))
    })?);
    if !series::any_line(&groups) {
        return Ok(None);
    }
    Ok(Some(Lines {
        heading: Heading {
            title: "What does address translation cost at each price sheet?".into(),
            held: series::named(held),
        },
        across: Across { name: "price sheet".into(), ticks: Ticks::Names(sheets) },
        axis: series::as_overheads(&mut groups),
        legend: series::legend_by_technique(&groups),
        panels: series::panels(&rows, &groups)?,
    }))
}
