//! What the verbs that make traces from traces share: opening them, their notes, writing the result.

use super::chunks::each_chunk;
use crate::cli::output::{many, print};
use crate::error::{Defect, Result};
use crate::trace::edit::Named;
use crate::trace::parquet::DIGEST_KEY;
use crate::trace::{ParquetSink, ParquetSource, Source, overwrite};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Metadata key of what was done to a trace since it was recorded.
const KEY: &str = "edited";

/// The traces that a verb reads, and what their metadata says.
pub struct Opened {
    pub traces: Vec<Named>,
    notes: Vec<BTreeMap<String, String>>,
}

impl Opened {
    /// Opens traces, none of which may be the output.
    pub fn open(files: &[PathBuf], output: &Path) -> Result<Opened> {
        overwrite::refuse(output, files)?;
        let (mut traces, mut notes) = (Vec::new(), Vec::new());
        for file in files {
            let source = ParquetSource::open(file)?;
            notes.push(source.notes().clone());
            traces.push(Named { name: file.display().to_string(), source: Box::new(source) });
        }
        Ok(Opened { traces, notes })
    }

    /// Opens the only trace of a verb.
    pub fn open_one(file: &Path, output: &Path) -> Result<(Named, BTreeMap<String, String>)> {
        overwrite::refuse(output, &[file])?;
        let source = ParquetSource::open(file)?;
        let notes = source.notes().clone();
        Ok((Named { name: file.display().to_string(), source: Box::new(source) }, notes))
    }

    /// What to say of times that some traces have and others have not.
    pub fn times_left_out(&self) -> Option<(String, String)> {
        let without: Vec<_> = self.traces.iter().filter(|trace| !trace.is_timed()).map(|trace| &*trace.name).collect();
        let some = !without.is_empty() && without.len() < self.traces.len();
        some.then(|| ("times".to_string(), format!("left out, since there are none in {}", without.join(", "))))
    }

    /// Notes of a trace made from several: those of each, under its number from 1, and what was done.
    pub fn notes(&self, done: &str) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        let mut names = Vec::new();
        for (number, (trace, notes)) in (1..).zip(self.traces.iter().zip(&self.notes)) {
            names.push(named(&trace.name, notes));
            all.extend(notes.iter().map(|(key, text)| (format!("{number}.{key}"), text.clone())));
        }
        all.insert(KEY.to_string(), format!("{done} of {}", names.join(", ")));
        all
    }
}

/// Notes of a trace made from one: its own, and what was done to it, behind what had been done before.
pub fn notes(trace: &Named, mut notes: BTreeMap<String, String>, done: &str) -> BTreeMap<String, String> {
    let done = format!("{done} of {}", named(&trace.name, &notes));
    let before = notes.remove(KEY).map(|before| format!("{before}; ")).unwrap_or_default();
    notes.insert(KEY.to_string(), before + &done);
    notes
}

fn named(name: &str, notes: &BTreeMap<String, String>) -> String {
    match notes.get(DIGEST_KEY) {
        Some(digest) => format!("{name} (rows {digest})"),
        None => name.to_string(),
    }
}

/// Writes all rows of `source` to `sink`; what `said` gives then stands in the metadata and is printed. `empty` says
/// what is wrong where there are none.
pub fn write<S: Source>(
    mut source: S,
    mut sink: ParquetSink,
    output: &Path,
    said: impl FnOnce(&S) -> Vec<(String, String)>,
    empty: impl FnOnce(&S) -> Defect,
) -> Result<()> {
    let mut rows = 0;
    each_chunk(&mut source, "writing", |chunk, times| {
        rows += chunk.len();
        sink.extend_at(chunk, times)
    })?;
    if rows == 0 {
        return Err(empty(&source).into());
    }
    let said = said(&source);
    for (key, text) in &said {
        sink.note(key, text);
    }
    let written = sink.finish()?;
    print(|out| {
        writeln!(out, "{}: {} in {}", output.display(), many(written.rows, "row"), many(written.bytes, "byte"))?;
        for (key, text) in &said {
            writeln!(out, "  {key}: {text}")?;
        }
        writeln!(out, "  rows {}", written.digest)
    })
}
