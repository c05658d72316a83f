//! Results from CSV.

use super::column_kind::{ColumnKind, kind};
use super::file::{EXPECTED, closed};
use crate::error::{Defect, Error, Result};
use crate::files;
use crate::words::word_of_cell;
use csv::{ErrorKind, StringRecord};
use polars::prelude::{Column, DataFrame, IntoColumn, NamedFrom, Series};
use std::path::Path;

/// Columns that hold words, even where every word is a number.
const WORDS: [&str; 8] = ["trace", "technique", "guest_pages", "host_pages", "cpu", "prices", "price", "warnings"];

pub fn read(file: &Path) -> Result<DataFrame> {
    let open = files::open(file).map_err(|cause| closed(file, &cause))?;
    let mut reader = csv::Reader::from_reader(open);
    let names = reader.headers().map_err(|cause| broken(file, &cause))?.clone();
    if names.is_empty() {
        return Err(Defect::new(file, "", "empty").expected(EXPECTED).into());
    }
    let twice = names.iter().enumerate().find(|(i, name)| names.iter().take(*i).any(|earlier| earlier == *name));
    if let Some((_, name)) = twice {
        return Err(Defect::new(file, "line 1", format!("two columns `{name}`")).expected("each column once").into());
    }
    let records = reader.records().collect::<Result<Vec<_>, _>>().map_err(|cause| broken(file, &cause))?;
    let columns = names.iter().enumerate().map(|(i, name)| column(file, name, i, &records));
    DataFrame::new(records.len(), columns.collect::<Result<_>>()?)
        .map_err(|cause| Error::failed(format!("read {}", file.display()), cause))
}

/// A column, of the type that its name or its values ask for.
fn column(file: &Path, name: &str, at: usize, records: &[StringRecord]) -> Result<Column> {
    let fields = || records.iter().map(|record| record.get(at).filter(|field| !field.is_empty()));
    let counts = || fields().map(|field| field.map(|text| text.parse::<u64>().map_err(|_| text)).transpose());
    let numbers = || fields().map(|field| field.map(|text| finite(text).ok_or(text)).transpose());
    let words = || fields().map(|field| field.map(word_of_cell)).collect::<Vec<_>>();
    let series = match kind(name) {
        ColumnKind::Count => Series::new(name.into(), typed(file, name, records, counts(), "a whole number")?),
        ColumnKind::Cycles | ColumnKind::Share => {
            Series::new(name.into(), typed(file, name, records, numbers(), "a number")?)
        }
        ColumnKind::Axis | ColumnKind::Other if WORDS.contains(&name) || fields().all(|field| field.is_none()) => {
            Series::new(name.into(), words())
        }
        ColumnKind::Axis | ColumnKind::Other => match (counts().collect::<Result<Vec<_>, _>>(), numbers().collect()) {
            (Ok(counts), _) => Series::new(name.into(), counts),
            (_, Ok::<Vec<_>, _>(numbers)) => Series::new(name.into(), numbers),
            _ => Series::new(name.into(), words()),
        },
    };
    Ok(series.into_column())
}

/// Values that must be of one type.
fn typed<'a, T>(
    file: &Path,
    name: &str,
    records: &[StringRecord],
    values: impl Iterator<Item = Result<Option<T>, &'a str>>,
    expected: &str,
) -> Result<Vec<Option<T>>> {
    let place = |row: usize| {
        let line = records.get(row).and_then(|record| record.position()).map_or(0, |position| position.line());
        format!("line {line}, column `{name}`")
    };
    let refused = |row, text: &str| Defect::new(file, place(row), format!("{text:?}")).expected(expected).into();
    values.enumerate().map(|(row, value)| value.map_err(|text| refused(row, text))).collect()
}

fn finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A file that is no CSV.
fn broken(file: &Path, cause: &csv::Error) -> Error {
    let line = cause.position().map(|position| format!("line {}", position.line())).unwrap_or_default();
    let defect = |found: String, expected: &str| Defect::new(file, line.clone(), found).expected(expected).into();
    match cause.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            defect(format!("{len} fields"), &format!("{expected_len}, as in the header"))
        }
        ErrorKind::Utf8 { .. } => defect("not UTF-8".into(), EXPECTED),
        ErrorKind::Io(cause) => closed(file, cause),
        _ => defect(cause.to_string(), EXPECTED),
    }
}
