//! Axes: every key of a table under its dotted name, with the values that it takes.
//!
//! A list where one value could stand is an axis. A list of tables is one axis of linked values.

use super::document::{Document, short};
use super::settings::canonical;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value of the file for a dotted key.
#[derive(Clone, Debug)]
pub struct Assignment<'a> {
    pub key: String,
    pub value: &'a Spanned<DeValue<'a>>,
}

impl Assignment<'_> {
    pub fn first_word(&self) -> &str {
        self.key.split('.').next().unwrap_or_default()
    }
}

/// Values that vary together: one option at a time holds.
#[derive(Clone, Debug)]
pub struct Axis<'a> {
    pub options: Vec<Vec<Assignment<'a>>>,
}

impl Axis<'_> {
    /// Where in the file it begins.
    pub fn start(&self) -> usize {
        self.options.iter().flatten().map(|assignment| assignment.value.span().start).min().unwrap_or(0)
    }

    pub fn varies(&self) -> bool {
        self.options.len() > 1
    }

    /// Whether every option gives this key a value.
    pub fn decides(&self, key: &str) -> bool {
        self.options.iter().all(|option| option.iter().any(|assignment| assignment.key == key))
    }
}

/// The axes of a table, in the order of the file.
pub fn axes<'a>(document: &Document, table: &'a DeTable<'a>) -> Vec<Axis<'a>> {
    let mut axes = Vec::new();
    expand_table(document, "", table, &mut axes);
    axes.sort_by_key(Axis::start);
    axes
}

/// Notes keys that are given values twice, of which one would be lost: by several axes, or by two spellings in one option.
pub fn given_once(document: &Document, axes: &[Axis]) {
    let mut given: BTreeMap<String, (usize, &str)> = BTreeMap::new();
    for (number, axis) in axes.iter().enumerate() {
        for assignment in axis.options.iter().flatten() {
            let spelling = (number, assignment.key.as_str());
            if *given.entry(canonical(&assignment.key)).or_insert(spelling) != spelling {
                let found = format!("`{}` is given values twice", short(&assignment.key));
                document.note(assignment.value.span(), found, "each key once", "leave one of them out");
            }
        }
    }
}

fn expand_table<'a>(document: &Document, prefix: &str, table: &'a DeTable<'a>, axes: &mut Vec<Axis<'a>>) {
    for (name, value) in table {
        let word = name.get_ref();
        if word.contains('.') {
            // In quotes: it would be taken for keys of keys, beside others that say the same.
            let found = format!("a dot within the key `{}`", short(word));
            document.note(name.span(), found, "a key without a dot, or keys of keys", "write it without the quotes");
            continue;
        }
        let key = if prefix.is_empty() { word.to_string() } else { format!("{prefix}.{word}") };
        expand(document, key, value, axes);
    }
}

fn expand<'a>(document: &Document, key: String, value: &'a Spanned<DeValue<'a>>, axes: &mut Vec<Axis<'a>>) {
    match value.get_ref() {
        DeValue::Table(table) if table.is_empty() => document.mismatch(value, "at least one key"),
        DeValue::Table(table) => expand_table(document, &key, table, axes),
        DeValue::Array(list) if list.is_empty() => document.mismatch(value, "at least one value"),
        DeValue::Array(list) => {
            let options = list.iter().map(|value| option(document, &key, value)).collect();
            axes.push(Axis { options });
        }
        _ => axes.push(Axis { options: vec![vec![Assignment { key, value }]] }),
    }
}

/// One value of a list: a scalar, or a table of scalars.
fn option<'a>(document: &Document, key: &str, value: &'a Spanned<DeValue<'a>>) -> Vec<Assignment<'a>> {
    let DeValue::Table(table) = value.get_ref() else {
        if value.get_ref().is_array() {
            document.mismatch(value, "a value, or a table of linked values");
        }
        return vec![Assignment { key: key.to_string(), value }];
    };
    if table.is_empty() {
        document.mismatch(value, "at least one key");
    }
    let mut inner = Vec::new();
    expand_table(document, key, table, &mut inner);
    for axis in inner.iter().filter(|axis| axis.varies()) {
        let start = axis.start();
        document.note(start..start, "a list within a list of linked values", "one value", "write out each combination");
    }
    inner.into_iter().filter_map(|mut axis| axis.options.pop()).flatten().collect()
}
