//! Reads, checks and collapses a trace ahead of the simulation, and deals it out to its copies.

use super::{Open, Turns};
use crate::address::{Gva, Level};
use crate::error::{Defect, Result};
use crate::trace::{Chunk, Op, Row, Source};
use std::sync::mpsc::{Receiver, SendError, SyncSender};

/// A stretch of the trace, with how many rows of each operation it holds.
#[derive(Clone, Debug, Default)]
pub struct Decoded {
    pub chunk: Chunk,
    pub ops: [u64; Op::ALL.len()],
}

impl Decoded {
    /// Replaces the content by these rows.
    fn refill(&mut self, rows: &[Row]) {
        self.ops = Default::default();
        rows.iter().for_each(|row| self.ops[row.op as usize] += 1);
        self.chunk.collapse(rows);
    }

    pub fn accesses(&self) -> u64 {
        [Op::Load, Op::Store, Op::Fetch].iter().map(|op| self.ops[*op as usize]).sum()
    }

    pub fn rows(&self) -> u64 {
        self.ops.iter().sum()
    }
}

/// The way from a trace to the simulation.
pub struct Feed<'a> {
    pub open: &'a Open<'a>,
    /// The trace's name, for errors.
    pub name: &'a str,
    /// Levels for which every address must be canonical.
    pub levels: Level,
    pub chunks: SyncSender<Decoded>,
    /// Chunks that the simulation is done with, to be filled again.
    pub spent: Receiver<Decoded>,
}

impl Feed<'_> {
    /// Deals out the whole trace. Stops quietly when the simulation has failed: it says so itself.
    pub fn run(&self, turns: Turns) -> Result<()> {
        match turns.quantum {
            // To the end: the trace is read anew for each copy.
            None => turns.owners().try_for_each(|owner| {
                let mut rows = Checked::open(self)?;
                while let Some(mut part) = rows.next(u64::MAX)? {
                    part.chunk.owner = owner;
                    if self.chunks.send(part).is_err() {
                        return Ok(());
                    }
                }
                Ok(())
            }),
            Some(quantum) => self.in_turns(turns, quantum),
        }
    }

    /// Copies run in step, so a quantum of rows is read once, held, and dealt out to each in its turn.
    fn in_turns(&self, turns: Turns, quantum: u64) -> Result<()> {
        let mut rows = Checked::open(self)?;
        loop {
            let (mut held, mut left) = (Vec::new(), quantum);
            while let Some(part) = rows.next(left)? {
                left -= part.rows();
                held.push(part);
            }
            if held.is_empty() || self.deal(turns, &held).is_err() {
                return Ok(());
            }
        }
    }

    fn deal(&self, turns: Turns, held: &[Decoded]) -> Result<(), Box<SendError<Decoded>>> {
        for owner in turns.owners() {
            for part in held {
                let mut part = part.clone();
                part.chunk.owner = owner;
                self.chunks.send(part)?;
            }
        }
        Ok(())
    }
}

/// The rows of a trace, checked, a chunk at a time.
struct Checked<'a> {
    feed: &'a Feed<'a>,
    source: Box<dyn Source>,
    rows: Vec<Row>,
    /// Rows of the buffer that are dealt out.
    used: usize,
    /// Rows of the trace before the buffer.
    before: u64,
}

impl<'a> Checked<'a> {
    fn open(feed: &'a Feed<'a>) -> Result<Checked<'a>> {
        Ok(Checked { feed, source: (feed.open)()?, rows: Vec::new(), used: 0, before: 0 })
    }

    /// The next rows, at most `most` of them; `None` at the end, or where `most` is 0.
    fn next(&mut self, most: u64) -> Result<Option<Decoded>> {
        if self.used == self.rows.len() {
            self.before += self.rows.len() as u64;
            self.used = 0;
            self.source.fill(&mut self.rows)?;
            self.check()?;
        }
        let end = self.rows.len().min(self.used.saturating_add(most.min(usize::MAX as u64) as usize));
        let rows = &self.rows[self.used..end];
        self.used = end;
        if rows.is_empty() {
            return Ok(None);
        }
        let mut part = self.feed.spent.try_recv().unwrap_or_default();
        part.refill(rows);
        Ok(Some(part))
    }

    fn check(&self) -> Result<()> {
        let levels = self.feed.levels;
        let Some(i) = self.rows.iter().position(|row| !is_canonical(row, levels)) else { return Ok(()) };
        let address = self.rows[i].address;
        let found = format!("address {address:#x} is not canonical for {} levels of paging", levels.get());
        Err(Defect::new(self.feed.name, format!("row {}", self.before + i as u64), found)
            .expected("bits 47 to 63 all equal")
            .remedy("set guest_levels = 5 if the trace is of a program that uses 57-bit addresses")
            .into())
    }
}

fn is_canonical(row: &Row, levels: Level) -> bool {
    if matches!(row.op, Op::Fork | Op::Exit) {
        return true;
    }
    let last = row.address.wrapping_add(if row.op.is_range() { row.length.saturating_sub(1) } else { 0 });
    Gva::try_new(row.address, levels).is_some() && Gva::try_new(last, levels).is_some()
}
