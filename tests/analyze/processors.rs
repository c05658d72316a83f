//! Does a processor rest on its base, and is every price there that its cells can be charged?

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use vmmu::prices::PRICES;
use vmmu::sweep::Sweep;

/// What hardware takes, as a user's file may have it.
const HARDWARE: &str = "access = 1\nl2_tlb_hit = 7\nref_l1 = 4\nref_l2 = 10\nref_llc = 43\nref_dram = 240\n\
    vm_exit = 1009\nhypercall = 138\n";

/// A sweep over one processor, `mine`, beside other tables.
fn sweep(folder: &Path, technique: &str, tables: &str) -> Result<Sweep, String> {
    let text = format!(
        "traces = [{{ synthetic = \"uniform\", footprint = \"1M\", accesses = 1000 }}]\n\
         [sweep]\ntechnique = {technique}\ncpu = \"mine\"\n{tables}"
    );
    Sweep::parse(&folder.join("sweep.toml"), &text).map_err(|error| error.to_string())
}

fn parsed(tables: &str) -> Sweep {
    sweep(Path::new(""), r#"["native", "shadow", "ept", "pv"]"#, tables).unwrap()
}

fn refused(technique: &str, tables: &str) -> String {
    sweep(Path::new(""), technique, tables).unwrap_err()
}

/// Every price once: some are charged for several events.
fn names() -> BTreeSet<&'static str> {
    PRICES.iter().map(|price| price.name).collect()
}

/// The prices that a manifest holds for `mine`.
fn prices(sweep: &Sweep) -> BTreeMap<String, String> {
    sweep.manifest(&AtomicBool::new(false)).unwrap().prices["mine"].clone()
}

fn written(sweep: &Sweep) -> &BTreeMap<String, String> {
    &sweep.processors["mine"]
}

#[test]
fn a_processor_with_the_prices_of_its_hardware_takes_the_others_from_software() {
    let sweep = parsed(&format!("[cpu.mine.prices]\n{HARDWARE}pv_bounce = 5\n"));
    let prices = prices(&sweep);
    assert_eq!(prices.len(), names().len());
    let named = ["vm_exit", "pv_bounce", "guest_fault", "exit_work.pt_write"];
    assert_eq!(named.map(|name| prices[name].clone()), ["1009", "5", "1093", "3700"]);
    let assumed = PRICES.into_iter().filter(|price| sweep.sheets[0].1.assumes(*price)).count();
    assert_eq!(assumed, PRICES.len() - HARDWARE.lines().count() - 1, "all of software's, and none of the processor's");
    assert!(written(&sweep)["prices.guest_fault.source"].contains("Adams and Agesen"));
}

/// What `mine` has and another has not, as `key = value`.
fn beside(mine: &Sweep, other: &Sweep) -> Vec<String> {
    let new = written(mine).iter().filter(|(key, value)| written(other).get(*key) != Some(value));
    new.map(|(key, value)| format!("{key} = {value}")).collect()
}

#[test]
fn a_processor_is_its_base_but_for_what_it_says_itself() {
    let base = parsed("[cpu.mine]\nbase = \"zen-4\"\n");
    let own = parsed("[cpu.mine]\nbase = \"zen-4\"\ntlb.l1d.\"4K\".entries = 144\nprices.vm_exit = 1000\n");
    assert_eq!(beside(&own, &base), ["prices.vm_exit = 1000", "tlb.l1d.4K.entries = 144"]);
    // What was said of a number goes with it.
    let gone: Vec<&String> = written(&base).keys().filter(|key| !written(&own).contains_key(*key)).collect();
    let vm_exit = ["prices.vm_exit.confidence", "prices.vm_exit.cycles", "prices.vm_exit.source"];
    assert_eq!(gone, [&vm_exit[..], &["tlb.l1d.4K.confidence", "tlb.l1d.4K.source"]].concat());
    let [own, base] = [own, base].map(|sweep| sweep.rows[0].cell.mmu.clone());
    assert_eq!(own.tlb.l1d[0].map(|array| (array.entries, array.ways)), Some((144, 144)), "as full as zen-4's");
    assert_eq!(
        (own.tlb.l1d[1], own.tlb.l2, own.psc, own.caches),
        (base.tlb.l1d[1], base.tlb.l2, base.psc, base.caches)
    );
}

#[test]
fn arrays_of_a_base_give_way_as_they_do_in_a_sweep() {
    let own = r#"[cpu.mine]
        base = "zen-4"
        tlb.l2."4K" = { entries = 1536, ways = 12 }
        tlb.l2."2M" = { entries = 1024, ways = 8 }
        host_psc.pd = 2
        nested_tlb = 8
        caches = "none"
        "#;
    let sweep = parsed(own);
    let mmu = &sweep.rows[0].cell.mmu;
    let l2 = mmu.tlb.l2.iter().map(|array| (array.sizes.len(), array.geometry.entries)).collect::<Vec<_>>();
    assert_eq!(l2, [(1, 64), (1, 1536), (1, 1024)], "4K+2M is gone, 1G stays");
    assert_eq!(
        [mmu.psc, mmu.host_psc].map(|psc| psc.0.map(|array| array.map(|array| array.entries))),
        [[Some(64), Some(64), Some(64), None], [Some(2), Some(64), Some(64), None]]
    );
    assert!(mmu.nested_tlb.is_some_and(|array| array.entries == 8) && mmu.caches.is_none());
    let kept = |word: &str| written(&sweep).keys().filter(|key| key.starts_with(word)).count();
    assert_eq!((kept("tlb.l2.4K+2M"), kept("nested_tlb"), kept("caches"), kept("tlb.l2.1G")), (0, 1, 1, 4));
}

#[test]
fn bases_are_found_in_the_file_among_the_built_in_and_beside_the_file_that_names_them() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("lab")).unwrap();
    fs::write(folder.path().join("lab/a.toml"), "base = \"b.toml\"\nprices.vm_exit = 1").unwrap();
    fs::write(folder.path().join("lab/b.toml"), "base = \"nehalem\"\nprices.hypercall = 2").unwrap();
    let chain = "[cpu.mine]\nbase = \"other\"\n[cpu.other]\nbase = \"lab/a.toml\"\nprices.access = 3";
    let found = prices(&sweep(folder.path(), "\"ept\"", chain).unwrap());
    let named = ["vm_exit", "hypercall", "access", "ref_l2"].map(|name| found[name].clone());
    assert_eq!(named, ["1", "2", "3", "10"]);
}

#[test]
fn bases_in_a_circle_and_bases_that_are_none_are_refused() {
    let circle = refused("\"ept\"", "[cpu.mine]\nbase = \"other\"\n[cpu.other]\nbase = \"mine\"\n");
    assert!(circle.contains("bases in a circle: mine → other → mine"), "{circle}");
    assert!(!circle.contains("price"), "what follows from it alone is not told: {circle}");
    assert!(circle.contains("line 8, column 8"), "{circle}");
    assert!(refused("\"ept\"", "[cpu.mine]\nbase = \"mine\"\n").contains("mine → mine"));
    let unknown = refused("\"ept\"", "[cpu.mine]\nbase = \"zen4\"\n");
    assert!(unknown.contains("unknown processor `zen4`") && unknown.contains("did you mean `zen-4`?"), "{unknown}");
    assert!(unknown.contains("zen-4, software, or a path"), "{unknown}");
    assert!(refused("\"ept\"", "[cpu.mine]\nbase = 4\n").contains("base: the number 4"));

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.toml"), "base = \"./b.toml\"").unwrap();
    fs::write(folder.path().join("b.toml"), "base = \"a.toml\"").unwrap();
    let circle = sweep(folder.path(), "\"ept\"", "[cpu.mine]\nbase = \"a.toml\"\n").unwrap_err();
    assert!(circle.contains("bases in a circle: mine → ") && circle.contains("b.toml, line 1, column 8"), "{circle}");
}

#[test]
fn a_price_is_demanded_where_a_cell_can_count_its_event() {
    let sheet = |without: &str| {
        let lines = HARDWARE.lines().filter(|line| !line.starts_with(without));
        format!("[cpu.mine.prices]\n{}\n", lines.collect::<Vec<_>>().join("\n"))
    };
    let cases = [("vm_exit", "\"native\"", "\"shadow\""), ("hypercall", "[\"shadow\", \"ept\"]", "\"pv\"")];
    for (price, without, with) in cases {
        let sound = sweep(Path::new(""), without, &sheet(price)).unwrap();
        assert!(!prices(&sound).contains_key(price), "{price} is not made up");
        let message = refused(with, &sheet(price));
        assert!(message.contains(&format!("`mine`: missing prices: `{price}`")), "{message}");
        assert!(message.contains("0 too") && message.contains("line 4, column 7"), "{message}");
    }
    assert!(refused("\"native\"", &sheet("l2_tlb_hit")).contains("missing prices: `l2_tlb_hit`"));
    let excluded = format!("{}[[exclude]]\ntechnique = \"pv\"\n", sheet("hypercall"));
    assert!(sweep(Path::new(""), "[\"native\", \"pv\"]", &excluded).is_ok(), "no cell of pv is priced");
    assert!(refused("\"native\"", "[cpu.mine]\ntlb.tags = true\n").contains("`mine` has no price sheet"));
}

#[test]
fn a_file_with_all_prices_means_what_it_always_meant() {
    let all: String = names().iter().map(|name| format!("prices.{name} = 3\n")).collect();
    let sweep = parsed(&format!("[cpu.mine]\nname = \"Mine\"\ntlb.l1d.\"4K\" = {{ entries = 4, ways = 4 }}\n{all}"));
    assert!(prices(&sweep).values().all(|price| price == "3"));
    assert_eq!(written(&sweep).len(), names().len() + 3, "nothing of software's");
    assert!(!PRICES.iter().any(|price| sweep.sheets[0].1.assumes(*price)));
}
