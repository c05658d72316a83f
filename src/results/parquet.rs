//! Results from Parquet.

use super::file::{EXPECTED, closed};
use crate::error::{Defect, Error, Result};
use crate::trace::parquet::{check_pages, guarded, mapped};
use polars::io::SerReader;
use polars::io::parquet::read::{ParallelStrategy, ParquetReader};
use polars::prelude::DataFrame;
use std::fs::File;
use std::io::Cursor;
use std::path::Path;

pub fn read(file: &Path) -> Result<DataFrame> {
    let open = File::open(file).map_err(|cause| closed(file, &cause))?;
    guarded(|| decode(open)).map_err(|cause| damaged(file, &cause))
}

/// Decodes a whole file, what contradicts itself refused.
fn decode(file: File) -> Result<DataFrame, String> {
    let bytes = mapped(file);
    // On one thread, so that a panic of the library stays where it is caught.
    let mut reader = ParquetReader::new(Cursor::new(&*bytes)).read_parallel(ParallelStrategy::None);
    let metadata = reader.get_metadata().map_err(|cause| cause.to_string())?.clone();
    for group in &metadata.row_groups {
        group.parquet_columns().iter().try_for_each(|column| check_pages(&bytes, column, group.num_rows()))?;
    }
    let frame = reader.finish().map_err(|cause| cause.to_string())?;
    // A damaged file may yield columns of different lengths in one frame.
    let rows = frame.height();
    match frame.columns().iter().find(|column| column.len() != rows) {
        Some(column) => Err(format!("{} values in column `{}` of {rows} rows", column.len(), column.name())),
        None => Ok(frame),
    }
}

fn damaged(file: &Path, cause: &str) -> Error {
    let defect = Defect::new(file, "", format!("no Parquet file, or a damaged one: {cause}"));
    defect.expected(EXPECTED).remedy("run the sweep again").into()
}
