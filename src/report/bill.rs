//! A bill, line by line: how often, at which price, how many cycles.

use crate::numerals::spaced;
use crate::outcome::Outcome;
use crate::prices::Part;
use crate::sweep::Sweep;
use minijinja::{Value, context};

/// The parts of a row's bill that something was charged for, each with its lines.
pub fn parts(sweep: &Sweep, outcome: &Outcome<'_>) -> Vec<Value> {
    let prices = &sweep.sheets[outcome.row.sheet].1;
    let lines = |part: Part| -> Vec<Value> {
        let charged = prices.iter().filter(|(price, _)| price.part == part && outcome.tally.counts[price.event] > 0);
        let line = charged.map(|(price, cycles)| {
            let count = outcome.tally.counts[price.event];
            context! {
                event => price.event.name(),
                count => spaced(count),
                price => spaced(cycles),
                assumed => prices.assumes(price),
                cycles => spaced(cycles * count),
            }
        });
        line.collect()
    };
    let part = |part: Part| {
        let lines = lines(part);
        let cycles = spaced(outcome.bill.part(part));
        (!lines.is_empty()).then(|| context! { name => part.name(), cycles => cycles, lines => lines })
    };
    Part::ALL.into_iter().filter_map(part).collect()
}
