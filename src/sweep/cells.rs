//! Axes multiplied: the cells of a sweep, in the order of the axes.

use super::axes::{Assignment, Axis, given_once};
use super::document::{Document, MOST_TOLD, describe, integer};
use super::exclude;
use super::prices::{self, axes_and_prices, is_remark, text};
use super::processor::{Processor, Shelf};
use super::rows::Rows;
use super::settings::{self, Key, Settings, Stands, apply, find, first_words};
use super::{Sample, Sweep};
use crate::engine::Cell;
use crate::words::counted;
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// More rows for one trace than this are a slip.
const MOST_ROWS: usize = 1_000_000;

/// A column of an axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

/// What all values of an axis are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Whole,
    Decimal,
    Words,
}

/// One row of the results for one trace.
#[derive(Clone, Debug)]
pub struct SweepRow {
    /// Values of the columns; `None` where one means nothing to the cell.
    pub values: Vec<Option<Arc<str>>>,
    pub cell: Cell,
    /// Index of the price sheet.
    pub sheet: usize,
}

/// The keys of the columns that every result has, in their order.
pub fn short() -> impl Iterator<Item = &'static Key> {
    settings::keys().iter().filter(|key| key.stands == Stands::Short)
}

/// Values by key.
pub type Values = BTreeMap<String, String>;

/// Reads `[sweep]` and `[[exclude]]` into the sweep's columns, rows, sheets and processors.
pub fn read<'a>(
    document: &Document,
    table: &'a DeTable<'a>,
    exclude: Option<&'a Spanned<DeValue<'a>>>,
    shelf: &Shelf<'_>,
    sweep: &mut Sweep,
) {
    document.only_keys(table, &first_words(Key::is_swept));
    sweep.interval = table.get("interval").and_then(|value| read_interval(document, value));
    let mut axes = axes_and_prices(document, table);
    sweep.sample = table.get("sample").and_then(|value| read_sample(document, value));
    if let (Some(value), Some(_)) = (table.get("sample"), sweep.interval) {
        document.note(value.span(), "`sample` beside `interval`", "one of them", "intervals are counted whole");
    }
    // They split rows; they are no axes.
    let split = first_words(|key| key.stands == Stands::Run);
    axes.retain(|axis| !axis.options.iter().flatten().any(|it| split.contains(&it.first_word())));
    given_once(document, &axes);
    let rank = |axis: &Axis| {
        let key = axis.options.iter().flatten().map(|assignment| assignment.key.as_str()).next().unwrap_or_default();
        short().position(|short| short.name == key).unwrap_or(usize::MAX)
    };
    axes.sort_by_key(|axis| (rank(axis), axis.start()));
    let processors = processors(shelf, &axes);
    check_values(document, &axes);
    prices::check(document, &axes);
    for (key, one) in [("technique", takes("technique")), ("cpu", shelf.expected(false))] {
        if !axes.iter().any(|axis| axis.decides(key)) {
            document.note(0..0, format!("[sweep] has no `{key}`"), format!("{one}; or a list of them"), "");
        }
    }
    // What no key is has been noted.
    axes.retain(|axis| axis.options.iter().flatten().any(|it| find(&it.key, Key::is_swept).is_some()));
    let rows = axes.iter().map(|axis| axis.options.len()).fold(1usize, usize::saturating_mul);
    if rows > MOST_ROWS {
        document.note(0..0, format!("the axes multiply to {rows} rows"), format!("at most {MOST_ROWS}"), "");
        return;
    }
    let mut excludes = exclude.map(|value| exclude::read(document, value, &axes)).unwrap_or_default();
    let keys = columns(&axes);
    let mut rows = Rows::new(document, &processors, &keys, &axes, &mut excludes, sweep);
    let mut choice = vec![0; axes.len()];
    loop {
        rows.add(&choice);
        if !advance(&mut choice, &axes) {
            break;
        }
    }
    rows.finish();
    let kind = |i: usize| {
        let all = |is: fn(&Arc<str>) -> bool| sweep.rows.iter().all(|row| row.values[i].iter().all(is));
        match find(&keys[i], Key::is_swept) {
            Some((key, _)) if key.is_word() => Kind::Words,
            _ if all(|text| text.parse::<u64>().is_ok()) => Kind::Whole,
            _ if all(|text| text.parse().is_ok_and(f64::is_finite)) => Kind::Decimal,
            _ => Kind::Words,
        }
    };
    sweep.columns = keys.iter().enumerate().map(|(i, name)| Column { name: name.clone(), kind: kind(i) }).collect();
    sweep.axes = axes.iter().map(|axis| axis.options.iter().map(|option| texts(option)).collect()).collect();
    let unused: Vec<_> = excludes.iter().filter(|exclude| exclude.dropped == 0).collect();
    let told = unused.iter().take(MOST_TOLD);
    sweep.warnings = told.map(|exclude| document.warning(&exclude.span, "this [[exclude]] drops no cell")).collect();
    if unused.len() > MOST_TOLD {
        let more = counted(unused.len() - MOST_TOLD, "more [[exclude]]");
        sweep.warnings.push(format!("{}: {more} drop no cell", document.file.display()));
    }
    if sweep.rows.is_empty() && !excludes.is_empty() && document.is_sound() {
        document.note(0..0, "every cell is excluded", "at least one", "loosen [[exclude]]");
    }
}

/// The words or the kind of value that a key takes.
fn takes(key: &str) -> String {
    find(key, Key::is_swept).map(|(key, _)| key.takes()).unwrap_or_default()
}

fn read_sample(document: &Document, value: &Spanned<DeValue<'_>>) -> Option<Sample> {
    let table = document.table(value, "{ of = \"1/16\", warm = 100_000 }")?;
    document.only_keys(table, &["of", "warm"]);
    let wrong = |key: &str| {
        let found = table.get(key).map_or("nothing".into(), |value| describe(value.get_ref()));
        let span = table.get(key).unwrap_or(value).span();
        document.note(span, format!("sample.{key}: {found}"), takes(&format!("sample.{key}")), "");
    };
    let of = table.get("of").and_then(|of| of.get_ref().as_str()?.strip_prefix("1/")?.parse().ok());
    let of = of.filter(|of| (2..=1 << 20).contains(of));
    if of.is_none() {
        wrong("of");
    }
    let warm = table.get("warm").map_or(Some(0), |warm| integer(warm.get_ref()));
    if warm.is_none() {
        wrong("warm");
    }
    Some(Sample { of: of?, warm: warm? })
}

fn read_interval(document: &Document, value: &Spanned<DeValue<'_>>) -> Option<u64> {
    let interval = integer(value.get_ref()).filter(|&accesses| accesses > 0);
    if interval.is_none() {
        let found = format!("interval: {}", describe(value.get_ref()));
        document.note(value.span(), found, takes("interval"), "");
    }
    interval
}

/// The values of an option, by key.
pub fn texts(option: &[Assignment]) -> Values {
    option.iter().filter_map(|it| Some((it.key.clone(), text(it)?))).collect()
}

/// The next combination, the last axis fastest; false after the last one.
fn advance(choice: &mut [usize], axes: &[Axis]) -> bool {
    for (i, axis) in axes.iter().enumerate().rev() {
        choice[i] += 1;
        if choice[i] < axis.options.len() {
            return true;
        }
        choice[i] = 0;
    }
    false
}

/// The short names, then every other key of an axis that varies.
fn columns(axes: &[Axis]) -> Vec<String> {
    let mut keys: Vec<String> = short().map(|key| key.name.to_string()).collect();
    for assignment in axes.iter().filter(|axis| axis.varies()).flat_map(|axis| axis.options.iter().flatten()) {
        if !keys.contains(&assignment.key) && !is_remark(&assignment.key) {
            keys.push(assignment.key.clone());
        }
    }
    keys
}

/// Every processor that `cpu` or `prices` names.
fn processors(shelf: &Shelf<'_>, axes: &[Axis]) -> BTreeMap<String, Processor> {
    let named = axes.iter().flat_map(|axis| axis.options.iter().flatten());
    let named = named.filter(|assignment| assignment.key == "cpu" || assignment.key == "prices");
    let named = named.filter_map(|assignment| Some((assignment.value, assignment.value.get_ref().as_str()?)));
    named.filter_map(|(value, word)| Some((word.to_string(), shelf.find(value, word, &[])?))).collect()
}

/// Notes every value that a key does not take, whichever cell it would be in.
pub fn check_values(document: &Document, axes: &[Axis]) {
    let known = first_words(Key::is_swept);
    for assignment in axes.iter().flat_map(|axis| axis.options.iter().flatten()) {
        if known.contains(&assignment.first_word()) {
            apply(document, &mut Settings::default(), Key::is_swept, assignment);
        }
    }
}
