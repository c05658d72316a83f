//! Reads, checks and collapses a trace ahead of the simulation, and deals it out to its copies.

use super::reader::Reader;
use super::timings::timed;
use super::watch::{Phase, Watch};
use super::{Open, Turns};
use crate::address::{Gva, Level};
use crate::error::{Defect, Error, Result};
use crate::trace::{CHUNK_ROWS, Chunk, Columns, Op, Owner, Part, Row, Strip};
use std::sync::mpsc::{channel, sync_channel};
use std::time::Duration;

/// Parts dealt out ahead of the simulation.
const AHEAD: usize = 4;

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
    fn refill(&mut self, rows: Part<'_>, strip: &mut Strip, every_address: bool) {
        self.chunk.collapse(rows, strip);
        if every_address {
            self.chunk.keep_addresses(rows);
        }
        self.address_bits = rows.addresses.iter().fold(0, |all, address| all | address);
        self.ops = Default::default();
        self.chunk.calls.iter().for_each(|(_, row)| self.ops[row.op as usize] += 1);
        for op in [Op::Store, Op::Fetch] {
            // Few enough at a time to be counted in bytes.
            let count = |ops: &[u8]| ops.iter().map(|&number| (number == op as u8) as u8).sum::<u8>() as u64;
            self.ops[op as usize] = rows.ops.chunks(u8::MAX.into()).map(count).sum();
        }
        self.ops[Op::Load as usize] = rows.rows() as u64 - self.rows();
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
    /// What chunks are stripped of.
    pub strip: Strip,
    /// Whether chunks hold the address of each access, and not only the first of each run.
    pub every_address: bool,
    /// Where chunks end for it; calls belong to the access before them.
    pub watch: Watch,
    /// Whether the trace is read ahead, on another thread.
    pub ahead: bool,
}

impl Feed<'_> {
    /// Deals out the whole trace, and says how long that took without `work`, which is done with each part: on another thread
    /// than the reading if that is ahead.
    pub fn run(&self, turns: Turns, mut work: impl FnMut(&Decoded) -> Result<()>) -> Result<Duration> {
        if !self.ahead {
            return self.deal(turns, |part| work(&part).map(|()| part));
        }
        let stopped = |who: &str| Error::failed(format!("read {}", self.name), format!("the {who} stopped"));
        std::thread::scope(|scope| {
            let (parts, dealt) = sync_channel(AHEAD);
            let (done, spent) = channel();
            let feed = scope.spawn(move || {
                self.deal(turns, |part| {
                    parts.send(part).map_err(|_| stopped("simulation"))?;
                    Ok(spent.try_recv().unwrap_or_default())
                })
            });
            for part in dealt {
                work(&part)?;
                // The feed may be done already and need no more.
                let _ = done.send(part);
            }
            feed.join().map_err(|_| stopped("reader"))?
        })
    }

    /// Deals out each part for one that is spent.
    fn deal(&self, turns: Turns, deal: impl FnMut(Decoded) -> Result<Decoded>) -> Result<Duration> {
        let (left, stretches) = self.watch.stretches(turns.owners().count() as u64);
        let spent = Duration::ZERO;
        let strip = self.strip.clone();
        let mut dealer =
            Dealer { feed: self, deal, strip, empty: Decoded::default(), stretches, at: None, left, spent };
        match turns.quantum {
            None => dealer.one_after_another(turns)?,
            Some(quantum) => dealer.in_turns(turns, quantum)?,
        }
        Ok(dealer.spent)
    }
}

/// Deals rows to copies, cut where a stretch of the machine's accesses ends.
struct Dealer<'a, D> {
    feed: &'a Feed<'a>,
    deal: D,
    strip: Strip,
    empty: Decoded,
    stretches: Vec<(Phase, u64)>,
    /// The stretch, none for the first, and the accesses left of it.
    at: Option<usize>,
    left: u64,
    spent: Duration,
}

impl<D: FnMut(Decoded) -> Result<Decoded>> Dealer<'_, D> {
    /// Each copy to its end: the trace is read anew for each.
    fn one_after_another(&mut self, turns: Turns) -> Result<()> {
        for owner in turns.owners() {
            let mut rows = Checked::open(self.feed)?;
            while let Some(part) = timed(&mut self.spent, || rows.next(u64::MAX))? {
                self.send(owner, part)?;
            }
        }
        Ok(())
    }

    /// Copies run in step, so a quantum of rows is read once, held, and dealt out to each in its turn.
    fn in_turns(&mut self, turns: Turns, quantum: u64) -> Result<()> {
        let mut rows = Checked::open(self.feed)?;
        let mut held = Columns::default();
        loop {
            held.clear();
            while let Some(part) = timed(&mut self.spent, || rows.next(quantum - held.all().rows() as u64))? {
                held.append(part);
            }
            if held.all().rows() == 0 {
                return Ok(());
            }
            for owner in turns.owners() {
                let mut left = held.all();
                while left.rows() > 0 {
                    let (part, later) = left.split(left.rows().min(CHUNK_ROWS));
                    self.send(owner, part)?;
                    left = later;
                }
            }
        }
    }

    fn send(&mut self, owner: Owner, mut rows: Part<'_>) -> Result<()> {
        while rows.rows() > 0 {
            let (begins, now, later) = self.cut(rows);
            let mut part = std::mem::take(&mut self.empty);
            timed(&mut self.spent, || part.refill(now, &mut self.strip, self.feed.every_address));
            part.chunk.owner = owner;
            part.phase = self.at.map_or(Phase::Count, |at| self.stretches[at].0);
            part.begins = begins;
            self.empty = (self.deal)(part)?;
            rows = later;
        }
        Ok(())
    }

    /// Whether a stretch begins with these rows, those before the next, and the others.
    fn cut<'a>(&mut self, rows: Part<'a>) -> (bool, Part<'a>, Part<'a>) {
        if self.stretches.is_empty() {
            let (now, later) = rows.split_behind(rows.ops.len());
            return (false, now, later);
        }
        let begins = self.left == 0 && rows.calls().next().is_none_or(|(at, _)| at > 0);
        if begins {
            let at = self.at.map_or(0, |at| (at + 1) % self.stretches.len());
            self.at = Some(at);
            self.left = self.stretches[at].1;
        }
        let accesses = self.left.min(rows.ops.len() as u64);
        self.left -= accesses;
        let (now, later) = rows.split_behind(accesses as usize);
        (begins, now, later)
    }
}

/// The rows of a trace, checked, a chunk at a time.
struct Checked<'a> {
    feed: &'a Feed<'a>,
    source: Reader,
    columns: Columns,
    /// Rows of the columns that are dealt out.
    used: usize,
    /// Rows of the trace before the columns.
    before: u64,
}

impl<'a> Checked<'a> {
    fn open(feed: &'a Feed<'a>) -> Result<Checked<'a>> {
        let source = Reader::new((feed.open)()?, feed.ahead);
        Ok(Checked { feed, source, columns: Columns::default(), used: 0, before: 0 })
    }

    /// The next rows, at most `most` of them; `None` at the end, or where `most` is 0.
    fn next(&mut self, most: u64) -> Result<Option<Part<'_>>> {
        let rows = self.columns.all().rows();
        if self.used == rows {
            self.before += rows as u64;
            self.used = 0;
            self.source.fill(&mut self.columns)?;
            self.check()?;
        }
        let (_, left) = self.columns.all().split(self.used);
        let (part, _) = left.split(left.rows().min(most.min(usize::MAX as u64) as usize));
        self.used += part.rows();
        Ok((part.rows() > 0).then_some(part))
    }

    fn check(&self) -> Result<()> {
        let (rows, levels) = (self.columns.all(), self.feed.levels);
        if !Gva::are_canonical(rows.addresses, levels)
            && let Some(at) = rows.addresses.iter().position(|address| Gva::try_new(*address, levels).is_none())
        {
            let row = at + rows.calls().take_while(|(before, _)| *before <= at).count();
            return Err(self.unreachable(row, rows.addresses[at]));
        }
        match rows.calls().enumerate().find(|(_, (_, call))| !is_canonical(call, levels)) {
            Some((calls, (at, call))) => Err(self.unreachable(at + calls, call.address)),
            None => Ok(()),
        }
    }

    fn unreachable(&self, row: usize, address: u64) -> Error {
        let levels = self.feed.levels.get();
        let found = format!("address {address:#x} is not canonical for {levels} levels of paging");
        Defect::new(self.feed.name, format!("row {}", self.before + row as u64), found)
            .expected("bits 47 to 63 all equal")
            .remedy("set guest_levels = 5 if the trace is of a program that uses 57-bit addresses")
            .into()
    }
}

fn is_canonical(call: &Row, levels: Level) -> bool {
    if matches!(call.op, Op::Fork | Op::Exit) {
        return true;
    }
    let last = call.address.wrapping_add(call.length.saturating_sub(1));
    Gva::try_new(call.address, levels).is_some() && Gva::try_new(last, levels).is_some()
}
