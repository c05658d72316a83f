//! Does a run keep to the memory that it may take?

use super::*;

/// Cells that take 0.2 GiB at once.
fn many() -> tempfile::TempDir {
    let sizes = (1..=64).map(|n| (64 * n).to_string()).collect::<Vec<_>>().join(", ");
    sweep(SMALL, &SWEEP.replace("[output]", &format!("l2.\"4K+2M\" = {{ entries = [{sizes}], ways = 4 }}\n[output]")))
}

#[test]
fn waves_that_fit_little_memory_come_to_the_same() {
    let dir = many();
    let mut results = Vec::new();
    for memory in ["4G", "160M"] {
        let told = analyze(dir.path(), &["--config", "sweep.toml", "--memory", memory, "--dry-run"]);
        assert_eq!(text(&told.stdout).contains("waves of cells"), memory == "160M", "{}", text(&told.stdout));
        let run = ["--config", "sweep.toml", "--memory", memory, "--no-charts", "--no-report", "--check"];
        let run = analyze(dir.path(), &run);
        assert!(run.status.success(), "{}", text(&run.stderr));
        results.push(fs::read(dir.path().join("results/results.csv")).unwrap());
    }
    assert!(results[0] == results[1]);
}

#[test]
fn a_run_that_cannot_fit_is_refused_before_it_starts() {
    let dir = many();
    for arguments in [["--memory", "50M"].as_slice(), &["--memory", "50M", "--dry-run"]] {
        let run = analyze(dir.path(), &[&["--config", "sweep.toml"], arguments].concat());
        assert_eq!(run.status.code(), Some(2), "{}", text(&run.stderr));
        assert!(
            text(&run.stderr).contains("--memory") && text(&run.stderr).contains("50.00 MiB"),
            "{}",
            text(&run.stderr)
        );
    }
    assert!(!dir.path().join("results").exists());
}
