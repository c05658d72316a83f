//! The charts, drawn from results like those of a sweep. The pictures stay in `target/tmp/charts` for the eye.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use polars::prelude::{Column, DataFrame, NamedFrom, Series};
use vmmu::charts::{Chart, Frames};

const PARTS: [&str; 6] =
    ["cycles_tlb", "cycles_walk", "cycles_faults", "cycles_exits", "cycles_hypercalls", "cycles_upkeep"];
const IDEAL: f64 = 5e6;

/// A row: its place on the axes and its outcome.
#[derive(Clone)]
struct Row {
    trace: String,
    technique: &'static str,
    guest: &'static str,
    host: Option<&'static str>,
    prices: &'static str,
    entries: u64,
    tags: bool,
    walks: u64,
    /// As shares of the ideal.
    parts: Option<[f64; 6]>,
    nodes: [u64; 3],
}

fn frame(rows: &[Row], tlb_axis: bool) -> DataFrame {
    let text = |name: &str, of: &dyn Fn(&Row) -> Option<String>| -> Column {
        Series::new(name.into(), rows.iter().map(of).collect::<Vec<_>>()).into()
    };
    let whole = |name: &str, of: &dyn Fn(&Row) -> u64| -> Column {
        Series::new(name.into(), rows.iter().map(of).collect::<Vec<_>>()).into()
    };
    let real = |name: &str, of: &dyn Fn(&Row) -> Option<f64>| -> Column {
        Series::new(name.into(), rows.iter().map(of).collect::<Vec<_>>()).into()
    };
    let mut columns = vec![
        text("trace", &|row| Some(row.trace.clone())),
        text("technique", &|row| Some(row.technique.into())),
        text("guest_pages", &|row| Some(row.guest.into())),
        text("host_pages", &|row| row.host.map(String::from)),
        text("cpu", &|_| Some("nehalem".into())),
        text("prices", &|row| Some(row.prices.into())),
    ];
    columns.extend([("guest_levels", 4), ("host_levels", 4), ("vms", 1), ("copies", 1)].map(|(n, v)| whole(n, &|_| v)));
    if tlb_axis {
        columns.push(whole("tlb.l1d.4K.entries", &|row| row.entries));
        columns.push(Series::new("tlb.tags".into(), rows.iter().map(|row| row.tags).collect::<Vec<_>>()).into());
    }
    columns.push(whole("accesses", &|_| 5_000_000));
    columns.push(whole("walks", &|row| row.walks));
    for (n, name) in ["peak_guest_nodes", "peak_shadow_nodes", "peak_host_nodes"].into_iter().enumerate() {
        columns.push(whole(name, &move |row| row.nodes[n]));
    }
    columns.push(real("ideal_cycles", &|_| Some(IDEAL)));
    for (n, name) in PARTS.into_iter().enumerate() {
        columns.push(real(name, &move |row| row.parts.map(|parts| parts[n] * IDEAL)));
    }
    columns.push(real("overhead", &|row| row.parts.map(|parts| parts.iter().sum())));
    DataFrame::new(rows.len(), columns).unwrap()
}

/// Price sheets, and what an exit costs in each.
const SHEETS: [(&str, f64); 4] = [("prescott", 3.9), ("nehalem", 1.0), ("sandy-bridge", 0.78), ("skylake", 1.5)];

/// Traces, and how much each changes its tables.
const TRACES: [(&str, f64); 3] =
    [("sort", 0.02), ("fork-server-with-a-rather-long-name-2025-01-17.parquet", 0.9), ("gups-1g", 0.2)];

/// Every cell of four techniques with these page sizes and so many price sheets.
fn cells(traces: &[(&str, f64)], pages: &[&'static str], sheets: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for &(trace, faults) in traces {
        for technique in ["native", "shadow", "ept", "pv"] {
            for &guest in pages {
                let hosts: Vec<_> = match technique {
                    "native" | "pv" => vec![None],
                    _ => pages.iter().copied().map(Some).collect(),
                };
                for host in hosts {
                    rows.extend(
                        SHEETS[..sheets].iter().map(|sheet| row(trace, faults, technique, guest, host, *sheet)),
                    );
                }
            }
        }
    }
    rows
}

fn row(
    trace: &str,
    faults: f64,
    technique: &'static str,
    guest: &'static str,
    host: Option<&'static str>,
    (prices, exit): (&'static str, f64),
) -> Row {
    let large = |pages: &str| pages != "4K";
    let effective = if large(guest) && host.is_none_or(large) { 0.06 } else { 1.0 };
    let fewer = if large(guest) { 0.08 } else { 1.0 };
    let dimensions = match technique {
        "ept" if host.is_some_and(large) => 2.1,
        "ept" => 2.9,
        _ => 1.0,
    };
    let exits = match technique {
        "shadow" => 6.0 * exit * faults * fewer,
        "ept" => 0.3 * exit * faults,
        _ => 0.0,
    };
    let calls = if technique == "pv" { 0.9 * faults * fewer } else { 0.0 };
    let nodes = |are: bool, small: bool| {
        if !are {
            0
        } else if small {
            520
        } else {
            7
        }
    };
    Row {
        trace: trace.into(),
        technique,
        guest,
        host,
        prices,
        entries: 64,
        tags: true,
        walks: (120_000.0 * effective) as u64,
        parts: Some([
            0.05 * effective,
            0.22 * effective * dimensions,
            0.4 * faults * fewer,
            exits,
            calls,
            0.1 * faults * fewer,
        ]),
        nodes: [
            nodes(true, !large(guest)),
            nodes(technique == "shadow", effective == 1.0),
            nodes(technique == "ept", !host.is_some_and(large)),
        ],
    }
}

/// Sizes of the first-level TLB, with and without tags.
fn tlb_cells() -> Vec<Row> {
    let mut rows = Vec::new();
    for tags in [true, false] {
        for entries in [16, 32, 64, 96, 128, 1536] {
            for mut row in cells(&TRACES, &["4K", "2M"], 1) {
                let reach = entries as f64 * if row.walks > 50_000 { 1.0 } else { 512.0 };
                let missed = 0.3 * (-reach / 700.0).exp() + if tags { 0.0004 } else { 0.0024 };
                (row.entries, row.tags, row.walks) = (entries, tags, (5e6 * missed) as u64);
                rows.push(row);
            }
        }
    }
    rows
}

fn place(case: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("charts").join(case)
}

/// Draws from the results alone.
fn drawn(case: &str, chart: Chart, results: &DataFrame) -> Vec<String> {
    drawn_from(case, chart, Frames::of(results))
}

/// Draws twice, and checks what every drawing owes: both kinds of file and a table, equal bytes, no NaN, nothing left aside.
fn drawn_from(case: &str, chart: Chart, frames: Frames<'_>) -> Vec<String> {
    let dir = place(case).join(chart.name());
    let _ = fs::remove_dir_all(&dir);
    assert_eq!(chart.fits(&frames), chart != Chart::BreakEven, "{case}");
    let (tables, paths): (Vec<_>, Vec<_>) = all_drawn(chart, &frames, &dir);
    assert!(!tables.is_empty());
    for table in &tables {
        let mut reader = csv::Reader::from_path(table).unwrap();
        assert_eq!(&reader.headers().unwrap().as_slice()[..11], "panelseries");
        assert!(reader.records().map(Result::unwrap).count() > 0 || ["zero", "unknown"].contains(&case));
    }
    let first: Vec<_> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    assert_eq!(all_drawn(chart, &frames, &dir), (tables.clone(), paths.clone()));
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

/// Draws; the tables apart from the pictures.
fn all_drawn(chart: Chart, frames: &Frames<'_>, dir: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let paths = chart.draw(frames, dir).unwrap();
    paths.into_iter().partition(|path| path.extension().is_some_and(|kind| kind == "csv"))
}

/// Each of these is a text in the picture, in one line or several.
fn says(svg: &str, texts: &[&str]) {
    let words: String = svg.lines().filter(|line| !line.starts_with('<')).map(|line| format!(" {line}")).collect();
    for text in texts {
        assert!(format!("{words} ").contains(&format!(" {text} ")), "the picture lacks `{text}`");
    }
}

#[test]
fn overhead() {
    let svg = drawn("axes", Chart::Overhead, &frame(&cells(&TRACES, &["4K", "2M"], 2), false)).remove(0);
    says(&svg, &["What does address translation cost, and what for?", "cpu nehalem · prices prescott (first of 2)"]);
    says(&svg, &["L2 TLB hits", "page walks", "guest faults", "VM exits", "hypercalls", "guest upkeep"]);
    says(&svg, &["sort", "gups-1g", "native", "shadow", "ept", "pv"]);
}

#[test]
fn footprint() {
    let svg = drawn("axes", Chart::Footprint, &frame(&cells(&TRACES, &["4K", "2M"], 2), false)).remove(0);
    says(&svg, &["How much memory do the page tables take?", "page tables, MiB"]);
    says(&svg, &["guest tables", "shadow tables", "host tables (EPT/NPT)"]);
}

#[test]
fn exit_cost() {
    let svg = drawn("axes", Chart::ExitCost, &frame(&cells(&TRACES, &["4K", "2M"], 4), false)).remove(0);
    says(&svg, &["What does address translation cost at each price sheet?", "price sheet", "sandy-bridge"]);
    says(&svg, &["native 4K", "shadow 4K/4K 4K/2M", "ept 4K/2M", "pv 2M"]);
    assert!(!Chart::ExitCost.fits(&Frames::of(&frame(&cells(&TRACES, &["4K"], 1), false))));
}

#[test]
fn tlb() {
    let svg = drawn("axes", Chart::Tlb, &frame(&tlb_cells(), true)).remove(0);
    says(&svg, &["How many accesses walk the tables as the TLB grows?", "entries of the TLB array l1d.4K", "1536"]);
    assert!(!Chart::Tlb.fits(&Frames::of(&frame(&cells(&TRACES, &["4K"], 1), false))));
}

#[test]
fn a_chart_that_does_not_fit_is_a_failure_that_says_why() {
    let dir = place("unfit");
    let failure = Chart::Tlb.draw(&Frames::of(&frame(&cells(&TRACES, &["4K"], 1), false)), &dir).unwrap_err();
    assert!(failure.to_string().contains("needs an axis of entries"), "{failure}");
    for chart in Chart::ALL {
        assert!(!chart.fits(&Frames::of(&DataFrame::empty())));
        assert!(chart.draw(&Frames::of(&DataFrame::empty()), &dir).is_err());
    }
    assert!(!dir.exists());
}

#[test]
fn a_folder_that_cannot_be_made_is_a_failure() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let failure =
        Chart::Overhead.draw(&Frames::of(&frame(&cells(&TRACES, &["4K"], 1), false)), file.path()).unwrap_err();
    assert_eq!(failure.exit_code(), 1);
}

#[test]
fn one_row() {
    for chart in [Chart::Overhead, Chart::Footprint] {
        let svg = drawn("one-row", chart, &frame(&cells(&TRACES[..1], &["4K"], 1)[..1], false)).remove(0);
        says(&svg, &["sort", "native", "4K"]);
    }
}

#[test]
fn no_overhead_and_unknown_overhead() {
    let mut rows = cells(&TRACES[..2], &["4K"], 2);
    rows.iter_mut().for_each(|row| row.parts = Some([0.0; 6]));
    drawn("zero", Chart::Overhead, &frame(&rows, false));
    drawn("zero", Chart::ExitCost, &frame(&rows, false));
    rows.iter_mut().step_by(3).for_each(|row| row.parts = None);
    says(&drawn("unknown", Chart::Overhead, &frame(&rows, false))[0], &["n/a"]);
}

#[test]
fn one_huge_bar_beside_tiny_ones() {
    let mut rows = cells(&TRACES[..1], &["4K", "2M"], 1);
    rows[2].parts = Some([0.1, 0.5, 3.0, 140.0, 0.0, 1.0]);
    let svg = drawn("huge", Chart::Overhead, &frame(&rows, false)).remove(0);
    says(&svg, &["145×", "enlarged: the tall bars are cut"]);
}

#[test]
fn names_of_any_kind() {
    let traces = [("../out/a b/<&\"'>\u{1}.parquet", 0.1), ("..", 0.1), ("дерево/été/木", 0.2)];
    let mut rows = cells(&traces, &["4K"], 1);
    let svg = drawn("names", Chart::Overhead, &frame(&rows, false)).remove(0);
    says(&svg, &["../out/a b/&lt;&amp;&quot;&apos;&gt;\u{fffd}.parquet"]);
    for n in 0..12 {
        rows.extend(cells(&[(&["a/b", "A?b"][n % 2].repeat(n / 2 + 1), 0.1)], &["4K"], 1));
    }
    assert_eq!(drawn("names-each", Chart::Overhead, &frame(&rows, false)).len(), 15);
    let dir = place("names-each").join("overhead");
    assert!(dir.join("overhead-...svg").exists() && dir.join("overhead-A_b-2.svg").exists());
}

#[test]
fn many_bars_and_many_rows() {
    let bars = cells(&TRACES[1..2], &["4K", "2M", "1G", "thp"], 1);
    assert_eq!(bars.len(), 40);
    drawn("bars-40", Chart::Overhead, &frame(&bars, false));
    for chart in [Chart::Overhead, Chart::Footprint] {
        drawn("bars-24", chart, &frame(&cells(&TRACES, &["4K", "2M", "1G"], 1), false));
    }
    let names: Vec<_> = (0..9).map(|n| format!("trace-{n}")).collect();
    let traces: Vec<_> = names.iter().map(|name| (name.as_str(), 0.1)).collect();
    let rows = cells(&traces, &["4K", "2M", "1G"], 1);
    assert!(rows.len() > 200);
    assert_eq!(drawn("rows-216", Chart::Overhead, &frame(&rows, false)).len(), 9);
    assert_eq!(drawn("six-panels", Chart::Overhead, &frame(&cells(&traces[..6], &["4K"], 1), false)).len(), 1);
}

#[test]
fn every_chart_is_found_by_its_name() {
    assert!(Chart::ALL.into_iter().all(|chart| Chart::by_name(chart.name()) == Some(chart)));
    assert_eq!(Chart::by_name("bars"), None);
}

const LONG_NAMES: [(&str, f64); 4] =
    [("sort", 0.02), ("fork-server-with-a-rather-long-name-2025-01-17.parquet", 0.9), ("gups-1g", 0.2), ("kv", 0.4)];

/// Each row of a frame `times` times, with further columns before `accesses` and other values after it.
fn repeated(frame: &DataFrame, times: usize, added: Vec<Column>, replaced: Vec<Column>) -> DataFrame {
    let rows: Vec<u32> = (0..frame.height() * times).map(|n| (n / times) as u32).collect();
    let index = polars::prelude::IdxCa::new("row".into(), rows);
    let mut frame = frame.take(&index).unwrap();
    let at = frame.get_column_index("accesses").unwrap();
    for (n, column) in added.into_iter().enumerate() {
        frame.insert_column(at + n, column).unwrap();
    }
    for column in replaced {
        frame.with_column(column).unwrap();
    }
    frame
}

/// Every cell over so many intervals: it is built, it runs, and it forks in the middle. `scale` makes overheads tiny or huge.
fn intervals(rows: &[Row], count: usize, scale: f64) -> DataFrame {
    let (mut number, mut first, mut overheads) = (Vec::new(), Vec::new(), Vec::new());
    for (n, row) in rows.iter().enumerate() {
        let whole: f64 = row.parts.unwrap().iter().sum();
        for interval in 0..count {
            let at = interval as f64 / count as f64;
            let phase = if at < 0.1 { 3.0 } else { 0.5 } + if (0.4..0.6).contains(&at) { 2.0 } else { 0.0 };
            let noise = 1.0 + 0.1 * ((interval * 7919 + n * 31) % 17) as f64 / 17.0;
            number.push(interval as u64);
            first.push(interval as u64 * 5_000_000);
            overheads.push(Some(whole * phase * noise * scale));
        }
    }
    let column = |name: &str, values: Vec<u64>| -> Column { Series::new(name.into(), values).into() };
    let overheads: Column = Series::new("overhead".into(), overheads).into();
    let added = vec![column("interval", number), column("first_access", first)];
    repeated(&frame(rows, false), count, added, vec![overheads])
}

#[test]
fn phases() {
    let few = cells(&LONG_NAMES[..1], &["4K"], 1);
    let lines = cells(&LONG_NAMES, &["4K", "2M"], 2);
    for (case, rows, count, scale) in [
        ("2-intervals", &few, 2, 1.0),
        ("20-intervals", &few, 20, 1.0),
        ("500-intervals", &few, 500, 1.0),
        ("8-lines-2", &lines, 2, 1.0),
        ("8-lines-12", &lines, 12, 1.0),
        ("8-lines-500", &lines, 500, 1.0),
        ("tiny", &lines, 40, 1e-7),
        ("huge", &few, 40, 1e6),
        ("none", &few, 40, 0.0),
    ] {
        let (results, intervals) = (frame(rows, false), intervals(rows, count, scale));
        let frames = Frames { intervals: Some(&intervals), ..Frames::of(&results) };
        let svg = drawn_from(&format!("phases/{case}"), Chart::Phases, frames).remove(0);
        says(&svg, &["How does the overhead move as the trace runs?", "sort"]);
        assert_eq!(
            svg.contains("host_pages as guest_pages"),
            rows.len() > 8,
            "{case}: no more lines than are told apart"
        );
    }
    let (results, one) = (frame(&few, false), intervals(&few, 1, 1.0));
    assert!(!Chart::Phases.fits(&Frames { intervals: Some(&one), ..Frames::of(&results) }));
    assert!(!Chart::Phases.fits(&Frames::of(&results)));
}

/// Names of prices, their cycles, and by which share of the overhead each moves it when it is halved.
const PRICES: [(&str, f64, f64); 16] = [
    ("exit_work.pt_write", 3700.0, 0.31),
    ("ref_llc", 38.0, 0.04),
    ("l2_tlb_hit", 7.0, 0.02),
    ("guest_fault", 1000.0, 0.06),
    ("exit_work.page_fault", 2000.0, 0.013),
    ("exit_work.ept_violation", 2500.0, 0.0),
    ("mmu_update", 0.25, 0.0),
    ("hypercall", 300.0, 0.0),
    ("pte_write", 1.0, 0.008),
    ("invalidation", 100.0, 0.007),
    ("full_flush", 120.0, 0.006),
    ("switch", 900.0, 0.005),
    ("exit_work.cr3", 1500.0, 0.004),
    ("exit_work.invlpg", 1500.0, 0.003),
    ("exit_work.dirty", 1500.0, 0.002),
    ("vm_switch", 1500.0, 0.001),
];

/// The sensitivity of every cell.
fn sensitivity(rows: &[Row], prices: &[(&str, f64, f64)], scale: f64) -> DataFrame {
    let text = |name: &str, values: Vec<&str>| -> Column { Series::new(name.into(), values).into() };
    let real = |name: &str, values: Vec<Option<f64>>| -> Column { Series::new(name.into(), values).into() };
    let all = || rows.iter().flat_map(|row| prices.iter().map(move |price| (row, price)));
    let overheads = |factor: f64| {
        all().map(|(row, price)| Some(row.parts?.iter().sum::<f64>() * scale * (1.0 + factor * price.2))).collect()
    };
    let added = vec![
        text("price", all().map(|(_, price)| price.0).collect()),
        real("cycles", all().map(|(_, price)| Some(price.1)).collect()),
        real("overhead_halved", overheads(-1.0)),
        real("overhead_doubled", overheads(2.0)),
    ];
    repeated(&frame(rows, false), prices.len(), added, vec![real("overhead", overheads(0.0))])
}

#[test]
fn tornado() {
    let rows = cells(&TRACES, &["4K", "2M"], 2);
    let results = frame(&rows, false);
    for (case, prices, scale) in [
        ("16-prices", &PRICES[..], 1.0),
        ("1-price", &PRICES[..1], 0.01),
        ("small-moves", &PRICES[8..], 1.0),
        ("huge", &PRICES[..4], 1e4),
    ] {
        let sensitivity = sensitivity(&rows, prices, scale);
        let frames = Frames { sensitivity: Some(&sensitivity), ..Frames::of(&results) };
        let svg = drawn_from(&format!("tornado/{case}"), Chart::Tornado, frames).remove(0);
        says(&svg, &[prices[0].0, "price halved", "price doubled"]);
        assert!(svg.contains("technique shadow"), "the cell that moves most");
    }
}

#[test]
fn the_cell_of_a_tornado_is_the_one_asked_for() {
    let rows = cells(&TRACES, &["4K", "2M"], 2);
    let (results, sensitivity) = (frame(&rows, false), sensitivity(&rows, &PRICES, 1.0));
    let cell = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(column, value)| (column.to_string(), value.to_string())).collect()
    };
    let frames = Frames { sensitivity: Some(&sensitivity), ..Frames::of(&results) };
    let asked = cell(&[("trace", "gups-1g"), ("technique", "ept"), ("guest_pages", "2M")]);
    let svg = drawn_from("tornado/cell", Chart::Tornado, Frames { cell: &asked, ..frames }).remove(0);
    says(&svg, &["trace gups-1g · technique ept", "guest_pages 2M", "host_pages 4K", "cpu nehalem", "prices prescott"]);
    for (column, value) in [("technique", "hybrid"), ("tecnique", "ept"), ("price", "hypercall")] {
        let asked = cell(&[(column, value)]);
        let frames = Frames { cell: &asked, ..frames };
        assert!(Chart::Tornado.fits(&frames), "so that the failure is seen");
        let failure = Chart::Tornado.draw(&frames, &place("unfit-cell")).unwrap_err().to_string();
        assert!(failure.contains(&format!("{column} {value}")), "{failure}");
    }
}

#[test]
fn page_sizes() {
    for (case, traces, pages) in [
        ("2-by-2", &LONG_NAMES[..1], &["4K", "2M"][..]),
        ("4-traces", &LONG_NAMES, &["4K", "2M"]),
        ("4-by-4", &LONG_NAMES[1..3], &["4K", "2M", "1G", "thp"]),
    ] {
        let rows = cells(traces, pages, 1);
        let svg = drawn(&format!("page-sizes/{case}"), Chart::PageSizes, &frame(&rows, false)).remove(0);
        says(&svg, &["Which pages should guest and host use?", "guest page", "host page", "native", "ept", "2M", "–"]);
    }
    let mut holes = cells(&LONG_NAMES[..1], &["4K", "2M", "1G"], 1);
    holes.retain(|row| (row.guest, row.host) != ("2M", Some("4K")));
    holes[4].parts = Some([0.1, 0.5, 3.0, 140.0, 0.0, 1.0]);
    holes[6].parts = Some([0.0; 6]);
    drawn("page-sizes/holes", Chart::PageSizes, &frame(&holes, false));
    assert!(!Chart::PageSizes.fits(&Frames::of(&frame(&cells(&TRACES, &["4K"], 1), false))));
}

/// The places that walks of some rows read, each with a share of the walks; further axes come with their values by row.
fn references(rows: &[Row], axes: &[(&str, Vec<u64>)]) -> DataFrame {
    let mut places: Vec<(usize, &str, Option<String>, u64)> = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        let lowest =
            |pages: &str| ["4K", "2M", "1G"].iter().position(|size| *size == pages).map_or(1, |n| n as u64 + 1);
        let table = match row.technique {
            "shadow" => "shadow",
            _ => "guest",
        };
        places.extend((lowest(row.guest)..=4).rev().map(|level| (n, table, None, level)));
        if let ("ept", Some(host)) = (row.technique, row.host) {
            let nodes = (lowest(row.guest)..=4).rev().map(|level| format!("level {level}"));
            for stop in nodes.chain(["data".into()]) {
                places.extend((lowest(host)..=4).rev().map(|level| (n, "host", Some(stop.clone()), level)));
            }
        }
    }
    let index = polars::prelude::IdxCa::new("row".into(), places.iter().map(|it| it.0 as u32).collect::<Vec<_>>());
    let mut frame = frame(rows, false).take(&index).unwrap();
    let at = frame.get_column_index("accesses").unwrap();
    let further = axes
        .iter()
        .map(|(name, values)| Series::new((*name).into(), places.iter().map(|it| values[it.0]).collect::<Vec<_>>()));
    let added = further.chain([
        Series::new("table".into(), places.iter().map(|it| it.1).collect::<Vec<_>>()),
        Series::new("stop".into(), places.iter().map(|it| it.2.clone()).collect::<Vec<_>>()),
        Series::new("level".into(), places.iter().map(|it| it.3).collect::<Vec<_>>()),
    ]);
    for (n, column) in added.enumerate() {
        frame.insert_column(at + n, column.into()).unwrap();
    }
    let share = |it: &(usize, &str, Option<String>, u64)| {
        let further: u64 = axes.iter().map(|(_, values)| values[it.0]).sum();
        let thp = |pages: &str| if pages == "thp" { 0.9 } else { 1.0 };
        thp(rows[it.0].guest) * rows[it.0].host.map_or(1.0, thp) / (it.3 + further) as f64
    };
    frame.with_column(Series::new("per_walk".into(), places.iter().map(share).collect::<Vec<_>>()).into()).unwrap();
    frame
}

#[test]
fn references_of_walks() {
    let names: Vec<_> = (0..20).map(|n| format!("trace-{n}")).collect();
    let traces: Vec<_> = names.iter().map(|name| (name.as_str(), 0.1)).collect();
    let of = |technique: &str, traces: &[(&str, f64)], pages: &[&'static str]| -> Vec<Row> {
        cells(traces, pages, 1).into_iter().filter(|row| row.technique == technique || technique.is_empty()).collect()
    };
    let plain = |rows: &[Row]| references(rows, &[]);
    let (sizes, small) = (["4K", "2M", "1G", "thp"], of("ept", &traces[..1], &["4K"]));
    let axis = |values: u64| {
        references(&vec![small[0].clone(); values as usize], &[("nested_tlb.entries", (0..values).collect())])
    };
    for (case, frame, lines) in [
        (
            "all",
            plain(&of("", &LONG_NAMES, &sizes[..2])),
            &["ept 4K/2M", "native, pv 4K; shadow 4K/4K", "gL4", "hL1", "L2"][..],
        ),
        ("one", plain(&small), &["ept 4K/4K", "data", "guest"]),
        ("native", plain(&of("native", &traces[..1], &["4K"])), &["native 4K", "L1", "2.08 references per walk"]),
        ("traces", plain(&of("ept", &LONG_NAMES, &["2M"])), &["sort", "kv", "ept 2M/2M"]),
        ("many-traces", plain(&of("ept", &traces, &["2M"])), &["ept 2M/2M"]),
        ("many-pages", plain(&of("", &traces[..1], &sizes)), &["ept 1G/4K"]),
        ("axis", axis(3), &["ept 4K/4K", "(nested_tlb.entries 2)"]),
        ("long-axis", axis(30), &["ept 4K/4K"]),
    ] {
        let results = frame_of_one();
        let frames = Frames { references: Some(&frame), ..Frames::of(&results) };
        let svg = drawn_from(&format!("references/{case}"), Chart::References, frames).remove(0);
        says(&svg, &["Where do the references of a walk go?", "references per walk"]);
        says(&svg, lines);
        for (cases, words) in [
            (&["all", "many-traces"][..], "(first of "),
            (&["many-pages"], "left out: 7 of 22 grids"),
            (&["long-axis"], "nested_tlb.entries 0 (first of 30)"),
        ] {
            assert_eq!(
                svg.contains(words),
                cases.contains(&case) || (case, words) == ("long-axis", "(first of "),
                "{case}: {words}"
            );
        }
    }
    assert!(!Chart::References.fits(&Frames::of(&frame_of_one())));
}

/// Results of one row.
fn frame_of_one() -> DataFrame {
    frame(&cells(&TRACES[..1], &["4K"], 1)[..1], false)
}

/// One workload at several rates of page-table updates.
fn churn(rates: &[f64], pages: &[&'static str]) -> DataFrame {
    let names: Vec<_> = rates.iter().map(|rate| format!("churn-{rate}")).collect();
    let traces: Vec<_> = names.iter().zip(rates).map(|(name, rate)| (name.as_str(), rate / 10.0)).collect();
    let rows = cells(&traces, pages, 1);
    let writes: Vec<_> = rows
        .iter()
        .map(|row| {
            let rate: f64 = row.trace.trim_start_matches("churn-").parse().unwrap();
            (rate * 5000.0 * if row.guest == "4K" { 1.0 } else { 0.5 }) as u64
        })
        .collect();
    let mut frame = frame(&rows, false);
    frame.with_column(Series::new("pte_writes".into(), writes).into()).unwrap();
    frame
}

#[test]
fn break_even() {
    for (case, rates, pages) in [
        ("linear", &[0.0, 0.2, 0.5, 1.0, 2.0][..], &["4K"][..]),
        ("logarithmic", &[0.01, 0.1, 0.3, 1.0, 10.0, 100.0], &["4K"]),
        ("pages", &[0.01, 0.1, 0.3, 1.0, 10.0, 100.0], &["4K", "2M"]),
        ("two", &[0.2, 0.9], &["4K", "2M"]),
    ] {
        let svg = drawn(&format!("break-even/{case}"), Chart::BreakEven, &churn(rates, pages)).remove(0);
        says(&svg, &["What do page-table updates cost each technique?"]);
        assert!(svg.contains("shadow = ept"), "{case}");
    }
    let mut rows = churn(&[2.0, 5.0, 9.0], &["4K"]);
    says(&drawn("break-even/none", Chart::BreakEven, &rows)[0], &["shadow and ept do not cross"]);
    rows = rows.slice(0, 2).vstack(&rows.slice(4, 2)).unwrap();
    assert!(!drawn("break-even/no-ept", Chart::BreakEven, &rows)[0].contains("cross"));
    let dir = place("unfit-rates");
    assert!(Chart::BreakEven.draw(&Frames::of(&churn(&[1.0], &["4K"])), &dir).is_err());
}

#[test]
fn the_numbers_beside_a_chart_are_those_drawn() {
    let rows = cells(&TRACES[..1], &["4K"], 2);
    let (results, intervals) = (frame(&rows, false), intervals(&rows, 10, 1.0));
    let frames = Frames { intervals: Some(&intervals), ..Frames::of(&results) };
    let table = |chart: Chart| -> Vec<Vec<String>> {
        let (tables, _) = all_drawn(chart, &frames, &place("numbers"));
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(&tables[0]).unwrap();
        reader.records().map(|record| record.unwrap().iter().map(String::from).collect()).collect()
    };
    let last = |row: &Vec<String>| row.last().unwrap().parse::<f64>().unwrap();

    let overhead = table(Chart::Overhead);
    assert_eq!(overhead[0], ["panel", "series", "guest page", "host page", "part", "overhead, % of ideal cycles"]);
    let shadow = overhead.iter().filter(|row| row[1] == "shadow").map(last).sum::<f64>();
    assert!((shadow - 74.8).abs() < 1e-9, "{shadow}: the sum of the parts");

    let sheets = table(Chart::ExitCost);
    assert_eq!(sheets[0][2], "price sheet");
    assert_eq!(sheets[1][..3], ["sort", "native 4K", "prescott"]);

    let phases = table(Chart::Phases);
    assert_eq!(phases[0][2..], ["accesses so far", "overhead, % of ideal cycles"]);
    assert_eq!(phases[1][1..3], ["native 4K", "2500000"]);
    let highest = intervals.column("overhead").unwrap().f64().unwrap().iter().flatten().fold(0.0, f64::max);
    assert!((phases[1..].iter().map(last).fold(0.0, f64::max) - 100.0 * highest).abs() < 1e-9);
}
