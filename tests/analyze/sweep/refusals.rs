//! Is what is wrong told at once, with its place and remedy, before anything runs?

use super::*;

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
fn charts_that_the_cells_cannot_give_are_refused_before_anything_runs() {
    let cells = "[sweep]\ntechnique = \"ept\"\ncpu = \"nehalem\"\n";
    let trace = "traces = [{ synthetic = \"uniform\", accesses = 20_000 }]";
    let charts =
        "charts = [\"tlb\", \"exit-cost\", \"page-sizes\", \"references\", \"phases\", \"tornado\", \"break-even\"]";
    let output = format!("[output]\n{charts}\nreferences = false\nsensitivity = false\n");
    refused(
        sweep(trace, &format!("{cells}{output}")).path(),
        &[
            "line 6, column 11: the chart `tlb` cannot be drawn: no array of a TLB has several sizes",
            "line 6, column 18: the chart `exit-cost` cannot be drawn: there is one price sheet",
            "line 6, column 31: the chart `page-sizes` cannot be drawn",
            "the chart `references` cannot be drawn: `references = false`",
            "the chart `phases` cannot be drawn: there are no intervals",
            "the chart `tornado` cannot be drawn: `sensitivity = false`",
            "the chart `break-even` cannot be drawn: there is one trace",
            "set `interval` of [sweep]",
        ],
    );
    let long = format!("{cells}interval = 50_000\n[output]\ncharts = [\"phases\"]\n");
    refused(sweep(trace, &long).path(), &["the chart `phases`", "no trace is longer than one interval"]);
    let sampled = format!("{cells}sample = {{ of = \"1/2\" }}\n[output]\ncharts = [\"references\"]\n");
    refused(sweep(trace, &sampled).path(), &["the chart `references`", "sampled"]);
    let absent = format!("{cells}[output]\ntornado = {{ technique = \"pv\" }}\n");
    refused(sweep(trace, &absent).path(), &["line 6, column 1: no cell of the sweep has these values"]);
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
fn more_threads_than_a_machine_has_are_refused_and_a_closed_stderr_is_no_panic() {
    let dir = sweep(SMALL, SWEEP);
    assert_eq!(analyze(dir.path(), &["--config", "sweep.toml", "--jobs", "100000"]).status.code(), Some(2));
    if let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") {
        let mut run = Command::new(env!("CARGO_BIN_EXE_analyze"));
        assert_eq!(run.args(["--config", "nowhere.toml"]).stderr(full).status().unwrap().code(), Some(2));
    }
}

#[test]
fn shadow_tables_that_several_processors_share_are_not_dropped_at_switches() {
    let given = |technique| {
        format!("[sweep]\ntechnique = \"{technique}\"\ncpu = \"nehalem\"\ncpus = [1, 2]\nshadow.on_switch = \"drop\"")
    };
    refused(
        sweep(SMALL, &given("shadow")).path(),
        &["line 7, column 20: shadow.on_switch: \"drop\" with cpus = 2", "set `cpus = 1`"],
    );
    assert!(analyze(sweep(SMALL, &given("ept")).path(), &["--config", "sweep.toml", "--dry-run"]).status.success());
}
