//! Does the terminal speak of the whole and of the steady state, and of the latter alone if asked?

use super::*;

const CELLS: &str = "[sweep]\ntechnique = [\"native\", \"ept\"]\ncpu = \"skylake-sp\"\nhost_backing = \"prealloc\"\n";
const TRACE: &str = "traces = [{ synthetic = \"uniform\", footprint = \"16M\", accesses = 900_000 }]";

fn said(rest: &str, arguments: &[&str]) -> (String, String) {
    let dir = sweep(TRACE, rest);
    let run =
        analyze(dir.path(), &[&["--config", "sweep.toml", "--no-charts", "--out", "results"], arguments].concat());
    (text(&run.stdout), text(&run.stderr))
}

#[test]
fn whole_and_steady_stand_beside_each_other_in_cycles_and_in_shares_of_time() {
    let (told, warned) = said(CELLS, &[]);
    assert_eq!(warned, "", "nothing is wrong with it");
    for unit in ["cycles added per access", "% of all cycles"] {
        assert!(told.lines().any(|line| line.starts_with(unit)), "{told}");
    }
    assert_eq!(told.matches("whole").count(), 2, "{told}");
    assert_eq!(told.lines().filter(|line| line.contains("Halved or doubled")).count(), 1, "{told}");
}

#[test]
fn the_steady_state_alone_is_told_by_flag_and_by_key() {
    for (rest, flag) in [(CELLS.to_string(), vec!["--steady"]), (format!("{CELLS}[output]\nsteady = true"), vec![])] {
        let (told, _) = said(&rest, &flag);
        assert!(told.contains("steady") && !told.contains("whole"), "{told}");
    }
}

#[test]
fn where_nothing_is_steady_nothing_is_run() {
    let sampled = format!("{CELLS}sample = {{ of = \"1/4\" }}\n");
    let cold = format!("{CELLS}warm = [\"1/2\", \"1/1\"]\n");
    for (rest, flag, remedy) in [
        (format!("{sampled}[output]\nsteady = true"), vec![], "sweep without `sample`"),
        (format!("{cold}[output]\nsteady = true"), vec![], "set a shorter `warm`"),
        (sampled, vec!["--steady"], "sweep without `sample`"),
        (cold, vec!["--steady"], "set a shorter `warm`"),
        (format!("{CELLS}warm = 900_000\n"), vec!["--steady"], "set a shorter `warm`"),
    ] {
        let (told, error) = said(&rest, &flag);
        assert!(told.is_empty() && error.contains(remedy), "{told}{error}");
    }
}
