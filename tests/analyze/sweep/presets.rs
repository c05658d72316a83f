//! Do the built-in processors run, and may they be copied?

use super::*;

#[test]
fn every_listed_preset_is_shown_and_runs() {
    let list = analyze(folder().path(), &["presets", "list"]);
    assert!(list.status.success());
    let list = text(&list.stdout);
    assert!(list.lines().any(|line| {
        line.split_once(' ').is_some_and(|(name, full)| (name, full.trim()) == ("nehalem", "Intel Nehalem (2009)"))
    }));
    let names: Vec<&str> = list.lines().map(|line| line.split(' ').next().unwrap()).collect();
    for name in &names {
        let shown = analyze(folder().path(), &["presets", "show", name]);
        assert!(shown.status.success(), "{name}: {}", text(&shown.stderr));
    }
    let csv = table(&format!("[sweep]\ntechnique = [\"native\", \"ept\"]\ncpu = {names:?}"));
    for name in names {
        let found = |column: &str| by_technique(&csv, &[("cpu", name), ("trace", "uniform")], column);
        assert!(found("walks").len() == 2 && found("walks").values().all(|&walks| walks > 0.0), "{name}");
        // Without a third level, which the model must have: its one line is never hit.
        let two_levels = ["prescott", "merom", "penryn"].contains(&name);
        assert!(!two_levels || found("refs_llc").values().all(|&refs| refs == 0.0), "{name}");
    }
}

#[test]
fn free_exits_in_the_shipped_history_are_sandy_bridge_but_for_the_round_trip() {
    let dir = folder();
    let history = concat!(env!("CARGO_MANIFEST_DIR"), "/analysis/exit-cost-history.toml");
    let run = analyze(dir.path(), &["--config", history, "--quiet", "--no-charts", "--out", "results"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let manifest = fs::read_to_string(dir.path().join("results/manifest.json")).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let sheets = &mut manifest["prices"];
    sheets["sandy-bridge"]["vm_exit"] = "0".into();
    assert_eq!(sheets["free-exits"], sheets["sandy-bridge"]);
}

#[test]
fn a_preset_can_be_copied_into_a_sweep_and_changes_nothing() {
    let dir = folder();
    let shown = analyze(dir.path(), &["presets", "show", "nehalem"]);
    assert!(shown.status.success());
    fs::write(dir.path().join("copy.toml"), &shown.stdout).unwrap();
    let cells =
        "[sweep]\ntechnique = [\"shadow\", \"ept\"]\ncpu = [\"nehalem\", \"copy.toml\"]\n[output]\ndir = \"results\"";
    fs::write(dir.path().join("sweep.toml"), format!("{SMALL}\n{cells}")).unwrap();
    let run = analyze(dir.path(), &["--config", "sweep.toml", "--no-charts"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let csv = fs::read_to_string(dir.path().join("results/results.csv")).unwrap();
    for column in ["walks", "cycles"] {
        assert_eq!(
            by_technique(&csv, &[("cpu", "nehalem")], column),
            by_technique(&csv, &[("cpu", "copy.toml")], column)
        );
    }
}

#[test]
fn a_preset_can_be_copied_under_a_name_of_ones_own() {
    let shown = analyze(folder().path(), &["presets", "show", "sandy-bridge"]);
    let own =
        |cpu: &str| format!("[sweep]\ntechnique = \"shadow\"\ncpu = \"{cpu}\"\n[cpu.mine]\n{}", text(&shown.stdout));
    let walks = |csv: &str| by_technique(csv, &[("trace", "uniform")], "cycles");
    assert_eq!(walks(&table(&own("mine"))), walks(&table(&own("sandy-bridge"))));
}

#[test]
fn a_preset_is_shown_with_the_caches_of_host_walks() {
    let shown = |name: &str| text(&analyze(folder().path(), &["presets", "show", name]).stdout);
    assert!(shown("ice-lake").contains("\n# host_psc.pd = { entries = 32, ways = \"full\""), "as the guest's");
}
