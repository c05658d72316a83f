//! One slice of one row group, decoded.

use super::pages;
use polars::io::SerReader;
use polars::io::parquet::metadata::FileMetadata;
use polars::io::parquet::read::{ParallelStrategy, ParquetReader};
use polars::prelude::DataFrame;
use std::fs::File;
use std::sync::Arc;

/// Whether the pages of these columns in a row group hold what the metadata promises.
///
/// # Errors
/// What contradicts what.
pub fn check_pages(file: &File, metadata: &FileMetadata, columns: &[String], group: usize) -> Result<(), String> {
    let row_group = &metadata.row_groups[group];
    for name in columns {
        for column in row_group.columns_under_root_iter(name).into_iter().flatten() {
            let file = file.try_clone().map_err(|error| error.to_string())?;
            pages::check(file, column, row_group.num_rows())?;
        }
    }
    Ok(())
}

/// Decodes `rows` rows of row group `group` from its row `start` on.
///
/// # Errors
/// What about the file contradicts itself.
pub fn decode(
    file: &File,
    metadata: &FileMetadata,
    columns: &[String],
    group: usize,
    start: usize,
    rows: usize,
) -> Result<DataFrame, String> {
    let row_group = &metadata.row_groups[group];
    let mut reader = ParquetReader::new(file.try_clone().map_err(|error| error.to_string())?)
        .with_columns(Some(columns.to_vec()))
        .with_slice(Some((start, rows)))
        .read_parallel(ParallelStrategy::None)
        .set_rechunk(true);
    // The reader walks every row group before a slice, so it is shown only the one that it needs.
    reader.set_metadata(Arc::new(FileMetadata {
        num_rows: row_group.num_rows(),
        row_groups: vec![row_group.clone()],
        ..FileMetadata::clone(metadata)
    }));
    let frame = reader.finish().map_err(|error| error.to_string())?;
    // A damaged file may yield columns of different lengths in one frame.
    match frame.columns().iter().find(|column| column.len() != rows) {
        Some(column) => Err(format!("{} rows in column `{}` where {rows} are promised", column.len(), column.name())),
        None => Ok(frame),
    }
}
