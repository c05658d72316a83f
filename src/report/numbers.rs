//! The numbers of every row for the script, packed: columns, and in them each value once where many are equal.

use super::cells::{self, SweptColumn};
use crate::counts::{Event, Gauge};
use crate::outcome::Warning;
use crate::outcome::{Outcome, meaning};
use crate::prices::{PRICES, Part};
use crate::sweep::Sweep;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::hash::Hash;

/// JSON that may stand in a `script` element.
pub fn json(sweep: &Sweep, outcomes: &[Outcome<'_>], axes: &[SweptColumn], stretches: &[bool]) -> String {
    let axes = axes.iter().map(|axis| {
        let values = packed(axis.values.iter().map(String::as_str));
        json!({ "name": axis.name, "meaning": meaning(&axis.name), "varies": axis.varies(), "values": values })
    });
    let count =
        |name: &str, meaning: &str, values: Value| json!({ "name": name, "meaning": meaning, "values": values });
    let of_event = |event: Event, steady: bool| {
        packed(outcomes.iter().map(|it| it.stretch(steady).map(|(counts, _)| counts[event])))
    };
    let events =
        Event::ALL.into_iter().map(|event| count(event.name(), event.meaning(), of_event(event, stretches[0])));
    // Of a further stretch only what is charged for.
    let charged = |event: &Event| PRICES.iter().any(|price| price.event == *event);
    let further = stretches
        .iter()
        .skip(1)
        .map(|&steady| Event::ALL.map(|event| charged(&event).then(|| of_event(event, steady))).to_vec());
    let gauges = Gauge::ALL.into_iter().map(|gauge| {
        let values = packed(outcomes.iter().map(|it| it.tally.gauges[gauge]));
        count(gauge.name(), gauge.meaning(), values)
    });
    let sheets = sweep.sheets.iter().map(|(_, prices)| {
        // Nothing that a sheet lacks a price for has happened on any of its rows.
        let cycles = PRICES.map(|price| prices.get(price).unwrap_or_default().to_string()).to_vec();
        json!({ "cycles": cycles, "assumed": PRICES.map(|price| u8::from(prices.assumes(price))).to_vec() })
    });
    let warned = |it: &Outcome<'_>| it.warnings.iter().map(|it| it.name()).collect::<Vec<_>>().join(" ");
    let price = |price: crate::prices::Price| json!([price.name, price.event as usize, price.part as usize, price.per]);
    let all = json!({
        "rows": outcomes.len(),
        "axes": axes.collect::<Vec<_>>(),
        "measures": cells::measures(stretches),
        "counts": events.chain(gauges).collect::<Vec<_>>(),
        "further": further.collect::<Vec<_>>(),
        "prices": PRICES.map(price).to_vec(),
        "parts": Part::ALL.map(|part| [part.name(), part.meaning()]).to_vec(),
        "sheets": sheets.collect::<Vec<_>>(),
        "sheet": packed(outcomes.iter().map(|it| it.row.sheet as u64)),
        "share": packed(outcomes.iter().map(|it| cells::assumed(sweep, it, stretches))),
        "warnings": packed(outcomes.iter().map(warned)),
        "meanings": Warning::ALL.map(|it| [it.name(), it.meaning()]).to_vec(),
    });
    // `</script>` in a name would end the element.
    all.to_string().replace('<', "\\u003c")
}

/// `{"one": VALUE}`, `{"each": [VALUE, …]}`, or where few values differ `{"of": [VALUE, …], "at": [INDEX, …]}`.
fn packed<T: Clone + Eq + Hash + Into<Value>>(values: impl Iterator<Item = T>) -> Value {
    /// An index pays where a value is there at least so often on average.
    const OFTEN: usize = 4;
    let values: Vec<T> = values.collect();
    let (mut of, mut places) = (Vec::new(), HashMap::new());
    let mut at = Vec::with_capacity(values.len());
    for value in &values {
        at.push(*places.entry(value.clone()).or_insert_with(|| {
            of.push(value.clone());
            of.len() - 1
        }));
    }
    let list = |values: Vec<T>| values.into_iter().map(Into::into).collect::<Vec<Value>>();
    match of.len() {
        0 | 1 => json!({ "one": list(of).pop() }),
        n if n * OFTEN <= values.len() => json!({ "of": list(of), "at": at }),
        _ => json!({ "each": list(values) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_packed_by_how_many_values_differ() {
        assert_eq!(packed([7u64, 7, 7].into_iter()), json!({ "one": 7 }));
        assert_eq!(packed([7u64, 8, 9].into_iter()), json!({ "each": [7, 8, 9] }));
        let twice = [1u64, 1, 1, 1, 2, 2, 2, 2].into_iter();
        assert_eq!(packed(twice), json!({ "of": [1, 2], "at": [0, 0, 0, 0, 1, 1, 1, 1] }));
    }
}
