//! Rows to a Parquet file that appears only when it is whole.

use super::{COLUMNS, DIGEST_KEY, Digest, GROUP_ROWS, SCHEMA_KEY, SCHEMA_VERSION, aside, encode};
use crate::error::{Error, Result};
use crate::trace::Row;
use polars::io::parquet::write::{
    BatchedWriter, KeyValueMetadata, ParquetCompression, ParquetMetadataContext, ParquetWriter, StatisticsOptions,
};
use polars::prelude::{DataType, PolarsResult, Schema};
use polars_parquet::write::Descriptor;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What a finished [`ParquetSink`] has left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub rows: u64,
    /// [`Digest`] of the rows.
    pub digest: String,
    /// Size of the file.
    pub bytes: u64,
}

/// Writes a trace aside, in the folder where it is to be, and gives it its name once it is whole. Holds one row group
/// in memory.
pub struct ParquetSink {
    path: PathBuf,
    aside: NamedTempFile,
    writer: BatchedWriter<BufWriter<File>>,
    encoder: Encoder,
    notes: BTreeMap<String, String>,
    pending: Vec<Row>,
    digest: Digest,
    rows: u64,
}

/// Puts row groups into the form of the file, on whatever thread.
#[derive(Clone)]
pub struct Encoder {
    /// Of the five columns.
    columns: [Descriptor; COLUMNS.len()],
    /// Of zstd.
    level: i32,
}

/// A row group as it will stand in the file, or why it could not be made.
pub struct Encoded(io::Result<encode::Pages>);

impl Encoder {
    pub fn encode(&self, rows: &[Row]) -> Encoded {
        Encoded(encode::pages(rows, &self.columns, self.level))
    }
}

impl ParquetSink {
    /// Starts a trace that will be `path`, with `notes` in its metadata.
    ///
    /// # Errors
    /// [`Error::Failed`] if the folder cannot be written, or `path` is something other than a file.
    pub fn create(path: &Path, notes: BTreeMap<String, String>) -> Result<ParquetSink> {
        let failed = |cause: &dyn Display| Error::failed(format!("write {}", path.display()), cause);
        // A link keeps pointing where it did: what it points to is replaced.
        let path_to_replace = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        if path_to_replace.exists() && !path_to_replace.is_file() {
            return Err(failed(&"it is not a regular file; name a file to write"));
        }
        let folder = path_to_replace.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let aside = aside::create(folder).map_err(|error| match error.kind() {
            // The name that the system could not make is not the user's.
            io::ErrorKind::NotFound => failed(&format!("there is no folder {}; make it first", folder.display())),
            kind => failed(&format!("no file can be made in {}: {kind}", folder.display())),
        })?;
        let file = aside.reopen().map_err(|error| failed(&error))?;
        let mut writer = writer(BufWriter::new(file)).map_err(|error| failed(&error))?;
        let columns = writer.parquet_schema().columns();
        let columns = std::array::from_fn(|column| columns[column].descriptor.clone());
        Ok(ParquetSink {
            path: path_to_replace,
            aside,
            writer,
            encoder: Encoder { columns, level: SMALL },
            notes,
            pending: Vec::with_capacity(GROUP_ROWS),
            digest: Digest::default(),
            rows: 0,
        })
    }

    /// Compresses less, to keep up with a program that runs: several times faster, for a file some tenths bigger.
    pub fn quick(mut self) -> ParquetSink {
        self.encoder.level = QUICK;
        self
    }

    /// Adds a note to the metadata, for what is known only while the rows are written.
    pub fn note(&mut self, key: &str, value: impl Into<String>) {
        self.notes.insert(key.to_string(), value.into());
    }

    /// Appends a row.
    pub fn push(&mut self, row: Row) -> Result<()> {
        self.pending.push(row);
        if self.pending.len() == GROUP_ROWS { self.flush() } else { Ok(()) }
    }

    /// Appends rows in order.
    pub fn extend(&mut self, mut rows: &[Row]) -> Result<()> {
        while !rows.is_empty() {
            let (now, later) = rows.split_at(rows.len().min(GROUP_ROWS - self.pending.len()));
            self.pending.extend_from_slice(now);
            rows = later;
            if self.pending.len() == GROUP_ROWS {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// What encodes row groups for [`ParquetSink::push_group`], while the sink does other things.
    pub fn encoder(&self) -> Encoder {
        self.encoder.clone()
    }

    /// Appends rows as a row group of their own, in the form that [`ParquetSink::encoder`] has given them: a million or so
    /// are best.
    pub fn push_group(&mut self, rows: &[Row], encoded: Encoded) -> Result<()> {
        self.flush()?;
        self.digest.update(rows);
        self.append(rows, encoded)
    }

    /// Writes what is left and gives the file its name.
    pub fn finish(mut self) -> Result<Written> {
        self.flush()?;
        let digest = self.digest.finish();
        let mut notes = std::mem::take(&mut self.notes);
        notes.insert(SCHEMA_KEY.into(), SCHEMA_VERSION.into());
        notes.insert(DIGEST_KEY.into(), digest.clone());
        let bytes = self.end(notes).map_err(|error| self.failed(error))?;
        self.aside.as_file().sync_all().map_err(|error| self.failed(error))?;
        let ParquetSink { path, aside, rows, .. } = self;
        aside
            .persist(&path)
            .map_err(|error| Error::failed(format!("give {} its name", path.display()), error.error))?;
        Ok(Written { rows, digest, bytes })
    }

    fn end(&self, notes: BTreeMap<String, String>) -> PolarsResult<u64> {
        let notes = KeyValueMetadata::from_static(notes.into_iter().collect());
        let notes = notes.collect(ParquetMetadataContext { arrow_schema: "" })?;
        // The batched writer takes its metadata at the start; the digest is known at the end, so the file is ended here.
        let mut writer = self.writer.get_writer().lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        writer.end(Some(notes))
    }

    fn flush(&mut self) -> Result<()> {
        let mut pending = std::mem::take(&mut self.pending);
        let written = self.write(&pending);
        pending.clear();
        self.pending = pending;
        written
    }

    fn write(&mut self, rows: &[Row]) -> Result<()> {
        let ParquetSink { digest, encoder, .. } = self;
        let ((), encoded) = rayon::join(|| digest.update(rows), || encoder.encode(rows));
        self.append(rows, encoded)
    }

    fn append(&mut self, rows: &[Row], encoded: Encoded) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let count = rows.len() as u64;
        self.rows += count;
        let pages = encoded.0.map_err(|error| self.failed(error))?;
        self.writer.write_row_group(count, &pages).map_err(|error| self.failed(error))
    }

    fn failed(&self, cause: impl Display) -> Error {
        let cause = cause.to_string();
        // polars takes a full disk for a file that breaks the specification.
        let cause = cause.rsplit_once("underlying IO error: ").map_or(cause.as_str(), |(_, cause)| cause);
        Error::failed(format!("write {}", self.path.display()), cause)
    }
}

fn writer(file: BufWriter<File>) -> PolarsResult<BatchedWriter<BufWriter<File>>> {
    let types = [DataType::UInt8, DataType::UInt64, DataType::UInt64, DataType::UInt32, DataType::UInt32];
    let schema: Schema = COLUMNS.into_iter().map(Into::into).zip(types).collect();
    ParquetWriter::new(file)
        .with_compression(ParquetCompression::Zstd(None))
        .with_statistics(StatisticsOptions::empty())
        .batched(&schema)
}

/// Levels of zstd, for files that are kept and for those that must be written fast.
const SMALL: i32 = 9;
const QUICK: i32 = 1;
