//! The sections around the table: what was asked, memory, warnings, assumptions, prices, provenance, the dictionary.

use super::cells::SweptColumn;
use super::rows::{comparable, distinct};
use super::words::{joined, names};
use crate::address::NODE_BYTES;
use crate::counts::Gauge;
use crate::numerals::{bytes, per, percent, spaced};
use crate::outcome::Warning;
use crate::outcome::{Outcome, meaning};
use crate::prices::{Move, PRICES, Price};
use crate::sweep::{Manifest, Sweep, TraceWritten, meaning_of_key};
use minijinja::{Value, context};

/// The axes, those that vary first, and the other settings: each name with its values.
pub fn asked(sweep: &Sweep, axes: &[SweptColumn]) -> Vec<Value> {
    let single = sweep.axes.iter().filter(|options| options.len() == 1).flatten().flatten();
    let held = single.filter(|(key, _)| !axes.iter().any(|axis| axis.name == **key));
    let numbers = [("interval", sweep.interval.map(|accesses| accesses.to_string())), ("sample", sweep.sampled())];
    let numbers = numbers.into_iter().filter_map(|(key, value)| Some((key.to_string(), value?)));
    let settings = held.map(|(key, value)| (key.clone(), value.clone())).chain(numbers).map(|(key, value)| {
        // A column may have the name of a key and mean something else.
        let meaning = meaning_of_key(&key).or_else(|| meaning(&key));
        context! { name => key.as_str(), meaning, values => [value], varies => false }
    });
    let settings: Vec<Value> = settings.collect();
    // What means nothing to some cells has no value there, and is no axis for that.
    let values = |axis: &SweptColumn| distinct(axis.values.iter().filter(|value| !value.is_empty()).cloned());
    let mut axes: Vec<_> = axes.iter().map(|axis| (axis.name.as_str(), values(axis))).collect();
    axes.retain(|(_, values)| !values.is_empty());
    axes.sort_by_key(|(_, values)| values.len() == 1);
    let axis = |(name, values): (&str, Vec<String>)| {
        let varies = values.len() > 1;
        context! { name, meaning => meaning(name), values, varies }
    };
    axes.into_iter().map(axis).chain(settings).collect()
}

/// Page-table memory by technique and page sizes: ranges over the traces.
pub fn memory(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Vec<Value> {
    let rows = comparable(sweep, outcomes, false);
    let line = |label: &String| {
        let mine: Vec<_> =
            rows.iter().filter(|row| row.label() == *label).map(|row| &row.outcome.tally.gauges).collect();
        let range = |gauge: Gauge, unit: u64| {
            let values = || mine.iter().map(|gauges| gauges[gauge] * unit);
            let (low, high) = (bytes(values().min().unwrap_or(0)), bytes(values().max().unwrap_or(0)));
            if low == high { low } else { format!("{low} to {high}") }
        };
        let peaks = [Gauge::PeakGuestNodes, Gauge::PeakShadowNodes, Gauge::PeakHostNodes, Gauge::PeakTotalNodes];
        let peaks: Vec<String> = peaks.map(|gauge| range(gauge, NODE_BYTES)).to_vec();
        context! { label => label.as_str(), peaks => peaks, mapped => range(Gauge::PeakMappedBytes, 1), touched => range(Gauge::TouchedBytes, 1) }
    };
    distinct(rows.iter().map(|row| row.label())).iter().map(line).collect()
}

/// The warnings that any row has: name, meaning, on how many rows, of which traces.
pub fn warnings(outcomes: &[Outcome<'_>]) -> Vec<Value> {
    let all = distinct(outcomes.iter().map(|it| it.trace)).len();
    let warned = |warning: Warning| {
        let mine: Vec<_> = outcomes.iter().filter(|it| it.warnings.contains(&warning)).collect();
        let traces = distinct(mine.iter().map(|it| it.trace));
        (!mine.is_empty()).then(|| {
            context! { name => warning.name(), meaning => warning.meaning(), rows => spaced(mine.len()), traces => names(&traces, all) }
        })
    };
    Warning::ALL.into_iter().filter_map(warned).collect()
}

/// The assumed prices that move an overhead most, each with the row whose overhead it moves most; the greatest move first.
pub fn assumptions(sweep: &Sweep, outcomes: &[Outcome<'_>], axes: &[SweptColumn], steady: bool) -> Vec<Value> {
    /// So many are worth a line.
    const MOST: usize = 20;
    /// The row, its overhead with the price halved and doubled, how many rows are charged.
    struct Greatest {
        row: usize,
        moved: Move,
        halved: f64,
        doubled: f64,
        rows: usize,
    }
    let mut greatest: Vec<((usize, &str), Greatest)> = Vec::new();
    for (row, outcome) in outcomes.iter().enumerate() {
        let Some((counts, _)) = outcome.stretch(steady) else { continue };
        for moved in sweep.sheets[outcome.row.sheet].1.sensitivity(counts) {
            let (Some(halved), Some(doubled)) = (moved.halved, moved.doubled) else { continue };
            let key = (outcome.row.sheet, moved.price.name);
            let found = Greatest { row, moved, halved, doubled, rows: 1 };
            match greatest.iter_mut().find(|(known, _)| *known == key) {
                None => greatest.push((key, found)),
                Some((_, known)) => {
                    let rows = known.rows + 1;
                    if (found.doubled - found.halved).abs() > (known.doubled - known.halved).abs() {
                        *known = found;
                    }
                    known.rows = rows;
                }
            }
        }
    }
    greatest.sort_by(|(_, a), (_, b)| (b.doubled - b.halved).abs().total_cmp(&(a.doubled - a.halved).abs()));
    let varying: Vec<&SweptColumn> = axes.iter().filter(|axis| axis.varies()).collect();
    let line = |((sheet, price), it): ((usize, &str), Greatest)| {
        let cell: Vec<&str> =
            varying.iter().map(|axis| axis.values[it.row].as_str()).filter(|text| !text.is_empty()).collect();
        context! {
            price,
            sheet => sweep.sheets[sheet].0.as_str(),
            cycles => spaced(it.moved.cycles) + &per(it.moved.price.per),
            rows => it.rows,
            cell => cell.join(" · "),
            halved => percent(it.halved),
            overhead => outcomes[it.row].overhead(steady).map(percent),
            doubled => percent(it.doubled),
        }
    };
    greatest.into_iter().take(MOST).map(line).collect()
}

/// Every price with what it is charged for and its cycles on each sheet.
pub fn prices(sweep: &Sweep) -> Vec<Value> {
    let alike = |price: &Price| PRICES.into_iter().filter(|other| other.name == price.name).collect::<Vec<_>>();
    let first = |price: &Price| alike(price)[0] == *price;
    let line = |price: Price| {
        let cell = |(_, sheet): &(String, crate::prices::Prices)| {
            let cycles = sheet.get(price).map(spaced).unwrap_or_default();
            context! { cycles => cycles, assumed => sheet.assumes(price) }
        };
        let cells: Vec<Value> = sweep.sheets.iter().map(cell).collect();
        let alike = alike(&price);
        let events: Vec<&str> = alike.iter().map(|price| price.event.name()).collect();
        let parts: Vec<&str> = alike.iter().map(|price| price.part.name()).collect();
        context! { name => price.name, event => joined(&events) + &per(price.per), part => joined(&parts), cells => cells }
    };
    PRICES.into_iter().filter(first).map(line).collect()
}

/// What decided the results: `traces` with their digests, and the `processors` as they were written.
pub fn provenance(manifest: &Manifest) -> Value {
    let trace = |trace: &TraceWritten| {
        let keys = trace.synthetic.as_ref().map(|keys| keys.iter().map(|(key, value)| format!("{key} = {value}")));
        let invented = keys.map(|keys| keys.collect::<Vec<_>>().join(", "));
        let digests = [("file", &trace.file_digest), ("rows", &trace.rows_digest)];
        let told = digests.into_iter().filter(|(_, digest)| !digest.is_empty());
        let digests: Vec<Value> = told.map(|(of, digest)| context! { of => of, text => digest.as_str() }).collect();
        context! { name => trace.name.as_str(), digests => digests, invented => invented }
    };
    let traces: Vec<Value> = manifest.traces.iter().map(trace).collect();
    let processors = manifest.processors.iter().map(|(name, written)| {
        let settings: Vec<Value> =
            written.iter().map(|(key, value)| context! { key => key.as_str(), value => value.as_str() }).collect();
        context! { name => name.as_str(), settings => settings }
    });
    context! { traces => traces, processors => processors.collect::<Vec<_>>() }
}

/// Every column of the results with its meaning.
pub fn dictionary(columns: &[String]) -> Vec<Value> {
    let entry = |column: &String| context! { name => column.as_str(), meaning => meaning(column) };
    columns.iter().map(entry).collect()
}
