//! Are the results what the sweep asks for, whatever the machine?

use super::*;

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
    let ratio = |trace, column| {
        let overhead = by_technique(&csv, &[("trace", trace)], column);
        overhead["shadow"] / overhead["ept"]
    };
    for (trace, column, holds) in [
        ("forkwait", "overhead", (|ratio| ratio > 3.0) as fn(f64) -> bool),
        ("churn", "overhead", |ratio| ratio > 3.0),
        // First touches are cheaper under ept.
        ("uniform", "steady_overhead", |ratio| ratio < 1.0),
    ] {
        assert!(holds(ratio(trace, column)), "{trace}: {}", ratio(trace, column));
    }
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
        let parts = [
            "cycles_tlb",
            "cycles_walk",
            "cycles_faults",
            "cycles_exits",
            "cycles_hypercalls",
            "cycles_upkeep",
            "cycles_host",
        ];
        assert_eq!(value("cycles"), value("ideal_cycles") + sum(&parts));
        let [ideal, accesses] = ["ideal_cycles", "accesses"].map(value);
        for (column, of) in [("overhead", ideal), ("added_per_access", accesses)] {
            assert!((value(column) - sum(&parts) / of).abs() < 1e-9 * value(column), "{column}");
        }
    }
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
fn the_manifest_and_the_report_tell_the_digest_of_a_file_from_that_of_its_rows() {
    let dir = sweep(
        "traces = [\"t.parquet\", { synthetic = \"churn\", accesses = 1000 }]",
        "[sweep]\ntechnique = \"native\"\ncpu = \"nehalem\"\n[output]\ndir = \"results\"",
    );
    let path = dir.path().join("t.parquet");
    write_trace(&path, &[row(Op::Load, 0x1000, 8)]);
    let run = analyze(dir.path(), &["--config", "sweep.toml", "--no-charts"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let manifest = fs::read_to_string(dir.path().join("results/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let (file, invented) = (&manifest["traces"][0], &manifest["traces"][1]);
    let of_bytes = format!("blake3:{}", blake3::hash(&fs::read(&path).unwrap()));
    assert_eq!(file["file_digest"], of_bytes.as_str());
    assert!(invented.get("file_digest").is_none() && invented["rows_digest"].as_str().is_some());
    let rows = file["rows_digest"].as_str().unwrap();
    let info = text(&analyze(dir.path(), &["trace", "info", "t.parquet"]).stdout);
    assert!(info.contains(&format!("rows_digest      {rows}")), "{info}");
    let report = fs::read_to_string(dir.path().join("results/report.html")).unwrap();
    for part in [format!("file <code>{of_bytes}</code>"), format!("rows <code>{rows}</code>")] {
        assert!(report.contains(&part), "{part}");
    }
}

#[test]
fn each_of_two_threads_has_the_tlb_of_its_processor() {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("traces/recorded/sort-threads.parquet");
    let dir = sweep(
        &format!("traces = [{recorded:?}]"),
        "[sweep]\ntechnique = [\"native\", \"ept\"]\ncpu = \"nehalem\"\ncpus = [1, 2, 4]\n[output]\ndir = \"results\"",
    );
    let run = analyze(dir.path(), &["--config", "sweep.toml", "--no-charts", "--check"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let csv = fs::read_to_string(dir.path().join("results/results.csv")).unwrap();
    let [one, two, four] = ["1", "2", "4"].map(|cpus| by_technique(&csv, &[("cpus", cpus)], "l2_hits"));
    assert!(one["native"] > two["native"] && one["ept"] > two["ept"], "two threads compete for one first level");
    assert_eq!(two, four, "and none for two");
}

#[test]
fn an_unmap_by_one_thread_interrupts_the_other() {
    let dir = sweep(
        "traces = [\"t.parquet\"]",
        "[sweep]\ntechnique = [\"native\", \"shadow\", \"ept\", \"pv\"]\ncpu = [\"nehalem\", \"skylake-sp\"]\n\
        cpus = [1, 2]\n[output]\ndir = \"results\"",
    );
    let second = Row { thread: 2, ..row(Op::Load, 0x1000, 8) };
    let rows = [row(Op::Store, 0x1000, 8), second, row(Op::Unmap, 0x1000, 0x1000)];
    write_trace(&dir.path().join("t.parquet"), &rows);
    let run = analyze(dir.path(), &["--config", "sweep.toml", "--no-charts", "--check"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let csv = fs::read_to_string(dir.path().join("results/results.csv")).unwrap();
    let exits = |cpus, cpu| by_technique(&csv, &[("cpus", cpus), ("cpu", cpu)], "exit_ipi").into_values();
    assert!(exits("1", "nehalem").eq([0.0; 4]));
    assert!(exits("2", "nehalem").eq([2.0, 0.0, 0.0, 2.0]), "ept, native, pv, shadow; nehalem posts no interrupts");
    assert!(exits("2", "skylake-sp").eq([1.0, 0.0, 0.0, 1.0]));
}

#[test]
fn no_cell_is_repeated_for_a_key_that_means_nothing_to_its_technique() {
    let keys = "nested_tlb = [16, 32]\nhost_psc.pd = [4, 8]\nshadow.fill = [\"eager\", \"lazy\"]\npv.batch = [1, 8]\nhost_levels = [4, 5]\n";
    let csv =
        table(&format!("[sweep]\ntechnique = [\"native\", \"shadow\", \"ept\", \"pv\"]\ncpu = \"nehalem\"\n{keys}"));
    let rows: Vec<BTreeMap<String, String>> =
        csv::Reader::from_reader(csv.as_bytes()).deserialize().map(Result::unwrap).collect();
    let rows: Vec<_> = rows.iter().filter(|row| row["trace"] == "uniform").collect();
    let of = |technique: &str| rows.iter().filter(|row| row["technique"] == technique).count();
    assert_eq!(["native", "shadow", "ept", "pv"].map(of), [1, 2, 2 * 2 * 2, 2]);
    let columns = ["nested_tlb", "host_psc.pd", "shadow.fill", "pv.batch", "host_levels"];
    for row in &rows {
        let filled: Vec<&str> = columns.into_iter().filter(|column| !row[*column].is_empty()).collect();
        let wanted: &[&str] = match row["technique"].as_str() {
            "native" => &[],
            "shadow" => &["shadow.fill"],
            "ept" => &["nested_tlb", "host_psc.pd", "host_levels"],
            _ => &["pv.batch"],
        };
        assert_eq!(filled, wanted, "{}", row["technique"]);
    }
}

#[test]
fn what_means_nothing_to_the_first_technique_leaves_the_others_in_answer_and_charts() {
    for axis in ["nested_tlb = [16, 32]", "prices.vm_exit = [500, 1000]"] {
        let cells = format!(
            "[sweep]\ntechnique = [\"native\", \"ept\"]\ncpu = \"nehalem\"\n{axis}\n[output]\ndir = \"results\"\n"
        );
        let dir = sweep("traces = [{ synthetic = \"uniform\", footprint = \"4M\", accesses = 20_000 }]", &cells);
        let run = analyze(dir.path(), &["--config", "sweep.toml"]);
        assert!(run.status.success(), "{}", text(&run.stderr));
        let report = fs::read_to_string(dir.path().join("results/report.html")).unwrap();
        assert!(report.contains("Under nested paging (ept) with 4K on 4K pages, translation adds"), "{axis}");
        for chart in ["overhead.csv", "footprint.csv"] {
            let numbers = fs::read_to_string(dir.path().join("results/charts").join(chart)).unwrap();
            assert!(numbers.contains("native") && numbers.contains("ept"), "{axis}, {chart}: {numbers}");
        }
    }
}

#[test]
fn the_laws_hold_for_samples_as_well() {
    for (technique, traces) in [
        ("ept", "{ synthetic = \"switch\", accesses = 100_000, footprint = \"4M\" }"),
        ("native", "{ synthetic = \"uniform\", accesses = 30_011, footprint = \"64M\" }"),
        ("shadow", "{ synthetic = \"churn\", accesses = 20_003 }"),
    ] {
        for (of, caches) in [(16, "caches = \"none\"\n"), (7, "psc.pd = 0\n"), (3, "")] {
            let cells = format!(
                "[sweep]\ntechnique = \"{technique}\"\ncpu = \"nehalem\"\n{caches}sample = {{ of = \"1/{of}\", warm = 100 }}\n"
            );
            let dir = sweep(&format!("traces = [{traces}]"), &cells);
            let run = analyze(dir.path(), &["--config", "sweep.toml", "--check", "--no-charts", "--out", "results"]);
            assert!(run.status.success(), "{technique}, 1/{of}: {}", text(&run.stderr));
        }
    }
}
