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
    let charts = dir.path().join("results/charts");
    fs::create_dir_all(&charts).unwrap();
    let mine =
        ["charts/notes.csv", "charts/overhead-of-our-lab.csv", "charts/tlb-old.svg", "intervals.csv", "report.html"];
    let mine = mine.map(|name| dir.path().join("results").join(name));
    mine.iter().for_each(|path| fs::write(path, "mine").unwrap());
    assert!(analyze(dir.path(), &["--config", "sweep.toml", "--quiet", "--no-report"]).status.success());
    assert!(charts.join("tlb.svg").exists());
    let one = "[sweep]\ntechnique = \"ept\"\ncpu = \"nehalem\"\n[output]\ndir = \"results\"\n";
    fs::write(dir.path().join("sweep.toml"), format!("{SMALL}\n{one}")).unwrap();
    assert!(analyze(dir.path(), &["--config", "sweep.toml", "--quiet"]).status.success());
    assert!(!charts.join("tlb.svg").exists() && charts.join("overhead.svg").exists());
    let kept = |path: &PathBuf| fs::read_to_string(path).is_ok_and(|text| text == "mine");
    assert!(mine[..4].iter().all(kept), "only what the earlier run wrote goes");
    assert!(!kept(&mine[4]), "the second run writes a report");

    // Tables fit, pictures do not: a disk that fills up meanwhile.
    let program = env!("CARGO_BIN_EXE_analyze");
    let script = format!("trap '' XFSZ; ulimit -f 64; '{program}' --config sweep.toml --quiet");
    let run = Command::new("bash").current_dir(dir.path()).args(["-c", &script]).output().unwrap();
    let said = text(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{said}");
    assert!(said.contains("charts/overhead.png") && said.contains("too large"), "{said}");
    assert!(!said.contains("Custom") && !said.contains("Error("), "{said}");
}

#[test]
fn the_manifest_lists_the_files_of_the_run_and_a_later_run_removes_no_other() {
    let dir = sweep(SMALL, SWEEP);
    let results = dir.path().join("results");
    assert!(analyze(dir.path(), &["--config", "sweep.toml", "--quiet"]).status.success());
    let listed = || {
        let manifest = fs::read_to_string(results.join("manifest.json")).unwrap();
        serde_json::from_str::<vmmu::sweep::Manifest>(&manifest).unwrap().files
    };
    let there = || {
        let names = files(&results).into_keys();
        let names = names.map(|path| path.strip_prefix(&results).unwrap().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    };
    assert_eq!(listed(), there());
    assert!(analyze(dir.path(), &["--config", "sweep.toml", "--quiet", "--no-charts", "--no-report"]).status.success());
    assert_eq!(listed(), there());
    assert!(!there().iter().any(|name| name.contains("charts") || name.contains("report")));

    // A list that leads out of the folder is no list of a run.
    let manifest = fs::read_to_string(results.join("manifest.json")).unwrap();
    let hostile =
        manifest.replacen("\"files\": [", "\"files\": [\n    \"../sweep.toml\",\n    \"charts/../../sweep.toml\",", 1);
    fs::write(results.join("manifest.json"), hostile).unwrap();
    assert!(analyze(dir.path(), &["--config", "sweep.toml", "--quiet", "--no-charts"]).status.success());
    assert!(dir.path().join("sweep.toml").exists());
}

#[test]
fn a_manifest_that_is_no_run_s_stops_the_run_before_anything_is_written() {
    for (text, words) in [("{", "a damaged one"), ("{\"program\": \"other\"}", "a manifest of something else")] {
        let dir = sweep(SMALL, SWEEP);
        fs::create_dir(dir.path().join("results")).unwrap();
        fs::write(dir.path().join("results/manifest.json"), text).unwrap();
        let run = analyze(dir.path(), &["--config", "sweep.toml"]);
        assert_eq!(run.status.code(), Some(2), "{}", self::text(&run.stderr));
        assert!(self::text(&run.stderr).contains(words), "{}", self::text(&run.stderr));
        assert_eq!(files(&dir.path().join("results")).len(), 1);
    }
}

#[test]
fn what_is_not_seen_in_a_name_reaches_neither_terminal_nor_report_nor_picture() {
    let dir = folder();
    let name = "a\\nb\\u202Efdp";
    let trace = format!("{{ synthetic = \"uniform\", footprint = \"4M\", accesses = 20_000, name = \"{name}\" }}");
    let cells = "[sweep]\ntechnique = [\"native\", \"ept\"]\ncpu = \"mine\"\n[output]\ndir = \"results\"\n\
        [cpu.mine]\nbase = \"nehalem\"\nsource = \"x\\u202Ey\"\n";
    fs::write(dir.path().join("sweep.toml"), format!("traces = [{trace}]\n{cells}")).unwrap();
    let run = analyze(dir.path(), &["--config", "sweep.toml"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let all = files(&dir.path().join("results"));
    let texts = all.iter().filter(|(path, _)| path.extension().is_some_and(|it| it != "parquet" && it != "png"));
    let mut texts: Vec<(String, String)> =
        texts.map(|(path, bytes)| (path.display().to_string(), text(bytes))).collect();
    // The manifest holds what was written, in JSON.
    texts.retain(|(path, _)| !path.ends_with("manifest.json"));
    texts.extend([("stdout".into(), text(&run.stdout)), ("stderr".into(), text(&run.stderr))]);
    assert!(texts.len() > 8);
    for (path, text) in texts {
        assert!(!text.contains('\u{202e}'), "{path}");
    }
    assert!(text(&run.stdout).contains("a\\nb\\u{202e}fdp"), "{}", text(&run.stdout));
    let named =
        format!("{SMALL}\n[sweep]\ntechnique = \"ept\"\ncpu = \"a\\u202E\"\n[cpu.\"a\\u202E\"]\nbase = \"nehalem\"\n");
    fs::write(dir.path().join("sweep.toml"), named).unwrap();
    let run = analyze(dir.path(), &["--config", "sweep.toml"]);
    assert_eq!(run.status.code(), Some(2));
    assert!(text(&run.stderr).contains("the processor's name `a\\u{202e}`"), "{}", text(&run.stderr));
}

#[test]
fn no_word_of_a_csv_is_a_formula_and_reading_it_gives_the_word_back() {
    let dir = folder();
    let trace = "{ synthetic = \"uniform\", footprint = \"4M\", accesses = 2_000, name = \"=cmd|a\" }";
    let cells = "[sweep]\ntechnique = [\"native\", \"ept\"]\ncpu = \"nehalem\"\n[output]\ndir = \"results\"\n";
    fs::write(dir.path().join("sweep.toml"), format!("traces = [{trace}]\n{cells}")).unwrap();
    assert!(analyze(dir.path(), &["--config", "sweep.toml"]).status.success());
    let read = |name: &str| fs::read_to_string(dir.path().join("results").join(name)).unwrap();
    for (name, row) in [("results.csv", "\n'=cmd|a,native,4K,"), ("charts/overhead.csv", "\n'=cmd|a,native,4K,")] {
        assert!(read(name).contains(row), "{}", read(name));
    }
    let same = analyze(dir.path(), &["compare", "results", "results/results.csv"]);
    assert!(same.status.success(), "{}", text(&same.stdout));
    for from in ["results", "results/results.csv"] {
        let shown = |format: &str| {
            let run = analyze(dir.path(), &["table", from, "--select", "trace,overhead", "--format", format]);
            text(&run.stdout)
        };
        assert!(shown("csv").contains("\n'=cmd|a,"), "{}", shown("csv"));
        assert!(shown("text").contains("\n=cmd|a "), "{}", shown("text"));
        assert!(shown("markdown").contains("| =cmd\\|a |"), "{}", shown("markdown"));
    }
}
