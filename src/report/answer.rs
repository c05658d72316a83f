//! The answer in three sentences, computed from the results.

use super::doubts::{doubts, firmness};
use super::rows::{Compared, candidates, comparable, distinct, held};
use super::words::{changes, joined, named, range, spread};
use crate::counts::{Counts, Event};
use crate::numerals::short;
use crate::outcome::{Outcome, stretches};
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

/// Answers from the rows at the first value of every axis but technique and page sizes, with the steady state beside the whole trace.
pub fn answer(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Answer {
    let mut each = stretches(sweep, outcomes.iter()).iter().map(|&steady| comparable(sweep, outcomes, steady));
    let rows = each.next().unwrap_or_default();
    let steady = each.next().unwrap_or_default();
    if rows.is_empty() {
        let free = "With these prices an access is free: there is no overhead to compare.";
        return Answer { sentences: vec![free.into()], held: held(sweep), doubts: Vec::new(), firmness: None };
    }
    let told = |clause: fn(&[Compared]) -> Option<Clause>| Some(told(clause(&rows)?, clause(&steady)));
    let sentences = vec![
        cheapest(&rows, &steady),
        told(added).or_else(|| told(largest_part)).unwrap_or_else(|| "Nothing comes on top of it.".into()),
        told(huge_pages).or_else(|| told(walks)).unwrap_or_else(|| "No access walks page tables.".into()),
    ];
    Answer { sentences, held: held(sweep), doubts: doubts(&rows), firmness: firmness(sweep, &rows) }
}

/// What is said of the whole trace and then of its steady state.
struct Clause {
    /// With what a sentence begins, and what stands for it the second time.
    subject: (String, &'static str),
    said: String,
}

fn told(whole: Clause, steady: Option<Clause>) -> String {
    let again = steady.filter(|steady| steady.said != whole.said);
    let again = again.map(|it| format!("; in the steady state {}{}", it.subject.1, it.said)).unwrap_or_default();
    format!("{}{}{again}.", whole.subject.0, whole.said)
}

/// The cheapest candidate of each trace, in the order of the traces.
fn best<'a>(rows: &[Compared<'a>]) -> Vec<Compared<'a>> {
    let candidates = candidates(rows);
    let least = |trace: &str| {
        let mine = candidates.iter().filter(|row| row.trace() == trace);
        mine.min_by(|a, b| a.overhead.total_cmp(&b.overhead)).copied()
    };
    distinct(candidates.iter().map(|row| row.trace())).into_iter().filter_map(least).collect()
}

fn cheapest(rows: &[Compared], steady: &[Compared]) -> String {
    let best_of = best(rows);
    // What a row costs, and what it costs in the steady state.
    let both = |rows: &[&Compared]| {
        let again = rows.iter().filter_map(|row| steady.iter().find(|it| std::ptr::eq(it.outcome, row.outcome)));
        let again: Vec<&Compared> = again.collect();
        costs(rows) + &if again.is_empty() { String::new() } else { format!("; steady {}", costs(&again)) }
    };
    let choices = distinct(candidates(rows).iter().map(Compared::label));
    if let [only] = &choices[..] {
        return format!(
            "Under {only}, translation adds cycles to an access: {}; in brackets, how many, and the share of \
             the program's time that they are.",
            paid(&best_of.iter().collect::<Vec<_>>(), best_of.len(), &both)
        );
    }
    let techniques = distinct(candidates(rows).iter().map(|row| row.technique().title));
    let among = match &techniques[..] {
        [_] => "Cheapest is".to_string(),
        several => format!("Of {}, each at its best page sizes, cheapest is", joined(several)),
    };
    let steadily = best(steady);
    let other = |it: &&Compared| !best_of.iter().any(|row| row.trace() == it.trace() && row.is_like(it));
    let others: Vec<&Compared> = steadily.iter().filter(other).collect();
    let others = match &others[..] {
        [] => String::new(),
        others => format!("; in the steady state it is {}", choice(others, steadily.len(), &costs)),
    };
    let winners = choice(&best_of.iter().collect::<Vec<_>>(), best_of.len(), &both);
    format!(
        "{among} {winners}{others}; in brackets, the cycles that translation adds to an access, and the share of the \
         program's time that they are."
    )
}

/// Who is cheapest for which traces: `X for a (…) and Y for b (…)`.
fn choice(rows: &[&Compared], traces: usize, costs: &dyn Fn(&[&Compared]) -> String) -> String {
    let each = distinct(rows.iter().map(|row| row.label())).into_iter().map(|label| {
        let mine: Vec<&Compared> = rows.iter().filter(|row| row.label() == label).copied().collect();
        format!("{label} for {}", paid(&mine, traces, costs))
    });
    joined(&each.collect::<Vec<_>>())
}

/// The traces of some rows, with what they cost.
fn paid(rows: &[&Compared], traces: usize, costs: &dyn Fn(&[&Compared]) -> String) -> String {
    named(&rows.iter().map(|row| (row.trace(), *row)).collect::<Vec<_>>(), traces, costs)
}

/// `0.41 cycles, 15 %`, or the ranges of several rows.
fn costs(rows: &[&Compared]) -> String {
    let added = range(rows.iter().map(|row| row.added), short);
    format!("{added} cycles, {}", spread(rows.iter().map(|row| row.share())))
}

/// What each technique adds to the first one, native if it is there, at the first page sizes; `None` where there is but one.
fn added(rows: &[Compared]) -> Option<Clause> {
    let mut techniques = distinct(rows.iter().map(|row| row.technique()));
    techniques.sort_by_key(|technique| *technique != &NATIVE);
    let (against, others) = techniques.split_first()?;
    let against = rows.iter().find(|row| row.technique() == *against)?;
    let compared = |technique: &&'static Facts| {
        let start =
            rows.iter().find(|row| row.technique() == *technique && row.pages().guest == against.pages().guest)?;
        let share = |(from, to): (&Compared, &Compared)| (to.overhead - from.overhead) / (1.0 + from.overhead);
        let shares: Vec<f64> = pairs(rows, against, start).map(share).collect();
        (!shares.is_empty()).then(|| (shares, format!("under {}", start.label())))
    };
    let cases: Vec<_> = others.iter().filter_map(compared).collect();
    (!cases.is_empty()).then(|| Clause {
        subject: (format!("Compared with {}, a program's time ", against.label()), "it "),
        said: changes(&cases, "s"),
    })
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
fn huge_pages(rows: &[Compared]) -> Option<Clause> {
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
    (!cases.is_empty()).then(|| Clause {
        subject: (format!("Under {name}, next to {pages} pages, the overhead "), "it "),
        said: changes(&cases, "s"),
    })
}

/// Where the cycles beyond the ideal go; `None` where there are none.
fn largest_part(rows: &[Compared]) -> Option<Clause> {
    let beyond = |row: &Compared| row.bill.cycles().to_f64() - row.bill.part(Part::Ideal).to_f64();
    let share = |row: &Compared, part| row.bill.part(part).to_f64() / beyond(row);
    let charged: Vec<&Compared> = rows.iter().filter(|row| beyond(row) > 0.0).collect();
    let sum = |part: &Part| charged.iter().map(|row| share(row, *part)).sum::<f64>();
    let parts = Part::ALL.into_iter().filter(|part| *part != Part::Ideal);
    let part = parts.max_by(|a, b| sum(a).total_cmp(&sum(b))).filter(|_| !charged.is_empty())?;
    let shares = spread(charged.iter().map(|row| share(row, part)));
    Some(Clause { subject: ("Most of that ".into(), "it "), said: format!("is {}, {shares} of it", part.name()) })
}

/// How often accesses walk, and how long walks are; `None` where none does.
fn walks(rows: &[Compared]) -> Option<Clause> {
    let walking: Vec<&Counts> = rows.iter().map(|row| row.counts).filter(|counts| counts[Event::Walks] > 0).collect();
    if walking.is_empty() {
        return None;
    }
    let often = walking.iter().map(|counts| counts[Event::Walks] as f64 / counts[Event::Accesses] as f64);
    let long = walking.iter().map(|counts| counts.sum(&Event::TABLE_REFS) as f64 / counts[Event::Walks] as f64);
    let said =
        format!("{} of the accesses walk page tables, with {} references each", spread(often), range(long, short));
    Some(Clause { subject: (String::new(), ""), said })
}
