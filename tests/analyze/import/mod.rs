//! Does `analyze trace import` make of every format what it should, and refuse what is no trace?

mod drmemtrace;
mod formats;
mod hostile;
mod lines;
mod refusals;
mod telling;

use crate::outside::{PACKINGS, Place, analyze, packed, printed, printed_by, refused, refused_by};
use assert_cmd::Command;
use proptest::prelude::*;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use vmmu::trace::import::{CsvColumns, Format, Import, import};
use vmmu::trace::input::{Input, Unit};
use vmmu::trace::{Op, ParquetSource, Row, Source};

const SAMPLES: [(&str, Format); 16] = [
    ("lackey.txt", Format::Lackey),
    ("champsim.trace", Format::Champsim),
    ("cloudsuite.trace", Format::Cloudsuite),
    ("drmemtrace", Format::Drmemtrace),
    ("pinatrace.out", Format::Pinatrace),
    ("perf-script.txt", Format::PerfScript),
    ("ramulator.trace", Format::Ramulator),
    ("dinero.din", Format::Dinero),
    ("drmemtrace-view.txt", Format::DrmemtraceView),
    ("perf-trace.txt", Format::PerfTrace),
    ("ramulator-cpu.trace", Format::RamulatorCpu),
    ("ramulator-memory.trace", Format::RamulatorMemory),
    ("ramulator-rw.trace", Format::RamulatorRw),
    ("dramsys.stl", Format::Dramsys),
    ("prospero.txt", Format::Prospero),
    ("extended.din", Format::DineroExtended),
];

const COLUMNS: &str = "op=kind,address=vaddr:hex,length=bytes,thread=tid,time=time";
const MAIN_THREAD: &str = "drmemtrace/drmemtrace.t.26355.1837.trace.zip";

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name)
}

impl Place {
    /// What an import of these arguments prints; the trace is `out`.
    fn import(&self, arguments: &[&str]) -> String {
        printed(&[&["import", "-o", &self.path("out")], arguments].concat())
    }

    fn refuse(&self, arguments: &[&str]) -> String {
        let message = refused(&[&["import", "-o", &self.path("out")], arguments].concat());
        assert!(!Path::new(&self.path("out")).exists(), "{message}");
        message
    }

    /// The same where there is a trace of an import before.
    fn refuse_anew(&self, arguments: &[&str]) -> String {
        fs::remove_file(self.path("out")).unwrap();
        self.refuse(arguments)
    }

    fn rows(&self) -> Vec<Row> {
        let (mut all, mut rows) = (Vec::new(), Vec::new());
        let mut source = ParquetSource::open(Path::new(&self.path("out"))).unwrap();
        while source.fill(&mut rows).is_ok() && !rows.is_empty() {
            all.extend_from_slice(&rows);
        }
        all
    }
}

/// The rows of a trace as the goldens have them: those of `trace head`, without the spaces between columns.
fn shown(path: &str, rows: usize) -> String {
    let text = printed(&["head", path, "-n", &rows.to_string()]);
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n";
    text.lines().skip(1).map(line).collect()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What a packed file holds.
fn unpacked(path: &Path) -> Vec<u8> {
    let (mut input, mut bytes) = (Input::open(path).unwrap(), Vec::new());
    while let Some(block) = input.block(Unit::Record(1)).unwrap() {
        bytes.extend_from_slice(block);
    }
    bytes
}

/// Holds the rows of a trace against those beside a sample, as far as these go. With `ACCEPT` in the environment the
/// trace's are kept instead.
fn same(place: &Place, sample: &Path) {
    let path = sample.with_extension("rows");
    let golden = fs::read_to_string(&path).unwrap_or_default();
    let rows = shown(&place.path("out"), golden.lines().count());
    if std::env::var_os("ACCEPT").is_some() {
        fs::write(path, rows).unwrap();
    } else {
        assert_eq!(rows, golden, "{}", path.display());
    }
}
