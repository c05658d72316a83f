//! `[[exclude]]`: cells that are left out.

use super::axes::Axis;
use super::cells::{Values, check_values, short, texts};
use super::document::Document;
use super::layers::RowValues;
use super::prices::axes_and_prices;
use super::settings::{Key, find};
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;
use toml::de::DeValue;

/// An `[[exclude]]`: it drops the cells that match one option of each of its axes.
pub struct Exclude {
    axes: Vec<Vec<Values>>,
    pub span: Range<usize>,
    /// Cells dropped so far.
    pub dropped: usize,
}

impl Exclude {
    pub fn matches(&self, values: &RowValues<'_>) -> bool {
        let is = |key: &str, value: &str| values.get(key).is_some_and(|held| **held == *value);
        let holds = |option: &Values| option.iter().all(|(key, value)| is(key, value));
        self.axes.iter().all(|options| options.iter().any(holds))
    }
}

/// Reads them; `axes` are those of the sweep. What is wrong is noted.
pub fn read(document: &Document, value: &Spanned<DeValue<'_>>, axes: &[Axis]) -> Vec<Exclude> {
    let Some(list) = value.get_ref().as_array() else {
        document.mismatch(value, "[[exclude]] tables");
        return Vec::new();
    };
    let swept = axes.iter().flat_map(|axis| axis.options.iter().flatten());
    let swept = swept.map(|it| it.key.as_str()).filter(|key| find(key, Key::is_swept).is_some());
    let known: BTreeSet<&str> = short().map(|key| key.name).chain(swept).collect();
    let known: Vec<&str> = known.into_iter().collect();
    let mut excludes = Vec::new();
    for item in list {
        let Some(table) = document.table(item, "a table of keys and values") else { continue };
        let keys = axes_and_prices(document, table);
        if keys.is_empty() {
            document.mismatch(item, "at least one key and value");
        }
        for assignment in keys.iter().flat_map(|axis| axis.options.iter().flatten()) {
            if !known.contains(&assignment.key.as_str()) {
                document.unknown(assignment.value.span(), "key", &assignment.key, &known);
            }
        }
        check_values(document, &keys);
        let axes = keys.iter().map(|axis| axis.options.iter().map(|option| texts(option)).collect()).collect();
        excludes.push(Exclude { axes, span: item.span(), dropped: 0 });
    }
    excludes
}
