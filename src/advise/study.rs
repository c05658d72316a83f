//! The cells of the sweep that advice is read from.

use super::cost::Cost;
use crate::address::PageSize;
use crate::counts::{Counts, Event, Gauge};
use crate::guest::GuestPages;
use crate::outcome::{Outcome, Pages, Warning};
use crate::prices::{Confidence, Price, Prices};
use crate::sweep::Sweep;
use crate::technique::{Facts, HOST_BACKING, HostBacking, NATIVE};
use std::collections::BTreeMap;

/// Pages that a guest may use throughout.
pub const SMALL: GuestPages = GuestPages::One(PageSize::Size4K);
pub const LARGE: GuestPages = GuestPages::One(PageSize::Size2M);

/// One cell, on the one trace.
#[derive(Clone, Debug)]
pub struct Case {
    pub technique: &'static Facts,
    pub pages: Pages,
    /// Whether memory of the VM is backed when it is first touched.
    pub lazy: bool,
    /// The whole trace.
    pub whole: Counts,
    /// Its first half.
    pub early: Counts,
    /// Its second half, less the last sixteenth of the trace.
    pub steady: Counts,
    /// Bytes mapped at most.
    pub mapped: u64,
    pub warnings: Vec<Warning>,
}

/// What becomes of first touches in the course of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settling {
    /// They are rarer in the steady state.
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
    /// So few pages of 4 KiB that the TLB holds them: it walks little more than once for each.
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
        format!("{} {}", self.technique.name, self.pages)
    }

    /// So many of an event in a million accesses of the steady state.
    pub fn rate(&self, event: Event) -> f64 {
        per_million(&self.steady, event)
    }
}

/// So many of an event in a million accesses.
pub fn per_million(counts: &Counts, event: Event) -> f64 {
    1e6 * counts[event] as f64 / counts[Event::Accesses].max(1) as f64
}

/// The steady state of an outcome without its last interval: what ends a program is no steady work. A trace of one or two accesses
/// has nothing else.
fn steady(outcome: &Outcome<'_>) -> Option<Counts> {
    let steady = outcome.steady?.counts;
    let without = steady.since(outcome.tally.intervals.last()?);
    Some(if without[Event::Accesses] > 0 { without } else { steady })
}

impl<'a> Study<'a> {
    /// The outcomes of [`sweep_text`](super::sweep_text) on one trace; `None` if the sweep has no price sheet or no row.
    pub fn new(sweep: &'a Sweep, outcomes: &[Outcome<'_>]) -> Option<Study<'a>> {
        let case = |outcome: &Outcome<'_>| {
            Some(Case {
                technique: outcome.technique(),
                pages: outcome.pages(),
                lazy: outcome.row.cell.machinery().table.backing() == Some(HostBacking::Lazy),
                whole: outcome.tally.counts,
                early: outcome.tally.counts.since(&outcome.steady?.counts),
                steady: steady(outcome)?,
                mapped: outcome.tally.gauges[Gauge::PeakMappedBytes],
                warnings: outcome.warnings.clone(),
            })
        };
        let cases: Vec<Case> = outcomes.iter().filter_map(case).collect();
        let prices = sweep.sheets.first()?.1;
        (!cases.is_empty()).then(|| Study { cases, prices, written: sweep.processors.values().next() })
    }

    /// The case of a technique and pages; pages of the host mean nothing to native and pv.
    pub fn find(&self, technique: &'static Facts, (guest, host): (GuestPages, PageSize), lazy: bool) -> Option<&Case> {
        self.cases.iter().find(|case| {
            let pages = case.pages.guest == guest && case.pages.host.is_none_or(|pages| pages == host);
            let backing = case.lazy == (lazy && case.technique.heeds(&HOST_BACKING));
            case.technique == technique && pages && backing
        })
    }

    /// The same case with memory of the VM backed when it is first touched; itself where that means nothing.
    pub fn touched_first<'c>(&'c self, case: &'c Case) -> &'c Case {
        let is_same = |other: &&Case| other.technique == case.technique && other.pages == case.pages && other.lazy;
        self.cases.iter().find(is_same).unwrap_or(case)
    }

    /// Whether the case is another's twin: transparent huge pages of which none came about.
    pub fn is_repeated(&self, case: &Case) -> bool {
        let is_small = |other: &Case| {
            let same = (other.technique, other.lazy, other.pages.host) == (case.technique, case.lazy, case.pages.host);
            same && other.pages.guest == SMALL && other.whole == case.whole
        };
        case.pages.guest == GuestPages::Thp && self.cases.iter().any(is_small)
    }

    /// Native paging with small pages: what the trace does to the guest alone.
    pub fn plain(&self) -> Option<&Case> {
        self.find(&NATIVE, (SMALL, PageSize::Size4K), false)
    }

    /// The prices as they stand, and with every assumed one halved and doubled.
    pub fn sheets(&self) -> [Prices; 3] {
        [self.prices, self.prices.with_assumed(1, 2), self.prices.with_assumed(2, 1)]
    }

    /// What counts cost, with the prices as they stand.
    pub fn cost(&self, counts: &Counts) -> Cost {
        Cost::new(&self.prices, counts)
    }

    /// What a case costs in its steady state. Of a trace that has none, walks alone: the rest is mostly first touches.
    pub fn judged(&self, sheet: &Prices, case: &Case) -> Cost {
        let cost = Cost::new(sheet, &case.steady);
        if self.is_starting() { Cost { exits: 0.0, kernel: 0.0, ..cost } } else { cost }
    }

    /// What a case costs over the whole run, memory of the VM backed when it is first touched.
    pub fn run(&self, sheet: &Prices, case: &Case) -> Cost {
        Cost::new(sheet, &self.touched_first(case).whole)
    }

    /// Cycles per access that the program itself waits for data, if they come from memory whenever an access walks natively with
    /// small pages: what misses the TLB mostly misses caches too.
    pub fn data_misses(&self) -> f64 {
        let price = self.prices.iter().find(|(price, _)| price.event == Event::RefsDram);
        let walks = self.plain().map_or(0.0, |case| case.rate(Event::Walks) / 1e6);
        walks * price.map_or(0.0, |(_, cycles)| cycles.to_f64())
    }

    /// Whether the trace has no steady state.
    pub fn is_starting(&self) -> bool {
        self.course() == Settling::Starting
    }

    /// How sure a price is.
    pub fn confidence(&self, price: Price) -> Option<Confidence> {
        Confidence::by_name(self.written?.get(&format!("prices.{}.confidence", price.name))?)
    }

    /// What becomes of first touches of pages of 4 KiB.
    pub fn course(&self) -> Settling {
        let Some(small) = self.plain() else { return Settling::Settled };
        let [early, late] = [&small.early, &small.steady].map(|counts| per_million(counts, Event::GuestFaults));
        let unmaps = small.steady[Event::Invalidations] + small.steady[Event::FullFlushes] > 0;
        match (late > early / 2.0, unmaps) {
            (false, _) => Settling::Settled,
            (true, true) => Settling::Churning,
            (true, false) => Settling::Starting,
        }
    }

    /// Why the trace says little, if it does.
    pub fn little(&self) -> Option<Little> {
        let small = self.plain()?;
        match small.whole[Event::Accesses] < FEW {
            _ if small.warnings.contains(&Warning::SinglePage) => Some(Little::SinglePage),
            true => Some(Little::FewAccesses),
            false => (small.whole[Event::Walks] < 2 * small.whole[Event::GuestFaults]).then_some(Little::FewPages),
        }
    }

    /// Whether the processor has nested paging at all.
    pub fn has_nested_paging(&self) -> bool {
        self.written.and_then(|written| written.get("ept")).is_none_or(|word| word == "true")
    }
}
