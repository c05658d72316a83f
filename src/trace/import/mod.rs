//! Traces of other tools to rows.

mod buffer;
mod champsim;
mod columns;
mod csv;
mod dinero;
mod drmemtrace;
mod format;
mod lackey;
mod memory;
mod parse;
mod pattern;
mod perf_script;
mod perf_trace;
mod pinatrace;
mod ramulator;
mod shape;
mod single;
mod tell;
mod text;

pub use buffer::{Choices, Only};
pub use columns::CsvColumns;
pub use format::Format;
pub use pattern::Pattern;

use super::input::Input;
use super::parquet::{ParquetSink, Written};
use crate::error::{Defect, Error, Result};
use buffer::RowBuffer;
use parse::Reading;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What to make of an input.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// The format; told by the content where it is not given.
    pub format: Option<Format>,
    /// Where the columns of a CSV file are, if not where its header says.
    pub columns: Option<CsvColumns>,
    /// What a line of an own form looks like.
    pub pattern: Option<Pattern>,
    pub choices: Choices,
    /// Whether the whole lines or records of an input that is cut off are kept.
    pub salvage: bool,
    /// Notes for the metadata, beside those that the import makes itself.
    pub notes: BTreeMap<String, String>,
}

/// What an import made.
#[derive(Clone, Debug)]
pub struct Imported {
    pub format: Format,
    /// How the input was packed: `gzip`, or `3 files, zip`.
    pub packing: String,
    pub written: Written,
    /// Accesses that crossed a 4 KiB boundary and became two rows or more.
    pub split: u64,
    /// Fetches dropped.
    pub dropped: u64,
    /// What was found on the way, as it stands in the metadata.
    pub found: Vec<(&'static str, String)>,
}

/// The files that are meant: a folder stands for the thread files of drmemtrace in it.
///
/// # Errors
/// [`Error::Input`] for a folder without such files, [`Error::Failed`] if it cannot be read.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        match path.is_dir() {
            true => files.extend(drmemtrace::files(path)?),
            false => files.push(path.clone()),
        }
    }
    Ok(files)
}

/// Imports `inputs`, which are one, or the thread files of drmemtrace, to the Parquet file `output`, which appears only
/// if all went well. `progress` is told the rows so far.
///
/// # Errors
/// [`Error::Input`] for a line or record that is no row, an unsound row, a stream that is cut off, inputs without
/// accesses, or a format that the content does not tell; [`Error::Failed`] if the output cannot be written.
pub fn import(mut inputs: Vec<Input>, how: &Import, output: &Path, progress: &dyn Fn(u64)) -> Result<Imported> {
    inputs.iter_mut().filter(|_| how.salvage).for_each(Input::salvage);
    let format = tell::format(&mut inputs, how)?;
    let (name, packing) = (name(&inputs), packing(&inputs));
    let mut sink = ParquetSink::create(output, notes(&name, &packing, format, how))?;
    let mut reading = begin(inputs, format, how)?;
    let mut rows = RowBuffer::new(how.choices);
    let mut count = 0;
    while reading.next(&mut rows)? {
        sink.extend_at(&rows.rows, rows.times())?;
        count += rows.rows.len() as u64;
        rows.clear();
        progress(count);
    }
    if count == 0 {
        return Err(empty(&name, &rows));
    }
    let mut found = reading.found();
    found.extend(rows.found());
    if rows.times().is_some() {
        found.push(("times", format.times().to_string()));
    }
    for (key, text) in &found {
        sink.note(key, text);
    }
    Ok(Imported { format, packing, written: sink.finish()?, split: rows.split, dropped: rows.dropped, found })
}

fn begin(inputs: Vec<Input>, format: Format, how: &Import) -> Result<Box<dyn Reading>> {
    let Some(parser) = single::parser(format, how) else {
        return Ok(Box::new(drmemtrace::Threads::new(inputs)));
    };
    match <[Input; 1]>::try_from(inputs) {
        Ok([input]) => Ok(Box::new(single::Single::new(input, format.unit(), parser))),
        Err(inputs) => {
            Err(Defect::new(name(&inputs), "", format!("{} inputs in the format {}", inputs.len(), format.name()))
                .expected("one input, or the thread files of drmemtrace")
                .remedy("import them one by one; `analyze trace concat` or `merge` puts them together")
                .into())
        }
    }
}

fn name(inputs: &[Input]) -> String {
    match inputs {
        [] => String::new(),
        [only] => only.name().to_string(),
        [first, others @ ..] => format!("{} and {} more", first.name(), others.len()),
    }
}

fn packing(inputs: &[Input]) -> String {
    let mut names: Vec<_> = inputs.iter().map(|input| input.compression().name()).collect();
    names.sort_unstable();
    names.dedup();
    let names = names.join(" and ");
    if inputs.len() == 1 { names } else { format!("{} files, {names}", inputs.len()) }
}

fn notes(name: &str, packing: &str, format: Format, how: &Import) -> BTreeMap<String, String> {
    let only = match how.choices.only {
        Only::Data => "loads and stores",
        Only::All => "every access",
    };
    let source = format!("{name} ({}, {packing})", format.name());
    let assumed = format!("{}; an access that crosses a 4 KiB boundary is split there", format.assumed());
    let own = [("source", source), ("only", only.to_string()), ("assumed", assumed)];
    let mut notes: BTreeMap<_, _> = own.map(|(key, value)| (key.to_string(), value)).into();
    notes.extend(how.pattern.as_ref().map(|pattern| ("pattern".to_string(), pattern.text().to_string())));
    notes.extend(how.choices.op.map(|op| ("op".to_string(), format!("{} where nothing says which", op.name()))));
    notes
        .extend(how.choices.strip_tags.then(|| ("tags".to_string(), "stripped: bits 56 to 63 are bit 55".to_string())));
    notes.extend(how.notes.clone());
    notes
}

fn empty(name: &str, rows: &RowBuffer) -> Error {
    let left_out = rows.left_out.iter().map(|(what, count)| format!("; {count} × {what}")).collect::<String>();
    let defect = Defect::new(name, "", format!("no row to import{left_out}")).expected("at least one access");
    match rows.dropped {
        0 => defect.into(),
        dropped => defect.remedy(format!("`--only all` keeps its {dropped} instruction fetches")).into(),
    }
}
