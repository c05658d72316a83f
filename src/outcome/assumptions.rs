//! How far a run rests on prices that are assumed, in a sentence or two.

use super::Outcome;
use crate::prices::{Cycles, Part};
use crate::sweep::Sweep;
use std::collections::BTreeMap;

/// A price matters that makes up so much of what translation adds to some row, and so many of those are named.
const MATTERS: f64 = 0.1;
const NAMED: usize = 4;

/// The assumed prices that matter in any row, and what each could change; `None` where nothing was charged one. Of the steady state
/// alone where the sweep's output is.
pub fn assumptions(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Option<String> {
    let (shares, access) = most(sweep, outcomes);
    let change = |share: f64| format!("−{:.0} % or +{:.0} %", 50.0 * share, 100.0 * share);
    let named = shares.iter().take_while(|(_, share)| *share >= MATTERS).take(NAMED).count();
    let (matter, rest) = shares.split_at(named);
    let each: Vec<String> = matter.iter().map(|(name, share)| format!("{name} {}", change(*share))).collect();
    let moved = match (each.join(", "), rest.first().map(|(_, share)| change(*share))) {
        (none, None) if none.is_empty() => None,
        (none, Some(rest)) if none.is_empty() => {
            Some(format!("no assumed price changes what translation adds to a row by more than {rest}"))
        }
        (each, rest) => {
            let rest = rest.map(|rest| format!("; each other one {rest} at most")).unwrap_or_default();
            Some(format!("assumed prices change what translation adds to a row by up to: {each}{rest}"))
        }
    };
    let moved = moved.map(|moved| format!("Halved or doubled, {moved}."));
    let unit = access.map(|cycles| {
        format!("`access`, {cycles} cycles, is assumed too: shares of time go by it, cycles added do not.")
    });
    let said: Vec<String> = moved.into_iter().chain(unit).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// The greatest share of what translation adds to a row that each assumed price makes up, the greatest first; and what an access takes
/// without translation, if that is assumed.
fn most(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> (Vec<(&'static str, f64)>, Option<Cycles>) {
    let (mut most, mut access) = (BTreeMap::<&str, f64>::new(), None);
    for outcome in outcomes {
        let sheet = &sweep.sheets[outcome.row.sheet].1;
        let Some((counts, bill)) = outcome.stretch(sweep.output.steady) else { continue };
        let (mut own, added) = (BTreeMap::<&str, f64>::new(), bill.added().to_f64());
        for (price, cycles) in sheet.iter().filter(|(price, _)| sheet.assumes(*price)) {
            let charged = price.charged(cycles, counts).to_f64();
            match price.part == Part::Ideal {
                true => access = access.or(Some(cycles)),
                false if charged > 0.0 => *own.entry(price.name).or_default() += charged / added,
                false => {}
            }
        }
        for (name, share) in own {
            let known = most.entry(name).or_default();
            *known = known.max(share);
        }
    }
    let mut most: Vec<(&str, f64)> = most.into_iter().collect();
    most.sort_by(|a, b| b.1.total_cmp(&a.1));
    (most, access)
}
