//! Are shares of time those of the user's own program, and do cycles added not depend on it?

use super::*;

const CELLS: &str = "[sweep]\ntechnique = [\"native\", \"ept\"]\ncpu = \"mine\"\n[output]\ndir = \"results\"\n[cpu.mine]\nbase = \"nehalem\"\n";
const TRACE: &str = "traces = [{ synthetic = \"uniform\", footprint = \"4M\", accesses = 20_000 }]";

fn column(trace: &str, rest: &str, arguments: &[&str], name: &str) -> BTreeMap<String, f64> {
    let dir = sweep(trace, rest);
    let run = analyze(
        dir.path(),
        &[&["--config", "sweep.toml", "--no-charts", "--no-report", "--check"], arguments].concat(),
    );
    assert!(run.status.success(), "{}", text(&run.stderr));
    by_technique(&fs::read_to_string(dir.path().join("results/results.csv")).unwrap(), &[], name)
}

fn wrong(rest: &str, arguments: &[&str]) -> String {
    let dir = sweep(TRACE, rest);
    let run = analyze(dir.path(), &[&["--config", "sweep.toml"], arguments].concat());
    assert_eq!(run.status.code(), Some(2));
    assert!(!dir.path().join("results/results.csv").exists());
    text(&run.stderr)
}

#[test]
fn cycles_per_access_move_the_ideal_and_nothing_that_is_added() {
    let with = |name| column(TRACE, CELLS, &["--cycles-per-access", "5.5"], name);
    assert!(with("ideal_cycles").values().all(|ideal| *ideal == 5.5 * 20_000.0));
    assert_eq!(with("added_per_access"), column(TRACE, CELLS, &[], "added_per_access"));
    assert_eq!(with("steady_ideal_cycles")["ept"], 5.5 * 10_000.0);
}

#[test]
fn a_run_time_is_what_the_native_row_takes() {
    // 3 ms at 2 GHz are 300 cycles for each access.
    for (clock, arguments) in [("clock = \"2G\"\n", vec![]), ("", vec!["--clock", "2000MHz"])] {
        let arguments = [vec!["--run-time", "3ms"], arguments].concat();
        let cycles = column(TRACE, &format!("{CELLS}{clock}"), &arguments, "cycles");
        assert!((cycles["native"] - 6e6).abs() < 1.0, "{cycles:?}");
        assert!(cycles["ept"] > cycles["native"]);
    }
    let copies = column(
        TRACE,
        &CELLS.replace("cpu =", "copies = 2\nquantum = 500\ncpu ="),
        &["--run-time", "3ms", "--clock", "2G"],
        "cycles",
    );
    assert!((copies["native"] - 12e6).abs() < 1.0, "one time for each copy: {copies:?}");
}

#[test]
fn a_denominator_that_cannot_be_is_refused() {
    assert!(wrong(CELLS, &["--run-time", "3ms"]).contains("no clock is known"));
    assert!(wrong(CELLS, &["--run-time", "1ms", "--clock", "100M"]).contains("of which translation would take"));
    assert!(wrong(CELLS, &["--run-time", "3"]).contains("12.3s"));
    assert!(wrong(CELLS, &["--run-time", "3s", "--cycles-per-access", "3"]).contains("cannot be used with"));
    assert!(wrong(CELLS, &["--cycles-per-access", "0"]).contains("more than 0"));
    let own = CELLS.replace("[output]", "prices.access = 2\n[output]");
    assert!(wrong(&own, &["--cycles-per-access", "3"]).contains("beside `access` in [sweep.prices]"));
    let dir = sweep(SMALL, CELLS);
    let several = analyze(dir.path(), &["--config", "sweep.toml", "--run-time", "1s", "--clock", "1G"]);
    assert!(text(&several.stderr).contains("one time for 3 traces"), "{}", text(&several.stderr));
}
