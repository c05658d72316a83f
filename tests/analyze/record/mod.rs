//! Does the recorder write down what programs do, seen from outside? Needs `cc` and `qemu-x86_64`; where they are missing
//! the tests say so and pass.

mod bounds;
mod endings;
mod rows;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;
use vmmu::trace::{Op, ParquetSource, Row, Source};

/// Where the programs of the tests map their pages.
const REGION: u64 = 0x2000_0000_0000;
const PAGE: u64 = 4096;

fn there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Whether the tests can run; says which tool they lack.
fn ready(tools: &[&str]) -> bool {
    let missing: Vec<_> = tools.iter().filter(|tool| !there(tool)).collect();
    if !missing.is_empty() {
        eprintln!("skipped: {missing:?} not installed");
    }
    missing.is_empty()
}

/// The compiled programs of tests/programs.
fn programs() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        for source in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs")).unwrap() {
            let source = source.unwrap().path();
            let name = source.file_stem().unwrap().to_str().unwrap();
            for (to, how) in [(name.to_string(), "-pthread"), (format!("{name}.static"), "-static")] {
                let mut cc = Command::new("cc");
                cc.args(["-O1", "-pthread", how, "-o"]).arg(folder.path().join(to)).arg(&source);
                assert!(cc.status().unwrap().success(), "{source:?} {how}");
            }
        }
        folder
    });
    folder.path()
}

fn program(name: &str) -> String {
    programs().join(name).display().to_string()
}

struct Place(TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn trace(&self) -> PathBuf {
        self.0.path().join("out.parquet")
    }

    /// `analyze trace record -o out.parquet OPTIONS -- COMMAND`.
    fn command(&self, options: &[&str], command: &[&str]) -> Command {
        let mut analyze = Command::new(env!("CARGO_BIN_EXE_analyze"));
        // What a killed analyze leaves behind goes with this folder.
        let scratch = self.0.path().join("scratch");
        fs::create_dir_all(&scratch).unwrap();
        analyze.env("TMPDIR", scratch);
        analyze.current_dir(self.0.path()).args(["trace", "record", "-o", "out.parquet"]);
        analyze.args(options).arg("--").args(command);
        analyze
    }

    fn record(&self, options: &[&str], command: &[&str]) -> Output {
        self.command(options, command).stdin(Stdio::null()).output().unwrap()
    }

    /// All rows, checked as every reader checks them.
    fn rows(&self) -> Vec<Row> {
        let mut source = ParquetSource::open(&self.trace()).unwrap();
        let (mut all, mut rows) = (Vec::new(), Vec::new());
        loop {
            source.fill(&mut rows).unwrap();
            if rows.is_empty() {
                return all;
            }
            all.extend_from_slice(&rows);
        }
    }

    fn note(&self, key: &str) -> String {
        ParquetSource::open(&self.trace()).unwrap().notes()[key].clone()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn is_alive(process: u32) -> bool {
    let about = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    about.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z'))
}

/// Waits until `holds`, for ten seconds.
fn eventually(mut holds: impl FnMut() -> bool, what: &str) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(10), "{what}");
        sleep(Duration::from_millis(10));
    }
}

fn kill(signal: &str, process: u32) {
    assert!(Command::new("kill").args([signal, &process.to_string()]).status().unwrap().success());
}

/// A recording of a program without end, and the ids of its two processes.
fn endless(place: &Place, options: &[&str]) -> (Child, [u32; 2]) {
    let ids = place.0.path().join("ids");
    let forever = program("forever");
    let analyze = place.command(options, &[&forever, ids.to_str().unwrap()]).stderr(Stdio::piped()).spawn().unwrap();
    eventually(|| fs::read_to_string(&ids).is_ok_and(|text| text.ends_with('\n')), "the program runs");
    let text = fs::read_to_string(&ids).unwrap();
    let ids: Vec<u32> = text.split_whitespace().map(|id| id.parse().unwrap()).collect();
    (analyze, [ids[0], ids[1]])
}
