//! Rows to a Parquet file that appears only when it is whole.

use super::sums::{self, Summed};
use super::{COLUMNS, DIGEST_KEY, Digest, GROUP_ROWS, HELD_ROWS, SCHEMA_KEY, SCHEMA_VERSION, TIME, encode};
use crate::aside;
use crate::error::{Error, Result};
use crate::trace::Row;
use polars::io::parquet::write::{
    BatchedWriter, KeyValueMetadata, ParquetCompression, ParquetMetadataContext, ParquetWriter, StatisticsOptions,
};
use polars::prelude::{DataType, PolarsResult, Schema, polars_bail};
use polars_parquet::write::Descriptor;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::File;
use std::io;
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

/// Writes a trace aside, in the folder where it is to be, and gives it its name once it is whole. Holds about
/// a million rows in memory.
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
    batched: BatchedWriter<Summed>,
    sums: sums::Written,
    columns: [Descriptor; COLUMNS.len()],
    time: Option<Descriptor>,
}

/// Puts rows into the form of the file, on whatever thread.
pub struct Encoder {
    columns: [Descriptor; COLUMNS.len()],
    /// Of zstd.
    level: i32,
}

/// Row groups as they will stand in the file, each with its rows, or why they could not be made.
pub struct Encoded(io::Result<Vec<(usize, encode::Pages)>>);

impl Encoder {
    pub fn encode(&self, rows: &[Row]) -> Encoded {
        let group = |rows: &[Row]| Ok((rows.len(), encode::pages(rows, &self.columns, self.level)?));
        Encoded(rows.par_chunks(GROUP_ROWS).map(group).collect())
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
        let aside = aside::create(folder, "").map_err(|error| match error.kind() {
            // The name that the system could not make is not the user's.
            io::ErrorKind::NotFound => failed(&format!("there is no folder {}; make it first", folder.display())),
            kind => failed(&format!("no file can be made in {}: {kind}", folder.display())),
        })?;
        Ok(ParquetSink {
            path: path_to_replace,
            aside,
            writer: None,
            level: SMALL,
            notes,
            pending: Vec::with_capacity(HELD_ROWS),
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
        if self.pending.len() == HELD_ROWS { self.flush() } else { Ok(()) }
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
            let (now, later) = rows.split_at(rows.len().min(HELD_ROWS - self.pending.len()));
            self.pending.extend_from_slice(now);
            rows = later;
            let (now, later) = times.split_at(times.len().min(now.len()));
            self.times.extend_from_slice(now);
            times = later;
            if self.pending.len() == HELD_ROWS {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// What encodes rows for [`ParquetSink::push_encoded`], while the sink does other things.
    ///
    /// # Errors
    /// [`Error::Failed`] if the file cannot be written, or has times.
    pub fn encoder(&mut self) -> Result<Encoder> {
        let encoder = Writer::begun(&mut self.writer, &self.aside, false).map(|writer| writer.encoder(self.level));
        encoder.map_err(|error| self.failed(error))
    }

    /// Appends rows in the form that [`ParquetSink::encoder`] has given them, as row groups of their own.
    pub fn push_encoded(&mut self, rows: &[Row], encoded: Encoded) -> Result<()> {
        self.flush()?;
        self.digest.update(rows);
        self.append(encoded, &[]).map_err(|error| self.failed(error))
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
        let Writer { batched, sums, .. } = Writer::begun(&mut self.writer, &self.aside, false)?;
        // The batched writer takes its metadata at the start; the digest is known at the end, so the file is ended here.
        let mut writer = batched.get_writer().lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        writer.end(Some(notes))?;
        Ok(sums.insert(self.aside.as_file_mut())?)
    }

    fn flush(&mut self) -> Result<()> {
        let (mut pending, mut times) = (std::mem::take(&mut self.pending), std::mem::take(&mut self.times));
        let written = self.write(&pending, &times).map_err(|error| self.failed(error));
        pending.clear();
        times.clear();
        (self.pending, self.times) = (pending, times);
        written
    }

    fn write(&mut self, rows: &[Row], times: &[u64]) -> PolarsResult<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let writer = Writer::begun(&mut self.writer, &self.aside, !times.is_empty())?;
        if times.len() != if writer.time.is_some() { rows.len() } else { 0 } {
            polars_bail!(ComputeError: "rows with times among rows without");
        }
        let (digest, encoder) = (&mut self.digest, writer.encoder(self.level));
        let ((), encoded) = rayon::join(|| digest.update(rows), || encoder.encode(rows));
        self.append(encoded, times)
    }

    fn append(&mut self, encoded: Encoded, times: &[u64]) -> PolarsResult<()> {
        let writer = Writer::begun(&mut self.writer, &self.aside, false)?;
        let mut times = times.chunks(GROUP_ROWS);
        for (rows, pages) in encoded.0? {
            let mut pages = Vec::from(pages);
            if let Some((column, times)) = writer.time.as_ref().zip(times.next()) {
                pages.push(vec![encode::time_page(times, column, self.level)?]);
            }
            self.rows += rows as u64;
            writer.batched.write_row_group(rows as u64, &pages)?;
            writer.sums.end_group();
        }
        Ok(())
    }

    fn failed(&self, cause: impl Display) -> Error {
        Error::failed(format!("write {}", self.path.display()), cause)
    }
}

impl Writer {
    /// The writer, made if there is none yet, with or without a column of times.
    fn begun<'a>(writer: &'a mut Option<Writer>, file: &NamedTempFile, timed: bool) -> PolarsResult<&'a mut Writer> {
        Ok(match writer {
            Some(writer) => writer,
            none => none.insert(Writer::new(file.reopen()?, timed)?),
        })
    }

    fn encoder(&self, level: i32) -> Encoder {
        Encoder { columns: self.columns.clone(), level }
    }

    fn new(file: File, timed: bool) -> PolarsResult<Writer> {
        let types = [DataType::UInt8, DataType::UInt64, DataType::UInt64, DataType::UInt32, DataType::UInt32];
        let time = timed.then_some((TIME, DataType::UInt64));
        let schema: Schema = COLUMNS.into_iter().zip(types).chain(time).map(|(name, of)| (name.into(), of)).collect();
        let (file, sums) = sums::summed(file);
        let mut batched = ParquetWriter::new(file)
            .with_compression(ParquetCompression::Zstd(None))
            .with_statistics(StatisticsOptions::empty())
            .batched(&schema)?;
        let all = batched.parquet_schema().columns();
        let columns = std::array::from_fn(|column| all[column].descriptor.clone());
        let time = all.get(COLUMNS.len()).map(|column| column.descriptor.clone());
        Ok(Writer { batched, sums, columns, time })
    }
}

/// Levels of zstd, for files that are kept and for those that must be written fast.
const SMALL: i32 = 9;
const QUICK: i32 = 1;
