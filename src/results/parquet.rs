//! Results from Parquet.

use super::file::{EXPECTED, closed};
use crate::error::{Defect, Error, Result};
use crate::files;
use crate::trace::parquet::{Opened, check_pages, guarded, is_flat};
use polars::io::SerReader;
use polars::io::parquet::read::{ParallelStrategy, ParquetReader};
use polars::prelude::DataFrame;
use std::io::Cursor;
use std::path::Path;

/// Bytes of memory that any table may take, and as many more for each byte of its file.
const MEMORY: usize = 1 << 26;
const MEMORY_A_BYTE: usize = 64;
/// Bytes that a value takes at most, beside those of a text.
const VALUE: usize = 16;

pub fn read(file: &Path) -> Result<DataFrame> {
    let open = files::open(file).map_err(|cause| closed(file, &cause))?;
    let opened = Opened::new(open).map_err(|fault| refused(file, &fault.to_string()))?;
    check(&opened).and_then(|()| guarded(|| decode(&opened))).map_err(|cause| refused(file, &cause))
}

/// Whether the columns hold what they promise, and fit into memory.
fn check(opened: &Opened) -> Result<(), String> {
    if let Some(field) = opened.metadata.schema_descr.fields().iter().find(|field| !is_flat(field)) {
        return Err(format!("column `{}` has more than one value a row", field.name()));
    }
    let most = opened.bytes().len().saturating_mul(MEMORY_A_BYTE).saturating_add(MEMORY);
    let mut memory: usize = 0;
    for group in &opened.metadata.row_groups {
        for column in group.parquet_columns() {
            let bytes = check_pages(opened.bytes(), column, group.num_rows()).map_err(|fault| fault.to_string())?;
            memory = memory.saturating_add(group.num_rows().saturating_mul(VALUE)).saturating_add(bytes);
        }
    }
    if memory > most {
        let (rows, bytes) = (opened.metadata.num_rows, opened.bytes().len());
        return Err(format!("{rows} rows in {bytes} bytes, which would take {} MiB of memory", memory >> 20));
    }
    Ok(())
}

/// Decodes a whole file, what contradicts itself refused.
fn decode(opened: &Opened) -> Result<DataFrame, String> {
    // On one thread, so that a panic of the library stays where it is caught.
    let mut reader = ParquetReader::new(Cursor::new(opened.bytes())).read_parallel(ParallelStrategy::None);
    reader.set_metadata(opened.metadata.clone());
    let frame = reader.finish().map_err(|cause| cause.to_string())?;
    // A damaged file may yield columns of different lengths in one frame.
    let rows = frame.height();
    match frame.columns().iter().find(|column| column.len() != rows) {
        Some(column) => Err(format!("{} values in column `{}` of {rows} rows", column.len(), column.name())),
        None => Ok(frame),
    }
}

fn refused(file: &Path, cause: &str) -> Error {
    let defect = Defect::new(file, "", format!("no Parquet file, or one that cannot be read: {cause}"));
    defect.expected(EXPECTED).remedy("run the sweep again").into()
}
