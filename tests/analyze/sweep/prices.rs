//! Does a price of the file take the place of the sheet's, and nothing else change?

use super::*;
use vmmu::sweep::Sweep;

const CELLS: &str = "[sweep]\ntechnique = [\"native\", \"ept\", \"shadow\"]\ncpu = \"nehalem\"\n";

fn parsed(rest: &str) -> Sweep {
    Sweep::parse(Path::new("sweep.toml"), &format!("{SMALL}\n{rest}")).unwrap()
}

/// Cycles of a price in each sheet of a sweep.
fn cycles(sweep: &Sweep, name: &str) -> Vec<(String, String)> {
    let sheets = sweep.sheets_written().into_iter();
    sheets.map(|(sheet, prices)| (sheet, prices[name].clone())).collect()
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect()
}

#[test]
fn one_line_gives_one_price_and_the_manifest_holds_the_sheet_that_comes_of_it() {
    let own =
        parsed(&format!("{CELLS}prices.vm_exit = 500\nprices.exit_work.cr3 = {{ cycles = 7.5, source = \"x\" }}"));
    let name = "nehalem, exit_work.cr3 = 7.5, vm_exit = 500";
    // No access exits natively, and only shadow paging exits for CR3.
    let sheets = owned(&[("nehalem", "1009"), (name, "500"), ("nehalem, vm_exit = 500", "500")]);
    assert_eq!(cycles(&own, "vm_exit"), sheets);
    assert_eq!(cycles(&own, "exit_work.cr3")[1], (name.into(), "7.5".into()));
    let (_, usual) = &cycles(&parsed(CELLS), "pte_write")[0];
    assert!(cycles(&own, "pte_write").iter().all(|(_, cycles)| cycles == usual));
}

#[test]
fn an_axis_of_prices_has_a_column_and_costs_no_simulation() {
    let rest = "[sweep.prices]\nvm_exit = [500, 1_000.5]\nsheet = [\"nehalem\", \"sandy-bridge\"]\n";
    let dir = sweep(SMALL, &format!("{CELLS}{rest}"));
    let passes = |folder: &Path| {
        let said = text(&analyze(folder, &["--config", "sweep.toml", "--dry-run"]).stdout);
        said.lines().find(|line| line.starts_with("passes:")).unwrap().to_string()
    };
    assert_eq!(passes(dir.path()), passes(sweep(SMALL, CELLS).path()));
    let csv = table(&format!("{CELLS}{rest}"));
    let exits = |sheet: &str, price: &str| {
        by_technique(&csv, &[("trace", "churn"), ("prices", sheet), ("prices.vm_exit", price)], "cycles_exits")
    };
    let vm_exits = by_technique(&csv, &[("trace", "churn"), ("prices", "nehalem")], "vm_exits")["shadow"];
    let spared = exits("nehalem", "1000.5")["shadow"] - exits("nehalem", "500")["shadow"];
    assert!((spared - 500.5 * vm_exits).abs() < 1e-6 * spared, "{spared}");
    assert_eq!(exits("sandy-bridge", "").keys().collect::<Vec<_>>(), ["native"], "it never exits");
    assert!(!exits("nehalem", "500").contains_key("native"));
}

#[test]
fn prices_vary_together_are_excluded_and_are_known_by_how_sure_they_are() {
    let linked =
        "prices = [\"sandy-bridge\", { sheet = \"nehalem\", vm_exit = { cycles = 500, confidence = \"assumed\" } }]\n";
    let own = parsed(&format!("{CELLS}{linked}"));
    let row = own.rows.last().unwrap();
    assert_eq!(own.columns.last().unwrap().name, "prices.vm_exit");
    assert_eq!(own.sheets[row.sheet].0, "nehalem, vm_exit = 500");
    let vm_exit = vmmu::prices::PRICES.into_iter().find(|price| price.name == "vm_exit").unwrap();
    assert!(own.sheets[row.sheet].1.assumes(vm_exit) && !own.sheets[0].1.assumes(vm_exit));
    let fewer = parsed(&format!("{CELLS}{linked}[[exclude]]\nprices.vm_exit = 500"));
    assert_eq!((own.rows.len(), fewer.rows.len()), (6, 4));
}

#[test]
fn what_is_no_price_is_refused_with_the_nearest() {
    let wrong = "[sweep.prices]\nvm_exti = 5\nexit_work.cr4 = 3\nhypercall = \"a\"\nswitch = { source = \"x\" }\nsheeet = 1\n\
        pte_write = -1\naccess = { cycles = 2, confidence = \"sure\" }\n";
    refused(
        sweep(SMALL, &format!("{CELLS}{wrong}[output]\ndir = \"results\"")).path(),
        &[
            "line 7, column 11: unknown key `prices.vm_exti`",
            "did you mean `vm_exit`?",
            "unknown key `prices.exit_work.cr4`",
            "did you mean `cr3`?",
            "prices.hypercall: the string \"a\"",
            "prices.switch: no `cycles`",
            "did you mean `sheet`?",
            "prices.pte_write: the number -1",
            "one of `measured`, `published`",
        ],
    );
}
