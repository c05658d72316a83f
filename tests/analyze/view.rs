//! Does `analyze table` show what is asked for, and say what is wrong with a question?

use crate::golden;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const SWEEP: &str = r#"
traces = [{ synthetic = "uniform", name = "u|1", footprint = "4M", accesses = 20_000 }, { synthetic = "churn", accesses = 5_000 }]
[sweep]
technique = ["native", "ept"]
guest_pages = ["4K", "2M"]
host_pages = ["4K", "2M"]
cpu = "nehalem"
prices = ["nehalem", "sandy-bridge"]
[sweep.tlb]
l2."4K" = { entries = [512, 1024], ways = 4 }
"#;

/// A folder with `results` in it.
fn results() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("sweep.toml"), SWEEP).unwrap();
    let run = analyze(dir.path(), 80, &["--config", "sweep.toml", "--no-charts", "--quiet", "--out", "results"]);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    dir
}

fn analyze(dir: &Path, columns: usize, arguments: &[&str]) -> Output {
    let mut run = Command::new(env!("CARGO_BIN_EXE_analyze"));
    run.current_dir(dir).env("COLUMNS", columns.to_string()).args(arguments).output().unwrap()
}

/// What `analyze table results` prints, which must succeed.
fn table(dir: &Path, columns: usize, arguments: &[&str]) -> String {
    let run = analyze(dir, columns, &[&["table", "results"], arguments].concat());
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

/// What it says of a question that it must refuse.
fn refused(dir: &Path, arguments: &[&str], words: &[&str]) {
    let run = analyze(dir, 80, &[&["table", "results"], arguments].concat());
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(2), "{arguments:?}: {said}");
    for word in words {
        assert!(said.contains(word), "`{word}` is not in: {said}");
    }
}

/// One column of a table as CSV, without its heading.
fn column(csv: &str, at: usize) -> Vec<String> {
    csv.lines().skip(1).map(|line| line.split(',').nth(at).unwrap().to_string()).collect()
}

#[test]
fn a_table_shows_what_varies_and_fits_the_terminal() {
    let dir = results();
    let few = ["--where", "trace = churn", "--where", "technique = ept"];
    golden::same("table-80.txt", &table(dir.path(), 80, &few));
    golden::same("table-120.txt", &table(dir.path(), 120, &few));
    for line in table(dir.path(), 40, &["--select", "all"]).lines() {
        assert!(line.chars().count() <= 40, "{line}");
    }
}

#[test]
fn a_pivot_reads_alike_in_every_format() {
    let dir = results();
    let asked = ["--rows", "technique,guest_pages,host_pages", "--cols", "trace", "--agg", "max"];
    for (format, name) in
        [("text", "pivot.txt"), ("markdown", "pivot.md"), ("latex", "pivot.tex"), ("csv", "pivot.csv")]
    {
        golden::same(name, &table(dir.path(), 80, &[&asked[..], &["--format", format]].concat()));
    }
}

#[test]
fn aggregates_are_those_of_the_rows_in_a_cell() {
    let dir = results();
    let cell = |agg: &str| -> f64 {
        let asked =
            ["--rows", "technique", "--where", "technique = ept", "--value", "walks", "--agg", agg, "--format", "csv"];
        column(&table(dir.path(), 80, &asked), 1)[0].parse().unwrap()
    };
    let all = table(dir.path(), 80, &["--where", "technique = ept", "--select", "walks", "--format", "csv"]);
    let walks: Vec<f64> = column(&all, 0).iter().map(|text| text.parse().unwrap()).collect();
    assert_eq!(cell("mean"), walks.iter().sum::<f64>() / walks.len() as f64);
    assert_eq!(cell("min"), walks.iter().copied().fold(f64::INFINITY, f64::min));
    assert_eq!(cell("max"), walks.iter().copied().fold(0.0, f64::max));
    assert_eq!(cell("first"), walks[0]);
}

#[test]
fn conditions_keep_the_rows_for_which_they_hold() {
    let dir = results();
    let rows = |conditions: &[&str]| {
        let asked: Vec<&str> = conditions.iter().flat_map(|condition| ["--where", condition]).collect();
        table(dir.path(), 80, &[&asked[..], &["--format", "csv"]].concat()).lines().count() - 1
    };
    // Two traces, two price sheets, two TLBs: native has two cells, ept four.
    assert_eq!(rows(&[]), 48);
    assert_eq!(rows(&["technique = ept"]), 32);
    assert_eq!(rows(&["technique != ept"]), 16);
    assert_eq!(rows(&["trace = churn,u|1", "prices=nehalem"]), 24);
    assert_eq!(rows(&["host_pages ="]), 16, "none");
    assert_eq!(rows(&["guest_pages >= 2M"]), 24);
    assert_eq!(rows(&["host_pages < 2M"]), 16, "nothing is not small");
    assert_eq!(rows(&["tlb.l2.4K.entries > 512", "guest_pages<=4K"]), 12);
    assert_eq!(rows(&["overhead >= 0%"]), 48);
    assert_eq!(rows(&["accesses = 20_000"]), 24);
    assert_eq!(rows(&["walks > 1000000000"]), 0);
}

#[test]
fn rows_are_sorted_by_what_is_shown() {
    let dir = results();
    let sorted = |sort: &str, at: usize| {
        let asked = ["--select", "guest_pages,overhead,host_pages", "--sort", sort, "--format", "csv"];
        column(&table(dir.path(), 80, &asked), at)
    };
    let overheads: Vec<f64> = sorted("overhead:desc", 1).iter().map(|text| text.parse().unwrap()).collect();
    assert!(overheads.is_sorted_by(|a, b| a >= b));
    let mut pages = sorted("guest_pages,host_pages:desc", 0);
    pages.dedup();
    assert_eq!(pages, ["4K", "2M"]);
    let mut pages = sorted("host_pages:desc", 2);
    pages.dedup();
    assert_eq!(pages, ["2M", "4K", ""]);
}

#[test]
fn either_form_of_the_results_shows_the_same() {
    let dir = results();
    let shown = |file: &str| analyze(dir.path(), 80, &["table", file, "--select", "all", "--format", "csv"]).stdout;
    assert!(shown("results/results.csv") == shown("results/results.parquet"));
    assert!(shown("results/results.csv") == fs::read(dir.path().join("results/results.csv")).unwrap());
    let sensitivity = analyze(dir.path(), 80, &["table", "results/sensitivity.csv", "--where", "price = access"]);
    assert!(sensitivity.status.success());
}

#[test]
fn a_misspelt_word_is_told_with_the_nearest_one() {
    let dir = results();
    refused(dir.path(), &["--where", "tecnique = ept"], &["--where 'tecnique = ept'", "did you mean `technique`?"]);
    refused(dir.path(), &["--where", "technique = nativ"], &["`technique` is never `nativ`", "did you mean `native`?"]);
    refused(dir.path(), &["--where", "technique < ept"], &["holds words, which have no order: native, ept"]);
    refused(dir.path(), &["--where", "walks < many"], &["`many` is no amount"]);
    refused(dir.path(), &["--where", "technique"], &["COLUMN, one of = != < <= > >=, and a value"]);
    refused(dir.path(), &["--select", "walk"], &["--select", "did you mean `walks`?"]);
    refused(dir.path(), &["--value", "overhed"], &["did you mean `overhead`?"]);
    refused(dir.path(), &["--sort", "touched_bytes"], &["no column `touched_bytes` is shown"]);
    refused(
        dir.path(),
        &["--cols", "trace", "--value", "warnings", "--rows", "technique", "--agg", "mean"],
        &["no mean"],
    );
}

#[test]
fn several_rows_in_a_cell_are_told_with_what_parts_them() {
    let words =
        ["12 rows fall into one cell", "`prices` (nehalem, sandy-bridge)", "--where 'guest_pages = 4K'", "--agg"];
    let dir = results();
    refused(dir.path(), &["--rows", "trace", "--cols", "technique", "--where", "host_pages != 4K"], &words[1..]);
    refused(dir.path(), &["--rows", "trace", "--where", "prices = nehalem"], &words[..1]);
}
