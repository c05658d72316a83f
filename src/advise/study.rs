//! The cells of the sweep that advice is read from.

use crate::address::PageSize;
use crate::counts::{Counts, Event, Gauge};
use crate::guest::GuestPages;
use crate::outcome::{Outcome, Pages, Warning};
use crate::prices::{Bill, Confidence, Part, Price, Prices};
use crate::sweep::Sweep;
use crate::technique::{EPT, Facts, HostBacking, HostShape, NATIVE, Technique};
use std::collections::BTreeMap;

/// Pages that a guest may use throughout.
pub const SMALL: GuestPages = GuestPages::One(PageSize::Size4K);
pub const LARGE: GuestPages = GuestPages::One(PageSize::Size2M);

/// How much of an overhead is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What translating takes: TLB hits beyond the first level, and walks.
    Translation,
    /// What a choice goes by: all but the guest's own work for faults.
    Judged,
    Whole,
}

impl Scope {
    /// Whether a part of the bill is in it.
    pub fn holds(self, part: Part) -> bool {
        match part {
            Part::Ideal => false,
            Part::Tlb | Part::Walk => true,
            Part::Exits | Part::Hypercalls | Part::Upkeep => self != Scope::Translation,
            Part::Faults | Part::Host => self == Scope::Whole,
        }
    }

    /// Cycles of its parts.
    pub fn cycles(self, bill: &Bill) -> f64 {
        Part::ALL.into_iter().filter(|part| self.holds(*part)).map(|part| bill.part(part).to_f64()).sum()
    }
}

/// One cell, on the one trace.
#[derive(Clone, Debug)]
pub struct Case {
    pub technique: &'static Facts,
    pub pages: Pages,
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
pub enum Settling {
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
        format!("{} {}", self.technique.name, self.pages)
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

/// An overhead, as far as it is looked at; 0 where an access is free, not a number where the sheet lacks a price.
pub fn beyond(sheet: &Prices, counts: &Counts, scope: Scope) -> f64 {
    let Ok(bill) = sheet.bill(counts) else { return f64::NAN };
    let ideal = bill.part(Part::Ideal).to_f64();
    if ideal > 0.0 { scope.cycles(&bill) / ideal } else { 0.0 }
}

impl<'a> Study<'a> {
    /// The outcomes of [`sweep_text`](super::sweep_text) on one trace; `None` if the sweep has no price sheet or no row.
    pub fn new(sweep: &'a Sweep, outcomes: &[Outcome<'_>]) -> Option<Study<'a>> {
        let case = |outcome: &Outcome<'_>| {
            Some(Case {
                technique: outcome.technique(),
                pages: outcome.pages(),
                lazy: matches!(
                    outcome.row.cell.technique,
                    Technique::Ept(HostShape { backing: HostBacking::Lazy, .. })
                ),
                whole: outcome.tally.counts,
                settled: *outcome.tally.intervals.last()?,
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
            // Only ept has both.
            let backing = case.lazy == (lazy && case.technique == &EPT);
            case.technique == technique && pages && backing
        })
    }

    /// Whether any case is of this technique.
    pub fn has(&self, technique: &'static Facts) -> bool {
        self.cases.iter().any(|case| case.technique == technique)
    }

    /// Native paging with small pages: what the trace does to the guest alone.
    pub fn plain(&self) -> Option<&Case> {
        self.find(&NATIVE, (SMALL, PageSize::Size4K), false)
    }

    /// The prices as they stand, and with every assumed one halved and doubled.
    pub fn sheets(&self) -> [Prices; 3] {
        [self.prices, self.prices.with_assumed(1, 2), self.prices.with_assumed(2, 1)]
    }

    /// An overhead, as far as it is looked at, with the prices of [`sheets`](Study::sheets).
    pub fn beyond(&self, counts: &Counts, scope: Scope) -> [f64; 3] {
        self.sheets().map(|sheet| beyond(&sheet, counts, scope))
    }

    /// How sure a price is.
    pub fn confidence(&self, price: Price) -> Option<Confidence> {
        Confidence::by_name(self.written?.get(&format!("prices.{}.confidence", price.name))?)
    }

    /// What becomes of first touches of pages of 4 KiB.
    pub fn course(&self) -> Settling {
        let Some(small) = self.plain() else { return Settling::Settled };
        let [early, late] = [small.early(), small.settled].map(|counts| per_thousand(&counts, Event::GuestFaults));
        let unmaps = small.settled[Event::Invalidations] + small.settled[Event::FullFlushes] > 0;
        match (late > early / 2.0, unmaps) {
            (false, _) => Settling::Settled,
            (true, true) => Settling::Churning,
            (true, false) => Settling::Starting,
        }
    }

    /// Why the trace says little, if it does.
    pub fn little(&self) -> Option<Little> {
        let small = self.plain()?;
        let warned = |warning| small.warnings.contains(&warning);
        match small.whole[Event::Accesses] < FEW {
            _ if warned(Warning::SinglePage) => Some(Little::SinglePage),
            true => Some(Little::FewAccesses),
            false => warned(Warning::FitsTlb).then_some(Little::FewPages),
        }
    }

    /// Whether the processor has nested paging at all.
    pub fn has_nested_paging(&self) -> bool {
        let source = self.written.and_then(|written| written.get("prices.exit_work.ept_violation.source"));
        !source.is_some_and(|source| source.contains("has no EPT"))
    }
}
