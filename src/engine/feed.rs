//! Reads, checks and collapses a trace ahead of the simulation, and deals it out to its copies.

use super::batch::Batch;
use super::dealer::Dealer;
use super::reader::Reader;
use super::timings::timed;
use super::watch::{Phase, Watch};
use super::{Open, Turns};
use crate::address::Level;
use crate::error::Result;
use crate::trace::{Chunk, Op, Part, Strip};
use rayon::join;
use std::time::Duration;

/// Chunks in a batch: a row group as they are written here, which is decoded as one.
const AHEAD: usize = 8;

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
    pub fn refill(&mut self, rows: Part<'_>, strip: &mut Strip, every_address: bool) {
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
}

impl Feed<'_> {
    /// Deals out the whole trace, and says how long that took without `work`, which is done with all parts in order, some at a time.
    /// While it is done with some, those behind them are collapsed and those behind these are read: by other threads of the pool, if it has any.
    pub fn run(&self, turns: Turns, work: impl FnMut(&[Decoded]) -> Result<()> + Send) -> Result<Duration> {
        // From within the pool, where a thread that waits helps the others.
        rayon::scope(|_| self.run_in_pool(turns, work))
    }

    fn run_in_pool(&self, turns: Turns, mut work: impl FnMut(&[Decoded]) -> Result<()> + Send) -> Result<Duration> {
        let size = if rayon::current_num_threads() > 1 { AHEAD } else { 1 };
        let (mut reader, mut dealer) = (Reader::new(self, turns), Dealer::new(self, turns));
        let (mut read, mut rows) = (Batch::new(size), Batch::new(size));
        let (mut dealt, mut parts) = (Batch::new(size), Batch::new(size));
        let (mut reading, mut dealing) = (Duration::ZERO, Duration::ZERO);
        loop {
            let work = || work(parts.all());
            let deal = || timed(&mut dealing, || dealer.deal(&mut rows, &mut dealt));
            let read_on = || timed(&mut reading, || reader.read(&mut read));
            let ((worked, ()), ()) = join(|| join(work, deal), read_on);
            worked?;
            if let Some(ended) = parts.ended.take() {
                return ended.map(|()| reading + dealing);
            }
            parts.clear();
            std::mem::swap(&mut parts, &mut dealt);
            if rows.is_used() {
                rows.clear();
                std::mem::swap(&mut rows, &mut read);
            }
        }
    }
}
