//! Are files with very many defects, or very long ones, told of as fast as others and no longer?

use super::*;
use std::time::Instant;

const HEAD: &str = "traces = [{ synthetic = \"uniform\", accesses = 1000, footprint = \"1M\" }]\n[sweep]\ntechnique = \"native\"\ncpu = \"nehalem\"\n";

/// What is said of a sweep file, which is refused.
fn said(file: &str) -> String {
    let dir = sweep(file, "");
    let begun = Instant::now();
    let run = analyze(dir.path(), &["--config", "sweep.toml"]);
    // Seconds for what took minutes, on a machine that has other things to do.
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    assert_eq!(run.status.code(), Some(2), "{:?}", run.status);
    let said = text(&run.stderr);
    assert!(said.len() < 200_000 && said.lines().all(|line| line.chars().count() < 2500), "{} bytes", said.len());
    said
}

fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(",")
}

#[test]
fn of_very_many_defects_the_first_hundred_are_told_and_the_others_counted() {
    let keys: String = (0..50_000).map(|i| format!("k{i} = 1\n")).collect();
    let values = list(20_000, |i| format!("\"x{i}\""));
    let traces = list(20_000, |i| format!("\"nope{i}.parquet\""));
    let below = HEAD.replace("[sweep]", "[sweep]\npsc = PSC\n");
    let cases = [
        (format!("{HEAD}{keys}"), "unknown key `k99`", 49_900),
        (format!("{HEAD}guest_pages = [{values}]\n"), "the string \"x99\"", 19_900),
        (format!("{HEAD}prices = [{values}]\n"), "unknown processor `x99`", 19_900),
        (
            format!("traces = [{traces}]\n{}", &HEAD[HEAD.find("[sweep]").unwrap()..]),
            "no trace at nope99.parquet",
            19_900,
        ),
        (
            below.replace("PSC", &format!("{{ {} }}", list(20_000, |i| format!("x{i} = 4")))),
            "unknown key `psc.x",
            19_900,
        ),
        (format!("{HEAD}[cpu.x]\n{keys}"), "unknown key `k99`", 49_900),
        (format!("{HEAD}[[exclude]]\n{keys}"), "unknown key `k99`", 49_900),
        (format!("{HEAD}[output]\n{keys}"), "unknown key `k99`", 49_900),
    ];
    for (file, last, more) in cases {
        let said = said(&file);
        assert!(said.contains(last), "{last} is not in: {}", &said[..2000]);
        assert!(said.ends_with(&format!("and {more} more defects\n")), "{}", &said[said.len() - 500..]);
        assert_eq!(said.matches("sweep.toml, line").count(), 100);
    }
}

#[test]
fn what_is_very_long_is_shortened() {
    let long = "y".repeat(1_000_000);
    for line in [
        format!("guest_pages = \"{long}\""),
        format!("{long} = 1"),
        format!("prices = \"{long}\""),
        format!("vms = {}", "1".repeat(100_000)),
        format!("tlb.l1d.\"{long}\".ways = 4"),
        format!("[cpu.\"{long}\"]\n{long} = 3"),
        format!("[output]\ncharts = [\"{long}\"]"),
    ] {
        let said = said(&format!("{HEAD}{line}\n"));
        assert!(said.len() < 10_000 && said.contains('…'), "{} bytes", said.len());
    }
    let trace = format!(
        "traces = [\"{long}\", {{ synthetic = \"{long}\" }}, {{ synthetic = \"uniform\", seed = \"{long}\" }}]\n"
    );
    assert!(said(&format!("{trace}{}", &HEAD[HEAD.find("[sweep]").unwrap()..])).len() < 10_000);
}

#[test]
fn what_does_not_end_is_no_sweep_file() {
    let dir = folder();
    for (file, words) in [("/dev/zero", "a device"), (".", "a folder")] {
        let run = analyze(dir.path(), &["--config", file]);
        assert_eq!(run.status.code(), Some(2));
        assert!(text(&run.stderr).contains(words), "{}", text(&run.stderr));
    }
}
