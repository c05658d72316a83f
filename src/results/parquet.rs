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
    // On one thread, so that a panic of the library stays where it is caught.
    guarded(|| ParquetReader::new(open).read_parallel(ParallelStrategy::None).finish()).map_err(|cause| {
        let defect = Defect::new(file, "", format!("no Parquet file, or a damaged one: {cause}"));
        defect.expected(EXPECTED).remedy("run the sweep again").into()
    })
}
