//! How the overhead depends on the guest's pages and on the host's.

use polars::prelude::DataFrame;

use super::maps::{Map, Maps, Panel};
use super::overhead;
use super::page::Heading;
use super::table::{CELL, Rows, TRACE};
use crate::error::Result;

/// The overhead of every pair of page sizes; nothing unless both sizes vary.
pub fn prepare(results: &DataFrame) -> Result<Option<Maps>> {
    let [technique, guest, host] = CELL;
    let (rows, held) = Rows::all(results).held(&CELL, None)?;
    let guests = rows.distinct(guest)?;
    if guests.len() < 2 || rows.distinct(host)?.iter().filter(|pages| !pages.is_empty()).count() < 2 {
        return Ok(None);
    }
    let mut highest = 0.0;
    for &row in &rows.kept {
        highest = f64::max(highest, rows.number(row, "overhead")?.unwrap_or(0.0));
    }
    let unit = overhead::unit(highest);
    let mut panels = Vec::new();
    for trace in rows.distinct(TRACE)? {
        let here = rows.with(TRACE, &trace)?;
        let mut maps = Vec::new();
        for name in rows.distinct(technique)? {
            maps.push(map(&rows.with(technique, &name)?, &here, name, &guests, unit.factor)?);
        }
        panels.push(Panel { name: trace, maps });
    }
    let heading = Heading { title: "Which pages should guest and host use?".into(), held };
    Ok(Some(Maps { heading, axis: unit.axis.into(), suffix: unit.suffix, guests, panels }))
}

/// A cell for each pair of sizes that the technique has anywhere; its value is that of the trace.
fn map(technique: &Rows<'_>, trace: &Rows<'_>, name: String, guests: &[String], factor: f64) -> Result<Map> {
    let [_, guest, host] = CELL;
    let hosts = technique.distinct(host)?;
    let mut cells = Vec::new();
    for guest_pages in guests {
        let of_guest = trace.with(CELL[0], &name)?.with(guest, guest_pages)?;
        let cell = |host_pages: &String| {
            let row = of_guest.with(host, host_pages)?.kept.first().copied();
            let overhead = row.map(|row| of_guest.number(row, "overhead")).transpose()?.flatten();
            Ok(overhead.map(|overhead| overhead * factor))
        };
        cells.push(hosts.iter().map(cell).collect::<Result<_>>()?);
    }
    Ok(Map { name, hosts, cells })
}
