//! Why to read the answer with care: the warnings of its rows, and assumptions that would change it.

use super::rows::{Compared, candidates, distinct};
use super::words::{joined, names};
use crate::outcome::Warning;
use crate::prices::{Move, PRICES};
use crate::sweep::Sweep;
use crate::technique::Facts;
use std::collections::BTreeMap;

/// The warnings of the rows, one sentence each.
pub fn doubts(rows: &[Compared]) -> Vec<String> {
    let warned = |warning: Warning| {
        let mine = rows.iter().filter(|row| row.outcome.warnings.contains(&warning)).count();
        let which = if mine == rows.len() { String::new() } else { format!(", on {mine} of {} rows", rows.len()) };
        (mine > 0).then(|| format!("{}{which}: {}", warning.name(), warning.meaning()))
    };
    Warning::ALL.into_iter().filter_map(warned).collect()
}

/// Whether an assumed price decides which technique is cheapest; `None` where there is no choice or no assumption.
pub fn firmness(sweep: &Sweep, rows: &[Compared]) -> Option<String> {
    let candidates = candidates(rows);
    let assumed = |row: &Compared| PRICES.iter().any(|&price| sweep.sheets[row.outcome.row.sheet].1.assumes(price));
    if distinct(candidates.iter().map(|row| row.technique())).len() < 2 || !candidates.iter().any(assumed) {
        return None;
    }
    let mut deciding: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for trace in distinct(candidates.iter().map(|row| row.trace())) {
        let mine: Vec<(Compared, Vec<Move>)> = candidates
            .iter()
            .filter(|row| row.trace() == trace)
            .map(|row| (*row, sweep.sheets[row.outcome.row.sheet].1.sensitivity(row.counts)))
            .collect();
        let as_it_is = winner(&mine, |row, _| row.overhead);
        for price in distinct(PRICES.map(|price| price.name)) {
            let with = |side: fn(&Move) -> Option<f64>| {
                winner(&mine, |row, moves| {
                    moves.iter().find(|it| it.price.name == price).and_then(side).unwrap_or(row.overhead)
                })
            };
            if with(|it| it.halved) != as_it_is || with(|it| it.doubled) != as_it_is {
                deciding.entry(price).or_default().push(trace);
            }
        }
    }
    if deciding.is_empty() {
        return Some("No assumed price, halved or doubled by itself, changes which technique is cheapest.".into());
    }
    let all = distinct(candidates.iter().map(|row| row.trace())).len();
    let list: Vec<String> =
        deciding.iter().map(|(price, traces)| format!("{price} for {}", names(traces, all))).collect();
    Some(format!("An assumed price, halved or doubled, changes which technique is cheapest: {}.", joined(&list)))
}

fn winner(rows: &[(Compared, Vec<Move>)], overhead: impl Fn(&Compared, &[Move]) -> f64) -> Option<&'static Facts> {
    let least = rows.iter().min_by(|(a, x), (b, y)| overhead(a, x).total_cmp(&overhead(b, y)));
    least.map(|(row, _)| row.technique())
}
