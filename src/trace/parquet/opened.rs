//! A Parquet file, mapped, whose footer was looked at before the library decoded it.

use super::fault::Fault;
use super::footer;
use super::guard::guarded;
use super::schema::plain;
use super::sums::Sums;
use super::{DIGEST_KEY, OLD_DIGEST_KEY};
use polars::io::mmap::ReaderBytes;
use polars::io::parquet::metadata::{FileMetadata, FileMetadataRef};
use polars_parquet::read::read_metadata;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Cursor;
use std::sync::Arc;

/// Rows that any file may have, and as many more for each of its bytes.
const ROWS: u64 = 100_000_000;
const ROWS_A_BYTE: u64 = 10_000;

/// What is in a file beside its pages.
pub struct Opened {
    bytes: ReaderBytes<'static>,
    /// Of the schema, only what Parquet itself says of it: what Arrow says may contradict that.
    pub metadata: FileMetadataRef,
    pub notes: BTreeMap<String, String>,
    sums: Option<Sums>,
}

impl Opened {
    /// Maps a regular file that begins with "PAR1".
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(mut file: File) -> Result<Opened, Fault> {
        // The library panics where it cannot map a file.
        let mapped = guarded(|| Ok::<_, String>(ReaderBytes::from(&mut file))).map_err(Fault::Broken)?;
        let bytes = match mapped {
            ReaderBytes::Owned(bytes) => ReaderBytes::Owned(bytes),
            // Of what is in memory already, which no file is.
            ReaderBytes::Borrowed(_) => ReaderBytes::Borrowed(&[]),
        };
        let start = footer::start(&bytes)?;
        let sums = Sums::of(&bytes, start)?;
        footer::check(&bytes, start)?;
        let metadata = guarded(|| read_metadata(&mut Cursor::new(&*bytes))).map_err(Fault::Broken)?;
        check_rows(&metadata, bytes.len())?;
        let notes = notes(&metadata);
        let schema_descr = plain(&metadata.schema_descr);
        let metadata = Arc::new(FileMetadata { schema_descr, key_value_metadata: None, ..metadata });
        Ok(Opened { bytes, metadata, notes, sums })
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether a row group is what was written, where the file says so.
    ///
    /// # Errors
    /// If it is not.
    pub fn check_group(&self, group: usize) -> Result<(), Fault> {
        self.sums.as_ref().map_or(Ok(()), |sums| sums.check(&self.bytes, &self.metadata, group))
    }
}

fn check_rows(metadata: &FileMetadata, bytes: usize) -> Result<(), Fault> {
    let rows = metadata.num_rows as u64;
    let promised: u64 = metadata.row_groups.iter().map(|group| group.num_rows() as u64).fold(0, u64::saturating_add);
    if promised != rows {
        return Err(Fault::Broken(format!("{rows} rows, but {promised} in its row groups")));
    }
    if rows > ROWS.saturating_add(ROWS_A_BYTE.saturating_mul(bytes as u64)) {
        return Err(Fault::Large(format!("{rows} rows in {bytes} bytes")));
    }
    Ok(())
}

fn notes(metadata: &FileMetadata) -> BTreeMap<String, String> {
    let pairs = metadata.key_value_metadata().iter().flatten();
    // The Arrow schema is there for other readers; it is binary and says nothing about the trace.
    let mut notes: BTreeMap<_, _> = pairs
        .filter(|pair| pair.key != "ARROW:schema")
        .map(|pair| (pair.key.clone(), pair.value.clone().unwrap_or_default()))
        .collect();
    if let Some(digest) = notes.remove(OLD_DIGEST_KEY) {
        notes.entry(DIGEST_KEY.to_string()).or_insert(digest);
    }
    notes
}
