//! A bill, line by line: how often, at which price, how many cycles.

use crate::numerals::{per, spaced};
use crate::outcome::Outcome;
use crate::prices::{Cycles, Part, Price};
use crate::sweep::Sweep;
use minijinja::{Value, context};

/// The parts of a row's bill that something was charged for, each with its lines, and last the sum of all; cycles once for each
/// stretch, counts for the first.
pub fn bill(sweep: &Sweep, outcome: &Outcome<'_>, stretches: &[bool]) -> Value {
    let prices = &sweep.sheets[outcome.row.sheet].1;
    let stretches: Vec<_> = stretches.iter().filter_map(|&steady| outcome.stretch(steady)).collect();
    let Some((counts, _)) = stretches.first() else { return Value::UNDEFINED };
    let line = |(price, cycles): (Price, Cycles)| {
        let charged = stretches.iter().map(|(counts, _)| spaced(price.charged(cycles, counts)));
        context! {
            event => price.event.name(),
            count => spaced(counts[price.event]),
            price => spaced(cycles) + &per(price.per),
            assumed => prices.assumes(price),
            cycles => charged.collect::<Vec<_>>(),
        }
    };
    let part = |part: Part| {
        let charged = prices.iter().filter(|(price, _)| price.part == part && counts[price.event] > 0);
        let lines: Vec<Value> = charged.map(line).collect();
        let cycles: Vec<String> = stretches.iter().map(|(_, bill)| spaced(bill.part(part))).collect();
        (!lines.is_empty()).then(|| context! { name => part.name(), cycles, lines })
    };
    let parts: Vec<Value> = Part::ALL.into_iter().filter_map(part).collect();
    context! { parts, cycles => stretches.iter().map(|(_, bill)| spaced(bill.cycles())).collect::<Vec<_>>() }
}
