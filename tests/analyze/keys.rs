//! Is every key of a sweep file and of a processor one that is read?

use proptest::prelude::*;
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
        Just(Value::from(0.5)),
        Just(Value::Datetime("1979-05-27".parse().unwrap())),
        Just(Value::from(vec![1, 2])),
        Just(Table::from_iter([("cycles".to_string(), Value::from(1))]).into()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn an_unknown_key_anywhere_is_refused_with_its_line(key in "x[a-z_]{0,8}", new in values()) {
        let mut whole = Value::Table(SWEEP.parse().unwrap());
        let mut places = Vec::new();
        each(&mut whole, "", &mut |_, path| places.push(path.to_string()));
        for (chosen, path) in places.iter().enumerate() {
            // A name for a processor is the user's to choose.
            if path == ".cpu" && new.is_table() {
                continue;
            }
            let (mut planted, mut at) = (whole.clone(), 0);
            each(&mut planted, "", &mut |place, _| {
                if at == chosen {
                    plant(place, &key, new.clone());
                }
                at += 1;
            });
            let text = planted.as_table().unwrap().to_string();
            let Err(error) = Sweep::parse(Path::new("sweep.toml"), &text) else {
                return Err(TestCaseError::fail(format!("{path}.{key} = {new} is accepted")));
            };
            prop_assert_eq!(error.exit_code(), 2);
            let Error::Input(defects) = error else { unreachable!() };
            // The key, or the table that stands in the place of another value.
            let names = |text: &str| text.contains(&key) || text.contains(path.rsplit('.').next().unwrap());
            let told = |defect: &Defect| {
                defect.excerpt.as_ref().is_some_and(|line| names(&defect.found) || names(&line.text))
            };
            prop_assert!(defects.iter().any(told), "{path}.{key}: {defects:?}");
        }
    }
}

#[test]
fn the_sweep_to_which_keys_are_added_is_sound() {
    let again = SWEEP.parse::<Table>().unwrap().to_string();
    assert_eq!(Sweep::parse(Path::new("sweep.toml"), &again).unwrap().rows.len(), 64);
}
