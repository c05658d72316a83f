//! A Parquet file to rows, a slice at a time.

use super::guard::guarded;
use super::{COLUMNS, GROUP_ROWS, SCHEMA_KEY, SCHEMA_VERSION};
use crate::error::{Defect, Error, Result};
use crate::trace::check::{self, Sequence, Unsound};
use crate::trace::{CHUNK_ROWS, Op, Row, Source};
use polars::io::SerReader;
use polars::io::parquet::metadata::{FileMetadata, FileMetadataRef};
use polars::io::parquet::read::{ParallelStrategy, ParquetReader};
use polars::prelude::{DataFrame, PolarsResult};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The rows of a Parquet file that has the columns of a trace, whatever its other columns and their order. Holds about
/// a million rows in memory at a time, however long the file and its row groups are.
pub struct ParquetSource {
    path: PathBuf,
    file: File,
    metadata: FileMetadataRef,
    notes: BTreeMap<String, String>,
    columns: Vec<String>,
    sequence: Sequence,
    slice: Slice,
    /// The next slice: its row group and the first row in it. No group: at the end.
    next: (usize, usize),
    /// Rows yielded, which is also the number of the next row.
    yielded: u64,
}

/// The rows decoded and not yet all yielded.
#[derive(Default)]
struct Slice {
    frame: DataFrame,
    /// Rows of the frame that were yielded.
    used: usize,
}

impl ParquetSource {
    /// Opens a trace and checks its form; its rows are checked as they are read.
    ///
    /// # Errors
    /// [`Error::Input`] if it is no Parquet file, or a damaged one, or lacks the columns of a trace, or has no rows;
    /// [`Error::Failed`] if it cannot be read.
    pub fn open(path: &Path) -> Result<ParquetSource> {
        let mut file = open_file(path)?;
        refuse_other_formats(path, &mut file)?;
        let mut reader = ParquetReader::new(open_file(path)?);
        let metadata =
            guarded(|| reader.get_metadata().cloned()).map_err(|cause| damaged(path, String::new(), &cause))?;
        let schema = guarded(|| reader.schema()).map_err(|cause| damaged(path, String::new(), &cause))?;
        let columns = columns(path, |name| schema.get(name).map(|field| format!("{:?}", field.dtype())))?;
        let notes = notes(&metadata);
        check_version(path, &notes)?;
        let promised = metadata.row_groups.iter().map(|group| group.num_rows()).sum::<usize>();
        if promised != metadata.num_rows {
            let cause = format!("{} rows, but {promised} in its row groups", metadata.num_rows);
            return Err(damaged(path, String::new(), &cause));
        }
        if metadata.num_rows == 0 {
            return Err(Defect::new(path, "", "a trace without rows").expected("at least one row").into());
        }
        Ok(ParquetSource {
            path: path.to_path_buf(),
            file,
            metadata,
            notes,
            columns,
            sequence: Sequence::default(),
            slice: Slice::default(),
            next: (0, 0),
            yielded: 0,
        })
    }

    /// Leaves the `thread` column unread: every row's thread is then 0.
    pub fn without_threads(mut self) -> ParquetSource {
        self.columns.retain(|column| column != "thread");
        self
    }

    /// The key-value metadata of the file.
    pub fn notes(&self) -> &BTreeMap<String, String> {
        &self.notes
    }

    /// Decodes the next slice into `self.slice`; leaves it empty at the end.
    fn advance(&mut self) -> Result<()> {
        self.slice = Slice::default();
        let (group, start) = std::mem::replace(&mut self.next, (usize::MAX, 0));
        let Some(row_group) = self.metadata.row_groups.get(group) else {
            return Ok(());
        };
        let rows = (row_group.num_rows().saturating_sub(start)).min(GROUP_ROWS);
        // The reader walks every row group before a slice, so it is shown only the one that it needs.
        let alone = FileMetadata {
            num_rows: row_group.num_rows(),
            row_groups: vec![row_group.clone()],
            ..FileMetadata::clone(&self.metadata)
        };
        let here = || format!("row {} or after", self.yielded);
        let frame =
            guarded(|| self.decode(alone, (start, rows))).map_err(|cause| damaged(&self.path, here(), &cause))?;
        if frame.height() != rows {
            return Err(damaged(&self.path, here(), &format!("{} rows where {rows} are promised", frame.height())));
        }
        self.refuse_nulls(&frame)?;
        self.next = if start + rows == row_group.num_rows() { (group + 1, 0) } else { (group, start + rows) };
        self.slice = Slice { frame, used: 0 };
        Ok(())
    }

    fn decode(&self, metadata: FileMetadata, slice: (usize, usize)) -> PolarsResult<DataFrame> {
        let file = self.file.try_clone()?;
        let mut reader = ParquetReader::new(file)
            .with_columns(Some(self.columns.clone()))
            .with_slice(Some(slice))
            .read_parallel(ParallelStrategy::None)
            .set_rechunk(true);
        reader.set_metadata(Arc::new(metadata));
        reader.finish()
    }

    fn refuse_nulls(&self, frame: &DataFrame) -> Result<()> {
        let Some(column) = frame.columns().iter().find(|column| column.null_count() > 0) else {
            return Ok(());
        };
        let first = column.is_null().iter().position(|null| null == Some(true)).unwrap_or_default();
        Err(Defect::new(
            &self.path,
            format!("row {}", self.yielded + first as u64),
            format!("column `{}` is null", column.name()),
        )
        .expected("a value in every row")
        .into())
    }
}

impl Source for ParquetSource {
    /// After an unsound row, of which the error tells, `rows` holds those before it, and the next call goes on behind
    /// it. Behind a place that cannot be decoded there is nothing.
    fn fill(&mut self, rows: &mut Vec<Row>) -> Result<()> {
        rows.clear();
        while self.slice.used == self.slice.frame.height() {
            if self.next.0 >= self.metadata.row_groups.len() {
                return Ok(());
            }
            self.advance()?;
        }
        let Slice { frame, used } = &mut self.slice;
        let end = frame.height().min(*used + CHUNK_ROWS);
        let lanes = Lanes::of(frame, *used..end)
            .map_err(|cause| damaged(&self.path, format!("row {} or after", self.yielded), &cause.to_string()))?;
        let outcome = lanes.append(rows, &mut self.sequence);
        let unsound_row = self.yielded + rows.len() as u64;
        let taken = rows.len() + usize::from(outcome.is_err());
        *used += taken;
        self.yielded += taken as u64;
        outcome.map_err(|Unsound { found, expected }| {
            Defect::new(&self.path, format!("row {unsound_row}"), found).expected(expected).into()
        })
    }

    fn expected_rows(&self) -> Option<u64> {
        Some(self.metadata.num_rows as u64)
    }
}

/// The columns of some rows, side by side.
struct Lanes<'a> {
    op: &'a [u8],
    address: &'a [u64],
    length: &'a [u64],
    process: &'a [u32],
    thread: &'a [u32],
}

/// What a missing `process` or `thread` column holds.
static ZEROS: [u32; CHUNK_ROWS] = [0; CHUNK_ROWS];

impl<'a> Lanes<'a> {
    fn of(frame: &'a DataFrame, range: std::ops::Range<usize>) -> PolarsResult<Lanes<'a>> {
        let [op, address, length, process, thread] = COLUMNS;
        let u32s = |name: &str| -> PolarsResult<&'a [u32]> {
            match frame.column(name) {
                Ok(column) => Ok(&column.u32()?.cont_slice()?[range.clone()]),
                Err(_) => Ok(&ZEROS[..range.len()]),
            }
        };
        Ok(Lanes {
            op: &frame.column(op)?.u8()?.cont_slice()?[range.clone()],
            address: &frame.column(address)?.u64()?.cont_slice()?[range.clone()],
            length: &frame.column(length)?.u64()?.cont_slice()?[range.clone()],
            process: u32s(process)?,
            thread: u32s(thread)?,
        })
    }

    /// Appends the rows up to the first unsound one; where it fails, `rows.len()` tells which one that was.
    fn append(&self, rows: &mut Vec<Row>, sequence: &mut Sequence) -> Result<(), Unsound> {
        let shared = self.address.iter().zip(self.length).zip(self.process).zip(self.thread);
        for (&number, (((&address, &length), &process), &thread)) in self.op.iter().zip(shared) {
            let Some(op) = Op::from_number(number) else {
                return Err(Unsound { found: format!("op {number}"), expected: "an op from 0 (load) to 7 (exit)" });
            };
            let row = Row { op, address, length, process, thread };
            if !(op.is_access() && check::is_canonical(address) && sequence.continues(process)) {
                check::row(&row)?;
                sequence.check(&row)?;
            }
            rows.push(row);
        }
        Ok(())
    }
}

fn open_file(path: &Path) -> Result<File> {
    let cannot = |error: std::io::Error| Error::from(Defect::new(path, "", format!("cannot be opened: {error}")));
    let file = File::open(path).map_err(cannot)?;
    let kind = file.metadata().map_err(cannot)?.file_type();
    if !kind.is_file() {
        return Err(Defect::new(path, "", "not a regular file").expected("a Parquet file").into());
    }
    Ok(file)
}

fn refuse_other_formats(path: &Path, file: &mut File) -> Result<()> {
    let mut first = Vec::new();
    file.take(4).read_to_end(&mut first).map_err(|error| Error::failed(format!("read {}", path.display()), error))?;
    if first == b"PAR1" {
        return Ok(());
    }
    let found = match first.as_slice() {
        [] => "an empty file".to_string(),
        bytes => format!("begins with the bytes {} (\"{}\")", hexadecimal(bytes), bytes.escape_ascii()),
    };
    Err(Defect::new(path, "", found)
        .expected("a Parquet file, which begins with \"PAR1\"")
        .remedy("convert it with `analyze trace import FILE -o OUT.parquet`")
        .into())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

fn damaged(path: &Path, place: String, cause: &str) -> Error {
    Defect::new(path, place, format!("cannot be decoded: {cause}"))
        .expected("a whole Parquet file")
        .remedy("the file may be cut off or damaged: copy or make it again")
        .into()
}

fn notes(metadata: &FileMetadata) -> BTreeMap<String, String> {
    let pairs = metadata.key_value_metadata().iter().flatten();
    // The Arrow schema is there for other readers; it is binary and says nothing about the trace.
    pairs
        .filter(|pair| pair.key != "ARROW:schema")
        .map(|pair| (pair.key.clone(), pair.value.clone().unwrap_or_default()))
        .collect()
}

fn check_version(path: &Path, notes: &BTreeMap<String, String>) -> Result<()> {
    match notes.get(SCHEMA_KEY) {
        Some(version) if version != SCHEMA_VERSION => {
            Err(Defect::new(path, format!("metadata key `{SCHEMA_KEY}`"), format!("version {version:?}"))
                .expected(format!("version {SCHEMA_VERSION:?}"))
                .remedy("read it with the version of analyze that wrote it, or a newer one")
                .into())
        }
        _ => Ok(()),
    }
}

/// The columns to read, or everything that is wrong with those there are.
fn columns(path: &Path, type_of: impl Fn(&str) -> Option<String>) -> Result<Vec<String>> {
    let types = ["UInt8", "UInt64", "UInt64", "UInt32", "UInt32"];
    let (mut columns, mut defects) = (Vec::new(), Vec::new());
    for (name, wanted) in COLUMNS.into_iter().zip(types) {
        match type_of(name) {
            Some(found) if found == wanted => columns.push(name.to_string()),
            Some(found) => defects.push(
                Defect::new(path, format!("column `{name}`"), format!("has type {found}"))
                    .expected(format!("type {wanted}"))
                    .remedy(format!("cast it: `SELECT CAST({name} AS {}) AS {name}` in SQL", sql_type(wanted))),
            ),
            None if matches!(name, "process" | "thread") => {}
            None => defects.push(
                Defect::new(path, "", format!("no column `{name}`"))
                    .expected("columns op, address, length and, where known, process and thread"),
            ),
        }
    }
    if defects.is_empty() { Ok(columns) } else { Err(Error::Input(defects)) }
}

fn sql_type(wanted: &str) -> &'static str {
    match wanted {
        "UInt8" => "UTINYINT",
        "UInt32" => "UINTEGER",
        _ => "UBIGINT",
    }
}
