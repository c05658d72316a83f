//! The page: what the template is given.

use super::answer::answer;
use super::cells;
use super::rows::distinct;
use super::{numbers, sections};
use crate::charts::Drawing;
use crate::error::{Error, Result};
use crate::numerals::spaced;
use crate::outcome::{self, Outcome, beginning, stretches};
use crate::sweep::{Manifest, Sweep};
use crate::words::plain;
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use polars::prelude::DataFrame;

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Rows with all their numbers; a page of more opens slowly, and `results.csv` has them all.
const MOST_ROWS: usize = 20_000;
/// Rows that are there without the script, each with its bill.
const MOST_PLAIN_ROWS: usize = 500;
/// Bytes of pictures; what does not fit stays a file beside the page.
const MOST_PICTURES: usize = 500_000;

/// The report as the text of an HTML file, of a run with its tables, charts and manifest.
pub fn html(
    sweep: &Sweep,
    outcomes: &[Outcome<'_>],
    tables: &[DataFrame],
    charts: &[Drawing],
    manifest: &Manifest,
) -> Result<String> {
    let stretches = stretches(sweep, outcomes.iter());
    let answer = answer(sweep, outcomes);
    let shown = &outcomes[..outcomes.len().min(MOST_ROWS)];
    let without_script = &outcomes[..outcomes.len().min(MOST_PLAIN_ROWS)];
    let axes = cells::axes(sweep, shown);
    let varying: Vec<String> = axes.iter().filter(|axis| axis.varies()).map(|axis| axis.name.clone()).collect();
    let sheets: Vec<String> = sweep.sheets.iter().map(|(name, _)| name.clone()).collect();
    let values = context! {
        style => Value::from_safe_string(STYLE.into()),
        script => Value::from_safe_string(SCRIPT.into()),
        numbers => Value::from_safe_string(numbers::json(sweep, shown, &axes, stretches)),
        title => sweep.file.file_name().map(|name| name.to_string_lossy().into_owned()),
        version => env!("CARGO_PKG_VERSION"),
        steady => steady(outcomes, stretches),
        sentences => answer.sentences,
        held => answer.held,
        doubts => answer.doubts,
        firmness => answer.firmness,
        asked => sections::asked(sweep, &axes),
        figures => figures(charts),
        varying => varying,
        measures => cells::measures(stretches).into_iter().map(|(name, meaning)| context! { name, meaning }).collect::<Vec<_>>(),
        rows => cells::rows(sweep, without_script, &axes, stretches),
        columns_of_cycles => stretches.len(),
        all => spaced(outcomes.len()),
        shown => spaced(shown.len()),
        plain => spaced(without_script.len()),
        memory => sections::memory(sweep, outcomes),
        warnings => sections::warnings(outcomes),
        // The terminal marks names of prices as code, and breaks no line at a sign.
        assumed => outcome::assumptions(sweep, outcomes).map(|said| said.replace('`', "").replace(" %", "\u{a0}%")),
        assumptions => sections::assumptions(sweep, shown, &axes, stretches[0]),
        sheets => sheets,
        prices => sections::prices(sweep),
        interval => sweep.interval,
        provenance => sections::provenance(manifest),
        dictionary => sections::dictionary(&columns(tables)),
    };
    let html = render(values).map_err(|cause| Error::failed("write the report", format!("{cause:#}")))?;
    Ok(plain(&html).into_owned())
}

/// What the steady state is, as far as the page speaks of it.
fn steady(outcomes: &[Outcome<'_>], stretches: &[bool]) -> Option<String> {
    let from = beginning(outcomes.first()?.row.cell.warm);
    match stretches {
        [true, ..] => Some(format!("The page speaks of the steady state alone: what happens {from} of a trace.")),
        [false, true, ..] => Some(format!("The steady state is what happens {from} of a trace.")),
        [] | [false, ..] => None,
    }
}

fn render(values: Value) -> Result<String, minijinja::Error> {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    templates.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    templates.template_from_str(TEMPLATE)?.render(values)
}

/// The pictures of each chart, as far as there is room: name of the file, meaning, SVG.
fn figures(charts: &[Drawing]) -> Vec<Value> {
    let mut room = MOST_PICTURES;
    let mut figures = Vec::new();
    for drawing in charts {
        for (name, svg) in drawing.svgs() {
            let svg = (svg.len() <= room).then_some(svg);
            room -= svg.map_or(0, str::len);
            figures.push(context! {
                chart => drawing.chart.name(),
                name => name,
                // What it needs is there.
                meaning => drawing.chart.meaning().split(';').next(),
                svg => svg.map(|svg| Value::from_safe_string(svg.into())),
            });
        }
    }
    figures
}

/// The columns of every table, each once.
fn columns(tables: &[DataFrame]) -> Vec<String> {
    distinct(tables.iter().flat_map(|table| table.get_column_names().into_iter().map(|name| name.to_string())))
}
