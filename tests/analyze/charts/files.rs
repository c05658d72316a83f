//! Are charts found by name, written whole or not at all, and beside their numbers?

use super::*;

#[test]
fn every_chart_is_found_by_its_name() {
    assert!(Chart::ALL.into_iter().all(|chart| Chart::by_name(chart.name()) == Some(chart)));
    assert_eq!(Chart::by_name("bars"), None);
}

#[test]
fn a_chart_that_does_not_fit_is_a_failure_that_says_why() {
    let sweep = of_one_size(&TRACES, 1);
    let failure = Chart::Tlb.drawing(&sweep, &made_up(&sweep, likely), &RunTable::ALL).err().unwrap();
    assert!(failure.to_string().contains("needs an axis of entries"), "{failure}");
    for chart in Chart::ALL {
        assert!(!fits(chart, &sweep, &[]));
        assert!(chart.drawing(&sweep, &[], &RunTable::ALL).is_err());
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_a_failure() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let sweep = of_one_size(&TRACES, 1);
    let drawing = Chart::Overhead.drawing(&sweep, &made_up(&sweep, likely), &RunTable::ALL).unwrap();
    assert_eq!(drawing.write(file.path()).unwrap_err().exit_code(), 1);
}

#[test]
fn the_numbers_beside_a_chart_are_those_drawn() {
    let axes = "technique = [\"native\", \"shadow\", \"ept\", \"pv\"]\nprices = [\"prescott\", \"nehalem\"]\n\
                interval = 5_000_000";
    let sweep = sweep(&TRACES[..1], axes, &SHEETS);
    let outcomes = made_up(&sweep, |it| {
        let interval = |n: u64| {
            let mut counts = likely(it).counts;
            counts[Event::RefsDram] *= n;
            counts
        };
        Tally { intervals: (1..=10).map(interval).collect(), ..likely(it) }
    });
    let table = |chart: Chart| -> Vec<Vec<String>> {
        let (tables, _) = written(chart, &sweep, &outcomes, &place("numbers"));
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(&tables[0]).unwrap();
        reader.records().map(|record| record.unwrap().iter().map(String::from).collect()).collect()
    };
    let last = |row: &Vec<String>| row.last().unwrap().parse::<f64>().unwrap();

    let overhead = table(Chart::Overhead);
    assert_eq!(
        overhead[0],
        ["panel", "series", "guest page", "host page", "stretch", "part", "cycles added per access"]
    );
    let shadow = overhead.iter().filter(|row| row[1] == "shadow").map(last).sum::<f64>();
    assert!((shadow - 0.748).abs() < 1e-9, "{shadow}: the sum of the parts");

    let sheets = table(Chart::ExitCost);
    assert_eq!(sheets[0][2], "price sheet");
    assert_eq!(sheets[1][..3], ["sort", "native 4K", "prescott"]);

    let phases = table(Chart::Phases);
    assert_eq!(phases[0][2..], ["accesses so far", "overhead, % of ideal cycles"]);
    assert_eq!(phases[1][1..3], ["native 4K", "2500000"]);
    let highest = outcomes.iter().flat_map(|it| {
        let prices = &sweep.sheets[0].1;
        it.tally.intervals.iter().filter_map(|counts| prices.bill(counts).unwrap().overhead())
    });
    let highest = highest.fold(0.0, f64::max);
    assert!((phases[1..].iter().map(last).fold(0.0, f64::max) - 100.0 * highest).abs() < 1e-9);
}
