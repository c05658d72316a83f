//! The cells of the sweep that advice is read from.

use crate::counts::{Counts, Event, Gauge};
use crate::outcome::Outcome;
use crate::prices::{Confidence, Part, Price, Prices};
use crate::sweep::Sweep;
use crate::warnings::Warning;
use std::collections::BTreeMap;

/// What translating takes: TLB hits beyond the first level, and walks.
pub const TRANSLATION: [Part; 2] = [Part::Tlb, Part::Walk];
/// What a choice goes by: all but the guest's own work for faults.
pub const JUDGED: [Part; 5] = [Part::Tlb, Part::Walk, Part::Exits, Part::Hypercalls, Part::Upkeep];
/// The whole overhead.
pub const ALL: [Part; 6] = [Part::Tlb, Part::Walk, Part::Faults, Part::Exits, Part::Hypercalls, Part::Upkeep];

/// One cell, on the one trace.
#[derive(Clone, Debug)]
pub struct Case {
    pub technique: String,
    pub guest: String,
    /// `None` where they mean nothing.
    pub host: Option<String>,
    /// Whether memory of the VM is backed when it is first touched.
    pub lazy: bool,
    /// The whole trace.
    pub whole: Counts,
    /// Its second half.
    pub settled: Counts,
    /// Bytes mapped at most.
    pub mapped: u64,
    pub warnings: Vec<Warning>,
}

/// What becomes of first touches in the course of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// They are rarer in the second half.
    Settled,
    /// They go on, since memory is unmapped and touched anew.
    Churning,
    /// They go on, and nothing is unmapped.
    Starting,
}

/// Why a trace can say little, however sure its prices are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Little {
    /// It has fewer accesses than 100,000.
    FewAccesses,
    SinglePage,
    /// Fewer pages of 4 KiB than twice the entries of the last TLB level.
    FewPages,
}

/// A program makes so many accesses in some hundred microseconds.
pub const FEW: u64 = 100_000;

/// Everything that advice is read from.
#[derive(Clone, Debug)]
pub struct Study<'a> {
    pub cases: Vec<Case>,
    pub prices: Prices,
    /// Every setting and price of the processor as it was written.
    written: Option<&'a BTreeMap<String, String>>,
}

impl Case {
    /// `ept thp on 2M`
    pub fn name(&self) -> String {
        let host = self.host.iter().map(|host| format!(" on {host}"));
        format!("{} {}{}", self.technique, self.guest, host.collect::<String>())
    }

    /// So many of an event in a thousand accesses of the second half.
    pub fn rate(&self, event: Event) -> f64 {
        per_thousand(&self.settled, event)
    }

    /// The first half.
    pub fn early(&self) -> Counts {
        self.whole.since(&self.settled)
    }
}

/// So many of an event in a thousand accesses.
pub fn per_thousand(counts: &Counts, event: Event) -> f64 {
    1000.0 * counts[event] as f64 / counts[Event::Accesses].max(1) as f64
}

/// Parts of the bill over the ideal cycles; 0 where an access is free, not a number where the sheet lacks a price.
pub fn beyond(sheet: &Prices, counts: &Counts, parts: &[Part]) -> f64 {
    let Ok(bill) = sheet.bill(counts) else { return f64::NAN };
    let ideal = bill.part(Part::Ideal).to_f64();
    let sum: f64 = parts.iter().map(|&part| bill.part(part).to_f64()).sum();
    if ideal > 0.0 { sum / ideal } else { 0.0 }
}

impl<'a> Study<'a> {
    /// The outcomes of [`sweep_text`](super::sweep_text) on one trace; `None` if the sweep has no price sheet or no row.
    pub fn new(sweep: &'a Sweep, outcomes: &[Outcome<'_>]) -> Option<Study<'a>> {
        let case = |outcome: &Outcome<'_>| {
            let value = |name: &str| {
                let at = sweep.columns.iter().position(|column| column.name == name)?;
                outcome.row.values[at].clone()
            };
            Some(Case {
                technique: value("technique")?,
                guest: value("guest_pages")?,
                host: value("host_pages"),
                lazy: value("host_backing").is_some_and(|backing| backing == "lazy"),
                whole: outcome.tally.counts,
                settled: *outcome.tally.intervals.last()?,
                mapped: outcome.tally.gauges[Gauge::PeakMappedBytes],
                warnings: outcome.tally.warnings.clone(),
            })
        };
        let cases: Vec<Case> = outcomes.iter().filter_map(case).collect();
        let prices = sweep.sheets.first()?.1;
        (!cases.is_empty()).then(|| Study { cases, prices, written: sweep.processors.values().next() })
    }

    /// The case of a technique and pages; pages of the host mean nothing to native and pv.
    pub fn find(&self, technique: &str, guest: &str, host: &str, lazy: bool) -> Option<&Case> {
        self.cases.iter().find(|case| {
            let host = case.host.as_deref().is_none_or(|pages| pages == host);
            // Only ept has both.
            let backing = case.lazy == (lazy && case.technique == "ept");
            case.technique == technique && case.guest == guest && host && backing
        })
    }

    /// The prices as they stand, and with every assumed one halved and doubled.
    pub fn sheets(&self) -> [Prices; 3] {
        [self.prices, self.prices.with_assumed(1, 2), self.prices.with_assumed(2, 1)]
    }

    /// Parts of the bill over the ideal cycles, with the prices of [`sheets`](Study::sheets).
    pub fn beyond(&self, counts: &Counts, parts: &[Part]) -> [f64; 3] {
        self.sheets().map(|sheet| beyond(&sheet, counts, parts))
    }

    /// How sure a price is.
    pub fn confidence(&self, price: Price) -> Option<Confidence> {
        Confidence::by_name(self.written?.get(&format!("prices.{}.confidence", price.name))?)
    }

    /// What becomes of first touches of pages of 4 KiB.
    pub fn course(&self) -> Course {
        let Some(small) = self.find("native", "4K", "4K", false) else { return Course::Settled };
        let [early, late] = [small.early(), small.settled].map(|counts| per_thousand(&counts, Event::GuestFaults));
        let unmaps = small.settled[Event::Invalidations] + small.settled[Event::FullFlushes] > 0;
        match (late > early / 2.0, unmaps) {
            (false, _) => Course::Settled,
            (true, true) => Course::Churning,
            (true, false) => Course::Starting,
        }
    }

    /// Why the trace says little, if it does.
    pub fn little(&self) -> Option<Little> {
        let small = self.find("native", "4K", "4K", false)?;
        let warned = |warning| small.warnings.contains(&warning);
        match small.whole[Event::Accesses] < FEW {
            _ if warned(Warning::SinglePage) => Some(Little::SinglePage),
            true => Some(Little::FewAccesses),
            false => warned(Warning::ShortTrace).then_some(Little::FewPages),
        }
    }

    /// Whether the processor has nested paging at all.
    pub fn has_nested_paging(&self) -> bool {
        let source = self.written.and_then(|written| written.get("prices.exit_work.ept_violation.source"));
        !source.is_some_and(|source| source.contains("has no EPT"))
    }
}
