//! Page headers that keep to what the file's metadata promises, since the decoder takes memory on their word.

use polars::io::mmap::ReaderBytes;
use polars_parquet::parquet::page::CompressedPage;
use polars_parquet::read::{ColumnChunkMetadata, PageReader};
use std::fs::File;
use std::io::Cursor;

/// Largest page that is read; writers make pages of about a MiB.
const MOST_PAGE_BYTES: usize = 1 << 30;

/// Maps a whole file. Panics if that fails, as the decoder does where it maps one.
pub fn mapped(mut file: File) -> ReaderBytes<'static> {
    match ReaderBytes::from(&mut file) {
        ReaderBytes::Owned(bytes) => ReaderBytes::Owned(bytes),
        // Of what is in memory already, which no file is.
        ReaderBytes::Borrowed(_) => ReaderBytes::Borrowed(&[]),
    }
}

/// Whether the pages of a column chunk hold just the `rows` values that they should. Reads the headers only.
///
/// # Errors
/// What contradicts what.
pub fn check(bytes: &ReaderBytes<'_>, column: &ColumnChunkMetadata, rows: usize) -> Result<(), String> {
    if column.num_values() != rows as i64 {
        return Err(format!("{} values in a row group of {rows} rows", column.num_values()));
    }
    let ReaderBytes::Owned(bytes) = bytes else {
        return Ok(());
    };
    let range = column.byte_range();
    let (start, end) = (range.start as usize, range.end as usize);
    if start > end || end > bytes.len() {
        return Err(format!("a column at bytes {start} to {end} of {}", bytes.len()));
    }
    let chunk = Cursor::new(bytes.clone().sliced(start..end));
    let mut left = rows;
    for page in PageReader::new(chunk, column, Vec::new(), MOST_PAGE_BYTES) {
        if let CompressedPage::Data(page) = page.map_err(|error| error.to_string())? {
            let values = page.num_values();
            left =
                left.checked_sub(values).ok_or_else(|| format!("a page of {values} values where {left} are left"))?;
        }
    }
    if left == 0 { Ok(()) } else { Err(format!("{left} values fewer than promised")) }
}
