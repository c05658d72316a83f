//! How far a run rests on prices that are assumed, in a sentence.

use super::Outcome;
use crate::prices::{Part, Price};
use crate::sweep::Sweep;
use std::collections::BTreeMap;

/// The assumed prices that matter in any row, and what each could change; `None` where nothing was charged one. Of the steady state
/// alone where the sweep's output is.
pub fn assumptions(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Option<String> {
    /// A price matters that makes up so much of what translation adds to some row, and so many are named.
    const MATTERS: f64 = 0.1;
    const NAMED: usize = 4;
    let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
    let mut access = None;
    for outcome in outcomes {
        let sheet = &sweep.sheets[outcome.row.sheet].1;
        let Some((counts, bill)) = outcome.stretch(sweep.output.steady) else { continue };
        let added = bill.added().to_f64();
        let mut own: BTreeMap<&str, f64> = BTreeMap::new();
        for (price, cycles) in sheet.iter().filter(|(price, _)| sheet.assumes(*price)) {
            if price.part == Part::Ideal {
                access.get_or_insert((price, cycles));
            } else if added > 0.0 {
                *own.entry(price.name).or_default() += price.charged(cycles, counts).to_f64() / added;
            }
        }
        for (name, share) in own.into_iter().filter(|(_, share)| *share > 0.0) {
            let most = shares.entry(name).or_default();
            *most = most.max(share);
        }
    }
    let mut shares: Vec<(&str, f64)> = shares.into_iter().collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    let named = shares.iter().take_while(|(_, share)| *share >= MATTERS).take(NAMED).count();
    let change = |share: f64| format!("−{:.0} % or +{:.0} %", 50.0 * share, 100.0 * share);
    let (matter, rest) = shares.split_at(named);
    let each: Vec<String> = matter.iter().map(|(name, share)| format!("{name} {}", change(*share))).collect();
    let rest = rest.first().map(|(_, share)| change(*share));
    let said = match (each.is_empty(), rest) {
        (true, None) => None,
        (true, Some(rest)) => {
            Some(format!("no assumed price changes by more than {rest} what translation adds to a row"))
        }
        (false, rest) => Some(format!(
            "assumed prices change what translation adds to a row by up to: {}{}",
            each.join(", "),
            rest.map(|rest| format!("; each other one {rest} at most")).unwrap_or_default()
        )),
    };
    let unit = access.map(|(price, cycles): (Price, _)| {
        format!("`{}`, {cycles} cycles, is assumed too: shares of time go by it, cycles added do not.", price.name)
    });
    let sentences: Vec<String> =
        said.map(|said| format!("Halved or doubled, {said}.")).into_iter().chain(unit).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}
