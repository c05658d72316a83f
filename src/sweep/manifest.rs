//! The manifest: everything that decides the results, and nothing else.

use super::{Origin, Sweep, TraceInput};
use crate::error::{Error, Result};
use crate::trace::parquet::Digest;
use serde_json::{Value, json};
use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

impl Sweep {
    /// The resolved configuration as JSON. Reads every trace once, for its digest, and fails if meanwhile it is `in_vain`.
    pub fn manifest(&self, in_vain: &AtomicBool) -> Result<String> {
        let traces = self.traces.iter().map(|it| trace(it, in_vain)).collect::<Result<Vec<_>>>()?;
        let rows: Vec<_> = self.rows.iter().map(|row| &row.values).collect();
        let sheets = self.sheets.iter().map(|(name, prices)| {
            let cycles = prices.iter().map(|(price, cycles)| (price.name.to_string(), json!(cycles.to_string())));
            (name.clone(), Value::Object(cycles.collect()))
        });
        let manifest = json!({
            "program": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
            "traces": traces,
            "interval": self.interval,
            "sample": self.sample.map(|sample| json!({ "of": format!("1/{}", sample.of), "warm": sample.warm })),
            "sweep": self.axes,
            "columns": self.columns.iter().map(|column| &column.name).collect::<Vec<_>>(),
            "rows": rows,
            "processors": self.processors,
            "prices": Value::Object(sheets.collect()),
        });
        let text = serde_json::to_string_pretty(&manifest);
        text.map(|text| text + "\n").map_err(|cause| Error::failed("write the manifest", cause))
    }
}

fn trace(trace: &TraceInput, in_vain: &AtomicBool) -> Result<Value> {
    let wanted = || match in_vain.load(Relaxed) {
        true => Err(Error::failed("make the manifest", "it is not wanted any more")),
        false => Ok(()),
    };
    wanted()?;
    Ok(match &trace.origin {
        Origin::File(path) => {
            let mut hasher = blake3::Hasher::new();
            let read = File::open(path).and_then(|file| hasher.update_reader(file).map(|_| ()));
            read.map_err(|cause| Error::failed(format!("read {}", path.display()), cause))?;
            json!({ "name": trace.name, "digest": format!("blake3:{}", hasher.finalize()) })
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
            json!({ "name": trace.name, "digest": digest.finish(), "synthetic": synthetic.describe() })
        }
    })
}
