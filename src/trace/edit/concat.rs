//! Traces one after the other.

use super::Named;
use super::renumber::{Free, Renumber};
use crate::error::{Defect, Result};
use crate::trace::check::{Sequence, Unsound};
use crate::trace::{Row, Source};

/// Traces one after the other. Processes of the same id are the same process, unless they are renumbered: then each
/// trace has its own.
pub struct Concat {
    traces: Vec<Named>,
    /// The one being read, and the rows of it so far.
    current: usize,
    rows: u64,
    /// Whether every trace has times.
    timed: bool,
    sequence: Sequence,
    renumber: Option<(Renumber, Free)>,
}

impl Concat {
    pub fn new(traces: Vec<Named>, renumber: bool) -> Concat {
        let (renumber, timed) = (renumber.then(Default::default), traces.iter().all(Named::is_timed));
        Concat { traces, current: 0, rows: 0, timed, sequence: Sequence::default(), renumber }
    }

    fn take(&mut self, row: &mut Row) -> Result<(), Unsound> {
        if let Some((renumber, free)) = &mut self.renumber {
            renumber.rename(row, free)?;
        }
        if row.op.is_access() && self.sequence.continues(row.process) {
            return Ok(());
        }
        self.sequence.check(row)
    }
}

impl Source for Concat {
    fn fill(&mut self, rows: &mut Vec<Row>) -> Result<()> {
        rows.clear();
        while let Some(trace) = self.traces.get_mut(self.current) {
            trace.source.fill(rows)?;
            if !rows.is_empty() {
                break;
            }
            (self.current, self.rows) = (self.current + 1, 0);
            if let Some((renumber, _)) = &mut self.renumber {
                *renumber = Renumber::default();
            }
        }
        for row in rows.iter_mut() {
            self.take(row).map_err(|Unsound { found, expected }| {
                let name = &self.traces[self.current].name;
                Defect::new(name, format!("row {}", self.rows), format!("{found} in a trace before it"))
                    .expected(expected)
                    .remedy("--renumber makes the processes of each trace its own")
            })?;
            self.rows += 1;
        }
        Ok(())
    }

    fn expected_rows(&self) -> Option<u64> {
        self.traces.iter().map(|trace| trace.source.expected_rows()).sum()
    }

    fn times(&self) -> Option<&[u64]> {
        let now = self.traces.get(self.current).map_or(Some(&[][..]), |trace| trace.source.times());
        now.filter(|_| self.timed)
    }
}
