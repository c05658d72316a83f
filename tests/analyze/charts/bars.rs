//! Do stacked bars show the bill and the memory of any results?

use super::*;

#[test]
fn the_overhead_is_stacked_by_the_parts_of_the_bill() {
    let svg = drawn("axes", Chart::Overhead, &of_two_sizes(&TRACES, 2)).remove(0);
    says(&svg, &["What does address translation cost, and what for?", "cpu nehalem · prices prescott (first of 2)"]);
    says(&svg, &["L2 TLB hits", "page walks", "guest faults", "VM exits", "hypercalls", "guest upkeep"]);
    says(&svg, &["cycles added per access", "overhead, × ideal cycles"]);
    assert!(!svg.contains("steady"), "which is not known here");
    says(&svg, &["sort", "gups-1g", "native", "shadow", "ept", "pv"]);
}

#[test]
fn the_footprint_is_stacked_by_kinds_of_table() {
    let svg = drawn("axes", Chart::Footprint, &of_two_sizes(&TRACES, 2)).remove(0);
    says(&svg, &["How much memory do the page tables take?", "page tables, MiB"]);
    says(&svg, &["guest tables", "shadow tables", "host tables (EPT/NPT)"]);
}

#[test]
fn one_row_is_a_chart() {
    let sweep = sweep(&TRACES[..1], "technique = \"native\"", &SHEETS);
    for chart in [Chart::Overhead, Chart::Footprint] {
        let svg = drawn("one-row", chart, &sweep).remove(0);
        says(&svg, &["sort", "native", "4K"]);
    }
}

#[test]
fn an_overhead_may_be_zero_or_unknown() {
    let none = of_one_size(&TRACES[..2], 2);
    for chart in [Chart::Overhead, Chart::ExitCost] {
        drawn_from("zero", chart, &none, &made_up(&none, |_| nothing()));
    }
    let free = sweep(
        &TRACES[..2],
        "technique = [\"native\", \"ept\"]\nprices = [\"free\", \"nehalem\"]",
        &[("free", &[]), SHEETS[1]],
    );
    let svg = drawn("unknown", Chart::Overhead, &free).remove(0);
    says(&svg, &["cycles added per access"]);
    assert!(!svg.contains("ideal"), "where an access is free, nothing is a share of it");
    let never = made_up(&none, |it| Tally { steady: Some(Counts::default()), ..likely(it) });
    says(&drawn_from("never-steady", Chart::Overhead, &none, &never)[0], &["n/a"]);
}

/// Likely outcomes, whose second half walks as the whole does and has no other cost.
fn of_two_stretches(sweep: &Sweep) -> Vec<Outcome<'_>> {
    made_up(sweep, |it| {
        let tally = likely(it);
        let mut steady = Counts::default();
        [Event::Accesses, Event::RefsDram].into_iter().for_each(|event| steady[event] = tally.counts[event] / 2);
        Tally { steady: Some(steady), ..tally }
    })
}

#[test]
fn the_steady_state_stands_beside_the_whole_trace() {
    let sweep = of_one_size(&TRACES[..1], 1);
    let svg = drawn_from("steady", Chart::Overhead, &sweep, &of_two_stretches(&sweep)).remove(0);
    says(&svg, &["the whole trace", "its steady state, after the first half"]);
    let (tables, _) = written(Chart::Overhead, &sweep, &of_two_stretches(&sweep), &place("steady"));
    let numbers = fs::read_to_string(&tables[0]).unwrap();
    let heights = |row: &str| numbers.lines().filter(|line| line.contains(row)).map(str::to_string).collect::<Vec<_>>();
    assert_eq!(heights("ept,4K,4K,whole,page walks"), ["sort,ept,4K,4K,whole,page walks,0.638"]);
    assert_eq!(
        heights("ept,4K,4K,steady,page walks"),
        ["sort,ept,4K,4K,steady,page walks,0.638"],
        "of its own accesses"
    );
    assert_eq!(heights("ept,4K,4K,steady,VM exits"), ["sort,ept,4K,4K,steady,VM exits,0"]);
}

#[test]
fn charts_speak_of_the_steady_state_alone_where_the_sweep_asks_for_it() {
    let mut sweep = of_two_sizes(&TRACES, 2);
    sweep.output.steady = true;
    for chart in [Chart::Overhead, Chart::ExitCost, Chart::PageSizes, Chart::BreakEven, Chart::Tornado] {
        let svg = drawn_from("steady-alone", chart, &sweep, &of_two_stretches(&sweep)).remove(0);
        assert!(svg.contains("steady state, after the first half"), "{}", chart.name());
        assert!(!svg.contains("the whole trace"), "{}", chart.name());
    }
    let svg = drawn_from("steady-alone", Chart::Footprint, &sweep, &of_two_stretches(&sweep)).remove(0);
    assert!(!svg.contains("steady"), "memory is that of the whole run");
}

#[test]
fn every_part_of_the_bill_has_a_surface_of_its_own() {
    let sweep = of_one_size(&TRACES[..1], 1);
    let outcomes = made_up(&sweep, |it| {
        let mut tally = Tally { counts: counts([0.3; 6]), ..likely(it) };
        tally.counts[Event::HostFaults] = IDEAL as u64 / 3;
        Tally { steady: Some(tally.counts), ..tally }
    });
    let svg = drawn_from("seven-parts", Chart::Overhead, &sweep, &outcomes).remove(0);
    says(
        &svg,
        &["L2 TLB hits", "page walks", "guest faults", "VM exits", "hypercalls", "guest upkeep", "host backing"],
    );
}

#[test]
fn one_huge_bar_beside_tiny_ones_is_cut() {
    let sweep = of_two_sizes(&TRACES[..1], 1);
    let outcomes = made_up(&sweep, |it| match (it.technique().name, it.pages().to_string().as_str()) {
        ("shadow", "4K on 4K") => Tally { counts: counts([0.1, 0.5, 3.0, 36.0, 0.0, 1.0]), ..likely(it) },
        _ => likely(it),
    });
    let svg = drawn_from("huge", Chart::Overhead, &sweep, &outcomes).remove(0);
    says(&svg, &["145", "overhead, × ideal cycles", "enlarged: the tall bars are cut"]);
}

#[test]
fn traces_may_have_names_of_any_kind() {
    let traces = ["../out/a b/<&\"'>\u{1}.parquet", "..", "дерево/été/木"];
    let svg = drawn("names", Chart::Overhead, &of_one_size(&traces, 1)).remove(0);
    says(&svg, &["../out/a b/&lt;&amp;&quot;&apos;&gt;\\u{1}.parquet"]);
    let turned = drawn("turned", Chart::Overhead, &of_one_size(&["sort\u{202e}txt"], 1)).remove(0);
    says(&turned, &["sort\\u{202e}txt"]);
    let many: Vec<_> = (0..12).map(|n| ["a/b", "A?b"][n % 2].repeat(n / 2 + 1)).collect();
    let many: Vec<_> = traces.into_iter().chain(many.iter().map(String::as_str)).collect();
    assert_eq!(drawn("names-each", Chart::Overhead, &of_one_size(&many, 1)).len(), 15);
    let dir = place("names-each").join("overhead");
    assert!(dir.join("overhead-...svg").exists() && dir.join("overhead-A_b-2.svg").exists());
}

#[test]
fn letters_that_the_face_lacks_are_spelled_where_no_reader_can_add_them() {
    let picture = |case: &str, trace: &str, ending: &str| {
        drawn(case, Chart::Overhead, &of_one_size(&[trace], 1));
        fs::read(place(case).join(format!("overhead/overhead.{ending}"))).unwrap()
    };
    let [own, spelled] = ["sort-中文", "sort-U+4E2D U+6587"];
    assert!(picture("letters", own, "png") == picture("spelled", spelled, "png"));
    says(&String::from_utf8(picture("letters", own, "svg")).unwrap(), &[own]);
    // What the face has is drawn as it is.
    assert!(picture("greek", "ταξινόμηση", "png") != picture("boxes", "□□□□□□□□□□", "png"));
}

#[test]
fn what_is_said_of_narrow_plots_is_said_in_full() {
    let sweep = sweep(&TRACES, "technique = [\"shadow\", \"ept\"]", &SHEETS);
    let outcomes = made_up(&sweep, |it| match it.technique().name {
        "shadow" => Tally { counts: counts([0.1, 0.5, 3.0, 36.0, 0.0, 1.0]), ..likely(it) },
        _ => likely(it),
    });
    let svg = drawn_from("narrow", Chart::Overhead, &sweep, &outcomes).remove(0);
    says(&svg, &["enlarged: the tall bars are cut"]);
    assert!(svg.contains("fork-server") && svg.contains("17.parquet"), "both ends of a long name");
}

#[test]
fn many_bars_and_many_traces_fit() {
    let (guest, host) = (r#""4K", "2M", "1G", "thp""#, r#""4K", "2M", "1G""#);
    let bars = of_pages(&TRACES[1..2], guest, host, 1);
    assert_eq!(bars.rows.len(), 32);
    drawn("bars-32", Chart::Overhead, &bars);
    for chart in [Chart::Overhead, Chart::Footprint] {
        drawn("bars-24", chart, &of_pages(&TRACES, host, host, 1));
    }
    let names: Vec<_> = (0..9).map(|n| format!("trace-{n}")).collect();
    let traces: Vec<_> = names.iter().map(String::as_str).collect();
    let sweep = of_pages(&traces, host, host, 1);
    assert!(sweep.rows.len() * traces.len() > 200);
    assert_eq!(drawn("rows-216", Chart::Overhead, &sweep).len(), 9);
    assert_eq!(drawn("six-panels", Chart::Overhead, &of_one_size(&traces[..6], 1)).len(), 1);
}
