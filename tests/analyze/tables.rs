//! Do the tables beside the results say what they promise: intervals, sensitivity, references, warnings?

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use vmmu::trace::{Op, ParquetSink, Row};

fn analyze(dir: &Path, sweep: &str, arguments: &[&str]) -> Output {
    fs::write(dir.join("sweep.toml"), sweep).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_analyze"))
        .current_dir(dir)
        .args(["--config", "sweep.toml", "--no-charts", "--check", "--out", "results"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(run.status.code().is_some_and(|code| code == 0 || code == 2), "{}", text(&run.stderr));
    run
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

type Record = BTreeMap<String, String>;

fn table(dir: &Path, name: &str) -> Vec<Record> {
    let mut reader = csv::Reader::from_path(dir.join("results").join(name)).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

fn number(record: &Record, column: &str) -> f64 {
    record[column].parse().unwrap_or_else(|_| panic!("{column}: {}", record[column]))
}

const SWEEP: &str = r#"
traces = [{ synthetic = "churn", accesses = 10_500 }, { synthetic = "forkwait", accesses = 4_000 }]
[sweep]
technique = ["native", "shadow", "ept", "pv"]
cpu = "nehalem"
vms = 2
copies = 2
quantum = 700
"#;

#[test]
fn intervals_of_a_machine_of_copies_add_up_to_the_results() {
    let dir = tempfile::tempdir().unwrap();
    analyze(dir.path(), &format!("{SWEEP}interval = 4_000"), &[]);
    let (results, intervals) = (table(dir.path(), "results.csv"), table(dir.path(), "intervals.csv"));
    for row in &results {
        let own: Vec<_> =
            intervals.iter().filter(|it| ["trace", "technique"].iter().all(|key| it[*key] == row[*key])).collect();
        let numbers = own.iter().enumerate().map(|(i, it)| number(it, "interval") == i as f64);
        assert!(numbers.clone().all(|right| right) && numbers.len() > 1);
        assert!(own.iter().all(|it| number(it, "first_access") == 4_000.0 * number(it, "interval")));
        assert!(own[..own.len() - 1].iter().all(|it| number(it, "accesses") == 4_000.0));
        for column in ["accesses", "walks", "host_refs", "pte_writes", "switches", "vm_switches", "vm_exits", "cycles"]
        {
            let sum: f64 = own.iter().map(|it| number(it, column)).sum();
            assert_eq!(sum, number(row, column), "{column}");
        }
    }
}

#[test]
fn a_run_without_intervals_leaves_none_of_an_earlier_one() {
    let dir = tempfile::tempdir().unwrap();
    let with = ["intervals.csv", "intervals.parquet"].map(|name| dir.path().join("results").join(name));
    analyze(dir.path(), &format!("{SWEEP}interval = 4_000"), &[]);
    assert!(with.iter().all(|path| path.exists()));
    analyze(dir.path(), SWEEP, &[]);
    assert!(!with.iter().any(|path| path.exists()));
}

#[test]
fn intervals_are_one_number_and_not_too_many() {
    let dir = tempfile::tempdir().unwrap();
    for (interval, expected) in [("0", "at least 1"), ("[1, 2]", "one number"), ("\"4K\"", "one number")] {
        let run = analyze(dir.path(), &format!("{SWEEP}interval = {interval}"), &[]);
        assert_eq!(run.status.code(), Some(2));
        assert!(text(&run.stderr).contains(expected), "{}", text(&run.stderr));
    }
    let run = analyze(dir.path(), &SWEEP.replace("10_500", "2_000_000").replace("700", "700\ninterval = 10"), &[]);
    assert_eq!(run.status.code(), Some(2));
    assert!(text(&run.stderr).contains("longer interval"), "{}", text(&run.stderr));
    assert!(!dir.path().join("results").exists(), "nothing is run");
}

#[test]
fn every_assumed_price_that_is_charged_shows_what_it_does() {
    let dir = tempfile::tempdir().unwrap();
    analyze(dir.path(), SWEEP, &[]);
    let results = table(dir.path(), "results.csv");
    let moves = table(dir.path(), "sensitivity.csv");
    let exit_work = |record: &&Record| record["price"] == "exit_work.pt_write" && record["trace"] == "churn";
    let moved = moves.iter().find(exit_work).unwrap();
    let row = results.iter().find(|it| it["trace"] == "churn" && it["technique"] == "shadow").unwrap();
    let share = number(row, "exit_pt_write") * number(moved, "cycles") / number(row, "ideal_cycles");
    assert_eq!(number(moved, "overhead"), number(row, "overhead"));
    assert!((number(moved, "overhead") - number(moved, "overhead_halved") - share / 2.0).abs() < 1e-9);
    assert!((number(moved, "overhead_doubled") - number(moved, "overhead") - share).abs() < 1e-9);
    assert!(!moves.iter().any(|it| it["price"] == "vm_exit"), "Nehalem's is published");
    assert!(results.iter().all(|it| (0.0..=1.0).contains(&number(it, "assumed_share"))));

    analyze(dir.path(), &format!("{SWEEP}[output]\nsensitivity = false"), &[]);
    assert!(!dir.path().join("results/sensitivity.csv").exists());
}

#[test]
fn references_go_where_they_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let sheets = SWEEP.replace("cpu =", "prices = [\"nehalem\", \"sandy-bridge\"]\ncpu =");
    analyze(dir.path(), &sheets, &[]);
    let (results, references) = (table(dir.path(), "results.csv"), table(dir.path(), "references.csv"));
    for row in &results {
        let own = || references.iter().filter(|it| ["trace", "technique"].iter().all(|key| it[*key] == row[*key]));
        let places = BTreeSet::from_iter(own().map(|it| (&it["table"], &it["stop"], &it["level"])));
        assert_eq!(places.len(), own().count(), "once for all price sheets");
        assert_eq!(own().count(), if row["technique"] == "ept" { 24 } else { 4 });
        for name in ["guest", "shadow", "host"] {
            let sum: f64 = own().filter(|it| it["table"] == name).map(|it| number(it, "references")).sum();
            assert_eq!(sum, number(row, &format!("{name}_refs")), "{name}");
        }
        assert!(own().all(|it| number(it, "per_walk") == number(it, "references") / number(row, "walks")));
    }
    for without in ["[output]\nreferences = false", "sample = { of = \"1/4\", warm = 100 }"] {
        analyze(dir.path(), SWEEP, &[]);
        assert!(dir.path().join("results/references.csv").exists());
        analyze(dir.path(), &format!("{SWEEP}{without}"), &[]);
        assert!(!dir.path().join("results/references.csv").exists(), "{without}");
    }
}

/// A trace of these addresses.
fn trace(path: &Path, addresses: impl Iterator<Item = u64>) {
    let mut sink = ParquetSink::create(path, BTreeMap::new()).unwrap();
    addresses.for_each(|address| sink.push(Row { op: Op::Load, address, length: 8, process: 1, thread: 0 }).unwrap());
    sink.finish().unwrap();
}

#[test]
fn rows_carry_warnings_of_what_the_trace_cannot_say() {
    let dir = tempfile::tempdir().unwrap();
    let stack = 0x7ffc_0000_0008u64;
    trace(&dir.path().join("one.parquet"), (0..9).map(|i| stack + i * 8));
    trace(&dir.path().join("long.parquet"), (0..3000).map(|i| stack + i * 4096));
    trace(&dir.path().join("lines.parquet"), (0..3000).map(|i| stack - 8 + i * 4096));
    trace(&dir.path().join("low.parquet"), (0..3000).map(|i| 0x10_0008 + i * 4096));
    trace(&dir.path().join("small.parquet"), (0..3000).map(|i| stack + i % 20 * 4096));
    trace(&dir.path().join("twice.parquet"), (0..90_000).map(|i| stack + i % 700 * 4096));
    let sweep = r#"
        traces = ["one.parquet", "long.parquet", "lines.parquet", "low.parquet", "small.parquet", "twice.parquet"]
        [sweep]
        technique = "native"
        guest_pages = ["4K", "thp"]
        cpu = "nehalem"
        "#;
    let run = analyze(dir.path(), sweep, &[]);
    let found = |trace: &str, pages: &str| {
        let results = table(dir.path(), "results.csv");
        let row = results.into_iter().find(|it| it["trace"] == trace && it["guest_pages"] == pages).unwrap();
        row["warnings"].split(' ').map(str::to_string).collect::<BTreeSet<_>>()
    };
    let set = |words: &[&str]| words.iter().map(|word| word.to_string()).collect::<BTreeSet<_>>();
    assert_eq!(found("one", "4K"), set(&["single-page", "first-touches"]));
    assert_eq!(found("long", "4K"), set(&["first-touches"]));
    assert_eq!(found("lines", "4K"), set(&["cache-filtered", "first-touches"]));
    assert_eq!(found("low", "4K"), set(&["first-touches", "physical-addresses"]));
    assert_eq!(found("small", "4K"), set(&["fits-tlb"]));
    assert_eq!(found("twice", "4K"), set(&[""]), "nothing is wrong with it");
    assert!(found("long", "thp").contains("inferred-ranges"));
    assert!(text(&run.stderr).contains("single-page, on 2 of 12 rows (one)"), "{}", text(&run.stderr));
}

#[test]
fn scattered_frames_spread_over_more_huge_host_pages() {
    let dir = tempfile::tempdir().unwrap();
    let sweep = r#"
        traces = [{ synthetic = "uniform", footprint = "16M", accesses = 50_000 }]
        [sweep]
        technique = "ept"
        host_pages = "2M"
        cpu = "nehalem"
        frames = ["contiguous", "scattered"]
        frames_pool = "256M"
        "#;
    analyze(dir.path(), sweep, &[]);
    let results = table(dir.path(), "results.csv");
    let of = |column: &str| results.iter().map(|it| number(it, column)).collect::<Vec<_>>();
    assert_eq!(results.iter().map(|it| it["frames"].as_str()).collect::<Vec<_>>(), ["contiguous", "scattered"]);
    assert_eq!(of("host_faults")[0], 8.0 + 1.0, "data and nodes side by side");
    assert!(of("host_faults")[1] > 100.0, "of 128 + 128 in their pools: {:?}", of("host_faults"));
    assert!(of("nested_tlb_hits")[1] < of("nested_tlb_hits")[0]);
    assert_eq!(of("walks")[1], of("walks")[0]);
}

/// Every estimate of a sampled run with its doubt, beside the full run's value: (column, full, sampled, half width).
fn estimates(dir: &Path, traces: &str, sample: &str) -> Vec<(String, f64, f64, f64)> {
    let sweep = |sample: &str| {
        format!(
            "traces = [{traces}]\n[sweep]\ntechnique = [\"native\", \"shadow\", \"ept\", \"pv\"]\n\
             guest_pages = [\"4K\", \"2M\"]\nhost_pages = [\"4K\", \"2M\"]\ncpu = \"nehalem\"\n{sample}"
        )
    };
    analyze(dir, &sweep(""), &[]);
    let full = table(dir, "results.csv");
    analyze(dir, &sweep(&format!("sample = {sample}")), &[]);
    let sampled = table(dir, "results.csv");
    let columns: Vec<String> =
        sampled[0].keys().filter_map(|key| key.strip_suffix("_ci95")).map(str::to_string).collect();
    assert_eq!(columns.len(), 15);
    let pair = |(full, sampled): (&Record, &Record)| {
        for exact in
            ["accesses", "guest_faults", "pte_writes", "vm_exits", "hypercalls", "touched_bytes", "peak_total_nodes"]
        {
            assert_eq!(full[exact], sampled[exact], "{exact} is counted whole");
        }
        let of = |column: &String| {
            let width = number(sampled, &format!("{column}_ci95"));
            (column.clone(), number(full, column), number(sampled, column), width)
        };
        columns.iter().map(of).collect::<Vec<_>>()
    };
    full.iter().zip(&sampled).flat_map(pair).collect()
}

#[test]
fn the_confidence_interval_of_a_sample_covers_the_full_run_on_the_shipped_traces() {
    let dir = tempfile::tempdir().unwrap();
    let traces = Path::new(env!("CARGO_MANIFEST_DIR")).join("traces");
    let traces = ["git", "perl", "sort", "xz"].map(|name| format!("{:?}", traces.join(name).with_extension("parquet")));
    for sample in ["{ of = \"1/4\", warm = 20_000 }", "{ of = \"1/16\", warm = 100_000 }"] {
        let all = estimates(dir.path(), &traces.join(", "), sample);
        let outside: Vec<_> = all.iter().filter(|(_, full, sampled, width)| (full - sampled).abs() > *width).collect();
        assert!(outside.len() * 20 <= all.len(), "95 of 100 should be covered with {sample}: {outside:?}");
        assert!(outside.iter().all(|(column, ..)| column != "walks" && column != "overhead"), "{sample}: {outside:?}");
    }
}

#[test]
fn a_sample_of_steady_work_is_close_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let trace = "{ synthetic = \"uniform\", footprint = \"16M\", accesses = 2_000_000 }";
    for (column, full, sampled, width) in estimates(dir.path(), trace, "{ of = \"1/8\", warm = 4_000 }") {
        if ["walks", "overhead"].contains(&column.as_str()) && full > 1_000.0 {
            assert!(
                (full - sampled).abs() < 0.02 * full && width < 0.05 * full,
                "{column}: {full}, {sampled} ± {width}"
            );
        }
    }
}

#[test]
fn a_sample_is_a_share_and_no_axis() {
    let dir = tempfile::tempdir().unwrap();
    for (sample, expected) in [
        ("{ of = 16 }", "1/16"),
        ("{ of = \"1/1\" }", "1/16"),
        ("{ warm = 5 }", "sample.of: nothing"),
        ("{ of = \"1/16\", warm = 5 }\ninterval = 9", "one of them"),
        ("{ of = \"1/16\", warn = 5 }", "did you mean `warm`?"),
    ] {
        let run = analyze(dir.path(), &format!("{SWEEP}sample = {sample}"), &[]);
        assert_eq!(run.status.code(), Some(2), "{sample}");
        assert!(text(&run.stderr).contains(expected), "{sample}: {}", text(&run.stderr));
    }
}

#[test]
fn a_sampled_cell_does_not_depend_on_the_cells_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let sweep = |copies: &str| {
        format!(
            "traces = [{{ synthetic = \"zipf\", footprint = \"8M\", accesses = 200_000 }}]\n[sweep]\n\
             technique = \"ept\"\ncpu = \"nehalem\"\ncopies = {copies}\nsample = {{ of = \"1/8\", warm = 500 }}"
        )
    };
    analyze(dir.path(), &sweep("1"), &[]);
    let alone = table(dir.path(), "results.csv");
    analyze(dir.path(), &sweep("[1, 3]"), &[]);
    assert_eq!(table(dir.path(), "results.csv")[0], alone[0]);
    assert!(alone[0]["warnings"].contains("sampled"));
}
