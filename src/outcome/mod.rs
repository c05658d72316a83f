//! Results: counts × prices as data frames, and the files that hold them.

mod dictionary;
mod files;
mod frames;

pub use dictionary::meaning;
pub use files::Files;
pub use frames::{intervals, references, results, sensitivity};

use crate::counts::Event;
use crate::engine::Tally;
use crate::error::Result;
use crate::prices::Bill;
use crate::sampling::estimated;
use crate::sweep::{Origin, Sweep, SweepRow, TraceInput};
use crate::warnings::Warning;

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
    /// The share of the cycles beyond the ideal that assumed prices make up; `None` where there are none.
    pub assumed_share: Option<f64>,
}

impl<'a> Outcome<'a> {
    /// Prices what happened.
    ///
    /// # Errors
    /// Something happened whose price the row's sheet lacks: a technique of one's own may count what the built-in ones do not.
    pub fn new(sweep: &Sweep, trace: &'a TraceInput, row: &'a SweepRow, mut tally: Tally) -> Result<Outcome<'a>> {
        let prices = &sweep.sheets[row.sheet].1;
        if sweep.sample.is_some() {
            tally.counts = estimated(&tally.intervals, &tally.counts);
            tally.warnings.push(Warning::Sampled);
        }
        if matches!(trace.origin, Origin::Synthetic(_)) {
            // What its addresses look like is known to be chance.
            tally.warnings.retain(|it| !matches!(it, Warning::CacheFiltered | Warning::PhysicalAddresses));
        }
        let assumed_share = prices.assumed_share(&tally.counts);
        if assumed_share > Some(0.5) {
            tally.warnings.push(Warning::AssumedPrices);
        }
        Ok(Outcome { trace: &trace.name, row, bill: prices.bill(&tally.counts)?, assumed_share, tally })
    }

    /// References of a walk, on average; not a number where nothing walked.
    pub fn references_per_walk(&self) -> f64 {
        let references = self.tally.counts.sum(&[Event::GuestRefs, Event::ShadowRefs, Event::HostRefs]);
        references as f64 / self.tally.counts[Event::Walks] as f64
    }
}
