//! Which charts the results of a sweep can give, asked before anything runs.

use super::document::Document;
use super::{Chart, Sweep};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use toml::de::DeTable;

/// What a sweep lacks for a chart, and the remedy.
type Lack = (&'static str, &'static str);

impl Chart {
    /// What a sweep over traces of so many rows lacks for the chart, for all that can be known before it runs. Without rows, their
    /// number is not known.
    pub fn lack(self, sweep: &Sweep, rows: &[u64]) -> Option<Lack> {
        let several = |column: &str| values(sweep, column).len() > 1;
        let output = &sweep.output;
        match self {
            Chart::Overhead | Chart::Footprint => None,
            Chart::Tlb => {
                let is_entries = |column: &str| column.starts_with("tlb.") && column.ends_with(".entries");
                let axes = sweep.columns.iter().filter(|column| is_entries(&column.name) && several(&column.name));
                (axes.count() == 0)
                    .then_some(("no array of a TLB has several sizes", "give `tlb.ARRAY.entries` a list"))
            }
            Chart::ExitCost => {
                (!several("prices")).then_some(("there is one price sheet", "give `prices` or `cpu` a list"))
            }
            Chart::PageSizes => (!several("guest_pages") || !several("host_pages")).then_some((
                "the pages of guest and host do not both vary",
                "give `guest_pages` and `host_pages` lists",
            )),
            Chart::References if sweep.sample.is_some() => {
                Some(("a sampled run has no table of references", "sweep without `sample`"))
            }
            Chart::References => (output.references == Some(false))
                .then_some(("`references = false` leaves out the table that it shows", "leave one of the two out")),
            Chart::Phases if sweep.interval.is_none() => Some(("there are no intervals", "set `interval` of [sweep]")),
            Chart::Phases => {
                // Rows are no fewer than accesses.
                let short = |rows: &u64| sweep.interval.is_some_and(|interval| *rows <= interval);
                (!rows.is_empty() && rows.iter().all(short))
                    .then_some(("no trace is longer than one interval", "set a shorter `interval`"))
            }
            Chart::Tornado => (output.sensitivity == Some(false))
                .then_some(("`sensitivity = false` leaves out the table that it shows", "leave one of the two out")),
            Chart::BreakEven => (sweep.traces.len() < 2).then_some((
                "there is one trace",
                "give traces that are one workload at several rates of page-table updates",
            )),
        }
    }
}

/// The values of a column, each once.
fn values<'a>(sweep: &'a Sweep, column: &str) -> BTreeSet<&'a str> {
    let at = sweep.columns.iter().position(|it| it.name == column);
    let of = |at: usize| sweep.rows.iter().filter_map(move |row| row.values[at].as_deref());
    at.into_iter().flat_map(of).collect()
}

/// Notes the charts of `[output]` that the sweep cannot give, and the cell of `tornado` that it does not have.
pub fn check(document: &Document, output: &DeTable<'_>, sweep: &Sweep) {
    let named = output.get("charts").and_then(|value| value.get_ref().as_array()).into_iter().flatten();
    for value in named {
        let chart = value.get_ref().as_str().and_then(Chart::by_name);
        if let Some((found, remedy)) = chart.and_then(|chart| chart.lack(sweep, &[])) {
            let name = chart.map_or("", Chart::name);
            document.note(value.span(), format!("the chart `{name}` cannot be drawn: {found}"), "", remedy);
        }
    }
    if let Some((key, _)) = output.get_key_value("tornado").filter(|_| !has_cell(sweep, &sweep.output.tornado)) {
        document.note(key.span(), "no cell of the sweep has these values", "values of one cell", "");
    }
}

/// Whether a trace and a row have these values.
fn has_cell(sweep: &Sweep, cell: &BTreeMap<String, String>) -> bool {
    let of_row = |values: &[Option<Arc<str>>]| {
        cell.iter().filter(|(column, _)| *column != "trace").all(|(column, value)| {
            let at = sweep.columns.iter().position(|it| it.name == *column);
            at.is_some_and(|at| values[at].as_deref() == Some(value))
        })
    };
    cell.get("trace").is_none_or(|name| sweep.traces.iter().any(|trace| trace.name == *name))
        && sweep.rows.iter().any(|row| of_row(&row.values))
}
