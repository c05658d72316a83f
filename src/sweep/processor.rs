//! Processors: geometry and prices, built in or the user's own.

use super::axes::{Assignment, axes};
use super::document::{Document, describe, integer, scalar};
use super::settings::{Key, Refusal, Settings, alternatives, find, first_words, is_table, stranger};
use crate::prices::{Confidence, Cycles, PRICES, Prices};
use crate::words::{did_you_mean, one_of};
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The built-in processors, Intel's by age, then AMD's: name and TOML text.
pub const BUILT_IN: [(&str, &str); 14] = [
    ("prescott", include_str!("processors/prescott.toml")),
    ("merom", include_str!("processors/merom.toml")),
    ("penryn", include_str!("processors/penryn.toml")),
    ("nehalem", include_str!("processors/nehalem.toml")),
    ("westmere", include_str!("processors/westmere.toml")),
    ("sandy-bridge", include_str!("processors/sandy-bridge.toml")),
    ("haswell", include_str!("processors/haswell.toml")),
    ("skylake-sp", include_str!("processors/skylake-sp.toml")),
    ("cascade-lake", include_str!("processors/cascade-lake.toml")),
    ("ice-lake", include_str!("processors/ice-lake.toml")),
    ("golden-cove", include_str!("processors/golden-cove.toml")),
    ("zen-2", include_str!("processors/zen-2.toml")),
    ("zen-3", include_str!("processors/zen-3.toml")),
    ("zen-4", include_str!("processors/zen-4.toml")),
];

/// The `name` in a processor's text, empty if it has none.
pub fn full_name(text: &str) -> String {
    let document = Document::new("", text);
    document.parse().ok().and_then(|table| scalar(table.get("name")?.get_ref())).unwrap_or_default()
}

/// A processor's structure and what its events cost.
#[derive(Clone, Debug, Default)]
pub struct Processor {
    pub settings: Settings,
    /// `None` where the file has no prices at all: it serves for geometry only.
    pub prices: Option<Prices>,
    /// Every setting and price as written, for the manifest.
    pub written: BTreeMap<String, String>,
}

impl Processor {
    /// Reads a processor's table; what is wrong with it is noted in its document. Dotted names of keys begin with `prefix`.
    pub fn read<'a>(document: &Document, table: &'a DeTable<'a>) -> Processor {
        let known = first_words(Key::is_of_processor);
        document.only_keys(table, &known);
        let mut processor = Processor::default();
        for axis in axes(document, table) {
            if axis.varies() {
                let start = axis.start();
                document.note(start..start, "a list in a processor", "one value", "sweep it under [sweep.tlb]");
            }
            for assignment in axis.options.into_iter().next().unwrap_or_default() {
                let key = assignment.key.as_str();
                let text = scalar(assignment.value.get_ref()).unwrap_or_default();
                processor.written.insert(key.to_string(), text);
                if known.contains(&assignment.first_word()) && assignment.first_word() != "prices" {
                    apply(document, &mut processor.settings, Key::is_of_processor, &assignment);
                }
            }
        }
        if let Err(faults) = processor.settings.cell() {
            let place = table.values().map(|value| value.span().start).min().unwrap_or(0);
            faults.into_iter().for_each(|fault| document.note(place..place, fault, "a geometry that can be built", ""));
        }
        if let Some(prices) = table.get("prices") {
            processor.prices = read_prices(document, prices);
        }
        processor
    }
}

/// Applies one key to the settings, and notes what is wrong with it.
pub fn apply(document: &Document, settings: &mut Settings, may: fn(&Key) -> bool, assignment: &Assignment) {
    let (key, value) = (assignment.key.as_str(), assignment.value);
    let outcome = find(key, may).ok_or(Refusal::UnknownKey).and_then(|_| settings.set(key, value.get_ref()));
    match outcome {
        Ok(()) => {}
        Err(Refusal::Value(found, expected)) => document.note(value.span(), format!("{key}: {found}"), expected, ""),
        Err(Refusal::UnknownKey) if is_table(key, may) => {
            let found = format!("{key}: {}", describe(value.get_ref()));
            document.note(value.span(), found, "a table", "`analyze presets show nehalem` prints one");
        }
        Err(Refusal::UnknownKey) => {
            let remedy = stranger(key, may).map(|(word, known)| did_you_mean(word, &known)).unwrap_or_default();
            document.note(value.span(), format!("unknown key `{key}`"), alternatives(key, may), remedy);
        }
    }
}

/// A price sheet, all of it: a price that is missing is a defect, never 0.
fn read_prices(document: &Document, value: &Spanned<DeValue<'_>>) -> Option<Prices> {
    let table = document.table(value, "a table of prices")?;
    let (top, work): (Vec<_>, Vec<_>) = PRICES.iter().map(|price| price.name).partition(|name| !name.contains('.'));
    let work: Vec<_> = work.iter().filter_map(|name| name.strip_prefix("exit_work.")).collect();
    document.only_keys(table, &[top, vec!["exit_work"]].concat());
    let exit_work = table.get("exit_work").and_then(|value| document.table(value, "a table of prices by exit reason"));
    if let Some(table) = exit_work {
        document.only_keys(table, &work);
    }
    let mut missing = Vec::new();
    let cycles = PRICES.map(|price| {
        let found = match price.name.strip_prefix("exit_work.") {
            Some(reason) => exit_work.and_then(|table| table.get(reason)),
            None => table.get(price.name),
        };
        match found {
            Some(value) => read_cycles(document, price.name, value),
            None => {
                missing.push(format!("`{}`", price.name));
                None
            }
        }
    });
    if !missing.is_empty() {
        let found = format!("missing prices: {}", missing.join(", "));
        document.note(value.span(), found, "every price of the model", "add them; 0 must be written too");
    }
    let (numbers, assumed) = (cycles.map(|it| it.map(|it| it.0)), cycles.map(|it| it.is_some_and(|it| it.1)));
    cycles.iter().all(Option::is_some).then(|| Prices::new(numbers, assumed))
}

/// A price, and whether it is assumed.
fn read_cycles(document: &Document, name: &str, value: &Spanned<DeValue<'_>>) -> Option<(Cycles, bool)> {
    let mut assumed = false;
    let number = match value.get_ref() {
        DeValue::Table(table) => {
            document.only_keys(table, &["cycles", "source", "confidence"]);
            table.get("source").and_then(|source| document.string(source, "words"));
            assumed = table.get("confidence").and_then(|word| confidence(document, word)) == Some(Confidence::Assumed);
            let Some(number) = table.get("cycles") else {
                document.note(value.span(), format!("{name}: no `cycles`"), "{ cycles = 1009, source = \"…\" }", "");
                return None;
            };
            number
        }
        _ => value,
    };
    let text = match number.get_ref() {
        DeValue::Integer(_) => integer(number.get_ref()).map(|number| number.to_string()),
        DeValue::Float(float) => Some(float.as_str().to_string()),
        _ => None,
    };
    let cycles = text.and_then(|text| Cycles::parse(&text));
    if cycles.is_none() {
        let found = format!("{name}: {}", describe(number.get_ref()));
        document.note(number.span(), found, "cycles: a number from 0 to below 10^9, with at most nine decimals", "");
    }
    cycles.map(|cycles| (cycles, assumed))
}

fn confidence(document: &Document, value: &Spanned<DeValue<'_>>) -> Option<Confidence> {
    let words = Confidence::WORDS.map(|(word, _)| word);
    let word = document.string(value, &one_of(&words))?;
    let confidence = Confidence::by_name(word);
    if confidence.is_none() {
        document.unknown(value.span(), "confidence", word, &words);
    }
    confidence
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_number_of_a_built_in_processor_has_a_source() {
        for (name, text) in BUILT_IN {
            let document = Document::new(name, text);
            let table = document.parse().unwrap();
            let processor = Processor::read(&document, &table);
            assert!(processor.prices.is_some());
            for key in processor
                .written
                .keys()
                .filter(|key| [".entries", ".size", ".cycles"].iter().any(|end| key.ends_with(end)))
            {
                let source = key.rsplit_once('.').map(|(array, _)| format!("{array}.source")).unwrap();
                assert!(processor.written.get(&source).is_some_and(|text| !text.is_empty()), "{name}: {key}");
                let confidence = processor.written.get(&source.replace(".source", ".confidence")).map(String::as_str);
                let words = ["measured", "published", "recalled", "assumed"];
                assert!(confidence.is_some_and(|word| words.contains(&word)), "{name}: {key}");
            }
            assert!(!processor.written.keys().any(|key| key.starts_with("prices.")
                && !key.contains(".cycles")
                && !key.contains(".source")
                && !key.contains(".confidence")));
            drop(table);
            assert_eq!(document.into_defects(), []);
        }
    }

    /// What a built-in processor says under a dotted key.
    fn said(text: &str, key: &str) -> Option<String> {
        let document = Document::new("", text);
        let table = document.parse().unwrap();
        Processor::read(&document, &table).written.get(key).cloned()
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
                let violation = said(text, "prices.exit_work.ept_violation.source").unwrap();
                let nested = said(text, "nested_tlb.entries").is_some();
                assert_eq!(nested, !violation.contains("this processor has no EPT"), "{name}");
                !nested
            })
            .map(|(name, _)| name)
            .collect();
        assert_eq!(without, ["prescott", "merom", "penryn"]);
    }

    #[test]
    fn the_work_of_the_vmm_costs_the_same_in_every_built_in_sheet() {
        let software = PRICES.iter().map(|price| price.name).filter(|name| name.starts_with("exit_work."));
        for name in software.chain(["mmu_update", "guest_fault", "cow_fault", "pte_write", "vm_switch"]) {
            let cycles: BTreeSet<_> =
                BUILT_IN.iter().map(|(_, text)| said(text, &format!("prices.{name}.cycles")).unwrap()).collect();
            assert_eq!(cycles.len(), 1, "{name}: {cycles:?}");
        }
    }
}
