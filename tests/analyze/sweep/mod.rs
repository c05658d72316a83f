//! Does `analyze --config` do what its users are promised, seen from outside?

mod denominator;
mod files;
mod large;
mod memory;
mod policies;
mod presets;
mod prices;
mod refusals;
mod results;
mod stretches;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use vmmu::trace::{Op, ParquetSink, Row};

fn analyze(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_analyze")).current_dir(dir).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

const SWEEP: &str = r#"
[sweep]
technique = ["native", "shadow", "ept", "pv"]
guest_pages = ["4K", "2M"]
host_pages = ["4K", "2M"]
cpu = "nehalem"
prices = ["nehalem", "sandy-bridge"]
[sweep.tlb]
l1d."4K" = { entries = [32, 64], ways = 4 }
[output]
dir = "results"
"#;

const SMALL: &str = r#"traces = [{ synthetic = "uniform", footprint = "4M", accesses = 20_000 },
  { synthetic = "forkwait", accesses = 5_000 }, { synthetic = "churn", accesses = 5_000 }]"#;

/// Writes a sweep of these traces and returns its folder.
fn sweep(traces: &str, rest: &str) -> tempfile::TempDir {
    let dir = folder();
    fs::write(dir.path().join("sweep.toml"), format!("{traces}\n{rest}")).unwrap();
    dir
}

fn write_trace(path: &Path, rows: &[Row]) {
    let mut sink = ParquetSink::create(path, BTreeMap::new()).unwrap();
    sink.extend(rows).unwrap();
    sink.finish().unwrap();
}

fn row(op: Op, address: u64, length: u64) -> Row {
    Row { op, address, length, process: 1, thread: 0 }
}

fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.insert(entry.path(), fs::read(entry.path()).unwrap());
        }
    }
    found
}

/// The column `name` of each row for which `keep` holds, by technique.
fn by_technique(csv: &str, keep: &[(&str, &str)], name: &str) -> BTreeMap<String, f64> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    let kept = records.iter().filter(|record| keep.iter().all(|(key, value)| &record[at(key)] == *value));
    kept.map(|record| (record[at("technique")].to_string(), record[at(name)].parse().unwrap())).collect()
}

/// A run that must be refused: exit code 2, the words of the message, nothing written, old results untouched.
fn refused(dir: &Path, words: &[&str]) {
    fs::create_dir_all(dir.join("results")).unwrap();
    fs::write(dir.join("results/results.csv"), "old").unwrap();
    let run = analyze(dir, &["--config", "sweep.toml"]);
    let message = text(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{message}");
    for word in words {
        assert!(message.contains(word), "`{word}` is not in: {message}");
    }
    assert!(!message.contains("panicked"), "{message}");
    let left = files(&dir.join("results"));
    assert_eq!(left.len(), 1, "{:?}", left.keys());
    assert_eq!(left[&dir.join("results/results.csv")], b"old");
}

/// Runs a sweep of small traces and returns its table.
fn table(rest: &str) -> String {
    let dir = sweep(SMALL, rest);
    let run = analyze(dir.path(), &["--config", "sweep.toml", "--no-charts", "--out", "results"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    fs::read_to_string(dir.path().join("results/results.csv")).unwrap()
}
