//! Does the recorder write down what programs do, seen from outside? Needs `cc` and `qemu-x86_64`; where they are missing
//! the tests say so and pass.

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

fn kill(signal: &str, process: u32) {
    assert!(Command::new("kill").args([signal, &process.to_string()]).status().unwrap().success());
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

/// What a row of `steps.c` says, in pages of its region: op, first page, pages.
fn in_pages(row: &Row) -> (Op, u64, u64) {
    (row.op, (row.address - REGION) / PAGE, row.length.div_ceil(PAGE))
}

#[test]
fn calls_become_exactly_the_rows_that_they_mean() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    let touched = |pages: std::ops::Range<u64>| pages.map(|page| (Op::Store, page, 1));
    let mut parent = vec![(Op::Map, 0, 64), (Op::Unmap, 0, 16), (Op::Map, 0, 16)];
    parent.extend(touched(0..16));
    parent.extend([(Op::Protect, 1, 2), (Op::Unmap, 4, 2), (Op::Map, 4, 2)]);
    parent.extend(touched(4..6));
    parent.extend([(Op::Unmap, 12, 4), (Op::Map, 12, 2)]);
    parent.extend(touched(12..14));
    parent.extend([(Op::Unmap, 12, 2), (Op::Unmap, 32, 4), (Op::Unmap, 8, 4), (Op::Map, 32, 4)]);
    parent.extend(touched(32..33));
    parent.extend(touched(0..1));
    for name in ["steps", "steps.static"] {
        let place = Place::new();
        let run = place.record(&[], &[&program(name)]);
        assert_eq!(run.status.code(), Some(5), "{}", text(&run.stderr));
        assert_eq!(text(&run.stdout), format!("{REGION:#x}\n"), "its standard output is its own");
        let rows = place.rows();
        let region: Vec<&Row> = rows.iter().filter(|row| (REGION..REGION + 64 * PAGE).contains(&row.address)).collect();
        let of =
            |process| region.iter().filter(|row| row.process == process).map(|row| in_pages(row)).collect::<Vec<_>>();
        assert_eq!(of(1), parent, "{name}");
        assert_eq!(of(2), [(Op::Store, 0, 1)], "{name}: the child");
        let lives: Vec<_> = rows.iter().filter(|row| matches!(row.op, Op::Fork | Op::Exit)).collect();
        let lives: Vec<_> = lives.iter().map(|row| (row.op, row.process, row.length)).collect();
        assert_eq!(lives, [(Op::Fork, 1, 2), (Op::Exit, 2, 0), (Op::Exit, 1, 0)], "{name}");
        // The image and the stack precede the first access.
        let first = rows.iter().position(|row| row.op.is_access()).unwrap();
        let mapped = |address| {
            rows[..first]
                .iter()
                .any(|row| row.op == Op::Map && (row.address..row.address + row.length).contains(&address))
        };
        assert!(mapped(rows[first].address), "{name}: the stack");
        assert!(first >= 4, "{name}: segments");
    }
}

#[test]
fn the_recorder_and_lackey_see_the_same_accesses() {
    if !ready(&["cc", "qemu-x86_64", "valgrind"]) {
        return;
    }
    let [ours, lackeys] = [&[][..], &["--with", "lackey"]].map(|options| {
        let place = Place::new();
        let run = place.record(options, &[&program("known")]);
        assert!(run.status.success(), "{}", text(&run.stderr));
        let region = 0x1000_0000..0x1000_0000 + 64 * PAGE;
        let rows = place.rows().into_iter().filter(|row| row.op.is_access() && region.contains(&row.address));
        let mut rows: Vec<_> = rows.map(|row| (row.op, row.address, row.length)).collect();
        // Valgrind makes a locked instruction a load, and a compare-and-swap that loads again.
        rows.dedup();
        rows
    });
    assert!(ours.len() > 20_000);
    let differ = ours.iter().zip(&lackeys).position(|(one, other)| one != other);
    assert_eq!((differ, ours.len()), (None, lackeys.len()));
}

#[test]
fn threads_have_ids_of_their_own_in_one_process() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    let place = Place::new();
    let run = place.record(&[], &[&program("threads")]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let rows = place.rows();
    assert!(rows.iter().all(|row| row.process == 1));
    let mut of_region = Vec::new();
    for worker in 0..4 {
        let own = REGION + worker * 8 * PAGE..REGION + (worker + 1) * 8 * PAGE;
        let stores: Vec<_> = rows.iter().filter(|row| row.op == Op::Store && own.contains(&row.address)).collect();
        assert_eq!(stores.len(), 2000);
        assert!(stores.iter().all(|row| row.thread == stores[0].thread));
        of_region.push(stores[0].thread);
    }
    of_region.sort();
    assert_eq!(of_region, [2, 3, 4, 5]);
    // Each addition to the word that they share is a load and a store; the first thread looks at the sum once more.
    let to_sum = |op| rows.iter().filter(|row| row.op == op && row.address == REGION + 32 * PAGE).count();
    assert_eq!((to_sum(Op::Load), to_sum(Op::Store)), (8001, 8000));
}

#[test]
fn pipelines_scripts_and_exit_codes_pass_through() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    let place = Place::new();
    let steps = program("steps.static");
    let script = format!("{steps} | cat; head -c 3 | wc -c; exit 7");
    let run = place.command(&[], &["sh", "-c", &script]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(run.status.code(), Some(7), "{}", text(&run.stderr));
    assert_eq!(text(&run.stdout), format!("{REGION:#x}\n0\n"));
    let rows = place.rows();
    let processes = rows.iter().map(|row| row.process).max().unwrap();
    assert!(processes >= 6, "{processes}: the shell, four commands, and the child of one");
    let forks = rows.iter().filter(|row| row.op == Op::Fork).count();
    let exits = rows.iter().filter(|row| row.op == Op::Exit).count();
    assert!(exits > forks, "each process exits, and again where it became another program: {exits}, {forks}");
    let in_region = rows.iter().filter(|row| row.op == Op::Store && row.address == REGION);
    assert_eq!(in_region.count(), 3, "a program run by the shell is recorded");
    assert!(place.note("command").starts_with("sh -c "));

    let file = place.0.path().join("script");
    fs::write(&file, "#!/bin/sh -e\nkill -9 $$\n").unwrap();
    assert!(Command::new("chmod").arg("+x").arg(&file).status().unwrap().success());
    let run = place.record(&[], &["./script"]);
    assert_eq!(run.status.code(), Some(128 + 9), "{}", text(&run.stderr));
    assert!(text(&run.stderr).contains("signal: 9"), "{}", text(&run.stderr));
}

#[test]
fn windows_keep_what_was_asked_for() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    let place = Place::new();
    let accesses = |place: &Place| -> Vec<Row> { place.rows().into_iter().filter(|row| row.op.is_access()).collect() };
    let known = program("known.static");
    assert!(place.record(&[], &[&known]).status.success());
    let whole = accesses(&place);
    assert!(place.record(&["--skip", "5_000", "--limit", "10K"], &[&known]).status.success());
    let part = accesses(&place);
    assert_eq!(part.len(), 10_000);
    // Elsewhere the addresses may differ from run to run.
    let in_region = |rows: Vec<Row>| -> Vec<Row> {
        rows.into_iter().filter(|row| (0x1000_0000..0x1000_0000 + 64 * PAGE).contains(&row.address)).collect()
    };
    let (whole, part) = (in_region(whole), in_region(part));
    assert!(part.len() > 500 && whole.windows(part.len()).any(|window| window == part), "{}", part.len());
    assert!(place.note("window").contains("after 5000 accesses, at most 10000"));
    // A program without end is ended.
    let ids = place.0.path().join("ids");
    let run = place.record(&["--limit", "3M"], &[&program("forever"), ids.to_str().unwrap()]);
    assert_eq!((run.status.code(), accesses(&place).len()), (Some(0), 3_000_000), "{}", text(&run.stderr));
    for id in fs::read_to_string(&ids).unwrap().split_whitespace() {
        eventually(|| !is_alive(id.parse().unwrap()), "ended");
    }
    assert!(place.record(&["--fetch", "--limit", "1M"], &[&known]).status.success());
    let fetches = place.rows().iter().filter(|row| row.op == Op::Fetch).count();
    assert!(fetches > 10_000, "{fetches}");
}

/// A recording of a program without end, and the ids of its two processes.
fn endless(place: &Place) -> (Child, [u32; 2]) {
    let ids = place.0.path().join("ids");
    let forever = program("forever");
    let analyze = place.command(&[], &[&forever, ids.to_str().unwrap()]).stderr(Stdio::piped()).spawn().unwrap();
    eventually(|| fs::read_to_string(&ids).is_ok_and(|text| text.ends_with('\n')), "the program runs");
    let text = fs::read_to_string(&ids).unwrap();
    let ids: Vec<u32> = text.split_whitespace().map(|id| id.parse().unwrap()).collect();
    (analyze, [ids[0], ids[1]])
}

#[test]
fn a_killed_analyze_leaves_neither_a_trace_nor_processes() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    let place = Place::new();
    let (mut analyze, ids) = endless(&place);
    kill("-KILL", analyze.id());
    analyze.wait().unwrap();
    for id in ids {
        eventually(|| !is_alive(id), "recorded processes end with their recorder");
    }
    assert!(!place.trace().exists());
    // What it could not remove, the next recording does, once it is old enough to be nobody's beginning.
    let scratch = place.0.path().join("scratch");
    let left = |folder: &Path, prefix: &str| -> Vec<PathBuf> {
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        paths.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(prefix)).collect()
    };
    let both = || [left(place.0.path(), ".partial-"), left(&scratch, "vmmu-")].concat();
    assert_eq!(both().len(), 2);
    for path in both() {
        File::open(path).unwrap().set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    }
    assert!(place.record(&[], &[&program("known")]).status.success());
    assert!(both().is_empty(), "{:?}", both());
}

#[test]
fn standard_input_output_and_error_are_the_programs_own() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    let place = Place::new();
    let mut command = place.command(&[], &["sh", "-c", "read line; echo \"got $line\"; echo oops >&2"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut analyze = command.spawn().unwrap();
    analyze.stdin.take().unwrap().write_all(b"a line\n").unwrap();
    let run = analyze.wait_with_output().unwrap();
    assert_eq!(text(&run.stdout), "got a line\n");
    assert!(run.status.success() && text(&run.stderr).starts_with("oops\n"), "{}", text(&run.stderr));
}

#[test]
fn a_killed_program_leaves_a_sound_trace() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    let place = Place::new();
    let (mut analyze, [parent, child]) = endless(&place);
    // QEMU and the program are one process. The child goes on alone, and is recorded until it ends.
    kill("-KILL", parent);
    sleep(Duration::from_millis(200));
    assert!(analyze.try_wait().unwrap().is_none() && is_alive(child));
    kill("-KILL", child);
    assert_eq!(analyze.wait().unwrap().code(), Some(128 + 9));
    let rows = place.rows();
    assert_eq!(rows.iter().filter(|row| row.op == Op::Exit).count(), 2);
}

#[test]
fn an_interrupt_ends_the_recording_with_what_there_is() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    for signal in ["-INT", "-TERM"] {
        let place = Place::new();
        let (mut analyze, ids) = endless(&place);
        sleep(Duration::from_millis(100));
        kill(signal, analyze.id());
        assert_eq!(analyze.wait().unwrap().code(), Some(0));
        for id in ids {
            eventually(|| !is_alive(id), "recorded processes end with the recording");
        }
        assert!(place.rows().len() > 100_000);
        assert!(place.note("ended").starts_with("interrupted"));
        let left = |folder: &Path| fs::read_dir(folder).unwrap().count();
        assert_eq!(left(place.0.path()), 3, "the trace, the program's own file, and the scratch folder");
        assert_eq!(left(&place.0.path().join("scratch")), 0);
    }
}

#[test]
fn what_cannot_be_recorded_is_said_with_a_remedy() {
    let place = Place::new();
    let said = |options: &[&str], command: &[&str]| {
        let run = place.record(options, command);
        assert_eq!(run.status.code(), Some(2), "{}", text(&run.stderr));
        assert!(!place.trace().exists());
        text(&run.stderr)
    };
    let missing = said(&["--qemu", "/nowhere/qemu-x86_64"], &["true"]);
    assert!(missing.contains("apt install qemu-user") && missing.contains("--with lackey"), "{missing}");
    fs::write(place.0.path().join("plain"), "#!/bin/sh\necho qemu-x86_64 version 9.9\n").unwrap();
    assert!(Command::new("chmod").arg("+x").arg(place.0.path().join("plain")).status().unwrap().success());
    let bare = said(&["--qemu", "./plain"], &["true"]);
    assert!(bare.contains("version 9.9 was built without plugins") && bare.contains("--qemu"), "{bare}");
    assert!(said(&["--limit", "0"], &["true"]).contains("at least 1"));
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    assert!(said(&[], &["no-such-program"]).contains("not found on the path"));
    assert!(said(&[], &["/"]).contains("cannot be run"));
    fs::write(place.0.path().join("plain"), "echo").unwrap();
    assert!(Command::new("chmod").arg("-x").arg(place.0.path().join("plain")).status().unwrap().success());
    assert!(said(&[], &["./plain"]).contains("cannot be run"));
    assert!(Command::new("chmod").arg("+x").arg(place.0.path().join("plain")).status().unwrap().success());
    assert!(said(&[], &["./plain"]).contains("-- sh FILE"));
    assert!(said(&["--with", "lackey", "--limit", "5"], &["true"]).contains("leave them out"));
    assert!(said(&["--skip", "1G"], &["true"]).contains("--skip"));
}

#[test]
fn times_of_recordings_made_one_after_the_other_do_not_overlap() {
    if !ready(&["qemu-x86_64"]) {
        return;
    }
    let place = Place::new();
    let times = || {
        assert!(place.record(&["--times"], &["true"]).status.success());
        let (mut source, mut rows, mut times) = (ParquetSource::open(&place.trace()).unwrap(), Vec::new(), Vec::new());
        while {
            source.fill(&mut rows).unwrap();
            times.extend_from_slice(source.times().unwrap());
            !rows.is_empty()
        } {}
        times
    };
    let (first, second) = (times(), times());
    assert!(first.is_sorted() && first.len() > 1000 && place.note("times").contains("since 1970"));
    assert!(first.last() < second.first());
}
