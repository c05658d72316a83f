//! Which files of a folder are a trace.

use crate::error::{Defect, Error, Result};
use std::path::{Path, PathBuf};

/// The thread files of a recording, in the order of their names: those of `trace/` if there is such a folder.
///
/// # Errors
/// [`Error::Input`] if there are none, or only raw ones; [`Error::Failed`] if the folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let inner = folder.join("trace");
    let from = if inner.is_dir() { inner.as_path() } else { folder };
    let failed = |error: std::io::Error| Error::failed(format!("read the folder {}", from.display()), error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(from).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.file_name().is_some_and(|name| is_trace(&name.to_string_lossy())) {
            files.push(path);
        }
    }
    files.sort();
    if !files.is_empty() {
        return Ok(files);
    }
    let raw = folder.join("raw").is_dir() || folder.file_name().is_some_and(|name| name == "raw");
    let remedy = if raw {
        "this recording is raw yet: `drrun -t drmemtrace -indir FOLDER` makes the folder trace/ in it"
    } else {
        "name the folder that drmemtrace made, or a file"
    };
    let expected = "a recording of drmemtrace: files such as drmemtrace.app.123.4567.trace.zip";
    Err(Defect::new(folder, "", "a folder without thread files").expected(expected).remedy(remedy).into())
}

/// Whether a file is a thread's, by its name: schedules, modules and the like lie beside them.
fn is_trace(name: &str) -> bool {
    let suffixes = ["", ".zip", ".gz", ".lz4", ".xz", ".zst", ".bz2", ".sz"];
    let stem = suffixes.iter().filter_map(|suffix| name.strip_suffix(suffix));
    { stem }.any(|stem| stem.ends_with(".trace") || stem.ends_with(".memtrace"))
}

#[cfg(test)]
mod tests {
    use super::is_trace;

    #[test]
    fn schedules_and_modules_are_no_traces() {
        for name in ["drmemtrace.t.1.2.trace.zip", "drmemtrace.t.1.2.trace", "12.memtrace.gz", "a.trace.lz4"] {
            assert!(is_trace(name), "{name}");
        }
        for name in ["cpu_schedule.bin.zip", "serial_schedule.bin.gz", "drmemtrace.t.1.2.raw.lz4", "v2p.textproto"] {
            assert!(!is_trace(name), "{name}");
        }
    }
}
