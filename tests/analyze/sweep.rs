//! Does `analyze --config` do what its users are promised, seen from outside?

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

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let dir = sweep(SMALL, SWEEP);
    for jobs in ["1", "2"] {
        let run = analyze(dir.path(), &["--config", "sweep.toml", "--quiet", "--jobs", jobs, "--out", jobs]);
        assert!(run.status.success(), "{}", text(&run.stderr));
        assert_eq!((text(&run.stdout), text(&run.stderr)), Default::default(), "--quiet is quiet");
    }
    let [one, two] = ["1", "2"].map(|jobs| files(&dir.path().join(jobs)).into_values().collect::<Vec<_>>());
    assert!(one.len() >= 3 + 2 * 4, "three tables and four charts, twice each");
    assert!(one == two);
}

#[test]
fn rows_come_in_the_order_of_the_axes_and_host_pages_mean_nothing_to_native_and_pv() {
    let dir =
        sweep(SMALL, &SWEEP.replace("[output]", "[[exclude]]\nguest_pages = \"2M\"\nhost_pages = \"4K\"\n[output]"));
    let run = analyze(dir.path(), &["--config", "sweep.toml", "--no-charts"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    assert!(text(&run.stdout).contains("4K on 2M"), "{}", text(&run.stdout));
    let csv = fs::read_to_string(dir.path().join("results/results.csv")).unwrap();
    let uniform: Vec<Vec<&str>> =
        csv.lines().filter(|line| line.starts_with("uniform,")).map(|line| line.split(',').take(6).collect()).collect();
    assert_eq!(uniform.len(), (2 + 3 + 3 + 2) * 2 * 2);
    assert_eq!(uniform[0][1..], ["native", "4K", "", "nehalem", "nehalem"]);
    assert_eq!(uniform[2][1..], ["native", "4K", "", "nehalem", "sandy-bridge"]);
    assert_eq!(uniform[8][1..], ["shadow", "4K", "4K", "nehalem", "nehalem"]);
    assert!(!dir.path().join("results/charts").exists());
}

#[test]
fn forks_and_churn_cost_more_under_shadow_and_random_words_more_under_ept() {
    let traces = r#"traces = [{ synthetic = "uniform", footprint = "64M", accesses = 2_000_000 },
        { synthetic = "forkwait", accesses = 50_000 }, { synthetic = "churn", accesses = 50_000 }]"#;
    let dir =
        sweep(traces, "[sweep]\ntechnique = [\"shadow\", \"ept\"]\ncpu = \"nehalem\"\n[output]\ndir = \"results\"");
    assert!(analyze(dir.path(), &["--config", "sweep.toml", "--no-charts"]).status.success());
    let csv = fs::read_to_string(dir.path().join("results/results.csv")).unwrap();
    let ratio = |trace| {
        let overhead = by_technique(&csv, &[("trace", trace)], "overhead");
        overhead["shadow"] / overhead["ept"]
    };
    assert!(ratio("forkwait") > 3.0, "{}", ratio("forkwait"));
    assert!(ratio("churn") > 3.0, "{}", ratio("churn"));
    assert!(ratio("uniform") < 1.0, "{}", ratio("uniform"));
}

#[test]
fn a_bill_is_the_sum_of_its_parts_and_references_are_the_same_by_table_and_by_place() {
    let dir = sweep(SMALL, SWEEP);
    assert!(analyze(dir.path(), &["--config", "sweep.toml", "--no-charts"]).status.success());
    let csv = fs::read_to_string(dir.path().join("results/results.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    for record in reader.records().map(Result::unwrap) {
        let value = |name: &str| -> f64 { record[header.iter().position(|it| it == name).unwrap()].parse().unwrap() };
        let sum = |names: &[&str]| names.iter().map(|name| value(name)).sum::<f64>();
        assert_eq!(value("accesses"), sum(&["l1_hits", "l2_hits", "walks"]));
        assert_eq!(value("accesses"), sum(&["loads", "stores", "fetches"]));
        let places = sum(&["refs_l1", "refs_l2", "refs_llc", "refs_dram"]);
        assert_eq!(sum(&["guest_refs", "shadow_refs", "host_refs"]), places);
        let parts =
            ["cycles_tlb", "cycles_walk", "cycles_faults", "cycles_exits", "cycles_hypercalls", "cycles_upkeep"];
        assert_eq!(value("cycles"), value("ideal_cycles") + sum(&parts));
        assert_eq!(value("overhead"), sum(&parts) / value("ideal_cycles"));
    }
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

#[test]
fn every_defect_of_a_sweep_file_is_told_at_once_with_its_place_and_remedy() {
    let dir = sweep(
        "traces = [\"nowhere.parquet\"]",
        r#"[sweep]
tecnique = "native"
technique = ["native", "shadwo"]
guest_pages = ["4K", "tph"]
cpu = "mine"
vms = 0
[sweep.tlb]
l1d."4K" = { entries = 65, ways = 4 }
[cpu.mine]
tlb.l1d."4K" = { entries = 64, ways = 4 }
[cpu.mine.prices]
access = -1
[output]
dir = "results"
charts = ["overhed"]
"#,
    );
    refused(
        dir.path(),
        &[
            "line 1, column 11: no trace at",
            "line 3, column 1: unknown key `tecnique`",
            "did you mean `technique`?",
            "did you mean `shadow`?",
            "line 5, column 22: guest_pages: the string \"tph\"",
            "line 7, column 7: vms: the number 0",
            "entries = 65 is not a multiple of ways = 4",
            "`mine`: missing prices: `l2_tlb_hit`, `ref_l1`",
            "access: the number -1",
            "did you mean `overhead`?",
        ],
    );
}

#[test]
fn broken_toml_is_told_with_its_place() {
    refused(sweep("traces = [", "").path(), &["sweep.toml, line 1"]);
    let dir = sweep("traces = [\"a.parquet\"", "[sweep]\ntechnique = [\"native\", \"shadow\"]\ncpu = \"nehalem\"\n");
    let said = text(&analyze(dir.path(), &["--config", "sweep.toml"]).stderr);
    assert_eq!(
        said.matches("sweep.toml, line").count(),
        1,
        "what follows from the first fault alone is not told: {said}"
    );
}

#[test]
fn bad_traces_are_refused_with_their_rows() {
    let good = row(Op::Load, 0x1000, 8);
    let cases: [(&[Row], &str); 6] = [
        (&[good, row(Op::Fork, 0, 1 << 40)], "row 1: fork of a child with process id 1099511627776"),
        (&[], "a trace without rows"),
        (&[row(Op::Map, 0x1000, 4096)], "no load, store or fetch"),
        (&[good, row(Op::Load, 0x8000_0000_0000, 8)], "row 1"),
        (&[good, row(Op::Load, 1 << 60, 8)], "row 1"),
        (&[good, Row { process: 2, ..good }, row(Op::Fork, 0, 2)], "row 2"),
    ];
    for (rows, word) in cases {
        let dir = sweep("traces = [\"t.parquet\"]", SWEEP);
        write_trace(&dir.path().join("t.parquet"), rows);
        refused(dir.path(), &["t.parquet", word]);
    }
}

#[test]
fn a_truncated_trace_and_one_that_is_none_are_refused() {
    let dir = sweep("traces = [\"t.parquet\"]", SWEEP);
    let path = dir.path().join("t.parquet");
    write_trace(&path, &vec![row(Op::Load, 0x1000, 8); 5000]);
    let whole = fs::read(&path).unwrap();
    for length in [0, 3, 100, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        refused(dir.path(), &["t.parquet"]);
    }
    fs::write(&path, "not a trace").unwrap();
    refused(dir.path(), &["t.parquet"]);
}

#[test]
fn a_dry_run_plans_and_writes_nothing() {
    let dir = sweep(SMALL, SWEEP);
    let run = analyze(dir.path(), &["--config", "sweep.toml", "--dry-run"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let plan = text(&run.stdout);
    assert!(
        plan.contains("144 rows of results")
            && plan.contains("passes: 2 guest, 10 table, 5 first-level TLB, 5 second-level TLB, 17 walkers"),
        "{plan}"
    );
    assert!(!dir.path().join("results").exists());
}

#[test]
fn a_folder_that_cannot_be_written_is_known_before_the_run() {
    let dir = sweep(SMALL, SWEEP);
    fs::write(dir.path().join("results"), "a file").unwrap();
    let run = analyze(dir.path(), &["--config", "sweep.toml"]);
    assert_eq!(run.status.code(), Some(1), "{}", text(&run.stderr));
    assert!(text(&run.stderr).contains("could not write results in"), "{}", text(&run.stderr));
}

#[test]
fn a_folder_in_the_place_of_a_result_stops_the_run_before_anything_is_written() {
    let dir = sweep(SMALL, SWEEP);
    fs::create_dir_all(dir.path().join("results/results.csv")).unwrap();
    let run = analyze(dir.path(), &["--config", "sweep.toml"]);
    assert_eq!(run.status.code(), Some(1), "{}", text(&run.stderr));
    assert_eq!(fs::read_dir(dir.path().join("results")).unwrap().count(), 1);
}

#[test]
fn a_full_disk_is_an_error_and_leaves_old_results_whole() {
    // A namespace of its own lets any user mount a small file system, where the kernel permits it.
    let shell = |script: &str| Command::new("unshare").args(["-rm", "sh", "-c", script]).output();
    if !shell("mount -t tmpfs -o size=4k none /mnt").is_ok_and(|run| run.status.success()) {
        eprintln!("skipped: no user namespaces here");
        return;
    }
    let dir = sweep(SMALL, SWEEP);
    let script = format!(
        "mkdir -p {0}/full && mount -t tmpfs -o size=16k none {0}/full && echo old > {0}/full/results.csv && \
         {1} --config {0}/sweep.toml --out {0}/full; code=$?; ls -A {0}/full; cat {0}/full/results.csv; exit $code",
        dir.path().display(),
        env!("CARGO_BIN_EXE_analyze"),
    );
    let run = shell(&script).unwrap();
    assert_eq!(run.status.code(), Some(1), "{}", text(&run.stderr));
    assert!(text(&run.stderr).contains("could not write"), "{}", text(&run.stderr));
    assert_eq!(text(&run.stdout), "results.csv\nold\n", "nothing half-written is left");
}

#[test]
fn a_killed_run_leaves_old_results_whole() {
    let traces = "traces = [{ synthetic = \"uniform\", footprint = \"64M\", accesses = 200_000_000 }]";
    let dir = sweep(traces, SWEEP);
    fs::create_dir(dir.path().join("results")).unwrap();
    fs::write(dir.path().join("results/results.csv"), "old").unwrap();
    let mut run = Command::new(env!("CARGO_BIN_EXE_analyze"))
        .current_dir(dir.path())
        .args(["--config", "sweep.toml"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Killed once its files are open, and long before it could end.
    while fs::read_dir(dir.path().join("results")).unwrap().count() < 4 {
        assert!(run.try_wait().unwrap().is_none(), "it ended before it could be killed");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(fs::read_to_string(dir.path().join("results/results.csv")).unwrap(), "old");
}

#[test]
fn every_listed_preset_is_shown_and_runs() {
    let list = analyze(folder().path(), &["presets", "list"]);
    assert!(list.status.success());
    let list = text(&list.stdout);
    assert!(list.lines().any(|line| {
        line.split_once(' ').is_some_and(|(name, full)| (name, full.trim()) == ("nehalem", "Intel Nehalem (2009)"))
    }));
    let names: Vec<&str> = list.lines().map(|line| line.split(' ').next().unwrap()).collect();
    for name in &names {
        let shown = analyze(folder().path(), &["presets", "show", name]);
        assert!(shown.status.success(), "{name}: {}", text(&shown.stderr));
    }
    let csv = table(&format!("[sweep]\ntechnique = [\"native\", \"ept\"]\ncpu = {names:?}"));
    for name in names {
        let found = |column: &str| by_technique(&csv, &[("cpu", name), ("trace", "uniform")], column);
        assert!(found("walks").len() == 2 && found("walks").values().all(|&walks| walks > 0.0), "{name}");
        // Without a third level, which the model must have: its one line is never hit.
        let two_levels = ["prescott", "merom", "penryn"].contains(&name);
        assert!(!two_levels || found("refs_llc").values().all(|&refs| refs == 0.0), "{name}");
    }
}

#[test]
fn free_exits_in_the_shipped_history_are_sandy_bridge_but_for_the_round_trip() {
    let dir = folder();
    let history = concat!(env!("CARGO_MANIFEST_DIR"), "/analysis/exit-cost-history.toml");
    let run = analyze(dir.path(), &["--config", history, "--quiet", "--no-charts", "--out", "results"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let manifest = fs::read_to_string(dir.path().join("results/manifest.json")).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let sheets = &mut manifest["prices"];
    sheets["sandy-bridge"]["vm_exit"] = "0".into();
    assert_eq!(sheets["free-exits"], sheets["sandy-bridge"]);
}

#[test]
fn a_preset_can_be_copied_into_a_sweep_and_changes_nothing() {
    let dir = folder();
    let shown = analyze(dir.path(), &["presets", "show", "nehalem"]);
    assert!(shown.status.success());
    fs::write(dir.path().join("copy.toml"), &shown.stdout).unwrap();
    let cells =
        "[sweep]\ntechnique = [\"shadow\", \"ept\"]\ncpu = [\"nehalem\", \"copy.toml\"]\n[output]\ndir = \"results\"";
    fs::write(dir.path().join("sweep.toml"), format!("{SMALL}\n{cells}")).unwrap();
    let run = analyze(dir.path(), &["--config", "sweep.toml", "--no-charts"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let csv = fs::read_to_string(dir.path().join("results/results.csv")).unwrap();
    for column in ["walks", "cycles"] {
        assert_eq!(
            by_technique(&csv, &[("cpu", "nehalem")], column),
            by_technique(&csv, &[("cpu", "copy.toml")], column)
        );
    }
}

/// Runs a sweep of small traces and returns its table.
fn table(rest: &str) -> String {
    let dir = sweep(SMALL, rest);
    let run = analyze(dir.path(), &["--config", "sweep.toml", "--no-charts", "--out", "results"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    fs::read_to_string(dir.path().join("results/results.csv")).unwrap()
}

#[test]
fn an_exclude_of_linked_values_drops_only_the_cells_that_match_all_of_them() {
    let cells = "[sweep]\ntechnique = \"native\"\ncpu = \"nehalem\"\n[sweep.tlb]\n\
        l2.\"4K\" = [{ entries = 512, ways = 4 }, { entries = 4, ways = 2 }, { entries = 1024, ways = 8 }]\n";
    let all = table(cells);
    let some = table(&format!("{cells}[[exclude]]\ntlb.l2.\"4K\" = [{{ entries = 512, ways = 4 }}]"));
    let kept: Vec<&str> = all.lines().filter(|line| !line.contains(",512,4,")).collect();
    assert_eq!(all.lines().count(), 1 + 3 * 3);
    assert_eq!(some.lines().collect::<Vec<_>>(), kept);
}

#[test]
fn an_exclude_that_drops_nothing_is_worth_a_warning_and_one_of_a_wrong_value_is_a_defect() {
    let cells = "[sweep]\ntechnique = \"native\"\ncpu = \"nehalem\"\n[output]\ndir = \"results\"\n[[exclude]]\n";
    let dir = sweep(SMALL, &format!("{cells}guest_pages = \"2M\""));
    let run = analyze(dir.path(), &["--config", "sweep.toml", "--no-charts"]);
    assert!(run.status.success());
    assert!(text(&run.stderr).contains("warning: sweep.toml, line"), "{}", text(&run.stderr));
    refused(sweep(SMALL, &format!("{cells}technique = \"Ept\"")).path(), &["did you mean `ept`?"]);
    refused(sweep(SMALL, cells).path(), &["at least one key and value"]);
}

#[test]
fn empty_tables_and_lists_within_lists_are_defects() {
    let given = |line: &str| format!("[sweep]\ntechnique = \"native\"\ncpu = \"nehalem\"\n{line}");
    let cases = [
        "[sweep.tlb]\nl2.\"4K\" = [{ entries = [{}, {}], ways = 4 }]",
        "prices = []",
        "shadow = {}",
        "guest_levels = [[4, 5]]",
        "[cpu.x]\ntlb.l1d.\"4K\" = [{ entries = 4, ways = 4 }, {}]",
    ];
    for line in cases {
        refused(sweep(SMALL, &given(line)).path(), &["expected"]);
    }
    refused(sweep(SMALL, "[sweep]\ntechnique = {}\ncpu = {}").path(), &["no `technique`", "no `cpu`"]);
}

#[test]
fn the_manifest_holds_every_setting() {
    let dir =
        sweep(SMALL, "[sweep]\ntechnique = \"ept\"\ncpu = \"nehalem\"\nhost_backing = \"prealloc\"\npv.batch = 77");
    assert!(analyze(dir.path(), &["--config", "sweep.toml", "--no-charts", "--out", "results"]).status.success());
    let manifest = fs::read_to_string(dir.path().join("results/manifest.json")).unwrap();
    for part in ["prealloc", "\"pv.batch\": \"77\"", "blake3:", "\"seed\"", "\"vm_exit\": \"1009\""] {
        assert!(manifest.contains(part), "{part}: {manifest}");
    }
}

#[test]
fn a_preset_can_be_copied_under_a_name_of_ones_own() {
    let shown = analyze(folder().path(), &["presets", "show", "sandy-bridge"]);
    let own =
        |cpu: &str| format!("[sweep]\ntechnique = \"shadow\"\ncpu = \"{cpu}\"\n[cpu.mine]\n{}", text(&shown.stdout));
    let walks = |csv: &str| by_technique(csv, &[("trace", "uniform")], "cycles");
    assert_eq!(walks(&table(&own("mine"))), walks(&table(&own("sandy-bridge"))));
}

#[test]
fn a_folder_may_have_the_name_of_a_glob() {
    let dir = folder();
    let inner = dir.path().join("a[1]");
    fs::create_dir(&inner).unwrap();
    write_trace(&inner.join("t.parquet"), &[row(Op::Load, 0x1000, 8)]);
    let cells = "[sweep]\ntechnique = \"native\"\ncpu = \"nehalem\"";
    for traces in ["\"t.parquet\"", "\"*.parquet\"", "{ file = \"t.parquet\", name = \"mine\" }"] {
        fs::write(inner.join("s.toml"), format!("traces = [{traces}]\n{cells}")).unwrap();
        let run = analyze(dir.path(), &["--config", "a[1]/s.toml", "--dry-run"]);
        assert!(run.status.success(), "{traces}: {}", text(&run.stderr));
    }
}

#[test]
fn more_threads_than_a_machine_has_are_refused_and_a_closed_stderr_is_no_panic() {
    let dir = sweep(SMALL, SWEEP);
    assert_eq!(analyze(dir.path(), &["--config", "sweep.toml", "--jobs", "100000"]).status.code(), Some(2));
    if let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") {
        let mut run = Command::new(env!("CARGO_BIN_EXE_analyze"));
        assert_eq!(run.args(["--config", "nowhere.toml"]).stderr(full).status().unwrap().code(), Some(2));
    }
}

#[test]
fn charts_of_an_earlier_run_go_and_a_chart_that_cannot_be_drawn_is_a_failure() {
    let dir = sweep(SMALL, SWEEP);
    assert!(analyze(dir.path(), &["--config", "sweep.toml", "--quiet"]).status.success());
    let charts = dir.path().join("results/charts");
    fs::write(charts.join("notes.csv"), "mine").unwrap();
    assert!(charts.join("tlb.svg").exists());
    let one = "[sweep]\ntechnique = \"ept\"\ncpu = \"nehalem\"\n[output]\ndir = \"results\"\n";
    fs::write(dir.path().join("sweep.toml"), format!("{SMALL}\n{one}")).unwrap();
    assert!(analyze(dir.path(), &["--config", "sweep.toml", "--quiet"]).status.success());
    assert!(!charts.join("tlb.svg").exists() && charts.join("overhead.svg").exists());
    assert!(charts.join("notes.csv").exists(), "only charts go");

    let absent = format!("{SMALL}\n{one}tornado = {{ technique = \"pv\" }}");
    fs::write(dir.path().join("sweep.toml"), absent).unwrap();
    let run = analyze(dir.path(), &["--config", "sweep.toml", "--quiet"]);
    assert_eq!(run.status.code(), Some(1), "{}", text(&run.stderr));
    assert!(text(&run.stderr).contains("technique pv"), "{}", text(&run.stderr));
}
