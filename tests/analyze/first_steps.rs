//! Does the program lead a newcomer on?

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

fn analyze(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_analyze")).current_dir(dir).args(arguments).output().unwrap()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_run_without_arguments_names_the_next_steps() {
    let run = analyze(folder().path(), &[]);
    let told = text(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{told}");
    for step in ["analyze demo", "analyze --config", "analyze trace import", "analyze presets list", "analyze help"] {
        assert!(told.contains(step), "{step}: {told}");
    }
}

#[test]
fn the_demo_needs_no_file_and_less_than_ten_seconds() {
    let dir = folder();
    let begun = Instant::now();
    let demo = analyze(dir.path(), &["demo"]);
    let elapsed = begun.elapsed();
    assert!(demo.status.success(), "{}", text(&demo.stderr));
    let told = text(&demo.stdout);
    for part in ["random words", "█", "cheapest is", "out/demo/report.html"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    assert!(dir.path().join("out/demo/report.html").is_file());
    assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
}

#[test]
fn the_sweep_of_the_demo_can_be_kept_and_run() {
    let dir = folder();
    let shown = analyze(dir.path(), &["demo", "--show"]);
    fs::write(dir.path().join("mine.toml"), &shown.stdout).unwrap();
    assert!(analyze(dir.path(), &["--config", "mine.toml", "--dry-run"]).status.success());
    assert!(!dir.path().join("out").exists());
}

#[test]
fn every_shell_gets_completions_that_know_the_verbs() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = text(&analyze(folder().path(), &["completions", shell]).stdout);
        for word in ["reproduce", "demo", "dry-run", "synth"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn the_man_page_is_printed_or_written_with_one_for_each_verb() {
    let dir = folder();
    let page = text(&analyze(dir.path(), &["man"]).stdout);
    assert!(page.contains(".TH analyze 1") && page.contains("\\-\\-config"), "{page}");
    assert!(analyze(dir.path(), &["man", "--out", "man1"]).status.success());
    for name in ["analyze.1", "analyze-demo.1", "analyze-trace.1", "analyze-trace-import.1"] {
        assert!(dir.path().join("man1").join(name).is_file(), "{name}");
    }
}

#[test]
fn a_defect_of_a_sweep_file_is_underlined_and_has_no_colour_off_a_terminal() {
    let dir = folder();
    fs::write(dir.path().join("sweep.toml"), "traces = []\n[sweep]\ntecnique = \"native\"\n").unwrap();
    let run = analyze(dir.path(), &["--config", "sweep.toml"]);
    let told = text(&run.stderr);
    assert_eq!(run.status.code(), Some(2));
    assert!(told.contains("\n3 | tecnique = \"native\"\n  | ^^^^^^^^\n"), "{told}");
    assert!(told.contains("sweep.toml, line 3, column 1: unknown key `tecnique`"), "{told}");
    assert!(!told.contains('\u{1b}'), "{told}");
}

#[test]
fn a_defect_of_a_processor_file_is_told_with_its_own_place() {
    let dir = folder();
    fs::write(dir.path().join("cpu.toml"), "tlb.l1d.\"4K\" = { entries = 65, ways = 4 }\n").unwrap();
    let sweep = "traces = [{ synthetic = \"uniform\" }]\n[sweep]\ntechnique = \"ept\"\ncpu = \"cpu.toml\"\n";
    fs::write(dir.path().join("sweep.toml"), sweep).unwrap();
    let told = text(&analyze(dir.path(), &["--config", "sweep.toml"]).stderr);
    assert!(told.contains("cpu.toml, line 1") && told.contains("4 | cpu = \"cpu.toml\""), "{told}");
}

#[test]
fn a_file_in_the_place_of_a_verb_is_answered_with_the_verb() {
    for (file, tip) in [
        ("sweep.toml", "tip: a sweep file is run by `analyze --config sweep.toml`"),
        ("a.parquet", "`analyze advise a.parquet`"),
        ("out/results.csv", "`analyze table out/results.csv`"),
    ] {
        let run = analyze(folder().path(), &[file]);
        assert_eq!(run.status.code(), Some(2));
        assert!(text(&run.stderr).contains(tip), "{}", text(&run.stderr));
    }
    assert!(
        text(&analyze(folder().path(), &["advice"]).stderr).contains("'advise'"),
        "a misspelt verb has its own tip"
    );
}

#[test]
fn no_file_is_called_by_the_sign_of_standard_output() {
    let dir = folder();
    fs::write(dir.path().join("sweep.toml"), "").unwrap();
    for (arguments, words) in [
        (
            &["trace", "synth", "uniform", "--accesses", "1000", "-o", "-"][..],
            "cannot be written to standard output; name a file",
        ),
        (&["trace", "import", "x.txt", "-o", "-"], "name a file"),
        (&["trace", "cut", "x.parquet", "--output", "-"], "name a file"),
        (&["--config", "sweep.toml", "--out", "-"], "name a folder"),
        (&["demo", "--out", "-"], "name a folder"),
    ] {
        let run = analyze(dir.path(), arguments);
        assert_eq!(run.status.code(), Some(2), "{arguments:?}");
        assert!(text(&run.stderr).contains(words), "{}", text(&run.stderr));
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn words_that_are_nearly_right_or_missing_are_answered_with_the_right_ones() {
    let dir = folder();
    let said = |sweep: &str| {
        fs::write(dir.path().join("sweep.toml"), sweep).unwrap();
        text(&analyze(dir.path(), &["--config", "sweep.toml"]).stderr)
    };
    let wrong = said("traces = []\n[sweep]\ntechnique = \"EPT\"\nguest_pages = \"4k\"\n");
    for words in [
        "traces = []",
        ": an empty list",
        "did you mean `ept`?",
        "did you mean `4K`?",
        "[sweep] has no `cpu`",
        "one of prescott, merom",
    ] {
        assert!(wrong.contains(words), "{words}: {wrong}");
    }
}
