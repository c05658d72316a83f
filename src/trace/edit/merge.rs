//! Several traces as the processes of one machine.

use super::Named;
use super::renumber::{Free, Renumber};
use crate::error::{Defect, Result};
use crate::trace::check::Unsound;
use crate::trace::{CHUNK_ROWS, Row, Source};

/// Traces that take turns, each for so many rows, until all have ended. Their processes get new ids, from 1 in the order
/// in which they appear.
pub struct Merge {
    turns: Vec<Turn>,
    quantum: u64,
    /// The one that runs, and the rows that it may still give.
    current: usize,
    left: u64,
    free: Free,
}

/// A trace and how far it was read.
struct Turn {
    trace: Named,
    renumber: Renumber,
    read: Vec<Row>,
    used: usize,
    /// Rows given out.
    rows: u64,
    ended: bool,
}

impl Merge {
    /// `quantum` is at least 1.
    pub fn new(traces: Vec<Named>, quantum: u64) -> Merge {
        let turn =
            |trace| Turn { trace, renumber: Renumber::default(), read: Vec::new(), used: 0, rows: 0, ended: false };
        Merge {
            turns: traces.into_iter().map(turn).collect(),
            quantum,
            current: 0,
            left: quantum,
            free: Free::default(),
        }
    }

    /// For each trace, which process became which.
    pub fn processes(&self) -> impl Iterator<Item = String> {
        self.turns.iter().map(|turn| turn.renumber.shown())
    }

    fn next_turn(&mut self) {
        self.current = (self.current + 1) % self.turns.len();
        self.left = self.quantum;
    }
}

impl Turn {
    /// Reads on where nothing is left; false at the end.
    fn has_rows(&mut self) -> Result<bool> {
        if self.used == self.read.len() && !self.ended {
            self.trace.source.fill(&mut self.read)?;
            self.used = 0;
            self.ended = self.read.is_empty();
        }
        Ok(!self.ended)
    }

    /// Moves at most `most` rows that were read to `rows`, and says how many.
    fn give(&mut self, most: u64, rows: &mut Vec<Row>, free: &mut Free) -> Result<u64> {
        let room = (CHUNK_ROWS - rows.len()).min(usize::try_from(most).unwrap_or(usize::MAX));
        let end = self.read.len().min(self.used.saturating_add(room));
        let count = (end - self.used) as u64;
        for (number, row) in (self.rows..).zip(&self.read[self.used..end]) {
            let mut row = *row;
            self.renumber.rename(&mut row, free).map_err(|Unsound { found, expected }| {
                Defect::new(&self.trace.name, format!("row {number}"), found).expected(expected)
            })?;
            rows.push(row);
        }
        self.used = end;
        self.rows += count;
        Ok(count)
    }
}

impl Source for Merge {
    fn fill(&mut self, rows: &mut Vec<Row>) -> Result<()> {
        rows.clear();
        let mut ended = 0;
        while rows.len() < CHUNK_ROWS && ended < self.turns.len() {
            let turn = &mut self.turns[self.current];
            if !turn.has_rows()? {
                ended += 1;
                self.next_turn();
                continue;
            }
            ended = 0;
            self.left -= turn.give(self.left, rows, &mut self.free)?;
            if self.left == 0 {
                self.next_turn();
            }
        }
        Ok(())
    }

    fn expected_rows(&self) -> Option<u64> {
        self.turns.iter().map(|turn| turn.trace.source.expected_rows()).sum()
    }
}
