//! How the overhead depends on the guest's pages and on the host's.

use super::maps::{Map, MapPanel, Maps};
use super::overhead_unit::OverheadUnit;
use super::page::Heading;
use super::rows::{CELL, Rows};
use crate::address::PageSize;
use crate::guest::GuestPages;
use crate::outcome::Pages;
use crate::technique::Facts;

/// The overhead of every pair of page sizes; nothing unless both sizes vary.
pub fn prepare(results: &Rows<'_>) -> Option<Maps> {
    let (rows, mut held) = results.held(&CELL, None);
    held.extend(rows.stretch());
    let guests = rows.distinct_by(|row| row.outcome.pages().guest);
    if guests.len() < 2 || hosts(&rows).into_iter().flatten().count() < 2 {
        return None;
    }
    let highest = rows.kept.iter().filter_map(|row| rows.overhead(row)).fold(0.0, f64::max);
    let unit = OverheadUnit::up_to(highest);
    let panel = |trace: &str| {
        let here = rows.of(trace);
        let techniques = rows.distinct_by(|row| row.outcome.technique()).into_iter();
        let maps = techniques.map(|technique| map(&rows, &here, technique, &guests, unit.factor)).collect();
        MapPanel { name: trace.into(), maps }
    };
    let panels = rows.traces().into_iter().map(panel).collect();
    let heading = Heading { title: "Which pages should guest and host use?".into(), held };
    let guests = guests.into_iter().map(|pages| pages.name().to_string()).collect();
    Some(Maps { heading, axis: unit.axis.into(), suffix: unit.suffix, guests, panels })
}

/// The host's pages, `None` among them where there are techniques without.
fn hosts(rows: &Rows<'_>) -> Vec<Option<PageSize>> {
    rows.distinct_by(|row| row.outcome.pages().host)
}

/// A cell for each pair of sizes that the technique has anywhere; its value is that of the trace.
fn map(all: &Rows<'_>, here: &Rows<'_>, technique: &'static Facts, guests: &[GuestPages], factor: f64) -> Map {
    let [all, here] = [all, here].map(|rows| rows.that(|row| row.outcome.technique() == technique));
    let hosts = hosts(&all);
    let cell = |pages: Pages| {
        let row = here.kept.iter().find(|row| row.outcome.pages() == pages);
        row.and_then(|row| here.overhead(row)).map(|overhead| overhead * factor)
    };
    let line = |&guest: &GuestPages| hosts.iter().map(|&host| cell(Pages { guest, host })).collect();
    Map {
        name: technique.name.into(),
        cells: guests.iter().map(line).collect(),
        hosts: hosts.iter().map(|host| host.map_or(String::new(), |size| size.to_string())).collect(),
    }
}
