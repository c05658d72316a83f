//! Rows to a Parquet file that appears only when it is whole.

use super::{COLUMNS, DIGEST_KEY, Digest, GROUP_ROWS, SCHEMA_KEY, SCHEMA_VERSION, TIME, encode};
use crate::error::{Error, Result};
use crate::trace::Row;
use polars::io::parquet::write::{
    BatchedWriter, KeyValueMetadata, ParquetCompression, ParquetMetadataContext, ParquetWriter, StatisticsOptions,
};
use polars::prelude::{DataType, PolarsResult, Schema, polars_bail};
use polars_parquet::write::Descriptor;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::File;
use std::io::BufWriter;
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
    /// Once the first rows tell whether there are times.
    writer: Option<Writer>,
    /// Of zstd.
    level: i32,
    notes: BTreeMap<String, String>,
    pending: Vec<Row>,
    /// Of the pending rows, or of none.
    times: Vec<u64>,
    digest: Digest,
    rows: u64,
}

struct Writer {
    batched: BatchedWriter<BufWriter<File>>,
    columns: [Descriptor; COLUMNS.len()],
    time: Option<Descriptor>,
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
        let folder = path_to_replace.parent().filter(|folder| !folder.as_os_str().is_empty());
        let aside = aside_in(folder.unwrap_or(Path::new("."))).map_err(|error| failed(&error))?;
        Ok(ParquetSink {
            path: path_to_replace,
            aside,
            writer: None,
            level: SMALL,
            notes,
            pending: Vec::with_capacity(GROUP_ROWS),
            times: Vec::new(),
            digest: Digest::default(),
            rows: 0,
        })
    }

    /// Compresses less, to keep up with a program that runs: several times faster, for a file some tenths bigger.
    pub fn quick(mut self) -> ParquetSink {
        self.level = QUICK;
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
    pub fn extend(&mut self, rows: &[Row]) -> Result<()> {
        self.extend_at(rows, None)
    }

    /// Appends rows in order, with the time of each. Either all rows of a trace have times, or none.
    ///
    /// # Errors
    /// [`Error::Failed`] also if some have times and others have not.
    pub fn extend_at(&mut self, mut rows: &[Row], times: Option<&[u64]>) -> Result<()> {
        let mut times = times.unwrap_or_default();
        while !rows.is_empty() {
            let (now, later) = rows.split_at(rows.len().min(GROUP_ROWS - self.pending.len()));
            self.pending.extend_from_slice(now);
            rows = later;
            let (now, later) = times.split_at(times.len().min(now.len()));
            self.times.extend_from_slice(now);
            times = later;
            if self.pending.len() == GROUP_ROWS {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Appends rows as a row group of their own, without holding them: a million or so are best.
    pub fn push_group(&mut self, rows: &[Row]) -> Result<()> {
        self.flush()?;
        self.write(rows, &[])
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

    fn end(&mut self, notes: BTreeMap<String, String>) -> PolarsResult<u64> {
        let notes = KeyValueMetadata::from_static(notes.into_iter().collect());
        let notes = notes.collect(ParquetMetadataContext { arrow_schema: "" })?;
        let batched = &Writer::begun(&mut self.writer, &self.aside, false)?.batched;
        // The batched writer takes its metadata at the start; the digest is known at the end, so the file is ended here.
        let mut writer = batched.get_writer().lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        writer.end(Some(notes))
    }

    fn flush(&mut self) -> Result<()> {
        let (mut pending, mut times) = (std::mem::take(&mut self.pending), std::mem::take(&mut self.times));
        let written = self.write(&pending, &times);
        pending.clear();
        times.clear();
        (self.pending, self.times) = (pending, times);
        written
    }

    fn write(&mut self, rows: &[Row], times: &[u64]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.write_group(rows, times).map_err(|error| self.failed(error))
    }

    fn write_group(&mut self, rows: &[Row], times: &[u64]) -> PolarsResult<()> {
        let writer = Writer::begun(&mut self.writer, &self.aside, !times.is_empty())?;
        let (digest, level) = (&mut self.digest, self.level);
        let encoded = || encode::pages(rows, &writer.columns, level);
        let ((), pages) = rayon::join(|| digest.update(rows), encoded);
        let mut pages = Vec::from(pages?);
        match &writer.time {
            Some(column) if times.len() == rows.len() => pages.push(encode::time_pages(times, column, level)?),
            None if times.is_empty() => {}
            _ => polars_bail!(ComputeError: "rows with times among rows without"),
        }
        self.rows += rows.len() as u64;
        writer.batched.write_row_group(rows.len() as u64, &pages)
    }

    fn failed(&self, cause: impl Display) -> Error {
        Error::failed(format!("write {}", self.path.display()), cause)
    }
}

/// A file without a final name, with the permissions that a new file has.
fn aside_in(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".trace-").suffix(".part");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

impl Writer {
    /// The writer, made if there is none yet, with or without a column of times.
    fn begun<'a>(writer: &'a mut Option<Writer>, file: &NamedTempFile, timed: bool) -> PolarsResult<&'a mut Writer> {
        Ok(match writer {
            Some(writer) => writer,
            none => none.insert(Writer::new(BufWriter::new(file.reopen()?), timed)?),
        })
    }

    fn new(file: BufWriter<File>, timed: bool) -> PolarsResult<Writer> {
        let types = [DataType::UInt8, DataType::UInt64, DataType::UInt64, DataType::UInt32, DataType::UInt32];
        let time = timed.then_some((TIME, DataType::UInt64));
        let schema: Schema = COLUMNS.into_iter().zip(types).chain(time).map(|(name, of)| (name.into(), of)).collect();
        let mut batched = ParquetWriter::new(file)
            .with_compression(ParquetCompression::Zstd(None))
            .with_statistics(StatisticsOptions::empty())
            .batched(&schema)?;
        let all = batched.parquet_schema().columns();
        let columns = std::array::from_fn(|column| all[column].descriptor.clone());
        let time = all.get(COLUMNS.len()).map(|column| column.descriptor.clone());
        Ok(Writer { batched, columns, time })
    }
}

/// Levels of zstd, for files that are kept and for those that must be written fast.
const SMALL: i32 = 9;
const QUICK: i32 = 1;
