//! Does what the program says on a terminal of 80 columns read as it did?

use crate::golden;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn analyze(dir: &Path, columns: usize, arguments: &[&str]) -> Output {
    let mut run = Command::new(env!("CARGO_BIN_EXE_analyze"));
    run.current_dir(dir).env("COLUMNS", columns.to_string()).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const TRACES: &str = r#"
    { synthetic = "uniform", name = "random words", footprint = "1M", accesses = 20_000 },
    { synthetic = "sequential", footprint = "4M", accesses = 20_000 },
    { synthetic = "churn", accesses = 20_000 },
    { synthetic = "forkwait", footprint = "1M", accesses = 20_000 },
"#;

#[test]
fn a_run_without_arguments() {
    golden::same("no-arguments.txt", &text(&analyze(Path::new("."), 80, &[]).stderr));
}

#[test]
fn the_demo() {
    let dir = tempfile::tempdir().unwrap();
    golden::same("demo.txt", &text(&analyze(dir.path(), 80, &["demo"]).stdout));
}

#[test]
fn a_sweep_in_two_widths() {
    let dir = tempfile::tempdir().unwrap();
    let axes = "technique = [\"native\", \"shadow\", \"ept\", \"pv\"]\nhost_pages = [\"4K\", \"2M\"]\ncpu = [\"nehalem\", \"zen-3\"]";
    fs::write(dir.path().join("sweep.toml"), format!("traces = [{TRACES}]\n[sweep]\n{axes}\n")).unwrap();
    for columns in [80, 120] {
        let run = analyze(dir.path(), columns, &["--config", "sweep.toml"]);
        let said = text(&run.stdout);
        assert!(said.lines().all(|line| line.chars().count() <= columns), "{said}");
        golden::same(&format!("sweep-{columns}.txt"), &(said + &text(&run.stderr)));
    }
    let plan = text(&analyze(dir.path(), 80, &["--config", "sweep.toml", "--dry-run"]).stdout);
    assert!(plan.lines().all(|line| line.chars().count() <= 80), "{plan}");
}

#[test]
fn a_sweep_of_mistakes() {
    let dir = tempfile::tempdir().unwrap();
    let sweep = r#"traces = ["git.parquett", { synthetic = "unifrom" }]
[sweep]
tecnique = "native"
technique = ["native", "shadwo"]
guest_pages = ["4K", 2]
cpu = "nehalm"
interval = 0
sample = { of = "1/1" }
tlb.l1d."4K" = { entries = 65, ways = 4 }
tlb.l3."4K".entries = 3
vms = -1
[[exclude]]
guest_pags = "4K"
[output]
charts = ["overhed"]
dri = "x"
"#;
    fs::write(dir.path().join("sweep.toml"), sweep).unwrap();
    golden::same("mistakes.txt", &text(&analyze(dir.path(), 80, &["--config", "sweep.toml"]).stderr));
}
