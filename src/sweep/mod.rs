//! The sweep file: what was typed, then what it means, then its cells.
//!
//! All defects of a file are found before anything runs, each with its line, its column and what was expected.

mod axes;
mod cells;
mod chart;
mod document;
mod drawable;
mod exclude;
mod layers;
mod manifest;
mod prices;
mod processor;
mod rows;
mod settings;
mod traces;

pub use cells::{Column, Kind, SweepRow};
pub use chart::Chart;
pub use manifest::{Manifest, SampleWritten, TraceWritten};
pub use processor::{BUILT_IN, Processor, full_name, shown};
pub use rows::means_something;
pub use settings::{Key, Stands, keys, meaning_of_key, worth_a_word};
pub use traces::{Origin, TraceInput};

use crate::engine::{Cell, Warm, Watch, Windows};
use crate::error::{Defect, Error, Result};
use crate::files;
use crate::prices::Prices;
use crate::words::counted;
use document::{Document, scalar};
use processor::Shelf;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use toml::de::DeTable;

/// A sweep, checked: every row of the results before it is computed.
#[derive(Clone, Debug)]
pub struct Sweep {
    pub file: PathBuf,
    pub traces: Vec<TraceInput>,
    /// The axes' columns, after `trace`.
    pub columns: Vec<Column>,
    /// The rows for one trace, in the order of the axes; every trace has the same.
    pub rows: Vec<SweepRow>,
    /// The price sheets in use, by name.
    pub sheets: Vec<(String, Prices)>,
    /// Every processor in use as it was written, by name.
    pub processors: BTreeMap<String, BTreeMap<String, String>>,
    pub output: Output,
    /// Accesses after which counts are taken, again and again.
    pub interval: Option<u64>,
    /// Simulate TLBs and walks in windows only.
    pub sample: Option<Sample>,
    /// Every key of `[sweep]` with its values: axes of options of values by key.
    pub axes: Vec<Vec<BTreeMap<String, String>>>,
    /// What is worth a word and stops nothing.
    pub warnings: Vec<String>,
}

/// How much of a trace is looked up and walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// One of so many accesses is counted, at least 2.
    pub of: u64,
    /// Accesses before each window that warm up TLBs and caches.
    pub warm: u64,
}

/// Where results go, and which charts are drawn.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// The folder; `None`: `out/` and the name of the sweep file.
    pub dir: Option<PathBuf>,
    /// `None`: every chart that the axes allow.
    pub charts: Option<Vec<Chart>>,
    /// Whether to write how each row's overhead moves with each assumed price; `None`: if the rows are few or the chart `tornado` is named.
    pub sensitivity: Option<bool>,
    /// Whether to write how many references go to each level of each table; `None`: if the rows are few or their chart is named.
    pub references: Option<bool>,
    /// Whether tables of a terminal, charts and the report speak of the steady state alone.
    pub steady: bool,
    /// Whether to write `report.html`; `None`: yes.
    pub report: Option<bool>,
    /// Values by column of the cell whose sensitivity is drawn; empty: the one that moves most.
    pub tornado: BTreeMap<String, String>,
}

impl Output {
    /// Whether a chart is among those that are named.
    pub fn names(&self, chart: Chart) -> bool {
        self.charts.iter().flatten().any(|named| *named == chart)
    }
}

impl Sweep {
    /// The sample as a person reads it.
    pub fn sampled(&self) -> Option<String> {
        self.sample.map(|Sample { of, warm }| format!("1/{of} after {} of warm-up", counted(warm, "access")))
    }

    /// The cells of its rows.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.rows.iter().map(|row| &row.cell)
    }

    /// What is counted by itself in a run over a trace of so many rows.
    pub fn watch(&self, rows: u64) -> Watch {
        match (self.interval, self.sample) {
            (Some(interval), _) => Watch::Intervals(interval),
            (None, Some(Sample { of, warm })) => Watch::Windows(Windows { of, warm, rows }),
            (None, None) => Watch::Whole,
        }
    }

    /// Why there is no steady state to speak of in some row, on traces of so many rows, and the remedy.
    pub fn unsteady(&self, rows: &[u64]) -> Option<(&'static str, &'static str)> {
        let none = |warm: Warm| match warm {
            Warm::Share { part, of } => part == of,
            // Rows are no fewer than accesses.
            Warm::Accesses(accesses) => rows.iter().any(|rows| *rows <= accesses),
        };
        match self.sample {
            Some(_) => Some(("a sampled run has no steady state", "sweep without `sample`")),
            None if self.rows.iter().any(|row| none(row.cell.warm)) => {
                Some(("no access is steady, for `warm` is as long as a trace", "set a shorter `warm`"))
            }
            None => None,
        }
    }

    /// Reads and checks a sweep file. Fails with every defect of it at once, or with the first thing that is not TOML.
    pub fn read(file: &Path) -> Result<Sweep> {
        let text = read_text(file)?;
        Sweep::parse(file, &text)
    }

    /// Checks a sweep file's text. Its paths are relative to `file`.
    pub fn parse(file: &Path, text: &str) -> Result<Sweep> {
        let document = Document::new(file, text);
        let table = document.parse()?;
        let sweep = meaning(&document, &table);
        drop(table);
        let defects = document.into_defects();
        if defects.is_empty() { Ok(sweep) } else { Err(Error::Input(defects)) }
    }
}

/// A TOML file's text.
pub(crate) fn read_text(file: &Path) -> Result<String> {
    /// Bytes: more than people write.
    const LONGEST: usize = 64 << 20;
    let refused = |found: String| Defect::new(file, "", found).expected("a TOML file").remedy("check the path");
    let bytes = files::read(file).map_err(|cause| refused(format!("cannot be read: {cause}")))?;
    if bytes.len() > LONGEST {
        return Err(refused(format!("a file of {} MiB", bytes.len() >> 20)).into());
    }
    String::from_utf8(bytes).map_err(|cause| {
        let place = format!("byte {}", cause.utf8_error().valid_up_to());
        Defect::new(file, place, "not UTF-8").expected("a TOML file").into()
    })
}

/// What the file means; what is wrong is noted in the document, and the sweep is then not to be used.
fn meaning<'a>(document: &Document, table: &'a DeTable<'a>) -> Sweep {
    document.only_keys(table, &["traces", "sweep", "exclude", "output", "cpu"]);
    let mut sweep = Sweep {
        file: document.file.clone(),
        traces: Vec::new(),
        columns: Vec::new(),
        rows: Vec::new(),
        sheets: Vec::new(),
        processors: BTreeMap::new(),
        output: Output::default(),
        interval: None,
        sample: None,
        axes: Vec::new(),
        warnings: Vec::new(),
    };
    match table.get("traces") {
        Some(value) => sweep.traces = traces::read(document, value),
        None => document.note(0..0, "no `traces`", "traces = [\"a.parquet\", …]", "say which traces to replay"),
    }
    let own = table.get("cpu").and_then(|value| document.table(value, "a table of processors"));
    let own = own.into_iter().flatten().filter_map(|(name, value)| {
        let table = document.table(value, "a processor: a table")?;
        processor::check_name(document, name.span(), name.get_ref());
        Some((name.get_ref().as_ref(), table))
    });
    let shelf = Shelf::new(document, own.collect());
    shelf.check();
    match table.get("sweep").and_then(|value| document.table(value, "a table")) {
        Some(table_of_axes) => cells::read(document, table_of_axes, table.get("exclude"), &shelf, &mut sweep),
        None => document.note(0..0, "no table [sweep]", "[sweep] with at least `technique` and `cpu`", ""),
    }
    if let Some(output) = table.get("output").and_then(|value| document.table(value, "a table")) {
        sweep.output = read_output(document, output, &sweep.columns);
        if let (Some(true), Some(_), Some((key, _))) =
            (sweep.output.references, sweep.sample, output.get_key_value("references"))
        {
            sweep.warnings.push(document.warning(&key.span(), "a sampled run has no table of references"));
        }
        let unsteady = sweep.unsteady(&[]).filter(|_| sweep.output.steady);
        if let (Some((found, remedy)), Some((key, _))) = (unsteady, output.get_key_value("steady")) {
            document.note(key.span(), found, "a steady state to speak of", remedy);
        }
        if document.is_sound() {
            drawable::check(document, output, &sweep);
        }
    }
    sweep
}

fn read_output(document: &Document, table: &DeTable<'_>, columns: &[Column]) -> Output {
    document.only_keys(table, &["dir", "charts", "sensitivity", "references", "report", "steady", "tornado"]);
    let dir = table.get("dir").and_then(|value| document.string(value, "a folder"));
    let names: Vec<&str> = Chart::ALL.iter().map(|chart| chart.name()).collect();
    let charts = table.get("charts").map(|value| {
        let Some(list) = value.get_ref().as_array() else {
            document.mismatch(value, "a list of charts");
            return Vec::new();
        };
        let chart = |value| {
            let word = document.string(value, "the name of a chart")?;
            let chart = Chart::by_name(word);
            if chart.is_none() {
                document.unknown(value.span(), "chart", word, &names);
            }
            chart
        };
        list.iter().filter_map(chart).collect()
    });
    let truth = |key| {
        let value = table.get(key)?;
        let truth = value.get_ref().as_bool();
        if truth.is_none() {
            document.mismatch(value, "true or false");
        }
        truth
    };
    let known: Vec<&str> = ["trace"].into_iter().chain(columns.iter().map(|column| column.name.as_str())).collect();
    let tornado = table.get("tornado").and_then(|value| document.table(value, "a table of columns and values"));
    let tornado = tornado.into_iter().flatten().filter_map(|(column, value)| {
        let text = scalar(value.get_ref());
        if text.is_none() {
            document.mismatch(value, "one value of the column");
        }
        // Without cells there are no columns, which has been noted.
        if !columns.is_empty() && !known.contains(&column.get_ref().as_ref()) {
            document.unknown(column.span(), "column", column.get_ref(), &known);
        }
        Some((column.get_ref().to_string(), text?))
    });
    let tornado: BTreeMap<String, String> = tornado.collect();
    let is_drawn = charts.as_ref().is_none_or(|charts: &Vec<Chart>| charts.contains(&Chart::Tornado));
    if let (Some((key, _)), true) = (table.get_key_value("tornado"), truth("sensitivity") == Some(false) || !is_drawn) {
        let remedy =
            "leave it out, or leave out what forbids the chart: `sensitivity = false`, or `charts` without \"tornado\"";
        document.note(key.span(), "`tornado` names a cell of which no chart is drawn", "a chart that shows it", remedy);
    }
    Output {
        dir: dir.map(|dir| plain(&document.folder().join(dir))),
        charts,
        sensitivity: truth("sensitivity"),
        references: truth("references"),
        steady: truth("steady") == Some(true),
        report: truth("report"),
        tornado,
    }
}

/// A path without `NAME/..`, for people to read.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match (part, plain.components().next_back()) {
            (Component::ParentDir, Some(Component::Normal(_))) => {
                plain.pop();
            }
            _ => plain.push(part),
        }
    }
    plain
}
