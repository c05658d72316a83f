//! The answer in three sentences, computed from the results.

use super::doubts::{doubts, firmness};
use super::rows::{Compared, candidates, comparable, distinct, held};
use super::words::{changes, joined, named, spread};
use crate::counts::Event;
use crate::outcome::Outcome;
use crate::prices::Part;
use crate::sweep::Sweep;
use crate::technique::{Facts, HOST_PAGES, NATIVE, Technique};

/// What a reader takes home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What is cheapest, what virtualization adds, what huge pages bring; where the axes do not allow one of them, what comes
    /// closest.
    pub sentences: Vec<String>,
    /// The values at which other axes were held, as `cpu nehalem`.
    pub held: Vec<String>,
    /// Why to read them with care.
    pub doubts: Vec<String>,
    /// Whether the first sentence stands if assumptions fall.
    pub firmness: Option<String>,
}

/// Answers from the rows at the first value of every axis but technique and page sizes.
pub fn answer(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Answer {
    let rows = comparable(sweep, outcomes);
    if rows.is_empty() {
        let free = "With these prices an access is free: there is no overhead to compare.";
        return Answer { sentences: vec![free.into()], held: held(sweep), doubts: Vec::new(), firmness: None };
    }
    let sentences = vec![
        cheapest(&rows),
        added(&rows).unwrap_or_else(|| largest_part(&rows)),
        huge_pages(&rows).unwrap_or_else(|| walks(&rows)),
    ];
    Answer { sentences, held: held(sweep), doubts: doubts(&rows), firmness: firmness(sweep, &rows) }
}

fn cheapest(rows: &[Compared]) -> String {
    let candidates = candidates(rows);
    let traces = distinct(candidates.iter().map(|row| row.trace()));
    let least = |trace: &&str| {
        let mine = candidates.iter().filter(|row| row.trace() == *trace);
        mine.min_by(|a, b| a.overhead.total_cmp(&b.overhead))
    };
    let best: Vec<&Compared> = traces.iter().filter_map(least).collect();
    let paid = |label: &str| {
        let mine = best.iter().filter(|row| row.label() == label);
        named(&mine.map(|row| (row.trace(), row.overhead)).collect::<Vec<_>>(), best.len())
    };
    let choices = distinct(candidates.iter().map(Compared::label));
    if let [only] = &choices[..] {
        return format!("On top of a machine that translates for free, cycles grow under {only}: {}.", paid(only));
    }
    let winners = distinct(best.iter().map(|row| row.label()));
    let winners: Vec<String> = winners.iter().map(|label| format!("{label} for {}", paid(label))).collect();
    let techniques = distinct(candidates.iter().map(|row| row.technique().title));
    let among = match &techniques[..] {
        [_] => "Cheapest is".to_string(),
        several => format!("Of {}, each at its best page sizes, cheapest is", joined(several)),
    };
    format!("{among} {}; in brackets, the cycles on top of a machine that translates for free.", joined(&winners))
}

/// What each technique adds to the first one, native if it is there, at the first page sizes; `None` where there is but one.
fn added(rows: &[Compared]) -> Option<String> {
    let mut techniques = distinct(rows.iter().map(|row| row.technique()));
    techniques.sort_by_key(|technique| *technique != &NATIVE);
    let (against, others) = techniques.split_first()?;
    let against = rows.iter().find(|row| row.technique() == *against)?;
    let compared = |technique: &&'static Facts| {
        let start =
            rows.iter().find(|row| row.technique() == *technique && row.pages().guest == against.pages().guest)?;
        let shares: Vec<f64> = pairs(rows, against, start).map(|(from, to)| to.cycles / from.cycles - 1.0).collect();
        (!shares.is_empty()).then(|| (shares, format!("under {}", start.label())))
    };
    let cases: Vec<_> = others.iter().filter_map(compared).collect();
    (!cases.is_empty()).then(|| format!("Compared with {}, cycles {}.", against.label(), changes(&cases, "")))
}

/// Rows like `from` and rows like `to`, of the same trace.
fn pairs<'r, 'a>(
    rows: &'r [Compared<'a>],
    from: &'r Compared<'a>,
    to: &'r Compared<'a>,
) -> impl Iterator<Item = (&'r Compared<'a>, &'r Compared<'a>)> {
    let like = |wanted: &'r Compared<'a>| rows.iter().filter(move |row| row.is_like(wanted));
    like(from).filter_map(move |from| Some((from, like(to).find(|to| to.trace() == from.trace())?)))
}

/// What other page sizes do to the overhead of one technique, nested paging if it has a choice; `None` where none has.
fn huge_pages(rows: &[Compared]) -> Option<String> {
    /// Of more page sizes, only the first and the last of guest and host are read.
    const MOST: usize = 4;
    let shapes = |technique: &'static Facts| {
        let mut shapes: Vec<&Compared> = Vec::new();
        for row in rows.iter().filter(|row| row.technique() == technique) {
            if !shapes.iter().any(|known| known.is_like(row)) {
                shapes.push(row);
            }
        }
        shapes
    };
    let mut techniques = Technique::FACTS;
    techniques.sort_by_key(|it| (*it == &NATIVE, it.walks.len() < 2, !it.heeds(&HOST_PAGES)));
    let shapes = techniques.into_iter().map(shapes).find(|shapes| shapes.len() > 1)?;
    let (start, others) = shapes.split_first()?;
    let compared = |shape: &&Compared| {
        let charged = pairs(rows, start, shape).filter(|(from, _)| from.overhead > 0.0);
        let shares: Vec<f64> = charged.map(|(from, to)| to.overhead / from.overhead - 1.0).collect();
        (!shares.is_empty()).then(|| (shares, format!("with {}", shape.pages())))
    };
    let last = shapes.last()?;
    let outer = |shape: &&&Compared| {
        let [first, last, here] = [start, last, shape].map(|shape| shape.pages());
        let outermost = [first.guest, last.guest].contains(&here.guest) && [first.host, last.host].contains(&here.host);
        others.len() <= MOST || outermost
    };
    let cases: Vec<_> = others.iter().filter(outer).filter_map(compared).collect();
    let (name, pages) = (start.technique().title, start.pages());
    (!cases.is_empty()).then(|| format!("Under {name}, next to {pages} pages, the overhead {}.", changes(&cases, "s")))
}

/// Where the cycles beyond the ideal go.
fn largest_part(rows: &[Compared]) -> String {
    let beyond = |row: &Compared| row.outcome.bill.cycles().to_f64() - row.outcome.bill.part(Part::Ideal).to_f64();
    let share = |row: &Compared, part| row.outcome.bill.part(part).to_f64() / beyond(row);
    let charged: Vec<&Compared> = rows.iter().filter(|row| beyond(row) > 0.0).collect();
    let sum = |part: &Part| charged.iter().map(|row| share(row, *part)).sum::<f64>();
    let parts = Part::ALL.into_iter().filter(|part| *part != Part::Ideal);
    match parts.max_by(|a, b| sum(a).total_cmp(&sum(b))) {
        Some(part) if !charged.is_empty() => {
            let shares = spread(charged.iter().map(|row| share(row, part)));
            format!("Most of that is {}, {shares} of it.", part.name())
        }
        _ => "Nothing comes on top of it.".into(),
    }
}

/// How often accesses walk, and how long walks are.
fn walks(rows: &[Compared]) -> String {
    let counts = |row: &Compared| row.outcome.tally.counts;
    let walking: Vec<&Compared> = rows.iter().filter(|row| counts(row)[Event::Walks] > 0).collect();
    if walking.is_empty() {
        return "No access walks page tables.".into();
    }
    let often = walking.iter().map(|row| counts(row)[Event::Walks] as f64 / counts(row)[Event::Accesses] as f64);
    let long = walking.iter().map(|row| row.outcome.references_per_walk());
    let (least, most) = (long.clone().fold(f64::INFINITY, f64::min), long.fold(0.0, f64::max));
    let long = if most - least < 0.005 { format!("{most:.2}") } else { format!("{least:.2} to {most:.2}") };
    format!("{} of the accesses miss every TLB and walk page tables, with {long} references each.", spread(often))
}
