//! The files of a run: written aside, then renamed.

use super::RunTable;
use crate::aside;
use crate::error::{Error, Result};
use crate::sweep::Manifest;
use crate::words::cell;
use polars::prelude::{AnyValue, DataFrame, ParquetWriter};
use std::fmt::Display;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

const MANIFEST: &str = "manifest.json";

/// The files of a run, open before it starts, so that a folder that cannot be written is known at once.
#[derive(Debug)]
pub struct Files {
    dir: PathBuf,
    /// Each as Parquet and as CSV.
    tables: Vec<(RunTable, NamedTempFile, NamedTempFile)>,
    manifest: NamedTempFile,
}

impl Files {
    /// Opens them aside, in the folder where they will lie; the folder is made if it is missing.
    pub fn create(dir: &Path, tables: &[RunTable]) -> Result<Files> {
        let failed = |cause: std::io::Error| Error::failed(format!("write results in {}", dir.display()), cause);
        std::fs::create_dir_all(dir).map_err(|cause| match cause.kind() {
            ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
                failed(std::io::Error::other("there is a file in its place; name another folder"))
            }
            _ => failed(cause),
        })?;
        let mut names = tables.iter().flat_map(|&table| [parquet(table), csv(table)]).chain([MANIFEST.to_string()]);
        if let Some(name) = names.find(|name| dir.join(name).is_dir()) {
            return Err(Error::failed(format!("write {}", dir.join(name).display()), "it is a folder"));
        }
        let open = || aside::create(dir, "").map_err(failed);
        let tables = tables.iter().map(|&table| Ok((table, open()?, open()?))).collect::<Result<_>>()?;
        Ok(Files { tables, manifest: open()?, dir: dir.to_path_buf() })
    }

    /// Writes all, the frames in the order of the tables, and then renames them, so that earlier results stay whole until the
    /// new ones are. Tables of an earlier run that this one does not write go.
    pub fn write(mut self, frames: &mut [DataFrame], manifest: &Manifest) -> Result<()> {
        let manifest = manifest.text()?;
        let dir = self.dir.clone();
        let failed =
            |name: &str, cause: &dyn Display| Error::failed(format!("write {}", dir.join(name).display()), cause);
        let mut files = Vec::new();
        for ((table, mut binary, mut text), frame) in self.tables.into_iter().zip(frames) {
            write_parquet(frame, binary.as_file_mut()).map_err(|cause| failed(&parquet(table), &cause))?;
            write_csv(frame, text.as_file_mut()).map_err(|cause| failed(&csv(table), &cause))?;
            files.extend([(binary, parquet(table)), (text, csv(table))]);
        }
        self.manifest.write_all(manifest.as_bytes()).map_err(|cause| failed(MANIFEST, &cause))?;
        files.push((self.manifest, MANIFEST.to_string()));
        for (file, name) in &files {
            file.as_file().sync_all().map_err(|cause| failed(name, &cause))?;
        }
        let written: Vec<String> = files.iter().map(|(_, name)| name.clone()).collect();
        for (file, name) in files {
            file.persist(dir.join(&name)).map_err(|cause| failed(&name, &cause))?;
        }
        let names = RunTable::ALL.into_iter().flat_map(|table| [parquet(table), csv(table)]);
        for name in names.filter(|name| !written.contains(name)) {
            match std::fs::remove_file(dir.join(&name)) {
                Err(cause) if cause.kind() != ErrorKind::NotFound => {
                    return Err(Error::failed(format!("remove {} of an earlier run", dir.join(name).display()), cause));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn parquet(table: RunTable) -> String {
    format!("{}.parquet", table.name())
}

fn csv(table: RunTable) -> String {
    format!("{}.csv", table.name())
}

/// The writer hands over a byte at a time, and hides why that failed: a file gets all of them at once.
fn write_parquet(frame: &mut DataFrame, file: &mut File) -> Result<(), Box<dyn std::error::Error>> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(frame)?;
    Ok(file.write_all(&bytes)?)
}

/// Numbers in their shortest exact form; nothing where there is no value.
fn write_csv(frame: &DataFrame, file: &mut File) -> Result<(), Box<dyn std::error::Error>> {
    let mut writer = ::csv::Writer::from_writer(BufWriter::new(file));
    writer.write_record(frame.get_column_names().iter().map(|name| name.as_str()))?;
    for row in 0..frame.height() {
        for column in frame.columns() {
            match column.get(row)? {
                AnyValue::Null => writer.write_field("")?,
                AnyValue::Float64(number) => writer.write_field(number.to_string())?,
                AnyValue::UInt64(number) => writer.write_field(number.to_string())?,
                value => writer.write_field(cell(&value.str_value()).as_ref())?,
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()?;
    Ok(())
}
