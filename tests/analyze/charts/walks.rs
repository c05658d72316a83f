//! Do grids show where the references of walks go?

use super::*;
use vmmu::address::Level;
use vmmu::walk::{References, Table};

/// Walks of a row, each place read by a share of them that grows towards the leaves.
fn references(it: &Outcome<'_>) -> Vec<References> {
    let (technique, Pages { guest, host }) = (it.technique(), it.pages());
    let mixed = if guest == GuestPages::Thp { 0.9 } else { 1.0 };
    let further = it.row.cell.mmu.nested_tlb.map_or(0, |array| array.entries);
    let levels = |leaf: Level| (leaf.get()..=4).rev().map(|level| Level::new(level as u8));
    let place = |table, level: Level| {
        let share = mixed / (level.get() + further) as f64;
        References { table, level, count: (share * WALKS as f64) as u64 }
    };
    let leaf = match guest {
        GuestPages::One(size) => size.leaf_level(),
        GuestPages::Thp => Level::new(1),
    };
    let own = if technique.name == "shadow" { Table::Shadow } else { Table::Guest };
    let mut places: Vec<_> = levels(leaf).map(|level| place(own, level)).collect();
    if let ("ept", Some(host)) = (technique.name, host) {
        for stop in levels(leaf).map(Some).chain([None]) {
            places.extend(levels(host.leaf_level()).map(|level| place(Table::Host(stop), level)));
        }
    }
    places
}

const WALKS: u64 = 1_000_000;

fn walked(sweep: &Sweep) -> Vec<Outcome<'_>> {
    made_up(sweep, |it| {
        let mut tally = Tally { references: Some(references(it)), ..likely(it) };
        tally.counts[Event::Walks] = WALKS;
        tally
    })
}

fn of(technique: &str, traces: &[&str], axes: &str) -> Sweep {
    sweep(traces, &format!("technique = {technique}\n{axes}"), &[])
}

#[test]
fn each_cell_and_trace_has_a_grid_until_there_are_too_many() {
    let names: Vec<_> = (0..20).map(|n| format!("trace-{n}")).collect();
    let many: Vec<_> = names.iter().map(String::as_str).collect();
    let (all, sizes) = (r#"["native", "shadow", "ept", "pv"]"#, r#"host_pages = ["4K", "2M"]"#);
    let two = format!("guest_pages = [\"4K\", \"2M\"]\n{sizes}");
    let four = "guest_pages = [\"4K\", \"2M\", \"1G\", \"thp\"]\nhost_pages = [\"4K\", \"2M\", \"1G\"]";
    let large = "guest_pages = \"2M\"\nhost_pages = \"2M\"";
    let axis = |values: usize| {
        let entries: Vec<_> = (0..values).map(|n| n.to_string()).collect();
        format!("nested_tlb.ways = \"full\"\nnested_tlb.entries = [{}]", entries.join(", "))
    };
    for (case, sweep, lines) in [
        ("all", of(all, &FOUR_TRACES, &two), &["ept 4K/2M", "native, pv 4K; shadow 4K/4K", "gL4", "hL1", "L2"][..]),
        ("one", of("\"ept\"", &many[..1], &axis(1)), &["ept 4K/4K", "data", "guest"]),
        ("native", of("\"native\"", &many[..1], &axis(1)), &["native 4K", "L1", "2.08 references per walk"]),
        ("traces", of("\"ept\"", &FOUR_TRACES, large), &["sort", "kv", "ept 2M/2M"]),
        ("many-traces", of("\"ept\"", &many, large), &["ept 2M/2M"]),
        ("many-pages", of(all, &many[..1], four), &["ept 1G/4K"]),
        ("axis", of("\"ept\"", &many[..1], &axis(3)), &["ept 4K/4K", "(nested_tlb.entries 2)"]),
        ("long-axis", of("\"ept\"", &many[..1], &axis(30)), &["ept 4K/4K"]),
    ] {
        let svg = drawn_from(&format!("references/{case}"), Chart::References, &sweep, &walked(&sweep)).remove(0);
        says(&svg, &["Where do the references of a walk go?", "references per walk"]);
        says(&svg, lines);
        for (cases, words) in [
            (&["all", "many-traces"][..], "(first of "),
            (&["many-pages"], "left out: 3 of "),
            (&["long-axis"], "nested_tlb.entries 0 (first of 30)"),
        ] {
            assert_eq!(
                svg.contains(words),
                cases.contains(&case) || (case, words) == ("long-axis", "(first of "),
                "{case}: {words}"
            );
        }
    }
}

#[test]
fn without_their_table_there_are_no_grids() {
    let sweep = of("\"ept\"", &TRACES, "");
    assert!(!fits(Chart::References, &sweep, &made_up(&sweep, likely)));
    assert!(Chart::References.drawing(&sweep, &walked(&sweep), &[RunTable::Results]).is_err());
}
