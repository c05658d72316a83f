//! Axes multiplied: the cells of a sweep, in the order of the axes.

use super::axes::{Assignment, Axis, axes};
use super::document::{Document, describe, integer, scalar};
use super::processor::{Processor, apply};
use super::settings::{KEYS, Key, Settings, Stands, find, first_words};
use super::{Sample, Sweep, find_processor};
use crate::engine::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// More rows for one trace than this are a slip.
const MOST_ROWS: usize = 1_000_000;

/// A column of an axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// Whether every value is a whole number.
    pub numeric: bool,
}

/// One row of the results for one trace.
#[derive(Clone, Debug)]
pub struct SweepRow {
    /// Values of the columns; `None` where one means nothing to the cell.
    pub values: Vec<Option<String>>,
    pub cell: Cell,
    /// Index of the price sheet.
    pub sheet: usize,
}

/// The keys of the columns that every result has, in their order.
fn short() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(|key| key.stands == Stands::Short)
}

/// Values by key.
type Values = BTreeMap<String, String>;

/// Reads `[sweep]` and `[[exclude]]` into the sweep's columns, rows, sheets and processors.
pub fn read<'a>(
    document: &Document,
    table: &'a DeTable<'a>,
    exclude: Option<&'a Spanned<DeValue<'a>>>,
    own: &BTreeMap<&str, Processor>,
    sweep: &mut Sweep,
) {
    document.only_keys(table, &first_words(Key::is_swept));
    sweep.interval = table.get("interval").and_then(|value| read_interval(document, value));
    let mut axes = axes(document, table);
    sweep.sample = table.get("sample").and_then(|value| read_sample(document, value));
    if let (Some(value), Some(_)) = (table.get("sample"), sweep.interval) {
        document.note(value.span(), "`sample` beside `interval`", "one of them", "intervals are counted whole");
    }
    // They split rows; they are no axes.
    let split = first_words(|key| key.stands == Stands::Run);
    axes.retain(|axis| !axis.options.iter().flatten().any(|it| split.contains(&it.first_word())));
    let rank = |axis: &Axis| {
        let key = axis.options.iter().flatten().map(|assignment| assignment.key.as_str()).next().unwrap_or_default();
        short().position(|short| short.name == key).unwrap_or(usize::MAX)
    };
    axes.sort_by_key(|axis| (rank(axis), axis.start()));
    let processors = processors(document, own, &axes);
    check_values(document, &axes);
    for key in ["technique", "cpu"] {
        if !axes.iter().any(|axis| axis.decides(key)) {
            document.note(0..0, format!("[sweep] has no `{key}`"), "a value or a list of values", "");
        }
    }
    let rows = axes.iter().map(|axis| axis.options.len()).fold(1usize, usize::saturating_mul);
    if rows > MOST_ROWS {
        document.note(0..0, format!("the axes multiply to {rows} rows"), format!("at most {MOST_ROWS}"), "");
        return;
    }
    let mut excludes = exclude.map(|value| read_excludes(document, value, &axes)).unwrap_or_default();
    let keys = columns(&axes);
    let mut seen = BTreeSet::new();
    let mut choice = vec![0; axes.len()];
    loop {
        let chosen: Vec<&Assignment> = axes.iter().zip(&choice).flat_map(|(axis, &i)| &axis.options[i]).collect();
        row(document, &chosen, &processors, &keys, &mut excludes, &mut seen, sweep);
        if !advance(&mut choice, &axes) {
            break;
        }
    }
    let numeric = |i: usize| {
        let whole = |text: &String| text.parse::<u64>().is_ok();
        let word = find(&keys[i], Key::is_swept).is_some_and(|(key, _)| key.is_word());
        !word && sweep.rows.iter().all(|row| row.values[i].iter().all(whole))
    };
    sweep.columns =
        keys.iter().enumerate().map(|(i, name)| Column { name: name.clone(), numeric: numeric(i) }).collect();
    sweep.axes = axes.iter().map(|axis| axis.options.iter().map(|option| texts(option)).collect()).collect();
    let unused = excludes.iter().filter(|exclude| exclude.dropped == 0);
    sweep.warnings = unused.map(|exclude| document.warning(&exclude.span, "this [[exclude]] drops no cell")).collect();
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
fn texts(option: &[Assignment]) -> Values {
    option.iter().filter_map(|it| Some((it.key.clone(), scalar(it.value.get_ref())?))).collect()
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
        if !keys.contains(&assignment.key) {
            keys.push(assignment.key.clone());
        }
    }
    keys
}

/// Every processor that `cpu` or `prices` names.
fn processors(document: &Document, own: &BTreeMap<&str, Processor>, axes: &[Axis]) -> BTreeMap<String, Processor> {
    let mut found = BTreeMap::new();
    let named = |assignment: &&Assignment| assignment.key == "cpu" || assignment.key == "prices";
    for assignment in axes.iter().flat_map(|axis| axis.options.iter().flatten()).filter(named) {
        let Some(word) = assignment.value.get_ref().as_str() else { continue };
        found.extend(find_processor(document, own, assignment.value, word).map(|it| (word.to_string(), it)));
    }
    found
}

/// Notes every value that a key does not take, whichever cell it would be in.
fn check_values(document: &Document, axes: &[Axis]) {
    for assignment in axes.iter().flat_map(|axis| axis.options.iter().flatten()) {
        if first_words(Key::is_swept).contains(&assignment.first_word()) {
            apply(document, &mut Settings::default(), Key::is_swept, assignment);
        }
    }
}

/// An `[[exclude]]`: it drops the cells that match one option of each of its axes.
struct Exclude {
    axes: Vec<Vec<Values>>,
    span: Range<usize>,
    /// Cells dropped so far.
    dropped: usize,
}

impl Exclude {
    fn matches(&self, values: &Values) -> bool {
        let holds = |option: &Values| option.iter().all(|(key, value)| values.get(key) == Some(value));
        self.axes.iter().all(|options| options.iter().any(holds))
    }
}

fn read_excludes(document: &Document, value: &Spanned<DeValue<'_>>, axes: &[Axis]) -> Vec<Exclude> {
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
        let keys = super::axes::axes(document, table);
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

/// Adds the row of one combination, unless it is excluded or repeats one.
fn row(
    document: &Document,
    chosen: &[&Assignment],
    processors: &BTreeMap<String, Processor>,
    keys: &[String],
    excludes: &mut [Exclude],
    seen: &mut BTreeSet<Vec<Option<String>>>,
    sweep: &mut Sweep,
) {
    let mut values: Values = short().map(|key| (key.name.to_string(), key.default.to_string())).collect();
    values.extend(chosen.iter().filter_map(|it| Some((it.key.clone(), scalar(it.value.get_ref())?))));
    let Some(processor) = processors.get(&values["cpu"]) else {
        // The processor's own defect has been noted; the file's geometry is checked as far as it goes.
        cell(document, chosen, &Processor::default());
        return;
    };
    if values["prices"].is_empty() {
        values.insert("prices".into(), values["cpu"].clone());
    }
    let Some(cell) = cell(document, chosen, processor) else { return };
    for key in KEYS.iter().filter(|key| key.merged && !key.means_something_to(cell.technique.name())) {
        values.retain(|name, _| !key.is_of(name));
    }
    if let Some(exclude) = excludes.iter_mut().find(|exclude| exclude.matches(&values)) {
        exclude.dropped += 1;
        return;
    }
    let columns: Vec<Option<String>> = keys.iter().map(|key| values.get(key).cloned()).collect();
    if !seen.insert(columns.clone()) {
        return;
    }
    let name = &values["prices"];
    let Some(seller) = processors.get(name) else { return };
    let Some(prices) = seller.prices else {
        let span = chosen.iter().find(|it| it.key == "prices" || it.key == "cpu").map(|it| it.value.span());
        let remedy = "give it [cpu.NAME.prices], or choose another sheet with `prices`";
        document.note(span.unwrap_or(0..0), format!("`{name}` has no price sheet"), "every price of the model", remedy);
        return;
    };
    for used in [&values["cpu"], name] {
        sweep.processors.entry(used.clone()).or_insert_with(|| processors[used].written.clone());
    }
    let sheet = sweep.sheets.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
        sweep.sheets.push((name.clone(), prices));
        sweep.sheets.len() - 1
    });
    sweep.rows.push(SweepRow { values: columns, cell, sheet });
}

/// The machine of one combination: the processor's, changed key by key.
fn cell(document: &Document, chosen: &[&Assignment], processor: &Processor) -> Option<Cell> {
    let mut settings = processor.settings.clone();
    let keys: Vec<String> = chosen.iter().map(|assignment| assignment.key.clone()).collect();
    settings.yield_l2(&keys);
    if keys.iter().any(|key| key.starts_with("host_psc")) {
        settings.settle_host_psc();
    }
    for assignment in chosen {
        // What is wrong with a value has been noted already.
        let _ = settings.set(&assignment.key, assignment.value.get_ref());
    }
    match settings.cell() {
        Ok(cell) => Some(cell),
        Err(faults) => {
            for fault in faults {
                let array = fault.split(':').next().unwrap_or_default();
                let culprit = chosen.iter().find(|it| it.key.starts_with(array));
                let span = culprit.map(|it| it.value.span()).unwrap_or(0..0);
                let (expected, remedy) = match array {
                    "vms" => ("fewer", "set smaller `vms` or `copies`"),
                    _ => ("entries a multiple of ways", "change one of them, or write ways = \"full\""),
                };
                document.note(span, fault, expected, remedy);
            }
            None
        }
    }
}
