//! How the overhead moves with the prices: which technique gains when an exit becomes cheap.

use super::across::{Across, Ticks};
use super::lines::Lines;
use super::page::Heading;
use super::rows::{CELL, PRICES, Rows};
use super::series;

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
    series::any_line(&groups).then(|| Lines {
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
