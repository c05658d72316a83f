//! `[sweep.prices]`: single prices instead of those of each row's sheet, which is named by `prices`, or here by `sheet`.

use super::Sweep;
use super::axes::{Assignment, Axis, axes};
use super::document::{Document, scalar};
use super::layers::RowValues;
use super::processor::price;
use super::settings::cycles;
use crate::prices::{Confidence, Cycles, PRICES, Prices};
use crate::technique::Facts;
use std::borrow::Cow;
use toml::de::DeTable;

/// The axes of a table, prices by their names: `prices.sheet` is `prices`, and `prices.vm_exit.cycles` is `prices.vm_exit`.
pub fn axes_and_prices<'a>(document: &Document, table: &'a DeTable<'a>) -> Vec<Axis<'a>> {
    let mut axes = axes(document, table);
    for assignment in axes.iter_mut().flat_map(|axis| axis.options.iter_mut().flatten()) {
        let key = &mut assignment.key;
        if key == "prices.sheet" || (price(key).is_some() && key.ends_with(".cycles")) {
            key.truncate(key.rfind('.').unwrap_or_default());
        }
    }
    axes
}

/// Notes what is said about prices that are given no cycles.
pub fn check(document: &Document, axes: &[Axis]) {
    let all = || axes.iter().flat_map(|axis| axis.options.iter().flatten());
    for assignment in all().filter(|it| is_remark(&it.key)) {
        let given = assignment.key.rsplit_once('.').map_or("", |(given, _)| given);
        if !all().any(|it| it.key == given) {
            let found = format!("{given}: no `cycles`");
            document.note(assignment.value.span(), found, "{ cycles = 1009, source = \"…\" }", "");
        }
    }
}

/// Whether a key says where a price comes from, or how sure it is.
pub fn is_remark(key: &str) -> bool {
    price(key).is_some() && (key.ends_with(".source") || key.ends_with(".confidence"))
}

/// The value of a key as text; `None` if it is no scalar.
pub fn text(assignment: &Assignment) -> Option<String> {
    let value = assignment.value.get_ref();
    let exact = price(&assignment.key).filter(|_| !is_remark(&assignment.key)).and_then(|_| cycles(value));
    exact.map(|cycles| cycles.to_string()).or_else(|| scalar(value))
}

/// Whether a key is about a price that a technique is never charged.
pub fn is_idle(key: &str, technique: &Facts) -> bool {
    let charged = |name| PRICES.iter().any(|price| price.name == name && technique.can_count(price.event));
    price(key).is_some_and(|name| !charged(name))
}

/// A sheet with the prices that some values give, and its name.
pub fn overridden<'a>(name: &'a str, sheet: Prices, values: &RowValues<'_>) -> (Cow<'a, str>, Prices) {
    let given = values.iter().filter(|(key, _)| !is_remark(key));
    let given = given.filter_map(|(key, text)| Some((key, price(key)?, Cycles::parse(text)?)));
    given.fold((name.into(), sheet), |(name, sheet), (key, price, cycles)| {
        let confidence = values.get(&format!("{key}.confidence")).and_then(|word| Confidence::by_name(word));
        (
            format!("{name}, {price} = {cycles}").into(),
            sheet.with(price, cycles, confidence == Some(Confidence::Assumed)),
        )
    })
}

impl Sweep {
    /// Whether the file gives a price under `[sweep.prices]`.
    pub fn overrides(&self, price: &str) -> bool {
        let key = format!("prices.{price}");
        self.axes.iter().flatten().any(|option| option.contains_key(&key))
    }

    /// The same with what an access takes without translation, by the index of a sheet.
    pub fn with_access(&self, cycles: impl Fn(usize) -> Cycles) -> Sweep {
        let mut sweep = self.clone();
        for (i, (_, sheet)) in sweep.sheets.iter_mut().enumerate() {
            *sheet = sheet.with("access", cycles(i), false);
        }
        sweep
    }
}
