//! The rows of a sweep, one combination of values after the other.

use super::Sweep;
use super::axes::Axis;
use super::cells::{SweepRow, short};
use super::document::Document;
use super::exclude::Exclude;
use super::layers::{Layers, RowValues, Text, chosen};
use super::prices::{is_idle, overridden};
use super::processor::{Processor, price};
use super::settings::{Key, find};
use crate::engine::Cell;
use crate::prices::{PRICES, Prices};
use crate::technique::{Facts, Technique};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

/// Adds rows to a sweep, and notes what is wrong with their cells and their price sheets.
pub struct Rows<'a> {
    document: &'a Document,
    processors: &'a BTreeMap<String, Processor>,
    axes: &'a [Axis<'a>],
    excludes: &'a mut [Exclude],
    /// By technique: which keys, by their places, are empty in its rows.
    idle: [Vec<bool>; Technique::FACTS.len()],
    layers: Layers<'a>,
    /// Whether axes give prices.
    gives_prices: bool,
    /// The places of the keys of the columns.
    columns: Vec<Option<usize>>,
    /// The texts of all rows, by where they are.
    seen: HashSet<Vec<usize>>,
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
        let layers = Layers::new(axes);
        let idle = Technique::FACTS.map(|technique| {
            let idle = idle(axes, technique);
            layers.keys.iter().map(|key| idle.contains(key)).collect()
        });
        let columns = keys.iter().map(|key| layers.place(key)).collect();
        let gives_prices = layers.keys.iter().any(|key| price(key).is_some());
        let (seen, priced) = (HashSet::new(), BTreeMap::new());
        Rows { document, processors, axes, excludes, idle, layers, gives_prices, columns, seen, sweep, priced }
    }

    /// Adds the row of one combination, an option of each axis, unless it is excluded or repeats one.
    pub fn add(&mut self, choice: &[usize]) {
        self.layers.choose(choice, self.processors);
        // Of a processor that is none, and of a technique that is none, the defect has been noted; geometry is checked as far as it goes.
        let known = self.processors.contains_key(self.layers.value("cpu"));
        let technique = self.layers.value("technique");
        let Some(place) = Technique::FACTS.iter().position(|it| it.name == technique).filter(|_| known) else {
            self.cell(choice);
            return;
        };
        let values = RowValues { layers: &self.layers, idle: &self.idle[place] };
        if let Some(exclude) = self.excludes.iter_mut().find(|exclude| exclude.matches(&values)) {
            exclude.dropped += 1;
            return;
        }
        let texts = || self.columns.iter().map(|place| values.at((*place)?));
        if !self.seen.insert(texts().map(|text| text.map_or(0, |text| text.as_ptr().addr())).collect()) {
            return;
        }
        let texts = texts().map(Option::<&Text>::cloned).collect();
        let cell = self.cell(choice);
        let Some(sheet) = self.sheet(choice, place) else { return };
        let Some(cell) = cell else { return };
        for used in [self.layers.value("cpu"), self.layers.value("prices")] {
            if !self.sweep.processors.contains_key(used) {
                self.sweep.processors.insert(used.to_string(), self.processors[used].written.clone());
            }
        }
        self.sweep.rows.push(SweepRow { values: texts, cell, sheet });
    }

    /// The index of the price sheet of a combination, whose cells are of the technique at this place.
    fn sheet(&mut self, choice: &[usize], technique: usize) -> Option<usize> {
        let name = self.layers.value("prices");
        let prices = self.processors.get(name)?.prices;
        // `prices` comes after `cpu`.
        let place = || {
            let named = chosen(self.axes, choice).filter(|it| it.key == "prices" || it.key == "cpu");
            named.last().map_or(0..0, |it| it.value.span())
        };
        let Some(prices) = prices else {
            let remedy = "give it [cpu.NAME.prices], or choose another sheet with `prices`";
            self.document.note(place(), format!("`{name}` has no price sheet"), "every price of the model", remedy);
            return None;
        };
        let values = RowValues { layers: &self.layers, idle: &self.idle[technique] };
        let (name, prices) = match self.gives_prices {
            true => overridden(name, prices, &values),
            false => (Cow::Borrowed(name), prices),
        };
        if !self.priced.contains_key(&*name) {
            let sheet = self.sweep.sheets.len();
            self.priced.insert(name.to_string(), Priced { sheet, techniques: Vec::new(), place: place() });
            self.sweep.sheets.push((name.to_string(), prices));
        }
        let (priced, technique) = (self.priced.get_mut(&*name)?, Technique::FACTS[technique]);
        if !priced.techniques.contains(&technique) {
            priced.techniques.push(technique);
        }
        Some(priced.sheet)
    }

    /// The machine of a combination; what is wrong with it is noted.
    fn cell(&self, choice: &[usize]) -> Option<Cell> {
        match self.layers.settings().cell() {
            Ok(cell) => Some(cell),
            Err(faults) => {
                faults.into_iter().for_each(|fault| self.note(choice, fault));
                None
            }
        }
    }

    fn note(&self, choice: &[usize], fault: String) {
        let array = fault.split(':').next().unwrap_or_default();
        let named = |name: &str| chosen(self.axes, choice).find(|it| it.key.starts_with(name));
        let culprit = named(array).or_else(|| named(array.trim_end_matches(".policy")));
        let span = culprit.map_or(0..0, |it| it.value.span());
        let (expected, remedy) = match array {
            "vms" => ("fewer", "set smaller `vms` or `copies`"),
            "shadow.on_switch" => {
                ("\"keep\", or one virtual CPU", "set `cpus = 1` for it, or leave those cells out with [[exclude]]")
            }
            _ if array.ends_with(".policy") => ("ways a power of two", "change the ways, or choose another policy"),
            _ if fault.contains(" without ") => ("entries and ways", "give the array both"),
            _ => ("entries a multiple of ways", "change one of them, or write ways = \"full\""),
        };
        self.document.note(span, fault, expected, remedy);
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
