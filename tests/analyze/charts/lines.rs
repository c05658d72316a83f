//! Do lines follow prices, TLB sizes, intervals and rates of updates?

use super::*;

#[test]
fn overheads_follow_the_price_sheets() {
    let svg = drawn("axes", Chart::ExitCost, &of_two_sizes(&TRACES, 4)).remove(0);
    says(&svg, &["What does address translation cost at each price sheet?", "price sheet", "sandy-bridge"]);
    says(
        &svg,
        &["native 4K", "shadow 4K/4K 4K/2M", "ept 4K/2M", "pv 4K", "left out: 3 lines with a smaller move or none"],
    );
    let one = of_one_size(&TRACES, 1);
    assert!(!fits(Chart::ExitCost, &one, &made_up(&one, likely)));
}

#[test]
fn of_many_lines_those_that_move_are_drawn_and_of_each_technique_one() {
    let sweep = of_pages(&TRACES[..1], r#""4K", "2M", "1G""#, r#""4K", "2M", "1G""#, 3);
    let flat = made_up(&sweep, |it| {
        let mut tally = nothing();
        let place = sweep.rows.iter().position(|row| row.values == it.row.values).unwrap() / 3;
        tally.counts[Event::GuestFaults] = 1_000_000 + 100_000 * place as u64;
        let moves = it.technique().name == "shadow" && it.pages().guest == SMALL;
        tally.counts[Event::VmExits] = if moves { 1_000_000 } else { 0 };
        tally
    });
    let svg = drawn_from("flat", Chart::ExitCost, &sweep, &flat).remove(0);
    says(&svg, &["shadow 4K/4K", "shadow 4K/2M", "shadow 4K/1G", "left out: 18 lines with a smaller move or none"]);
    assert!(["native", "ept", "pv"].iter().all(|technique| svg.contains(&format!("\n{technique} "))), "{svg}");
}

#[test]
fn all_panels_have_one_scale_and_no_name_is_cut() {
    let sweep = of_pages(&FOUR_TRACES, r#""4K", "2M""#, r#""4K", "2M""#, 3);
    let apart = made_up(&sweep, |it| {
        let mut tally = likely(it);
        tally.counts[Event::GuestFaults] *= if it.trace == "sort" { 1 } else { 1000 };
        tally
    });
    let svg = drawn_from("scale", Chart::ExitCost, &sweep, &apart).remove(0);
    let logarithmic = svg.matches("(log)").count();
    assert_eq!(logarithmic, FOUR_TRACES.len());
    let names: Vec<&str> = svg.lines().filter(|line| line.ends_with('…')).collect();
    assert!(names.is_empty(), "{names:?}");
}

#[test]
fn walks_follow_the_entries_of_the_tlb() {
    let pages = r#""4K", "2M""#;
    let axes = format!(
        "technique = [\"native\", \"shadow\", \"ept\", \"pv\"]\nguest_pages = [{pages}]\nhost_pages = [{pages}]\n\
         tlb.l1d.4K.ways = \"full\"\ntlb.l1d.4K.entries = [16, 32, 64, 96, 128, 1536]\ntlb.tags = [true, false]"
    );
    let sweep = sweep(&TRACES, &axes, &[]);
    let outcomes = made_up(&sweep, |it| {
        let (mut tally, mmu) = (likely(it), &it.row.cell.mmu);
        let entries = mmu.tlb.l1d[0].map_or(0, |array| array.entries) as f64;
        let reach = entries * if tally.counts[Event::Walks] > 50_000 { 1.0 } else { 512.0 };
        let missed = 0.3 * (-reach / 700.0).exp() + if mmu.tags { 0.0004 } else { 0.0024 };
        tally.counts[Event::Walks] = (IDEAL * missed) as u64;
        tally
    });
    let svg = drawn_from("axes", Chart::Tlb, &sweep, &outcomes).remove(0);
    says(&svg, &["How many accesses walk the tables as the TLB grows?", "entries of the TLB array l1d.4K", "1536"]);
    // Every cell of this one walks otherwise than all others.
    let axis = "tlb.l1d.4K.ways = \"full\"\ntlb.l1d.4K.entries = [16, 32]";
    let apart = self::sweep(&TRACES[..1], &format!("{}\n{axis}", axes.split("\ntlb").next().unwrap()), &[]);
    let outcomes = made_up(&apart, |it| {
        let mut tally = likely(it);
        tally.counts[Event::Walks] =
            1000 * (1 + apart.rows.iter().position(|row| row.values == it.row.values).unwrap() as u64);
        tally
    });
    let svg = drawn_from("many-lines", Chart::Tlb, &apart, &outcomes).remove(0);
    says(&svg, &["host_pages as guest_pages", "ept 2M/2M"]);
    assert!(!svg.contains("ept 4K/2M"));
    let one = of_one_size(&TRACES, 1);
    assert!(!fits(Chart::Tlb, &one, &made_up(&one, likely)));
}

/// Every cell over so many intervals: it is built, it runs, and it forks in the middle.
fn over_intervals(sweep: &Sweep, count: usize) -> Vec<Outcome<'_>> {
    made_up(sweep, |it| {
        let whole: f64 = shares(it.trace, it.technique(), it.pages()).iter().sum();
        let n = sweep.rows.iter().position(|row| row.values == it.row.values).unwrap();
        let interval = |interval: usize| {
            let at = interval as f64 / count as f64;
            let phase = if at < 0.1 { 3.0 } else { 0.5 } + if (0.4..0.6).contains(&at) { 2.0 } else { 0.0 };
            let noise = 1.0 + 0.1 * ((interval * 7919 + n * 31) % 17) as f64 / 17.0;
            counts([0.0, whole * phase * noise, 0.0, 0.0, 0.0, 0.0])
        };
        Tally { intervals: (0..count).map(interval).collect(), ..likely(it) }
    })
}

/// Small pages, or both, in intervals, where a reference costs so much.
fn in_intervals(traces: &[&str], pages: &str, reference: &'static str) -> Sweep {
    let axes = format!(
        "technique = [\"native\", \"shadow\", \"ept\", \"pv\"]\nguest_pages = [{pages}]\nhost_pages = [{pages}]\n\
         prices = \"sheet\"\ninterval = 5_000_000"
    );
    sweep(traces, &axes, &[("sheet", &[("access", "1"), ("ref_dram", reference)])])
}

#[test]
fn overheads_follow_the_intervals_of_the_trace() {
    let (few, both) = ((&FOUR_TRACES[..1], r#""4K""#), (&FOUR_TRACES[..], r#""4K", "2M""#));
    for (case, (traces, pages), count, reference) in [
        ("2-intervals", few, 2, "1"),
        ("20-intervals", few, 20, "1"),
        ("500-intervals", few, 500, "1"),
        ("8-lines-2", both, 2, "1"),
        ("8-lines-12", both, 12, "1"),
        ("8-lines-500", both, 500, "1"),
        ("tiny", both, 40, "0.0000001"),
        ("huge", few, 40, "1000000"),
        ("none", few, 40, "0"),
    ] {
        let sweep = in_intervals(traces, pages, reference);
        let outcomes = over_intervals(&sweep, count);
        let svg = drawn_from(&format!("phases/{case}"), Chart::Phases, &sweep, &outcomes).remove(0);
        says(&svg, &["How does the overhead move as the trace runs?", "sort"]);
        let narrowed = svg.contains("host_pages as guest_pages");
        assert_eq!(narrowed, traces.len() > 1, "{case}: no more lines than are told apart");
    }
    let one = in_intervals(few.0, few.1, "1");
    assert!(!fits(Chart::Phases, &one, &over_intervals(&one, 1)));
    let whole = of_one_size(few.0, 1);
    assert!(!fits(Chart::Phases, &whole, &made_up(&whole, likely)));
}

/// One workload at several rates of page-table updates.
fn churn(sweep: &Sweep) -> Vec<Outcome<'_>> {
    made_up(sweep, |it| {
        let mut tally = likely(it);
        let rate: f64 = it.trace.trim_start_matches("churn-").parse().unwrap();
        let fewer = if it.pages().guest == SMALL { 1.0 } else { 0.5 };
        tally.counts[Event::PteWrites] = (rate * 5000.0 * fewer) as u64;
        tally
    })
}

#[test]
fn overheads_follow_the_rate_of_updates_up_to_where_techniques_cross() {
    for (case, traces, sizes) in [
        ("linear", &["churn-0", "churn-0.2", "churn-0.5", "churn-1", "churn-2"][..], 1),
        ("logarithmic", &["churn-0.01", "churn-0.1", "churn-0.3", "churn-1", "churn-10", "churn-100"], 1),
        ("pages", &["churn-0.01", "churn-0.1", "churn-0.3", "churn-1", "churn-10", "churn-100"], 2),
        ("two", &["churn-0.2", "churn-0.9"], 2),
    ] {
        let sweep = if sizes == 1 { of_one_size(traces, 1) } else { of_two_sizes(traces, 1) };
        let svg = drawn_from(&format!("break-even/{case}"), Chart::BreakEven, &sweep, &churn(&sweep)).remove(0);
        says(&svg, &["What do page-table updates cost each technique?"]);
        assert!(svg.contains("shadow = ept"), "{case}");
    }
    let apart = of_one_size(&["churn-2", "churn-5", "churn-9"], 1);
    let mut outcomes = churn(&apart);
    says(&drawn_from("break-even/none", Chart::BreakEven, &apart, &outcomes)[0], &["shadow and ept do not cross"]);
    outcomes.retain(|it| ["native", "shadow"].contains(&it.technique().name));
    assert!(!drawn_from("break-even/no-ept", Chart::BreakEven, &apart, &outcomes)[0].contains("cross"));
    let one = of_one_size(&["churn-1"], 1);
    assert!(Chart::BreakEven.drawing(&one, &churn(&one), &RunTable::ALL).is_err());
}
