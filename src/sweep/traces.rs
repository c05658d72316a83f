//! The traces of a sweep: files, globs and invented ones.

use super::document::{Document, scalar, short};
use crate::error::Result;
use crate::trace::synth::{KEYS, Synthetic, Workload};
use crate::trace::{ParquetSource, Source};
use crate::words::{one_line, shortened};
use std::collections::BTreeSet;
use std::path::PathBuf;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where the rows come from.
#[derive(Clone, Debug)]
pub enum Origin {
    File(PathBuf),
    Synthetic(Synthetic),
}

/// One trace of a sweep.
#[derive(Clone, Debug)]
pub struct TraceInput {
    /// The name in the results.
    pub name: String,
    pub origin: Origin,
}

impl TraceInput {
    /// Opens the trace from its first row.
    pub fn open(&self) -> Result<Box<dyn Source>> {
        match &self.origin {
            Origin::File(path) => Ok(Box::new(ParquetSource::open(path)?.for_replay())),
            Origin::Synthetic(synthetic) => Ok(synthetic.source()),
        }
    }

    /// Rows in all; of an invented trace, its accesses, which are most of them.
    pub fn expected_rows(&self) -> Result<u64> {
        match &self.origin {
            Origin::File(_) => Ok(self.open()?.expected_rows().unwrap_or(0)),
            Origin::Synthetic(synthetic) => Ok(synthetic.accesses),
        }
    }

    /// Whether its rows are made here, from a known pattern.
    pub fn is_invented(&self) -> bool {
        match self.origin {
            Origin::File(_) => false,
            Origin::Synthetic(_) => true,
        }
    }

    /// What to call it in errors: a file by its path.
    pub fn place(&self) -> String {
        match &self.origin {
            Origin::File(path) => path.display().to_string(),
            Origin::Synthetic(_) => self.name.clone(),
        }
    }
}

/// Of a path that is told.
const LONGEST_PATH: usize = 300;

/// Reads `traces = […]`; what is wrong is noted.
pub fn read(document: &Document, value: &Spanned<DeValue<'_>>) -> Vec<TraceInput> {
    let Some(list) = value.get_ref().as_array().filter(|list| !list.is_empty()) else {
        document.mismatch(value, "a list of traces: paths, globs, or { synthetic = \"…\" }");
        return Vec::new();
    };
    let (mut traces, mut names) = (Vec::new(), BTreeSet::new());
    for item in list {
        let found = match item.get_ref() {
            DeValue::String(pattern) => files(document, item, pattern),
            DeValue::Table(table) if table.contains_key("file") => {
                named_file(document, item, table).into_iter().collect()
            }
            DeValue::Table(table) => synthetic(document, item, table).into_iter().collect(),
            _ => {
                document.mismatch(item, "a path, a glob, or { synthetic = \"…\" }");
                Vec::new()
            }
        };
        for mut trace in found {
            trace.name = one_line(&trace.name).into_owned();
            if !names.insert(trace.name.clone()) {
                let found = format!("two traces are called `{}`", short(&trace.name));
                document.note(
                    item.span(),
                    found,
                    "a name of its own for each",
                    "set `name`, for files as { file = \"…\", name = \"…\" }",
                );
            }
            traces.push(trace);
        }
    }
    traces
}

fn files(document: &Document, item: &Spanned<DeValue<'_>>, pattern: &str) -> Vec<TraceInput> {
    let full = document.folder().join(pattern);
    if full.is_file() {
        return vec![file(document, item, full, None)];
    }
    let folder = glob::Pattern::escape(&document.folder().to_string_lossy());
    let paths: Vec<PathBuf> = match glob::glob(&PathBuf::from(folder).join(pattern).to_string_lossy()) {
        Ok(paths) => paths.filter_map(|path| path.ok()).collect(),
        Err(error) => {
            let found = format!("{:?} is not a glob: {error}", short(pattern));
            document.note(item.span(), found, "a path or a glob", "");
            return Vec::new();
        }
    };
    if paths.is_empty() {
        let remedy = "paths are relative to this file; make traces with `analyze trace import` or `synth`";
        let found = format!("no trace at {}", shortened(&full.to_string_lossy(), LONGEST_PATH));
        document.note(item.span(), found, "a Parquet trace", remedy);
    }
    paths.into_iter().map(|path| file(document, item, path, None)).collect()
}

fn file(document: &Document, item: &Spanned<DeValue<'_>>, path: PathBuf, name: Option<&str>) -> TraceInput {
    // Opening reads the footer, so that a broken trace is told with the other defects, before anything runs.
    if let Err(error) = ParquetSource::open(&path) {
        document.note(item.span(), error.to_string().replace("\n  ", "; "), "", "");
    }
    let stem = || path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    TraceInput { name: name.map(str::to_string).unwrap_or_else(stem), origin: Origin::File(path) }
}

/// `{ file = "…", name = "…" }`
fn named_file(document: &Document, item: &Spanned<DeValue<'_>>, table: &DeTable<'_>) -> Option<TraceInput> {
    document.only_keys(table, &["file", "name"]);
    let path = document.string(table.get("file")?, "a path")?;
    let name = table.get("name").and_then(|name| document.string(name, "a name"));
    Some(file(document, item, document.folder().join(path), name))
}

fn synthetic(document: &Document, item: &Spanned<DeValue<'_>>, table: &DeTable<'_>) -> Option<TraceInput> {
    let keys: Vec<&str> = ["synthetic", "file", "name"].into_iter().chain(KEYS.iter().map(|key| key.name)).collect();
    document.only_keys(table, &keys);
    let names: Vec<&str> = Workload::ALL.iter().map(|workload| workload.name()).collect();
    let Some(kind) = table.get("synthetic") else {
        document.note(item.span(), "no `synthetic`", crate::words::one_of(&names), "");
        return None;
    };
    let word = document.string(kind, "the name of a workload")?;
    let Some(workload) = Workload::by_name(word) else {
        document.unknown(kind.span(), "workload", word, &names);
        return None;
    };
    let mut synthetic = Synthetic::new(workload);
    let mut name = workload.name().to_string();
    let mut sound = true;
    for (key, value) in table {
        match (key.get_ref().as_ref(), scalar(value.get_ref())) {
            ("synthetic", _) => {}
            ("name", Some(text)) => name = text,
            (key, Some(text)) if keys.contains(&key) => {
                if let Err(expected) = synthetic.set(key, &text) {
                    document.note(value.span(), format!("{key} = {}", short(&text)), expected, "");
                    sound = false;
                }
            }
            (_, Some(_)) => {}
            (_, None) => document.mismatch(value, "a number or a string"),
        }
    }
    if sound && let Err(expected) = synthetic.check() {
        document.note(item.span(), format!("`{word}` cannot be made so"), expected, "");
    }
    Some(TraceInput { name, origin: Origin::Synthetic(synthetic) })
}
