//! The charts, drawn from outcomes like those of a sweep. The pictures stay in `target/tmp/charts` for the eye.

mod bars;
mod files;
mod lines;
mod maps;
mod tornado;
mod walks;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use vmmu::address::PageSize;
use vmmu::charts::{Chart, drawings};
use vmmu::counts::{Counts, Event, Gauge, Gauges};
use vmmu::engine::Tally;
use vmmu::guest::GuestPages;
use vmmu::outcome::{Outcome, Pages, RunTable};
use vmmu::prices::PRICES;
use vmmu::sweep::Sweep;
use vmmu::technique::Facts;

/// Accesses of a trace, each of which takes a cycle.
const IDEAL: f64 = 5e6;

/// Traces.
const TRACES: [&str; 3] = ["sort", "fork-server-with-a-rather-long-name-2025-01-17.parquet", "gups-1g"];
const FOUR_TRACES: [&str; 4] = [TRACES[0], TRACES[1], TRACES[2], "kv"];

const SMALL: GuestPages = GuestPages::One(PageSize::Size4K);

/// How much a trace changes its tables.
fn faults(trace: &str) -> f64 {
    match trace {
        "sort" => 0.02,
        "gups-1g" => 0.2,
        "kv" => 0.4,
        long if long.starts_with("fork-server") => 0.9,
        churn => churn.strip_prefix("churn-").map_or(0.1, |rate| rate.parse::<f64>().unwrap() / 10.0),
    }
}

/// A sweep over traces of these names, with the text of `[sweep]` behind technique and processor. Every price of a sheet is 0 but
/// for these, each with its cycles.
fn sweep(traces: &[&str], axes: &str, sheets: &[(&str, &[(&str, &str)])]) -> Sweep {
    let name = |name: &&str| format!("{{ synthetic = \"uniform\", name = {} }}", toml::Value::from(*name));
    let mut text = format!("traces = [{}]\n", traces.iter().map(name).collect::<Vec<_>>().join(", "));
    text += &format!("[sweep]\ncpu = \"nehalem\"\n{axes}\n");
    for (sheet, prices) in sheets {
        text += &format!("[cpu.{sheet}]\n");
        for price in PRICES {
            let cycles = prices.iter().find(|(name, _)| *name == price.name).map_or("0", |(_, cycles)| cycles);
            text += &format!("prices.{} = {{ cycles = {cycles}, confidence = \"assumed\" }}\n", price.name);
        }
    }
    Sweep::parse(Path::new("sweep.toml"), &text).unwrap_or_else(|error| panic!("{text}\n{error}"))
}

/// The sheet in which every part of the bill is as many cycles as it has counts, and an exit so many.
const fn unit(exit: &'static str) -> [(&'static str, &'static str); 7] {
    [
        ("access", "1"),
        ("l2_tlb_hit", "1"),
        ("ref_dram", "1"),
        ("guest_fault", "1"),
        ("vm_exit", exit),
        ("hypercall", "1"),
        ("invalidation", "1"),
    ]
}

/// Names of sheets, and what an exit costs in each.
const SHEETS: [(&str, &[(&str, &str)]); 4] = [
    ("prescott", &unit("3.9")),
    ("nehalem", &unit("1")),
    ("sandy-bridge", &unit("0.78")),
    ("skylake-sp", &unit("1.5")),
];

/// The sweep of all techniques with these pages, words in quotes with commas between them, on the first sheets.
fn of_pages(traces: &[&str], guest: &str, host: &str, sheets: usize) -> Sweep {
    let names: Vec<_> = SHEETS[..sheets].iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let techniques = r#"technique = ["native", "shadow", "ept", "pv"]"#;
    let axes = format!("{techniques}\nguest_pages = [{guest}]\nhost_pages = [{host}]\nprices = [{}]", names.join(", "));
    sweep(traces, &axes, &SHEETS)
}

/// The sweep of small and large pages.
fn of_two_sizes(traces: &[&str], sheets: usize) -> Sweep {
    of_pages(traces, r#""4K", "2M""#, r#""4K", "2M""#, sheets)
}

/// The sweep of small pages.
fn of_one_size(traces: &[&str], sheets: usize) -> Sweep {
    of_pages(traces, r#""4K""#, r#""4K""#, sheets)
}

/// Nothing but the accesses.
fn nothing() -> Tally {
    let mut counts = Counts::default();
    counts[Event::Accesses] = IDEAL as u64;
    Tally { counts, gauges: Gauges::default(), evidence: None, steady: None, intervals: Vec::new(), references: None }
}

/// The outcomes of a sweep, whose tallies are made up row by row.
fn made_up(sweep: &Sweep, tally: impl Fn(&Outcome<'_>) -> Tally) -> Vec<Outcome<'_>> {
    let rows = sweep.traces.iter().flat_map(|trace| sweep.rows.iter().map(move |row| (trace, row)));
    let outcome = |(trace, row)| {
        let empty = Outcome::new(sweep, trace, row, nothing()).unwrap();
        Outcome::new(sweep, trace, row, tally(&empty)).unwrap()
    };
    rows.map(outcome).collect()
}

/// What each part of the bill comes to on the unit sheet, as shares of the ideal.
fn shares(trace: &str, technique: &Facts, Pages { guest, host }: Pages) -> [f64; 6] {
    let faults = faults(trace);
    let (large, large_host) = (guest != SMALL, host.is_some_and(|size| size != PageSize::Size4K));
    let effective = if large && (host.is_none() || large_host) { 0.06 } else { 1.0 };
    let fewer = if large { 0.08 } else { 1.0 };
    let (dimensions, exits, calls) = match technique.name {
        "native" => (1.0, 0.0, 0.0),
        "shadow" => (1.0, 6.0 * faults * fewer, 0.0),
        "ept" => (if large_host { 2.1 } else { 2.9 }, 0.3 * faults, 0.0),
        _ => (1.0, 0.0, 0.9 * faults * fewer),
    };
    [0.05 * effective, 0.22 * effective * dimensions, 0.4 * faults * fewer, exits, calls, 0.1 * faults * fewer]
}

/// Counts that come to these shares of the ideal on the unit sheet.
fn counts(shares: [f64; 6]) -> Counts {
    let mut counts = nothing().counts;
    let charged =
        [Event::L2Hits, Event::RefsDram, Event::GuestFaults, Event::VmExits, Event::Hypercalls, Event::Invalidations];
    charged.into_iter().zip(shares).for_each(|(event, share)| counts[event] = (share * IDEAL).round() as u64);
    counts
}

/// A likely tally of a cell on a trace.
fn likely(outcome: &Outcome<'_>) -> Tally {
    let (technique, pages) = (outcome.technique(), outcome.pages());
    let mut tally = nothing();
    tally.counts = counts(shares(outcome.trace, technique, pages));
    tally.counts[Event::Walks] = if tally.counts[Event::L2Hits] < 100_000 { 7200 } else { 120_000 };
    let nodes = |are: bool, small: bool| match (are, small) {
        (false, _) => 0,
        (true, false) => 7,
        (true, true) => 520,
    };
    let small_host = pages.host == Some(PageSize::Size4K);
    tally.gauges[Gauge::PeakGuestNodes] = nodes(true, pages.guest == SMALL);
    tally.gauges[Gauge::PeakShadowNodes] = nodes(technique.name == "shadow", pages.guest == SMALL || small_host);
    tally.gauges[Gauge::PeakHostNodes] = nodes(technique.name == "ept", small_host);
    tally
}

fn place(case: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("charts").join(case)
}

/// Whether a chart is among those that the outcomes allow by themselves.
fn fits(chart: Chart, sweep: &Sweep, outcomes: &[Outcome<'_>]) -> bool {
    let all = drawings(sweep, outcomes, &RunTable::ALL);
    all.into_iter().any(|drawing| drawing.is_ok_and(|drawing| drawing.chart == chart))
}

/// Draws likely outcomes.
fn drawn(case: &str, chart: Chart, sweep: &Sweep) -> Vec<String> {
    drawn_from(case, chart, sweep, &made_up(sweep, likely))
}

/// Draws twice, and checks what every drawing owes: both kinds of file and a table, equal bytes, no NaN, nothing left aside.
fn drawn_from(case: &str, chart: Chart, sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Vec<String> {
    let dir = place(case).join(chart.name());
    let _ = fs::remove_dir_all(&dir);
    assert_eq!(fits(chart, sweep, outcomes), chart != Chart::BreakEven, "{case}");
    let (tables, paths) = written(chart, sweep, outcomes, &dir);
    assert!(!tables.is_empty());
    for table in &tables {
        let mut reader = csv::Reader::from_path(table).unwrap();
        assert_eq!(&reader.headers().unwrap().as_slice()[..11], "panelseries");
        assert!(reader.records().map(Result::unwrap).count() > 0 || ["zero", "unknown"].contains(&case));
    }
    let first: Vec<_> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    assert_eq!(written(chart, sweep, outcomes, &dir), (tables.clone(), paths.clone()));
    let again: Vec<_> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    assert!(first == again, "{case}: two drawings differ");
    let left: BTreeSet<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, paths.iter().chain(&tables).cloned().collect());
    let (svgs, pngs): (Vec<_>, Vec<_>) = first.into_iter().partition(|bytes| bytes.starts_with(b"<svg"));
    assert_eq!(svgs.len(), pngs.len());
    assert!(pngs.iter().all(|png| png.starts_with(b"\x89PNG") && png.len() > 3000));
    let svgs: Vec<_> = svgs.into_iter().map(|svg| String::from_utf8(svg).unwrap()).collect();
    assert!(svgs.iter().all(|svg| svg.trim_end().ends_with("</svg>") && !svg.contains("NaN")));
    svgs
}

/// Lays a chart out and writes it: its tables apart from its pictures.
fn written(chart: Chart, sweep: &Sweep, outcomes: &[Outcome<'_>], dir: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let drawing = chart.drawing(sweep, outcomes, &RunTable::ALL).unwrap();
    let paths = drawing.write(dir).unwrap();
    let svgs: Vec<_> = drawing.svgs().map(|(_, svg)| svg.as_bytes()).collect();
    let files = paths.iter().filter(|path| path.extension().is_some_and(|kind| kind == "svg"));
    assert!(svgs.into_iter().eq(files.map(|path| fs::read(path).unwrap())), "a report shows what the files hold");
    paths.into_iter().partition(|path| path.extension().is_some_and(|kind| kind == "csv"))
}

/// Each of these is a text in the picture, in one line or several.
fn says(svg: &str, texts: &[&str]) {
    let words: String = svg.lines().filter(|line| !line.starts_with('<')).map(|line| format!(" {line}")).collect();
    for text in texts {
        assert!(format!("{words} ").contains(&format!(" {text} ")), "the picture lacks `{text}`");
    }
}
