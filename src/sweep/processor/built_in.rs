//! The processors that are built in, and the sheet of software prices beneath them.

use super::Processor;
use crate::sweep::document::{Document, scalar};

/// The built-in processors, Intel's by age, then AMD's: name and TOML text.
pub const BUILT_IN: [(&str, &str); 14] = [
    ("prescott", include_str!("../processors/prescott.toml")),
    ("merom", include_str!("../processors/merom.toml")),
    ("penryn", include_str!("../processors/penryn.toml")),
    ("nehalem", include_str!("../processors/nehalem.toml")),
    ("westmere", include_str!("../processors/westmere.toml")),
    ("sandy-bridge", include_str!("../processors/sandy-bridge.toml")),
    ("haswell", include_str!("../processors/haswell.toml")),
    ("skylake-sp", include_str!("../processors/skylake-sp.toml")),
    ("cascade-lake", include_str!("../processors/cascade-lake.toml")),
    ("ice-lake", include_str!("../processors/ice-lake.toml")),
    ("golden-cove", include_str!("../processors/golden-cove.toml")),
    ("zen-2", include_str!("../processors/zen-2.toml")),
    ("zen-3", include_str!("../processors/zen-3.toml")),
    ("zen-4", include_str!("../processors/zen-4.toml")),
];

/// What software takes on any processor: the base of processors that name no other.
pub const SOFTWARE: (&str, &str) = ("software", include_str!("../processors/software.toml"));

/// The `name` in a processor's text, empty if it has none.
pub fn full_name(text: &str) -> String {
    let document = Document::new("", text);
    document.parse().ok().and_then(|table| scalar(table.get("name")?.get_ref())).unwrap_or_default()
}

/// A built-in processor with all that it inherits, or the sheet of software prices, as TOML; `None` if there is none of this name.
pub fn shown(name: &str) -> Option<String> {
    if name == SOFTWARE.0 {
        return Some(SOFTWARE.1.into());
    }
    let (_, own) = BUILT_IN.into_iter().find(|(known, _)| *known == name)?;
    // The sheet begins with its name and a comment, each with an empty line after it.
    let sheet = SOFTWARE.1.splitn(3, "\n\n").nth(2)?;
    let given = |line: &str| own.lines().any(|own| own.split(" = ").next() == line.split(" = ").next());
    let inherited: Vec<&str> = sheet.lines().filter(|line| !given(line)).collect();
    Some(format!(
        "{own}\n{}# Inherited from `{}`, the sheet of every built-in processor:\n{}\n",
        host_psc(own),
        SOFTWARE.0,
        inherited.join("\n")
    ))
}

/// The paging-structure caches of host walks as comments, where a processor's text does not give them: they are as those of the
/// guest's, also of a copy with others.
fn host_psc(own: &str) -> String {
    let guest = || own.lines().filter(|line| line.starts_with("psc."));
    if own.lines().any(|line| line.starts_with("host_psc")) || guest().count() == 0 {
        return String::new();
    }
    let host: String = guest().map(|line| format!("# host_{line}\n")).collect();
    format!(
        "# Walks of the host's tables have caches of their own, where nothing else is said as those of the guest's:\n{host}\n"
    )
}

impl Processor {
    /// What software takes on any processor.
    pub fn software() -> Processor {
        let document = Document::new(SOFTWARE.0, SOFTWARE.1);
        // It is sound, as a test sees to.
        document.parse().map(|table| Processor::default().with(&document, &table)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prices::{Confidence, PRICES, Prices};
    use crate::sweep::processor::find::Shelf;
    use std::collections::{BTreeMap, BTreeSet};

    fn read(text: &str) -> Processor {
        let document = Document::new("", text);
        let table = document.parse().unwrap();
        let processor = Shelf::new(&document, BTreeMap::new()).read(&table, &[]).unwrap();
        drop(table);
        assert_eq!(document.into_defects(), []);
        processor
    }

    #[test]
    fn every_number_of_a_built_in_processor_has_a_source_and_says_how_sure_it_is() {
        for (name, text) in BUILT_IN {
            let processor = read(text);
            assert_eq!(processor.prices.as_ref().map(Prices::iter).unwrap().count(), PRICES.len(), "{name}");
            let numbers = [".entries", ".size", ".cycles"];
            let written = &processor.written;
            for array in written.keys().filter_map(|key| numbers.iter().find_map(|number| key.strip_suffix(number))) {
                assert!(
                    written.get(&format!("{array}.source")).is_some_and(|text| !text.is_empty()),
                    "{name}: {array}"
                );
                let confidence = written.get(&format!("{array}.confidence"));
                assert!(confidence.is_some_and(|word| Confidence::by_name(word).is_some()), "{name}: {array}");
            }
            let parts = [".cycles", ".source", ".confidence"];
            let prices = written.keys().filter(|key| key.starts_with("prices."));
            assert_eq!(prices.filter(|key| !parts.iter().any(|part| key.ends_with(part))).count(), 0, "{name}");
        }
    }

    #[test]
    fn what_is_shown_of_a_processor_is_all_of_it() {
        for (name, text) in BUILT_IN {
            let shown = shown(name).unwrap();
            let lacks = |price: &str| shown.matches(&format!("\nprices.{price} = ")).count() != 1;
            assert!(!PRICES.iter().any(|price| lacks(price.name)), "{shown}");
            assert_eq!(read(&shown).written, read(text).written, "{name}");
            // As it is, or as a comment that may be made a line.
            let of = |beginning: &str| shown.lines().filter(|line| line.starts_with(beginning)).count();
            assert_eq!(of("psc."), of("host_psc.") + of("# host_psc."), "{name}");
            let told = shown.replace("# host_psc.", "host_psc.");
            assert_eq!(read(&told).settings.cell(), read(text).settings.cell(), "{name}");
        }
    }

    #[test]
    fn software_is_the_base_and_has_no_price_of_hardware() {
        let software = Processor::software();
        let hardware = ["l2_tlb_hit", "ref_l1", "ref_l2", "ref_llc", "ref_dram", "vm_exit", "hypercall"];
        for price in PRICES {
            let has = software.prices.unwrap().get(price).is_some();
            assert_eq!(has, !hardware.contains(&price.name), "{}", price.name);
        }
    }

    /// What a built-in processor says under a dotted key.
    fn said(text: &str, key: &str) -> Option<String> {
        read(text).written.get(key).cloned()
    }

    #[test]
    fn every_built_in_processor_has_a_name_and_a_full_name_of_its_own() {
        let names: BTreeSet<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        let full: BTreeSet<String> = BUILT_IN.iter().map(|(_, text)| full_name(text)).collect();
        assert_eq!((names.len(), full.len()), (BUILT_IN.len(), BUILT_IN.len()));
        for (name, text) in BUILT_IN {
            let full = full_name(text).to_lowercase().replace(' ', "-");
            assert!(full.contains(name) && full.ends_with(')'), "{name}: {full}");
        }
    }

    #[test]
    fn a_processor_without_ept_has_no_nested_tlb_and_says_so() {
        let without: Vec<&str> = BUILT_IN
            .into_iter()
            .filter(|(name, text)| {
                let nested = said(text, "nested_tlb.entries").is_some();
                assert_eq!(nested, said(text, "ept").is_none(), "{name}");
                !nested
            })
            .map(|(name, _)| name)
            .collect();
        assert_eq!(without, ["prescott", "merom", "penryn"]);
    }

    #[test]
    fn the_work_of_the_vmm_costs_the_same_in_every_built_in_sheet() {
        let software = PRICES.iter().map(|price| price.name).filter(|name| name.starts_with("exit_work."));
        for name in software.chain(["mmu_update", "pte_write", "vm_switch"]) {
            let cycles: BTreeSet<_> =
                BUILT_IN.iter().map(|(_, text)| said(text, &format!("prices.{name}.cycles")).unwrap()).collect();
            assert_eq!(cycles.len(), 1, "{name}: {cycles:?}");
        }
    }
}
