//! The files of a run: written aside, then renamed.

use super::RunTable;
use crate::aside;
use crate::error::{Error, Result};
use crate::sweep::Manifest;
use crate::words::cell;
use polars::prelude::{AnyValue, DataFrame, ParquetWriter};
use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The files of a run, open before it starts, so that a folder that cannot be written is known at once.
#[derive(Debug)]
pub struct Files {
    dir: PathBuf,
    /// Each as Parquet and as CSV.
    tables: Vec<(RunTable, NamedTempFile, NamedTempFile)>,
    manifest: NamedTempFile,
    /// The files that an earlier run in the folder left.
    earlier: Vec<String>,
}

/// The tables of a run, in place.
#[derive(Debug)]
#[must_use = "its files are not those of its manifest yet"]
pub struct Written {
    dir: PathBuf,
    files: Vec<String>,
    earlier: Vec<String>,
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
        let mut names =
            tables.iter().flat_map(|&table| [parquet(table), csv(table)]).chain([Manifest::FILE.to_string()]);
        if let Some(name) = names.find(|name| dir.join(name).is_dir()) {
            return Err(Error::failed(format!("write {}", dir.join(name).display()), "it is a folder"));
        }
        let earlier = Manifest::beside(dir)?.unwrap_or_default().files;
        let earlier = earlier.into_iter().filter(|name| is_of_runs(name)).collect();
        let open = || aside::create(dir, "").map_err(failed);
        let tables = tables.iter().map(|&table| Ok((table, open()?, open()?))).collect::<Result<_>>()?;
        Ok(Files { tables, manifest: open()?, dir: dir.to_path_buf(), earlier })
    }

    /// Writes all, the frames in the order of the tables, and then renames them, so that earlier results stay whole until the
    /// new ones are. What an earlier run left beside them stays until [`Written::finish`].
    pub fn write(mut self, frames: &mut [DataFrame], manifest: &Manifest) -> Result<Written> {
        let dir = self.dir.clone();
        let failed =
            |name: &str, cause: &dyn Display| Error::failed(format!("write {}", dir.join(name).display()), cause);
        let mut files = Vec::new();
        for ((table, mut binary, mut text), frame) in self.tables.into_iter().zip(frames) {
            write_parquet(frame, binary.as_file_mut()).map_err(|cause| failed(&parquet(table), &cause))?;
            write_csv(frame, text.as_file_mut()).map_err(|cause| failed(&csv(table), &cause))?;
            files.extend([(binary, parquet(table)), (text, csv(table))]);
        }
        let names: Vec<String> =
            files.iter().map(|(_, name)| name.clone()).chain([Manifest::FILE.to_string()]).collect();
        let listed = listed(manifest, names.iter().chain(&self.earlier));
        let text = listed.text()?;
        self.manifest.write_all(text.as_bytes()).map_err(|cause| failed(Manifest::FILE, &cause))?;
        files.push((self.manifest, Manifest::FILE.to_string()));
        for (file, name) in &files {
            file.as_file().sync_all().map_err(|cause| failed(name, &cause))?;
        }
        for (file, name) in files {
            file.persist(dir.join(&name)).map_err(|cause| failed(&name, &cause))?;
        }
        Ok(Written { dir: self.dir, files: names, earlier: self.earlier })
    }
}

impl Written {
    /// Puts the run's other files into the manifest, and removes what an earlier run left and this one did not write.
    pub fn finish(self, others: &[PathBuf], manifest: &Manifest) -> Result<()> {
        let others = others.iter().filter_map(|path| path.strip_prefix(&self.dir).ok());
        let others: Vec<String> = others.map(|path| path.to_string_lossy().replace('\\', "/")).collect();
        let listed = listed(manifest, self.files.iter().chain(&others));
        for name in self.earlier.iter().filter(|name| !listed.files.contains(name)) {
            match std::fs::remove_file(self.dir.join(name)) {
                Err(cause) if cause.kind() != ErrorKind::NotFound => {
                    let path = self.dir.join(name);
                    return Err(Error::failed(format!("remove {} of an earlier run", path.display()), cause));
                }
                _ => {}
            }
        }
        let path = self.dir.join(Manifest::FILE);
        let failed = |cause: std::io::Error| Error::failed(format!("write {}", path.display()), cause);
        let mut file = aside::create(&self.dir, "").map_err(failed)?;
        file.write_all(listed.text()?.as_bytes()).map_err(failed)?;
        file.persist(&path).map(drop).map_err(|cause| failed(cause.error))
    }
}

/// A manifest with these files, each once.
fn listed<'a>(manifest: &Manifest, files: impl Iterator<Item = &'a String>) -> Manifest {
    let files: BTreeSet<&String> = files.collect();
    Manifest { files: files.into_iter().cloned().collect(), ..manifest.clone() }
}

/// Whether a run may have written a file of this name, which stands in a manifest: it leads out of no folder.
fn is_of_runs(name: &str) -> bool {
    let plain = |name: &str| !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':']);
    let ends = |name: &str, endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    match name.strip_prefix("charts/") {
        Some(name) => plain(name) && ends(name, &[".svg", ".png", ".csv"]),
        None => plain(name) && ends(name, &[".parquet", ".csv", ".html"]),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_manifest_leads_out_of_its_folder() {
        let names = ["results.csv", "report.html", "charts/overhead-a+b.svg", "intervals.parquet"];
        assert!(names.into_iter().all(is_of_runs));
        let names = ["../a.csv", "/a.csv", "charts/../a.csv", "charts/b/a.csv", "..", "", ".csv", "a.txt", "C:a.csv"];
        assert!(!names.into_iter().any(is_of_runs));
    }
}
