//! The rows of a sweep, one combination of values after the other.

use super::Sweep;
use super::axes::{Assignment, Axis};
use super::cells::{SweepRow, Values, short};
use super::document::Document;
use super::exclude::Exclude;
use super::prices::{is_idle, overridden, text};
use super::processor::Processor;
use super::settings::{Key, find};
use crate::engine::Cell;
use crate::prices::{PRICES, Prices};
use crate::technique::{Facts, Technique};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

/// Adds rows to a sweep, and notes what is wrong with their cells and their price sheets.
pub struct Rows<'a> {
    document: &'a Document,
    processors: &'a BTreeMap<String, Processor>,
    /// The keys of the columns.
    keys: &'a [String],
    excludes: &'a mut [Exclude],
    /// By technique: the keys that are empty in its rows.
    idle: [Vec<&'a str>; Technique::FACTS.len()],
    seen: HashSet<Vec<Option<String>>>,
    sweep: &'a mut Sweep,
    /// By the name of a price sheet.
    priced: BTreeMap<String, Priced>,
}

/// The keys that mean nothing to a technique; but columns that all results have keep a value that does not vary.
fn idle<'a>(axes: &'a [Axis<'_>], technique: &Facts) -> Vec<&'a str> {
    let given = |axis: &'a Axis<'_>| axis.options.iter().flatten().map(|it| it.key.as_str());
    let varying: BTreeSet<&str> = axes.iter().filter(|axis| axis.varies()).flat_map(given).collect();
    let stays = |name: &str| !varying.contains(name) && short().any(|key| key.name == name && !key.merged);
    let all: BTreeSet<&str> = short().map(|key| key.name).chain(axes.iter().flat_map(given)).collect();
    all.into_iter().filter(|name| !stays(name) && !means_something(name, technique)).collect()
}

/// Whether a column means something to the rows of a technique: where it does not, it is empty, and no cell is repeated for it.
pub fn means_something(column: &str, technique: &Facts) -> bool {
    let key = find(column, Key::is_swept);
    key.is_none_or(|(key, _)| key.means_something_to(technique)) && !is_idle(column, technique)
}

/// What is priced with a sheet.
struct Priced {
    /// Its place among the sweep's sheets.
    sheet: usize,
    techniques: Vec<&'static Facts>,
    /// Where it is named first.
    place: Range<usize>,
}

impl<'a> Rows<'a> {
    pub fn new(
        document: &'a Document,
        processors: &'a BTreeMap<String, Processor>,
        keys: &'a [String],
        axes: &'a [Axis<'_>],
        excludes: &'a mut [Exclude],
        sweep: &'a mut Sweep,
    ) -> Rows<'a> {
        let idle = Technique::FACTS.map(|technique| idle(axes, technique));
        Rows { document, processors, keys, idle, excludes, seen: HashSet::new(), sweep, priced: BTreeMap::new() }
    }

    /// Adds the row of one combination, unless it is excluded or repeats one.
    pub fn add(&mut self, chosen: &[&Assignment]) {
        let mut values: Values = short().map(|key| (key.name.to_string(), key.default.to_string())).collect();
        values.extend(chosen.iter().filter_map(|it| Some((it.key.clone(), text(it)?))));
        let Some(processor) = self.processors.get(&values["cpu"]) else {
            // The processor's own defect has been noted; the file's geometry is checked as far as it goes.
            cell(self.document, chosen, &Processor::default());
            return;
        };
        if values["prices"].is_empty() {
            values.insert("prices".into(), values["cpu"].clone());
        }
        let Some(place) = Technique::FACTS.into_iter().position(|it| it.name == values["technique"]) else {
            // So is the geometry beside a technique that is none.
            cell(self.document, chosen, processor);
            return;
        };
        let technique = Technique::FACTS[place];
        self.idle[place].iter().for_each(|key| drop(values.remove(*key)));
        if let Some(exclude) = self.excludes.iter_mut().find(|exclude| exclude.matches(&values)) {
            exclude.dropped += 1;
            return;
        }
        let columns: Vec<Option<String>> = self.keys.iter().map(|key| values.get(key).cloned()).collect();
        if !self.seen.insert(columns.clone()) {
            return;
        }
        let cell = cell(self.document, chosen, processor);
        let Some(sheet) = self.sheet(chosen, &values, technique) else { return };
        let Some(cell) = cell else { return };
        for used in [&values["cpu"], &values["prices"]] {
            let written = || self.processors[used].written.clone();
            self.sweep.processors.entry(used.clone()).or_insert_with(written);
        }
        self.sweep.rows.push(SweepRow { values: columns, cell, sheet });
    }

    /// The index of the price sheet of some values, whose cells are of this technique.
    fn sheet(&mut self, chosen: &[&Assignment], values: &Values, technique: &'static Facts) -> Option<usize> {
        let name = &values["prices"];
        let prices = self.processors.get(name)?.prices;
        // `prices` comes after `cpu`.
        let place = chosen.iter().rfind(|it| it.key == "prices" || it.key == "cpu").map(|it| it.value.span());
        let place = place.unwrap_or(0..0);
        let Some(prices) = prices else {
            let remedy = "give it [cpu.NAME.prices], or choose another sheet with `prices`";
            self.document.note(place, format!("`{name}` has no price sheet"), "every price of the model", remedy);
            return None;
        };
        let (name, prices) = overridden(name, prices, values);
        let sheets = &mut self.sweep.sheets;
        let priced = self.priced.entry(name.clone()).or_insert_with(|| {
            sheets.push((name, prices));
            Priced { sheet: sheets.len() - 1, techniques: Vec::new(), place }
        });
        if !priced.techniques.contains(&technique) {
            priced.techniques.push(technique);
        }
        Some(priced.sheet)
    }

    /// Notes the prices that sheets lack: those of events that a cell priced with the sheet can count.
    pub fn finish(self) {
        for (name, prices) in &self.sweep.sheets {
            let Some(Priced { techniques, place, .. }) = self.priced.get(name) else { continue };
            let missing = missing(prices, techniques);
            if missing.is_empty() {
                continue;
            }
            let found = format!("`{name}`: missing prices: {}", missing.join(", "));
            let techniques: Vec<&str> = techniques.iter().map(|technique| technique.name).collect();
            let expected = format!("a price for all that {} cells can count", techniques.join(", "));
            let remedy = "add them, 0 too, or name a `base` that has them";
            self.document.note(place.clone(), found, expected, remedy);
        }
    }
}

fn missing(prices: &Prices, techniques: &[&Facts]) -> Vec<String> {
    let asked = PRICES.iter().filter(|price| techniques.iter().any(|technique| technique.can_count(price.event)));
    asked.filter(|price| prices.get(**price).is_none()).map(|price| format!("`{}`", price.name)).collect()
}

/// The machine of one combination: the processor's, changed key by key.
fn cell(document: &Document, chosen: &[&Assignment], processor: &Processor) -> Option<Cell> {
    let mut settings = processor.settings.clone();
    let keys: Vec<&str> = chosen.iter().map(|assignment| assignment.key.as_str()).collect();
    settings.make_room(&keys);
    for assignment in chosen {
        // What is wrong with a value has been noted already.
        let _ = settings.set(&assignment.key, assignment.value.get_ref());
    }
    match settings.cell() {
        Ok(cell) => Some(cell),
        Err(faults) => {
            for fault in faults {
                let array = fault.split(':').next().unwrap_or_default();
                let named = |name: &str| chosen.iter().find(|it| it.key.starts_with(name));
                let culprit = named(array).or_else(|| named(array.trim_end_matches(".policy")));
                let span = culprit.map(|it| it.value.span()).unwrap_or(0..0);
                let (expected, remedy) = match array {
                    "vms" => ("fewer", "set smaller `vms` or `copies`"),
                    "shadow.on_switch" => (
                        "\"keep\", or one virtual CPU",
                        "set `cpus = 1` for it, or leave those cells out with [[exclude]]",
                    ),
                    _ if array.ends_with(".policy") => {
                        ("ways a power of two", "change the ways, or choose another policy")
                    }
                    _ if fault.contains(" without ") => ("entries and ways", "give the array both"),
                    _ => ("entries a multiple of ways", "change one of them, or write ways = \"full\""),
                };
                document.note(span, fault, expected, remedy);
            }
            None
        }
    }
}
