//! Processors: geometry and prices, built in or the user's own, each on a base.

mod built_in;
mod find;
mod prices;

pub use built_in::{BUILT_IN, full_name, shown};
pub use find::{Shelf, check_name};

use super::axes::{Assignment, axes, given_once};
use super::document::{Document, scalar};
use super::settings::{Key, Settings, apply, array, find as find_key, first_words, second_level, yields};
use crate::prices::{PRICES, Prices};
use std::collections::BTreeMap;
use toml::de::DeTable;

/// A processor's structure and what its events cost.
#[derive(Clone, Debug, Default)]
pub struct Processor {
    pub settings: Settings,
    /// `None` where neither the processor nor its base has prices: it serves for geometry only.
    pub prices: Option<Prices>,
    /// Every setting and price as written, here or in the base, for the manifest.
    pub written: BTreeMap<String, String>,
}

impl Processor {
    /// This one, as the base of a processor's table. What is wrong with the table is noted in its document.
    pub fn with(mut self, document: &Document, table: &DeTable<'_>) -> Processor {
        let known = first_words(Key::is_of_processor);
        document.only_keys(table, &known);
        let axes = axes(document, table);
        given_once(document, &axes);
        for axis in axes.iter().filter(|axis| axis.varies()) {
            let start = axis.start();
            document.note(start..start, "a list in a processor", "one value", "sweep it under [sweep.tlb]");
        }
        let own: Vec<Assignment> =
            axes.into_iter().filter_map(|axis| axis.options.into_iter().next()).flatten().collect();
        // What no key is will be noted, and takes the place of nothing.
        let keys = own.iter().filter(|it| find_key(&it.key, Key::is_of_processor).is_some());
        let keys: Vec<String> = keys.map(|assignment| assignment.key.clone()).collect();
        self.settings.make_room(&keys);
        if keys.iter().any(|key| key.starts_with("host_psc"))
            && !self.written.keys().any(|key| key.starts_with("host_psc"))
        {
            // The host's were the guest's until now.
            let guest = self.written.iter().filter(|(key, _)| key.starts_with("psc."));
            let host: Vec<_> = guest.map(|(key, text)| (format!("host_{key}"), text.clone())).collect();
            self.written.extend(host);
        }
        self.written.retain(|key, _| !gives_way(key, &keys));
        for assignment in own {
            let text = scalar(assignment.value.get_ref()).unwrap_or_default();
            if known.contains(&assignment.first_word()) && assignment.first_word() != "prices" {
                apply(document, &mut self.settings, Key::is_of_processor, &assignment);
            }
            self.written.insert(assignment.key, text);
        }
        if let Err(faults) = self.settings.cell() {
            let place = table.values().map(|value| value.span().start).min().unwrap_or(0);
            faults.into_iter().for_each(|fault| document.note(place..place, fault, "a geometry that can be built", ""));
        }
        if let Some(own) = table.get("prices") {
            self.prices = Some(prices::read(document, own, self.prices.unwrap_or_default()));
        }
        self
    }
}

/// Whether a key of a base says nothing any more where a processor on it has keys of its own.
fn gives_way(key: &str, own: &[String]) -> bool {
    ["name", "source", "base"].contains(&key) || yields(key, own) || own.iter().any(|own| displaces(own, key))
}

/// Whether one key takes the place of another, of a base: it says the same anew, or what that said is no longer so.
fn displaces(own: &str, key: &str) -> bool {
    const SAID: [&str; 2] = ["source", "confidence"];
    if let Some(price) = price(key) {
        return self::price(own) == Some(price);
    }
    // `4K+2M` is `2M+4K`.
    let is_one = |one: &str, other: &str| {
        one == other || (second_level(one).is_some() && second_level(one) == second_level(other))
    };
    match (array(own), array(key)) {
        (Some((own, part)), Some((array, old))) if is_one(own, array) => {
            part == old
                || part.is_empty()
                || (old.is_empty() && part == "entries")
                || (SAID.contains(&old) && !SAID.contains(&part))
        }
        // No caches at all, or some after all.
        (Some((array, _)), None) => array.starts_with("caches.") && key == "caches",
        (None, Some((array, _))) => array.starts_with("caches.") && own == "caches",
        _ => own == key,
    }
}

/// The price that a dotted key speaks of.
pub fn price(key: &str) -> Option<&'static str> {
    let key = key.strip_prefix("prices.")?;
    let is_of = |name: &str| key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    PRICES.into_iter().map(|price| price.name).find(|name| is_of(name))
}
