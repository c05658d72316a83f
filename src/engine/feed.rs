//! Reads, checks and collapses a trace ahead of the simulation, and deals it out to its copies.

use super::timings::timed;
use super::watch::{Phase, Watch};
use super::{Open, Turns};
use crate::address::{Gva, Level};
use crate::error::{Defect, Result};
use crate::trace::{CHUNK_ROWS, Chunk, Op, Owner, Row, Source};
use std::sync::mpsc::{Receiver, SendError, SyncSender};
use std::time::Duration;

/// A stretch of the trace, with how many rows of each operation it holds.
#[derive(Clone, Debug, Default)]
pub struct Decoded {
    pub chunk: Chunk,
    pub ops: [u64; Op::ALL.len()],
    /// All addresses of accesses, or-ed.
    pub address_bits: u64,
    pub phase: Phase,
    /// Its first row is the access that begins a stretch, other than the first.
    pub begins: bool,
}

impl Decoded {
    /// Replaces the content by these rows.
    fn refill(&mut self, rows: &[Row], every_address: bool) {
        self.chunk.collapse(rows);
        if every_address {
            self.chunk.keep_addresses(rows);
        }
        let bits = |row: &Row| if row.op.is_access() { row.address } else { 0 };
        self.address_bits = rows.iter().fold(0, |all, row| all | bits(row));
        self.ops = Default::default();
        self.chunk.calls.iter().for_each(|(_, row)| self.ops[row.op as usize] += 1);
        for op in [Op::Store, Op::Fetch] {
            self.ops[op as usize] = rows.iter().filter(|row| row.op == op).count() as u64;
        }
        self.ops[Op::Load as usize] = rows.len() as u64 - self.rows();
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
    /// Whether chunks hold the address of each access, and not only the first of each run.
    pub every_address: bool,
    /// Where chunks end for it; calls belong to the access before them.
    pub watch: Watch,
    pub chunks: SyncSender<Decoded>,
    /// Chunks that the simulation is done with, to be filled again.
    pub spent: Receiver<Decoded>,
}

impl Feed<'_> {
    /// Deals out the whole trace, and says how long it worked on that. Stops quietly when the simulation has failed: it says so
    /// itself.
    pub fn run(&self, turns: Turns) -> Result<Duration> {
        let (left, stretches) = self.watch.stretches(turns.owners().count() as u64);
        let mut dealer = Dealer { feed: self, stretches, at: None, left, spent: Duration::ZERO };
        match turns.quantum {
            None => dealer.one_after_another(turns)?,
            Some(quantum) => dealer.in_turns(turns, quantum)?,
        }
        Ok(dealer.spent)
    }
}

/// Deals rows to copies, cut where a stretch of the machine's accesses ends.
struct Dealer<'a> {
    feed: &'a Feed<'a>,
    stretches: Vec<(Phase, u64)>,
    /// The stretch, none for the first, and the accesses left of it.
    at: Option<usize>,
    left: u64,
    spent: Duration,
}

impl Dealer<'_> {
    /// Each copy to its end: the trace is read anew for each.
    fn one_after_another(&mut self, turns: Turns) -> Result<()> {
        for owner in turns.owners() {
            let mut rows = Checked::open(self.feed)?;
            while let Some(part) = timed(&mut self.spent, || rows.next(u64::MAX))? {
                if self.send(owner, part).is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Copies run in step, so a quantum of rows is read once, held, and dealt out to each in its turn.
    fn in_turns(&mut self, turns: Turns, quantum: u64) -> Result<()> {
        let mut rows = Checked::open(self.feed)?;
        let mut held = Vec::new();
        loop {
            held.clear();
            while let Some(part) = timed(&mut self.spent, || rows.next(quantum - held.len() as u64))? {
                held.extend_from_slice(part);
            }
            if held.is_empty() {
                return Ok(());
            }
            for owner in turns.owners() {
                for part in held.chunks(CHUNK_ROWS) {
                    if self.send(owner, part).is_err() {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn send(&mut self, owner: Owner, mut rows: &[Row]) -> Result<(), Box<SendError<Decoded>>> {
        while !rows.is_empty() {
            let (begins, end) = self.cut(rows);
            let mut part = self.feed.spent.try_recv().unwrap_or_default();
            timed(&mut self.spent, || part.refill(&rows[..end], self.feed.every_address));
            part.chunk.owner = owner;
            part.phase = self.at.map_or(Phase::Count, |at| self.stretches[at].0);
            part.begins = begins;
            self.feed.chunks.send(part)?;
            rows = &rows[end..];
        }
        Ok(())
    }

    /// Whether a stretch begins with these rows, and how many of them come before the next.
    fn cut(&mut self, rows: &[Row]) -> (bool, usize) {
        if self.stretches.is_empty() {
            return (false, rows.len());
        }
        let begins = self.left == 0 && rows[0].op.is_access();
        if begins {
            let at = self.at.map_or(0, |at| (at + 1) % self.stretches.len());
            self.at = Some(at);
            self.left = self.stretches[at].1;
        }
        let mut belongs = |row: &Row| {
            let belongs = !row.op.is_access() || self.left > 0;
            self.left -= (belongs && row.op.is_access()) as u64;
            belongs
        };
        (begins, rows.iter().position(|row| !belongs(row)).unwrap_or(rows.len()))
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
    fn next(&mut self, most: u64) -> Result<Option<&[Row]>> {
        if self.used == self.rows.len() {
            self.before += self.rows.len() as u64;
            self.used = 0;
            self.source.fill(&mut self.rows)?;
            self.check()?;
        }
        let start = self.used;
        self.used = self.rows.len().min(start.saturating_add(most.min(usize::MAX as u64) as usize));
        let rows = &self.rows[start..self.used];
        Ok((!rows.is_empty()).then_some(rows))
    }

    fn check(&self) -> Result<()> {
        let levels = self.feed.levels;
        // Nearly always true, and without a branch for each row.
        let plain = |row: &Row| row.op.is_access() & Gva::try_new(row.address, levels).is_some();
        if self.rows.iter().fold(true, |all, row| all & plain(row)) {
            return Ok(());
        }
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
