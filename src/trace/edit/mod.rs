//! Traces made from traces: windows of one, several interleaved or joined, one moved elsewhere.

mod concat;
mod cut;
mod merge;
mod rebase;
mod renumber;
#[cfg(test)]
mod tests;

pub use concat::Concat;
pub use cut::{Counted, Cut, Selection};
pub use merge::{Merge, Order};
pub use rebase::Rebase;

use super::Source;

/// A trace and what messages call it.
pub struct Named {
    pub name: String,
    pub source: Box<dyn Source>,
}

impl Named {
    /// Whether its rows have times.
    pub fn is_timed(&self) -> bool {
        self.source.times().is_some()
    }
}
