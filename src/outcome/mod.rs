//! Results: counts × prices as data frames, and the files that hold them.

mod assumptions;
mod dictionary;
mod files;
mod pages;
mod stretch;
mod tables;
pub mod warnings;

pub use assumptions::assumptions;
pub use dictionary::{columns, meaning};
pub use files::Files;
pub use pages::Pages;
pub use stretch::{beginning, stretches};
pub use tables::{PRICES, RunTable, intervals, once_each, references, results, sensitivity};
pub use warnings::Warning;

use crate::counts::{Counts, Event, Gauge};
use crate::engine::Tally;
use crate::error::Result;
use crate::prices::Bill;
use crate::sampling::estimated;
use crate::sweep::{Sweep, SweepRow, TraceInput};
use crate::technique::Facts;
use warnings::Circumstances;

/// The axes that name a cell of one machine: the technique and the pages.
pub const CELL: [&str; 3] = ["technique", "guest_pages", "host_pages"];

/// What a row came to after the warm-up of each copy of the trace.
#[derive(Clone, Copy, Debug)]
pub struct Steady {
    pub counts: Counts,
    pub bill: Bill,
}

/// What a row of the sweep came to on one trace.
#[derive(Clone, Debug)]
pub struct Outcome<'a> {
    /// The trace's name.
    pub trace: &'a str,
    /// The cell and the price sheet.
    pub row: &'a SweepRow,
    pub tally: Tally,
    /// The counts, priced with that sheet.
    pub bill: Bill,
    /// `None` where not every access was looked up.
    pub steady: Option<Steady>,
    /// The share of the cycles beyond the ideal that assumed prices make up; `None` where there are none.
    pub assumed_share: Option<f64>,
    /// Why to read the row with care, in order.
    pub warnings: Vec<Warning>,
}

impl<'a> Outcome<'a> {
    /// Prices what happened.
    ///
    /// # Errors
    /// Something happened whose price the row's sheet lacks: a technique of one's own may count what the built-in ones do not.
    pub fn new(sweep: &Sweep, trace: &'a TraceInput, row: &'a SweepRow, mut tally: Tally) -> Result<Outcome<'a>> {
        if sweep.sample.is_some() {
            tally.counts = estimated(&tally.intervals, &tally.counts);
        }
        let warnings = Warning::of(&Circumstances {
            evidence: tally.evidence,
            counts: &tally.counts,
            touched_bytes: tally.gauges[Gauge::TouchedBytes],
            invented: trace.is_invented(),
            sampled: sweep.sample.is_some(),
        });
        let (bill, steady, assumed_share) = bills(sweep, row, &tally)?;
        Ok(Outcome { trace: &trace.name, row, bill, steady, assumed_share, warnings, tally })
    }

    /// The same at the prices of a sweep that differs in its sheets alone.
    ///
    /// # Errors
    /// As [`new`](Outcome::new).
    pub fn priced(self, sweep: &Sweep) -> Result<Outcome<'a>> {
        let (bill, steady, assumed_share) = bills(sweep, self.row, &self.tally)?;
        Ok(Outcome { bill, steady, assumed_share, ..self })
    }

    pub fn technique(&self) -> &'static Facts {
        self.row.cell.technique.facts()
    }

    pub fn pages(&self) -> Pages {
        let cell = &self.row.cell;
        Pages { guest: cell.guest_pages, host: cell.machinery().host_pages }
    }

    /// The counts and the bill of the whole, or of the steady state alone; `None` where that is not known.
    pub fn stretch(&self, steady: bool) -> Option<(&Counts, &Bill)> {
        match (steady, &self.steady) {
            (false, _) => Some((&self.tally.counts, &self.bill)),
            (true, steady) => steady.as_ref().map(|steady| (&steady.counts, &steady.bill)),
        }
    }

    /// Cycles beyond the ideal for each access, of the whole or of the steady state; `None` where there are no accesses.
    pub fn added_per_access(&self, steady: bool) -> Option<f64> {
        let (counts, bill) = self.stretch(steady)?;
        let accesses = counts[Event::Accesses];
        (accesses > 0).then(|| bill.added().to_f64() / accesses as f64)
    }
}

/// The bill of the whole, that of the steady state, and the share of the former that is assumed.
fn bills(sweep: &Sweep, row: &SweepRow, tally: &Tally) -> Result<(Bill, Option<Steady>, Option<f64>)> {
    let prices = &sweep.sheets[row.sheet].1;
    let steady = |counts| prices.bill(&counts).map(|bill| Steady { counts, bill });
    Ok((prices.bill(&tally.counts)?, tally.steady.map(steady).transpose()?, prices.assumed_share(&tally.counts)))
}
