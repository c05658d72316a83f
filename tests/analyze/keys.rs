//! Is every key of a sweep file and of a processor one that is read?

use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;
use toml::{Table, Value};
use vmmu::error::{Defect, Error};
use vmmu::sweep::Sweep;

/// A sweep with a table of each kind.
const SWEEP: &str = r#"
traces = [{ synthetic = "uniform", footprint = "4M", accesses = 20_000 }]
[sweep]
technique = ["native", "shadow"]
guest_pages = ["4K", "2M"]
cpu = ["mine", "nehalem"]
sample = { of = "1/16", warm = 1000 }
shadow = [{ fill = "eager", on_switch = "keep" }, { fill = "lazy", on_switch = "drop" }]
thp.infer_ranges = false
pv.batch = 7
vms = 2
nested_tlb = { entries = 16, ways = 4 }
psc.pd = 32
caches.l1 = { size = "32K", ways = 8 }
[sweep.prices]
sheet = "mine"
vm_exit = { cycles = [500, 1009], source = "x", confidence = "assumed" }
exit_work.cr3 = 7.5
[sweep.tlb]
tags = true
l1d."4K" = { entries = [32, 64], ways = 4 }
l2."4K+2M" = [{ entries = 512, ways = 4 }, { entries = 1024, ways = 8 }]
[[exclude]]
technique = "shadow"
shadow.fill = "lazy"
[output]
dir = "results"
tornado = { technique = "shadow" }
[cpu.mine]
name = "Mine"
source = "a test"
clock = "2.6G"
tlb.l1d."4K" = { entries = 64, ways = 4, source = "x", confidence = "assumed" }
psc.pd = { entries = 32, ways = 4 }
host_psc.pd = 16
nested_tlb = 16
caches = { l1 = { size = "32K", ways = 8 }, l2 = { size = "256K", ways = 8 }, llc = { size = "8M", ways = 16 } }
[cpu.mine.prices]
access = { cycles = 1, source = "x", confidence = "assumed" }
l2_tlb_hit = 7
ref_l1 = 4
ref_l2 = 10
ref_llc = 43
ref_dram = 240
vm_exit = 1009
hypercall = 138
guest_fault = 1
cow_fault = 1
first_write = 1
pte_write = 1
invalidation = 1
full_flush = 1
switch = 1
exit_work = { page_fault = 1, pt_write = 1, hidden_fault = 1, dirty = 1, cr3 = 1, invlpg = 1, ept_violation = 1 }
mmu_update = 1
pv_bounce = 1
vm_switch = 1
"#;

/// Calls `plant` with every value in turn, and how it is reached.
fn each(value: &mut Value, path: &str, plant: &mut impl FnMut(&mut Value, &str)) {
    match value {
        Value::Table(table) => table.iter_mut().for_each(|(key, below)| each(below, &format!("{path}.{key}"), plant)),
        Value::Array(list) => list.iter_mut().for_each(|below| each(below, path, plant)),
        _ => {}
    }
    plant(value, path);
}

/// Puts a key into a table, into a new table at the end of a list, or in the place of another value.
fn plant(place: &mut Value, key: &str, value: Value) {
    let new = Table::from_iter([(key.to_string(), value)]);
    match place {
        Value::Table(table) => table.extend(new),
        Value::Array(list) => list.push(new.into()),
        _ => *place = new.into(),
    }
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        "[a-z0-9]{0,4}".prop_map(Value::from),
        Just(Value::from(0.25)),
        Just(Value::Datetime("1979-05-27".parse().unwrap())),
        Just(Value::from(vec![1, 2])),
        Just(Table::from_iter([("cycles".to_string(), Value::from(1))]).into()),
    ]
}

/// Every sweep that comes of planting a key into each place of another in turn: how the place is reached, and the text.
fn planted(whole: &str, key: &str, new: &Value) -> Vec<(String, String)> {
    let mut whole = Value::Table(whole.parse().unwrap());
    let mut places = Vec::new();
    each(&mut whole, "", &mut |_, path| places.push(path.to_string()));
    let with = |chosen: usize| {
        let (mut planted, mut at) = (whole.clone(), 0);
        each(&mut planted, "", &mut |place, _| {
            if at == chosen {
                plant(place, key, new.clone());
            }
            at += 1;
        });
        planted.as_table().unwrap().to_string()
    };
    let texts: Vec<String> = (0..places.len()).map(with).collect();
    places.into_iter().zip(texts).collect()
}

fn parsed(text: &str) -> Result<Sweep, Error> {
    Sweep::parse(Path::new("sweep.toml"), text)
}

/// Fails unless a defect names the key, or the table that stands in the place of another value.
fn told(error: Error, path: &str, key: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(error.exit_code(), 2);
    let Error::Input(defects) = error else { unreachable!() };
    let names = |text: &str| text.contains(key) || text.contains(path.rsplit('.').next().unwrap());
    let told = |defect: &Defect| names(&defect.found) || defect.excerpt.as_ref().is_some_and(|line| names(&line.text));
    prop_assert!(defects.iter().any(told), "{path}.{key}: {defects:?}");
    Ok(())
}

/// Words that mean something at some place of a sweep file or a processor.
fn known_words() -> Vec<&'static str> {
    let keys = vmmu::sweep::keys().iter().flat_map(|key| key.name.split('.'));
    let prices = vmmu::prices::PRICES.into_iter().flat_map(|price| price.name.split('.'));
    let workloads = vmmu::trace::synth::KEYS.iter().map(|key| key.name);
    let others = [
        "traces",
        "sweep",
        "exclude",
        "output",
        "file",
        "synthetic",
        "sheet",
        "cycles",
        "confidence",
        "entries",
        "size",
        "ways",
        "policy",
        "seed",
        "dir",
        "charts",
        "sensitivity",
        "references",
        "report",
        "tornado",
        "4K",
        "2M",
        "4K+2M",
        "l1",
        "pd",
    ];
    let words = keys
        .chain(prices)
        .chain(workloads)
        .chain(others)
        .filter(|word| !word.bytes().all(|it| it.is_ascii_uppercase()));
    words.collect::<BTreeSet<_>>().into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn an_unknown_key_anywhere_is_refused_with_its_line(key in "x[a-z_]{0,8}", new in values()) {
        for (path, text) in planted(SWEEP, &key, &new) {
            // A name for a processor is the user's to choose.
            if path == ".cpu" && new.is_table() {
                continue;
            }
            let Err(error) = parsed(&text) else {
                return Err(TestCaseError::fail(format!("{path}.{key} = {new} is accepted")));
            };
            told(error, &path, &key)?;
        }
    }

    #[test]
    fn a_known_word_anywhere_is_refused_or_says_something(word in prop::sample::select(known_words()), new in values()) {
        let sound = format!("{:?}", parsed(SWEEP).unwrap());
        for (path, text) in planted(SWEEP, word, &new) {
            // A default may be said, and processors may be called as one likes.
            let is_default = (path.as_str(), word, &new) == (".output", "steady", &Value::from(false));
            if is_default || (path == ".cpu" && new.is_table()) || text == SWEEP.parse::<Table>().unwrap().to_string() {
                continue;
            }
            if let Ok(sweep) = parsed(&text) {
                prop_assert!(format!("{sweep:?}") != sound, "{path}.{word} = {new} is accepted and not read");
            }
        }
    }

    #[test]
    fn an_unknown_key_anywhere_in_a_processor_s_file_is_refused_with_its_line(key in "x[a-z_]{0,8}", new in values()) {
        let dir = tempfile::tempdir().unwrap();
        let sweep = SWEEP.split("[cpu.mine]").next().unwrap().replace("\"mine\"", "\"mine.toml\"");
        let file = dir.path().join("sweep.toml");
        let parsed = |processor: &str| {
            std::fs::write(dir.path().join("mine.toml"), processor).unwrap();
            Sweep::parse(&file, &sweep)
        };
        parsed(PROCESSOR).unwrap();
        for (path, text) in planted(PROCESSOR, &key, &new) {
            match parsed(&text) {
                Ok(_) => return Err(TestCaseError::fail(format!("{path}.{key} = {new} is accepted"))),
                Err(error) => told(error, &path, &key)?,
            }
        }
    }
}

const PROCESSOR: &str = r#"
name = "Mine"
source = "a test"
base = "nehalem"
clock = "2.6G"
tlb.l1d."4K" = { entries = 64, ways = 4, source = "x", confidence = "assumed" }
host_psc.pd = 16
caches = { l1 = { size = "32K", ways = 8 }, l2 = { size = "256K", ways = 8 }, llc = { size = "8M", ways = 16 } }
prices.vm_exit = { cycles = 1009, source = "x", confidence = "measured" }
prices.exit_work = { page_fault = 1, cr3 = { cycles = 2 } }
"#;

#[test]
fn the_sweep_to_which_keys_are_added_is_sound() {
    let again = SWEEP.parse::<Table>().unwrap().to_string();
    // Shadow paging is filled in one way alone, and means nothing to native paging, nor does an exit.
    assert_eq!(parsed(&again).unwrap().rows.len(), 48);
}

#[test]
fn what_is_said_twice_or_under_a_name_of_its_own_is_refused() {
    let base = "traces = [{ synthetic = \"uniform\" }]\n[sweep]\ntechnique = \"ept\"\ncpu = \"nehalem\"\n";
    for (rest, words) in [
        (
            "tlb.l2.\"4K+2M\" = { entries = 512, ways = 4 }\ntlb.l2.\"2M+4K\" = { entries = 64, ways = 4 }",
            "is given values twice",
        ),
        (
            "tlb.l2 = [{ \"4K+2M\" = { entries = 8, ways = 4 }, \"2M+4K\" = { entries = 4, ways = 4 } }]",
            "is given values twice",
        ),
        (
            "[cpu.x.tlb.l2]\n\"4K+2M\" = { entries = 8, ways = 4 }\n\"2M+4K\" = { entries = 4, ways = 4 }",
            "is given values twice",
        ),
        ("\"tlb.tags\" = true\n", "a dot within the key `tlb.tags`"),
        ("[cpu.x]\n\"tlb.tags\" = true\n", "a dot within the key `tlb.tags`"),
        ("[[exclude]]\n\"shadow.fill\" = \"lazy\"\n", "a dot within the key `shadow.fill`"),
        ("tlb.l1d.\"4K\" = { entries = 64, ways = 4, confidence = \"sure\" }", "one of `measured`, `published`"),
        ("[output]\ntornado = { technique = \"ept\" }\nsensitivity = false", "no chart is drawn"),
        ("[output]\ntornado = { technique = \"ept\" }\ncharts = [\"overhead\"]", "no chart is drawn"),
    ] {
        let error = parsed(&format!("{base}{rest}")).map(|_| rest).unwrap_err().to_string();
        assert!(error.contains(words), "{rest}: {error}");
    }
}
