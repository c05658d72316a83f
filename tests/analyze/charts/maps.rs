//! Do maps show every pair of page sizes?

use super::*;

#[test]
fn page_sizes_of_guest_and_host_are_rows_and_columns() {
    let two = r#""4K", "2M""#;
    for (case, traces, guest, host) in [
        ("2-by-2", &FOUR_TRACES[..1], two, two),
        ("4-traces", &FOUR_TRACES, two, two),
        ("4-by-3", &FOUR_TRACES[1..3], r#""4K", "2M", "1G", "thp""#, r#""4K", "2M", "1G""#),
    ] {
        let sweep = of_pages(traces, guest, host, 1);
        let svg = drawn(&format!("page-sizes/{case}"), Chart::PageSizes, &sweep).remove(0);
        says(&svg, &["Which pages should guest and host use?", "guest page", "host page", "native", "ept", "2M", "–"]);
    }
    let one = of_one_size(&TRACES, 1);
    assert!(!fits(Chart::PageSizes, &one, &made_up(&one, likely)));
}

#[test]
fn a_map_may_have_holes() {
    let axes = "technique = [\"native\", \"shadow\", \"ept\", \"pv\"]\nguest_pages = [\"4K\", \"2M\", \"1G\"]\n\
                host_pages = [\"4K\", \"2M\", \"1G\"]\nprices = \"nehalem\"\n\
                [[exclude]]\nguest_pages = \"2M\"\nhost_pages = \"4K\"";
    let sweep = sweep(&FOUR_TRACES[..1], axes, &SHEETS);
    let outcomes = made_up(&sweep, |it| match (it.technique().name, it.pages().to_string().as_str()) {
        ("shadow", "4K on 2M") => Tally { counts: counts([0.1, 0.5, 3.0, 140.0, 0.0, 1.0]), ..likely(it) },
        ("shadow", "2M on 2M") => nothing(),
        _ => likely(it),
    });
    drawn_from("page-sizes/holes", Chart::PageSizes, &sweep, &outcomes);
}
