//! Does `analyze compare` tell what moved, and does its exit code say what to make of it?

use crate::golden;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn analyze(dir: &Path, arguments: &[&str]) -> Output {
    let mut run = Command::new(env!("CARGO_BIN_EXE_analyze"));
    run.current_dir(dir).env("COLUMNS", "80").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A sweep of two traces over the techniques, by a processor whose exits take so many cycles.
fn sweep(dir: &Path, vm_exit: u64, seed: u64, techniques: &str) {
    let preset = text(&analyze(dir, &["presets", "show", "nehalem"]).stdout);
    let preset = preset.replace("prices.vm_exit = { cycles = 1009", &format!("prices.vm_exit = {{ cycles = {vm_exit}"));
    let sweep = format!(
        "traces = [{{ synthetic = \"uniform\", footprint = \"4M\", accesses = 20_000, seed = {seed} }}, \
         {{ synthetic = \"churn\", accesses = 5_000 }}]\n\
         [sweep]\ntechnique = [{techniques}]\nguest_pages = [\"4K\", \"2M\"]\ncpu = \"mine\"\n[cpu.mine]\n{preset}"
    );
    fs::write(dir.join("sweep.toml"), sweep).unwrap();
}

fn run(dir: &Path, out: &str) {
    let run = analyze(dir, &["--config", "sweep.toml", "--no-charts", "--quiet", "--out", out]);
    assert!(run.status.success(), "{}", text(&run.stderr));
}

/// A folder with `old` and `new`, whose exits are dearer.
fn dearer() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, vm_exit) in [("old", 1009), ("new", 2018)] {
        sweep(dir.path(), vm_exit, 1, "\"native\", \"shadow\", \"ept\"");
        run(dir.path(), name);
    }
    dir
}

/// Compares, and returns the exit code with what was said on either stream.
fn compared(dir: &Path, arguments: &[&str]) -> (i32, String) {
    let run = analyze(dir, &[&["compare"], arguments].concat());
    let said = text(&run.stdout) + &text(&run.stderr);
    assert!(!said.contains("panicked"), "{said}");
    (run.status.code().unwrap(), said)
}

/// Copies `old` to `new`, its table as CSV with lines changed.
fn with_lines(dir: &Path, change: impl Fn(Vec<String>) -> Vec<String>) {
    let lines = fs::read_to_string(dir.join("old/results.csv")).unwrap().lines().map(str::to_string).collect();
    fs::create_dir_all(dir.join("new")).unwrap();
    fs::write(dir.join("new/results.csv"), change(lines).join("\n") + "\n").unwrap();
}

/// A folder with `old` alone.
fn old() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    sweep(dir.path(), 1009, 1, "\"native\", \"shadow\", \"ept\"");
    run(dir.path(), "old");
    dir
}

#[test]
fn results_are_no_worse_than_themselves_in_either_form() {
    let dir = old();
    let (code, said) = compared(dir.path(), &["old", "old/results.csv"]);
    assert_eq!(code, 0, "{said}");
    golden::same("compare-same.txt", &said);
}

#[test]
fn a_dearer_exit_is_a_regression_told_with_its_rows_and_its_cause() {
    let dir = dearer();
    let (code, said) = compared(dir.path(), &["old", "new"]);
    assert_eq!(code, 3);
    golden::same("compare-80.txt", &said);
    let wide = Command::new(env!("CARGO_BIN_EXE_analyze"))
        .current_dir(dir.path())
        .env("COLUMNS", "120")
        .args(["compare", "old", "new"])
        .output()
        .unwrap();
    golden::same("compare-120.txt", &text(&wide.stdout));
    let (code, markdown) = compared(dir.path(), &["old", "new", "--markdown"]);
    assert_eq!(code, 3);
    golden::same("compare.md", &markdown);
}

#[test]
fn json_holds_every_difference_whole() {
    let dir = dearer();
    let run = analyze(dir.path(), &["compare", "old", "new", "--json"]);
    assert_eq!(run.status.code(), Some(3));
    let json: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    // Shadow and ept exit with either page size, on both traces.
    assert_eq!(json["differences"].as_array().unwrap().len(), 8);
    assert_eq!(json["rows"], serde_json::json!({ "old": 12, "new": 12, "matched": 12 }));
    assert_eq!(json["differences"][0]["row"]["technique"], "shadow");
    let metrics = &json["differences"][0]["metrics"];
    assert_eq!(metrics["overhead"]["course"], "risen");
    assert_eq!(metrics["cycles per access"]["course"], "risen");
    assert_eq!(metrics["walks per access"]["course"], "within");
    assert_eq!(json["judged"][1], serde_json::json!({ "metric": "cycles per access", "tolerance": "0%" }));
    assert_eq!(json["inputs"][0]["name"], "prices mine, vm_exit");
}

#[test]
fn a_cheaper_exit_and_a_tolerated_one_are_no_regressions() {
    let dir = dearer();
    assert_eq!(compared(dir.path(), &["new", "old"]).0, 0);
    assert_eq!(compared(dir.path(), &["old", "new", "--tolerance", "1%"]).0, 3);
    assert_eq!(compared(dir.path(), &["old", "new", "--tolerance", "50%"]).0, 0);
    assert_eq!(compared(dir.path(), &["old", "new", "--tolerance", "100000.0"]).0, 0);
    assert_eq!(compared(dir.path(), &["old", "new", "--tolerance", "some"]).0, 2);
    let (code, said) = compared(dir.path(), &["old", "new", "--tolerance", "5"]);
    assert!(code == 2 && said.contains("write 5% for a share") && said.contains("5.0 for a difference"), "{said}");
}

/// Results of one row: a program that makes more accesses, and whose walks grew more than they did.
fn grown(dir: &Path) {
    let head = "trace,technique,accesses,walks,ideal_cycles,cycles,overhead";
    fs::write(dir.join("old.csv"), format!("{head}\na,ept,1000,100,2000,4000,1\n")).unwrap();
    fs::write(dir.join("new.csv"), format!("{head}\na,ept,2500,300,7000,9600,0.37\n")).unwrap();
}

#[test]
fn a_program_whose_walks_grow_is_worse_though_its_overhead_a_share_falls() {
    let dir = tempfile::tempdir().unwrap();
    grown(dir.path());
    let both = |more: &[&str]| compared(dir.path(), &[&["old.csv", "new.csv", "--counts", "ignore"], more].concat());
    let (code, said) = both(&[]);
    assert!(code == 3 && said.contains("regression: 1 row with more walks per access\n"), "{said}");
    assert!(said.contains("walks per access  0.10  0.12  +20.0 %"), "the metric that rose is shown: {said}");
    assert!(said.contains("overhead rose in 0 and fell in 1 by more than 0%"), "{said}");
    assert_eq!(both(&["--tolerance", "25%"]).0, 0);
    assert_eq!(both(&["--tolerance", "0.05"]).0, 0);
    assert_eq!(both(&["--tolerance", "walks per access=0.05"]).0, 0, "of one metric alone");
    assert_eq!(both(&["--tolerance", "25%", "--tolerance", "walks per access = 1%"]).0, 3);
}

#[test]
fn any_column_of_numbers_may_be_judged_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    grown(dir.path());
    let both = |more: &[&str]| compared(dir.path(), &[&["old.csv", "new.csv", "--counts", "ignore"], more].concat());
    assert_eq!(both(&["--metric", "overhead"]).0, 0);
    assert_eq!(both(&["--metric", "overhead", "--metric", "cycles per access"]).0, 0);
    let (code, said) = both(&["--metric", "cycles", "--metric", "walks", "--tolerance", "50%"]);
    assert!(code == 3 && said.contains("1 row with a higher cycles, 1 row with a higher walks"), "{said}");
    for (wrong, words) in [
        ("walk per access", "did you mean `walks`?"),
        ("technique", "column `technique` of old.csv holds words: \"ept\""),
        ("steady_cycles per access", "has no column `steady_cycles`"),
        ("", "a column, or `COLUMN per access`"),
    ] {
        let (code, said) = both(&["--metric", wrong]);
        assert!(code == 2 && said.contains(words), "{wrong}: {said}");
    }
    let (code, said) = both(&["--tolerance", "cycles=5%"]);
    assert!(code == 2 && said.contains("`cycles` is not judged") && said.contains("add --metric \"cycles\""), "{said}");
}

#[test]
fn other_counts_are_a_regression_unless_they_are_ignored() {
    let dir = old();
    sweep(dir.path(), 1009, 2, "\"native\", \"shadow\", \"ept\"");
    run(dir.path(), "new");
    let (code, said) = compared(dir.path(), &["old", "new", "--tolerance", "50%"]);
    assert!(code == 3 && said.contains("rows with other counts"), "{said}");
    assert!(said.contains("trace uniform: blake3:"), "the cause is told: {said}");
    let (code, said) = compared(dir.path(), &["old", "new", "--tolerance", "50%", "--counts", "ignore"]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn a_manifest_that_cannot_be_read_is_refused_and_a_missing_one_is_not() {
    let dir = dearer();
    let manifest = dir.path().join("old/manifest.json");
    let whole = fs::read(&manifest).unwrap();
    for broken in [&whole[..whole.len() / 2], b"[]", b"\xff", b""] {
        fs::write(&manifest, broken).unwrap();
        let (code, said) = compared(dir.path(), &["old", "new"]);
        assert!(code == 2 && said.contains("old/manifest.json: "), "{said}");
    }
    let again = ["--config", "sweep.toml", "--no-charts", "--quiet", "--out", "again", "--baseline", "old"];
    assert!(text(&analyze(dir.path(), &again).stderr).contains("old/manifest.json: "));
    fs::remove_file(&manifest).unwrap();
    assert!(!compared(dir.path(), &["old", "new"]).1.contains("manifest"));
}

#[test]
fn a_manifest_of_an_earlier_version_names_the_same_traces() {
    let dir = old();
    let new = dir.path().join("new");
    fs::create_dir(&new).unwrap();
    fs::copy(dir.path().join("old/results.csv"), new.join("results.csv")).unwrap();
    let manifest = fs::read_to_string(dir.path().join("old/manifest.json")).unwrap();
    fs::write(new.join("manifest.json"), manifest.replace("rows_digest", "digest")).unwrap();
    let (code, said) = compared(dir.path(), &["old", "new"]);
    assert!(code == 0 && !said.contains("trace uniform:"), "{said}");
}

#[test]
fn a_row_that_is_gone_is_a_regression_and_a_new_one_is_not() {
    let dir = old();
    with_lines(dir.path(), |mut lines| {
        lines.remove(3);
        lines
    });
    let (code, said) = compared(dir.path(), &["old", "new"]);
    assert!(code == 3 && said.contains("1 row gone"), "{said}");
    assert!(said.contains("rows only in the old: 1: uniform, shadow 4K on 4K"), "{said}");
    let (code, said) = compared(dir.path(), &["new", "old"]);
    assert!(code == 0 && said.contains("rows only in the new: 1: uniform, shadow 4K on 4K"), "{said}");
}

#[test]
fn columns_of_one_side_are_told_and_lost_counts_are_a_regression() {
    let dir = old();
    with_lines(dir.path(), |lines| {
        lines.into_iter().map(|line| line.replacen("accesses,loads,", "accesses,lods,", 1)).collect()
    });
    let (code, said) = compared(dir.path(), &["old", "new"]);
    assert!(code == 3 && said.contains("columns only in the old: loads"), "{said}");
    assert!(said.contains("columns only in the new: lods") && said.contains("1 column of counts gone"), "{said}");
    assert_eq!(compared(dir.path(), &["old", "new", "--counts", "ignore"]).0, 0);
}

#[test]
fn rows_match_without_an_axis_that_one_side_lacks_only_if_they_stay_apart() {
    let dir = old();
    let without = |at: usize| {
        with_lines(dir.path(), |lines| {
            let cut = |line: String| {
                let fields = line.split(',').enumerate().filter(|(i, _)| *i != at);
                fields.map(|(_, field)| field).collect::<Vec<_>>().join(",")
            };
            lines.into_iter().map(cut).collect()
        });
    };
    without(9);
    let (code, said) = compared(dir.path(), &["old", "new"]);
    assert!(code == 0 && said.contains("axes only in the old: copies; rows are matched without them"), "{said}");
    without(2);
    let (code, said) = compared(dir.path(), &["old", "new"]);
    assert!(code == 2 && said.contains("new/results.csv has no `guest_pages`"), "{said}");
}

#[test]
fn a_row_that_is_there_twice_is_refused_with_its_place() {
    let dir = old();
    with_lines(dir.path(), |mut lines| {
        lines.push(lines[2].clone());
        lines
    });
    let (code, said) = compared(dir.path(), &["old", "new"]);
    assert!(code == 2 && said.contains("new/results.csv, rows 2 and 13: both are trace uniform"), "{said}");
}

#[test]
fn what_is_no_result_is_refused_and_nothing_panics() {
    let dir = old();
    let whole = fs::read(dir.path().join("old/results.parquet")).unwrap();
    let file = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    for length in [0, 3, 100, whole.len() / 2, whole.len() - 1] {
        file("cut.parquet", &whole[..length]);
        let (code, said) = compared(dir.path(), &["old", "cut.parquet"]);
        assert!(code == 2 && said.contains("cut.parquet: no Parquet file, or one that cannot be read"), "{said}");
    }
    for at in (0..whole.len()).step_by(97) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        file("bent.parquet", &bytes);
        // Some bytes are values; what matters is that there is an answer.
        assert!([0, 2, 3].contains(&compared(dir.path(), &["old", "bent.parquet"]).0), "byte {at}");
    }
    let cases: [(&str, &[u8], &str); 9] = [
        ("a.csv", b"", "a.csv: empty"),
        ("a.csv", b"trace,accesses\n", "no rows"),
        ("a.csv", b"trace,technique\na,ept\n", "no column of counts"),
        ("a.csv", b"accesses\n1\n", "the first column is not `trace`"),
        ("a.csv", b"trace,accesses\na,1\nb\n", "line 3: 1 fields"),
        ("a.csv", b"trace,accesses\na,-1\n", "line 2, column `accesses`: \"-1\""),
        ("a.csv", b"trace,accesses,overhead\na,1,nan\n", "line 2, column `overhead`: \"nan\""),
        ("a.csv", b"trace,trace\na,1\n", "two columns `trace`"),
        ("a.csv", b"trace,accesses\n\xff,1\n", "not UTF-8"),
    ];
    for (name, bytes, words) in cases {
        file(name, bytes);
        let (code, said) = compared(dir.path(), &["old", name]);
        assert!(code == 2 && said.contains(words), "{words}: {said}");
    }
    file("notes.txt", b"");
    fs::create_dir(dir.path().join("empty")).unwrap();
    for (name, words) in [
        ("nowhere", "cannot be read"),
        ("notes.txt", "neither .parquet nor .csv"),
        ("empty", "a folder without results.parquet or results.csv"),
    ] {
        let (code, said) = compared(dir.path(), &["old", name]);
        assert!(code == 2 && said.contains(words), "{words}: {said}");
    }
    file("bare.csv", b"trace,accesses\nuniform,1\n");
    let (code, said) = compared(dir.path(), &["bare.csv", "bare.csv"]);
    assert!(code == 2 && said.contains("no column `overhead`"), "{said}");
}

#[test]
fn a_broken_manifest_is_not_taken_for_none() {
    let dir = old();
    fs::create_dir(dir.path().join("new")).unwrap();
    fs::copy(dir.path().join("old/results.csv"), dir.path().join("new/results.csv")).unwrap();
    assert_eq!(compared(dir.path(), &["old", "new"]).0, 0, "there may be none");
    fs::write(dir.path().join("new/manifest.json"), "{\"program\": ").unwrap();
    let (code, said) = compared(dir.path(), &["old", "new"]);
    assert!(code == 2 && said.contains("new/manifest.json: no manifest, or a damaged one"), "{said}");
}

#[test]
fn a_run_is_held_against_a_baseline_even_one_that_it_overwrites() {
    let dir = old();
    let run = |arguments: &[&str]| {
        let run =
            analyze(dir.path(), &[&["--config", "sweep.toml", "--no-charts", "--out", "old"], arguments].concat());
        (run.status.code().unwrap(), text(&run.stdout), text(&run.stderr))
    };
    let (code, out, err) = run(&["--baseline", "old"]);
    assert!(code == 0 && out.contains("12 rows are in both, and none differs"), "{out}{err}");
    sweep(dir.path(), 2018, 1, "\"native\", \"shadow\", \"ept\"");
    assert_eq!(run(&["--baseline", "old", "--tolerance", "50%"]).0, 0);
    sweep(dir.path(), 4036, 1, "\"native\", \"shadow\", \"ept\"");
    let (code, out, err) = run(&["--baseline", "old", "--quiet"]);
    assert_eq!((code, out.as_str()), (3, ""), "{err}");
    assert_eq!(err, "analyze: regression: 8 rows with a higher overhead, 8 rows with more cycles per access\n");
    assert_eq!(run(&["--baseline", "old"]).0, 0, "the results are written all the same");
    assert_eq!(run(&["--baseline", "nowhere"]).0, 2);
    for judging in [["--tolerance", "1%"], ["--metric", "walks"], ["--counts", "ignore"]] {
        let (code, _, err) = run(&judging);
        assert!(code == 2 && err.contains(judging[0]) && err.contains("given without --baseline"), "{err}");
    }
    let (code, _, err) = run(&["--baseline", "old", "--metric", "nothing"]);
    assert!(code == 2 && err.contains("has no column `nothing`"), "{err}");
}

/// What the steps of the shipped workflow run, but for those that install.
fn steps() -> Vec<String> {
    let workflow = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/regression.yml")).unwrap();
    let lines: Vec<&str> = workflow.lines().collect();
    let step = |at: usize| {
        let indent = |line: &str| line.len() - line.trim_start().len();
        let inner = lines[at + 1..].iter().take_while(|line| indent(line) > indent(lines[at]));
        inner.map(|line| line.trim()).collect::<Vec<_>>().join("\n")
    };
    let starts = (0..lines.len()).filter(|&at| lines[at].trim() == "run: |");
    starts.map(step).filter(|step| step.contains("analyze")).collect()
}

#[test]
fn the_shipped_workflow_runs_and_fails_on_a_regression() {
    let steps = steps();
    assert_eq!(steps.len(), 2, "{steps:?}");
    let dir = dearer();
    fs::create_dir(dir.path().join("baseline")).unwrap();
    let bin = PathBuf::from(env!("CARGO_BIN_EXE_analyze"));
    let path = format!("{}:{}", bin.parent().unwrap().display(), std::env::var("PATH").unwrap_or_default());
    let shell = |step: &str| {
        let mut run = Command::new("sh");
        let run = run.args(["-e", "-c", step]).current_dir(dir.path()).env("PATH", &path);
        run.env("GITHUB_STEP_SUMMARY", dir.path().join("summary.md")).output().unwrap()
    };
    for (baseline, code) in [("new", 0), ("old", 3)] {
        fs::copy(dir.path().join(baseline).join("results.csv"), dir.path().join("baseline/results.csv")).unwrap();
        let swept = shell(&steps[0]);
        assert!(swept.status.success(), "{}", text(&swept.stderr));
        let compared = shell(&steps[1]);
        assert_eq!(compared.status.code(), Some(code), "{}", text(&compared.stderr));
    }
    assert!(fs::read_to_string(dir.path().join("summary.md")).unwrap().contains("**Regression**"));
}
