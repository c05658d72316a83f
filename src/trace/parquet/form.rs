//! Whether a file has the form of a trace: a Parquet file with the right columns.

use super::{COLUMNS, SCHEMA_KEY, SCHEMA_VERSION};
use crate::error::{Defect, Error, Result};
use polars::io::parquet::metadata::FileMetadata;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

pub fn open_file(path: &Path) -> Result<File> {
    let cannot = |error: std::io::Error| Error::from(Defect::new(path, "", format!("cannot be opened: {error}")));
    let file = File::open(path).map_err(cannot)?;
    let kind = file.metadata().map_err(cannot)?.file_type();
    if !kind.is_file() {
        return Err(Defect::new(path, "", "not a regular file").expected("a Parquet file").into());
    }
    Ok(file)
}

pub fn refuse_other_formats(path: &Path, file: &mut File) -> Result<()> {
    let mut first = Vec::new();
    file.take(4).read_to_end(&mut first).map_err(|error| Error::failed(format!("read {}", path.display()), error))?;
    if first == b"PAR1" {
        return Ok(());
    }
    let found = match first.as_slice() {
        [] => "an empty file".to_string(),
        bytes => format!("begins with the bytes {} (\"{}\")", hexadecimal(bytes), bytes.escape_ascii()),
    };
    Err(Defect::new(path, "", found)
        .expected("a Parquet file, which begins with \"PAR1\"")
        .remedy("convert it with `analyze trace import FILE -o OUT.parquet`")
        .into())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

pub fn damaged(path: &Path, place: String, cause: &str) -> Error {
    Defect::new(path, place, format!("cannot be decoded: {cause}"))
        .expected("a whole Parquet file")
        .remedy("the file may be cut off or damaged: copy or make it again")
        .into()
}

pub fn notes(metadata: &FileMetadata) -> BTreeMap<String, String> {
    let pairs = metadata.key_value_metadata().iter().flatten();
    // The Arrow schema is there for other readers; it is binary and says nothing about the trace.
    pairs
        .filter(|pair| pair.key != "ARROW:schema")
        .map(|pair| (pair.key.clone(), pair.value.clone().unwrap_or_default()))
        .collect()
}

pub fn check_version(path: &Path, notes: &BTreeMap<String, String>) -> Result<()> {
    match notes.get(SCHEMA_KEY) {
        Some(version) if version != SCHEMA_VERSION => {
            Err(Defect::new(path, format!("metadata key `{SCHEMA_KEY}`"), format!("version {version:?}"))
                .expected(format!("version {SCHEMA_VERSION:?}"))
                .remedy("read it with the version of analyze that wrote it, or a newer one")
                .into())
        }
        _ => Ok(()),
    }
}

/// The columns to read, or everything that is wrong with those there are.
pub fn columns(path: &Path, type_of: impl Fn(&str) -> Option<String>) -> Result<Vec<String>> {
    let types = ["UInt8", "UInt64", "UInt64", "UInt32", "UInt32"];
    let (mut columns, mut defects) = (Vec::new(), Vec::new());
    for (name, wanted) in COLUMNS.into_iter().zip(types) {
        match type_of(name) {
            Some(found) if found == wanted => columns.push(name.to_string()),
            Some(found) => defects.push(
                Defect::new(path, format!("column `{name}`"), format!("has type {found}"))
                    .expected(format!("type {wanted}"))
                    .remedy(format!("cast it: `SELECT CAST({name} AS {}) AS {name}` in SQL", sql_type(wanted))),
            ),
            None if matches!(name, "process" | "thread") => {}
            None => defects.push(
                Defect::new(path, "", format!("no column `{name}`"))
                    .expected("columns op, address, length and, where known, process and thread"),
            ),
        }
    }
    if defects.is_empty() { Ok(columns) } else { Err(Error::Input(defects)) }
}

fn sql_type(wanted: &str) -> &'static str {
    match wanted {
        "UInt8" => "UTINYINT",
        "UInt32" => "UINTEGER",
        _ => "UBIGINT",
    }
}
