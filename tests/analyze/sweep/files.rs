//! Do results stay whole, and is what cannot be written known beforehand?

use super::*;

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
fn charts_of_an_earlier_run_go_and_a_chart_that_cannot_be_written_is_a_failure() {
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

    // Tables fit, pictures do not: a disk that fills up meanwhile.
    let program = env!("CARGO_BIN_EXE_analyze");
    let script = format!("trap '' XFSZ; ulimit -f 64; '{program}' --config sweep.toml --quiet");
    let run = Command::new("bash").current_dir(dir.path()).args(["-c", &script]).output().unwrap();
    let said = text(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{said}");
    assert!(said.contains("charts/overhead.png") && said.contains("too large"), "{said}");
    assert!(!said.contains("Custom") && !said.contains("Error("), "{said}");
}
