//! Whether a file has the form of a trace: a Parquet file with the right columns.

use super::fault::{Fault, anew};
use super::opened::Opened;
use super::schema::{is_flat, kind};
use super::{COLUMNS, SCHEMA_KEY, SCHEMA_VERSION, TIME};
use crate::error::{Defect, Error, Result};
use crate::files;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

/// Opens a Parquet file.
pub fn open(path: &Path) -> Result<Opened> {
    let cannot = |error: std::io::Error| {
        Error::from(Defect::new(path, "", format!("cannot be opened: {error}")).expected("a Parquet file"))
    };
    let mut file = files::open(path).map_err(cannot)?;
    refuse_other_formats(path, &mut file)?;
    Opened::new(file).map_err(|fault| fault.error(path, ""))
}

fn refuse_other_formats(path: &Path, file: &mut File) -> Result<()> {
    let mut first = Vec::new();
    let read = file.take(4).read_to_end(&mut first).and_then(|_| file.rewind());
    read.map_err(|error| Error::failed(format!("read {}", path.display()), error))?;
    let found = match first.as_slice() {
        b"PAR1" => return Ok(()),
        b"PARE" => return Err(Fault::Encrypted.error(path, "")),
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

/// Integers as files hold them, signed or not: their values must fit, not their types.
const INTEGERS: [&str; 8] = ["UInt8", "UInt16", "UInt32", "UInt64", "Int8", "Int16", "Int32", "Int64"];
/// And words, for ops.
const WORDS: [&str; 2] = ["Utf8View", "BinaryView"];

/// The columns to read, or everything that is wrong with those there are.
pub fn columns(path: &Path, opened: &Opened) -> Result<Vec<String>> {
    let fields = opened.metadata.schema_descr.fields();
    let types = ["UTINYINT", "UBIGINT", "UBIGINT", "UINTEGER", "UINTEGER"];
    let (mut columns, mut defects) = (Vec::new(), Vec::new());
    for (name, wanted) in COLUMNS.into_iter().zip(types) {
        let found: Vec<_> = fields.iter().filter(|field| field.name() == name).collect();
        match found.as_slice() {
            [field] if is_flat(field) && holds(name, &kind(field)) => columns.push(name.to_string()),
            [field] => defects.push(
                Defect::new(path, format!("column `{name}`"), format!("has type {}", kind(field)))
                    .expected(if name == COLUMNS[0] { "integers, or the names of ops" } else { "integers" })
                    .remedy(format!(
                        "cast it: {}",
                        anew(path, &format!("* REPLACE (CAST({name} AS {wanted}) AS {name})"))
                    )),
            ),
            [] if matches!(name, "process" | "thread") => {}
            [] => defects.push(
                Defect::new(path, "", format!("no column `{name}`"))
                    .expected("columns op, address, length and, where known, process and thread"),
            ),
            _ => defects.push(Defect::new(path, "", format!("two columns `{name}`")).expected("each column once")),
        }
    }
    if defects.is_empty() { Ok(columns) } else { Err(Error::Input(defects)) }
}

fn holds(name: &str, kind: &str) -> bool {
    INTEGERS.contains(&kind) || name == COLUMNS[0] && WORDS.contains(&kind)
}

/// Whether there is a column of times. One of another type is another program's, and as good as none.
pub fn is_timed(opened: &Opened) -> bool {
    let mut fields = opened.metadata.schema_descr.fields().iter().filter(|field| field.name() == TIME);
    matches!((fields.next(), fields.next()), (Some(field), None) if is_flat(field) && ["UInt64", "Int64"].contains(&kind(field).as_str()))
}
