//! Does a tornado show which assumed prices an overhead hangs on?

use super::*;

/// Prices, their cycles, and by which share of the ideal cycles the shadow tables of `sort` are charged for each; next to nothing
/// is left out.
const CHARGED: [(&str, &str, f64); 16] = [
    ("exit_work.pt_write", "3700", 0.31),
    ("ref_llc", "38", 0.04),
    ("l2_tlb_hit", "7", 0.02),
    ("guest_fault", "1000", 0.06),
    ("exit_work.page_fault", "2000", 0.013),
    ("exit_work.ept_violation", "0.000000001", 0.0),
    ("mmu_update", "0.000000001", 0.0),
    ("hypercall", "0.000000001", 0.0),
    ("pte_write", "1", 0.008),
    ("invalidation", "100", 0.007),
    ("full_flush", "120", 0.006),
    ("switch", "900", 0.005),
    ("exit_work.cr3", "1500", 0.004),
    ("exit_work.invlpg", "1500", 0.003),
    ("exit_work.dirty", "1500", 0.002),
    ("vm_switch", "1500", 0.001),
];

/// A sweep of both sizes with these prices, and an output.
fn charged(prices: &[(&'static str, &'static str, f64)], output: &str) -> Sweep {
    let pages = r#""4K", "2M""#;
    let axes = format!(
        "technique = [\"native\", \"shadow\", \"ept\", \"pv\"]\nguest_pages = [{pages}]\nhost_pages = [{pages}]\n\
         prices = [\"prescott\", \"sheet\"]\n{output}"
    );
    let cycles: Vec<_> = [("access", "1")].into_iter().chain(prices.iter().map(|it| (it.0, it.1))).collect();
    sweep(&TRACES, &axes, &[("prescott", &cycles), ("sheet", &cycles)])
}

/// Shadow paging is charged most, and `scale` times as much.
fn outcomes<'a>(sweep: &'a Sweep, prices: &[(&str, &str, f64)], scale: f64) -> Vec<Outcome<'a>> {
    made_up(sweep, |it| {
        let mut tally = nothing();
        let factor = if it.technique().name == "shadow" { scale } else { 0.1 * scale };
        for (name, cycles, share) in prices {
            let price = PRICES.into_iter().find(|price| price.name == *name).unwrap();
            let count = (share * factor * IDEAL / cycles.parse::<f64>().unwrap()).round() as u64;
            tally.counts[price.event] = count.max(1);
        }
        tally
    })
}

#[test]
fn the_widest_move_comes_first_and_what_hardly_moves_is_left_out() {
    for (case, prices, scale) in [
        ("16-prices", &CHARGED[..], 1.0),
        ("1-price", &CHARGED[..1], 0.01),
        ("small-moves", &CHARGED[8..], 1.0),
        ("huge", &CHARGED[..4], 1e4),
    ] {
        let sweep = charged(prices, "");
        let outcomes = outcomes(&sweep, prices, scale);
        let svg = drawn_from(&format!("tornado/{case}"), Chart::Tornado, &sweep, &outcomes).remove(0);
        says(&svg, &[prices[0].0, "price halved", "price doubled"]);
        assert!(svg.contains("technique shadow"), "the cell that moves most");
        // `access` moves it, too: 17 prices, of which 12 at most are drawn, and only bars that have a length.
        assert_eq!(svg.contains("left out: "), case == "16-prices", "{case}");
        assert!(case != "16-prices" || svg.contains("prices with a smaller move") && !svg.contains("mmu_update"));
    }
}

#[test]
fn the_cell_is_the_one_that_the_sweep_asks_for() {
    let drawing = |cell: &str| {
        let sweep = charged(&CHARGED, &format!("[output]\ntornado = {{ {cell} }}"));
        let mut outcomes = outcomes(&sweep, &CHARGED, 1.0);
        outcomes.retain(|it| it.technique().name != "pv");
        let failures: Vec<_> =
            drawings(&sweep, &outcomes, &RunTable::ALL).into_iter().filter_map(Result::err).collect();
        match Chart::Tornado.drawing(&sweep, &outcomes, &RunTable::ALL) {
            Ok(drawing) => Ok(drawing.svgs().next().unwrap().1.to_string()),
            Err(failure) => {
                assert_eq!(failures.len(), 1, "the failure is seen where no chart is named, too");
                Err(failure.to_string())
            }
        }
    };
    let svg = drawing("trace = \"gups-1g\", technique = \"ept\", guest_pages = \"2M\"").unwrap();
    says(&svg, &["trace gups-1g · technique ept", "guest_pages 2M", "host_pages 4K", "cpu nehalem", "prices prescott"]);
    let failure = drawing("technique = \"pv\"").unwrap_err();
    assert!(failure.contains("technique pv"), "{failure}");
}
