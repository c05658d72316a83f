//! The manifest: everything that decides the results, and nothing else.

use super::{Origin, Sample, Sweep, TraceInput};
use crate::error::{Defect, Error, Result};
use crate::files;
use crate::trace::ParquetSource;
use crate::trace::parquet::{DIGEST_KEY, Digest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Texts by name.
type Texts = BTreeMap<String, String>;

/// What a run's `manifest.json` holds, in the order of the file. Of one that an earlier version wrote, what is missing is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// The columns of the axes.
    pub columns: Vec<String>,
    /// The files of the run, relative to its folder: what a later run in the same folder may remove.
    pub files: Vec<String>,
    /// Accesses of an interval.
    pub interval: Option<u64>,
    /// Cycles by price sheet and price.
    pub prices: BTreeMap<String, Texts>,
    /// Settings and prices by processor and key, as they were written.
    pub processors: BTreeMap<String, Texts>,
    pub program: String,
    /// The values of each row of one trace, by column.
    pub rows: Vec<Vec<Option<String>>>,
    pub sample: Option<SampleWritten>,
    /// The axes: options of values by key.
    pub sweep: Vec<Vec<Texts>>,
    pub traces: Vec<TraceWritten>,
    pub version: String,
}

/// How much of a trace is looked up and walked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SampleWritten {
    /// `1/16`
    pub of: String,
    /// Accesses before each window.
    pub warm: u64,
}

/// A trace, and what tells its rows from those of any other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TraceWritten {
    /// Of the file's bytes; empty where there is no file. Earlier versions had one digest, of whatever there was.
    #[serde(alias = "digest", skip_serializing_if = "String::is_empty")]
    pub file_digest: String,
    pub name: String,
    /// Of the rows, as the file says or as they were invented; empty where the file does not say.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rows_digest: String,
    /// The workload and its parameters, if it is invented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synthetic: Option<Texts>,
}

impl Manifest {
    /// The name of the file.
    pub const FILE: &str = "manifest.json";

    /// The manifest in a folder; `None` where there is no such file.
    ///
    /// # Errors
    /// A [`Defect`] if the file is something else, or broken.
    pub fn beside(folder: &Path) -> Result<Option<Manifest>> {
        let file = folder.join(Manifest::FILE);
        let defect = |found: String| {
            let expected = "the manifest of a run of this program";
            Defect::new(&file, "", found).expected(expected).remedy("move it away, or run the sweep again elsewhere")
        };
        let bytes = match files::read(&file) {
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|cause| defect(format!("cannot be read: {cause}")))?,
        };
        let manifest: Manifest = serde_json::from_slice(&bytes)
            .map_err(|cause| defect(format!("no manifest, or a damaged one: {cause}")))?;
        if manifest.program != env!("CARGO_PKG_NAME") {
            return Err(defect("a manifest of something else".into()).into());
        }
        Ok(Some(manifest))
    }

    /// As the text of the file.
    pub fn text(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self);
        text.map(|text| text + "\n").map_err(|cause| Error::failed("write the manifest", cause))
    }
}

impl Sweep {
    /// Cycles by price sheet and price.
    pub fn sheets_written(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let sheets = self.sheets.iter().map(|(name, prices)| {
            let cycles = prices.iter().map(|(price, cycles)| (price.name.to_string(), cycles.to_string()));
            (name.clone(), cycles.collect())
        });
        sheets.collect()
    }

    /// The resolved configuration, without the names of files. Reads every trace once, for its digest, and fails if meanwhile it is `in_vain`.
    pub fn manifest(&self, in_vain: &AtomicBool) -> Result<Manifest> {
        Ok(Manifest {
            columns: self.columns.iter().map(|column| column.name.clone()).collect(),
            files: Vec::new(),
            interval: self.interval,
            prices: self.sheets_written(),
            processors: self.processors.clone(),
            program: env!("CARGO_PKG_NAME").into(),
            rows: self
                .rows
                .iter()
                .map(|row| row.values.iter().map(|it| it.as_deref().map(String::from)).collect())
                .collect(),
            sample: self.sample.map(|Sample { of, warm }| SampleWritten { of: format!("1/{of}"), warm }),
            sweep: self.axes.clone(),
            traces: self.traces.iter().map(|it| trace(it, in_vain)).collect::<Result<_>>()?,
            version: env!("CARGO_PKG_VERSION").into(),
        })
    }
}

fn trace(trace: &TraceInput, in_vain: &AtomicBool) -> Result<TraceWritten> {
    let wanted = || match in_vain.load(Relaxed) {
        true => Err(Error::failed("make the manifest", "it is not wanted any more")),
        false => Ok(()),
    };
    wanted()?;
    let name = trace.name.clone();
    Ok(match &trace.origin {
        Origin::File(path) => {
            let mut hasher = blake3::Hasher::new();
            let read = files::open(path).and_then(|file| hasher.update_reader(file).map(|_| ()));
            read.map_err(|cause| Error::failed(format!("read {}", path.display()), cause))?;
            let file_digest = format!("blake3:{}", hasher.finalize());
            let rows_digest = ParquetSource::open(path)?.notes().get(DIGEST_KEY).cloned().unwrap_or_default();
            TraceWritten { file_digest, name, rows_digest, synthetic: None }
        }
        Origin::Synthetic(synthetic) => {
            let (mut source, mut rows, mut digest) = (synthetic.source(), Vec::new(), Digest::default());
            loop {
                wanted()?;
                source.fill(&mut rows)?;
                if rows.is_empty() {
                    break;
                }
                digest.update(&rows);
            }
            let synthetic = Some(synthetic.describe());
            TraceWritten { file_digest: String::new(), name, rows_digest: digest.finish(), synthetic }
        }
    })
}
