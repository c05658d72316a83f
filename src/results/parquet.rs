//! Results from Parquet.

use super::{EXPECTED, closed};
use crate::error::{Defect, Result};
use crate::trace::parquet::guarded;
use polars::io::SerReader;
use polars::io::parquet::read::{ParallelStrategy, ParquetReader};
use polars::prelude::DataFrame;
use std::fs::File;
use std::path::Path;

pub fn read(file: &Path) -> Result<DataFrame> {
    let open = File::open(file).map_err(|cause| closed(file, &cause))?;
    let damaged = |cause: String| {
        let defect = Defect::new(file, "", format!("no Parquet file, or a damaged one: {cause}"));
        defect.expected(EXPECTED).remedy("run the sweep again").into()
    };
    // On one thread, so that a panic of the library stays where it is caught.
    let frame = guarded(|| ParquetReader::new(open).read_parallel(ParallelStrategy::None).finish()).map_err(damaged)?;
    // A damaged file may yield columns of different lengths in one frame.
    let rows = frame.height();
    match frame.columns().iter().find(|column| column.len() != rows) {
        Some(column) => Err(damaged(format!("{} values in column `{}` of {rows} rows", column.len(), column.name()))),
        None => Ok(frame),
    }
}
