//! Reads, checks and collapses a trace ahead of the simulation, and deals it out to its copies.

use super::batch::Batch;
use super::dealer::Dealer;
use super::reader::Reader;
use super::timings::timed;
use super::watch::{Phase, Watch};
use super::{Open, Turns};
use crate::address::Level;
use crate::error::Result;
use crate::program::{CHUNK_ROWS, Chunk, Op, Part, Strip, Vcpus};
use rayon::join;
use std::time::Duration;

/// Chunks in a batch, of the shortest: a row group as they are written here, which is decoded as one.
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
    /// The number in its copy, from 0, of the access that its first row is or belongs to.
    pub access: u64,
}

impl Decoded {
    /// Replaces the content by these rows.
    pub fn refill(&mut self, rows: Part<'_>, strip: &mut Strip, vcpus: &mut Vcpus, every_address: bool) {
        self.chunk.collapse(rows, strip, vcpus);
        if every_address {
            self.chunk.keep_addresses(rows);
        }
        self.address_bits = rows.addresses.iter().fold(0, |all, address| all | address);
        self.ops = Default::default();
        self.chunk.calls.iter().for_each(|(_, call)| self.ops[call.row.op as usize] += 1);
        for op in [Op::Store, Op::Fetch] {
            // Few enough at a time to be counted in bytes.
            let count = |ops: &[u8]| ops.iter().map(|&number| (number == op as u8) as u8).sum::<u8>() as u64;
            self.ops[op as usize] = rows.ops.chunks(u8::MAX.into()).map(count).sum();
        }
        self.ops[Op::Load as usize] = rows.rows() as u64 - self.rows();
    }

    /// Replaces the content by the same.
    pub fn copy(&mut self, other: &Decoded) {
        self.chunk.runs.clone_from(&other.chunk.runs);
        self.chunk.calls.clone_from(&other.chunk.calls);
        self.chunk.addresses.clone_from(&other.chunk.addresses);
        (self.ops, self.address_bits) = (other.ops, other.address_bits);
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
    /// Rows of a chunk.
    pub chunk_rows: usize,
    /// What chunks are stripped of.
    pub strip: Strip,
    /// Whether chunks hold the address of each access, and not only the first of each run.
    pub every_address: bool,
    /// Where chunks end for it; calls belong to the access before them.
    pub watch: Watch,
    /// Numbers of accesses of a copy with which chunks begin too, ascending.
    pub warm: Vec<u64>,
}

impl Feed<'_> {
    /// Deals out the whole trace, and says how long that took without `work`, which is done with all parts in order, some at a time.
    /// While it is done with some, those behind them are collapsed and those behind these are read: by other threads of the pool, if
    /// it has any.
    pub fn run(&self, turns: Turns, work: impl FnMut(&[Decoded]) -> Result<()> + Send) -> Result<Duration> {
        // From within the pool, where a thread that waits helps the others.
        rayon::scope(|_| self.run_in_pool(turns, work))
    }

    fn run_in_pool(&self, turns: Turns, mut work: impl FnMut(&[Decoded]) -> Result<()> + Send) -> Result<Duration> {
        let ahead = (AHEAD * CHUNK_ROWS / self.chunk_rows).max(1);
        let size = if rayon::current_num_threads() > 1 { ahead } else { 1 };
        let (mut reader, mut dealer) = (Reader::new(self, turns), Dealer::new(self, turns));
        let (mut read, mut rows) = (Batch::new(size, || turns.columns()), Batch::new(size, || turns.columns()));
        let (mut dealt, mut parts) = (Batch::new(size, Decoded::default), Batch::new(size, Decoded::default));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::program::{MemorySource, Owner, Row, Source};

    const CHUNK: usize = 5;

    fn row(op: Op, address: u64) -> Row {
        Row { op, address, length: 8, process: 1, thread: 0 }
    }

    fn loads(count: u64) -> Vec<Row> {
        (0..count).map(|n| row(Op::Load, n << 12)).collect()
    }

    /// Whose turn it is at an access, its page, and whether a stretch begins with it.
    type Dealt = (Owner, u64, bool);

    /// The accesses in order, and what it came to if the page `bad` is an error to whoever it is dealt out to.
    fn dealt(threads: usize, turns: Turns, rows: &[Row], bad: u64) -> (Vec<Dealt>, Result<(), String>) {
        let source = || Ok(Box::new(MemorySource::new(rows.to_vec()).in_chunks_of(CHUNK)) as Box<dyn Source>);
        let (name, levels, watch) = ("rows", Level::new(4), Watch::Intervals(7));
        let warm = vec![3, 40];
        let feed = Feed {
            open: &source,
            name,
            levels,
            chunk_rows: CHUNK,
            strip: Strip::none(),
            every_address: true,
            watch,
            warm,
        };
        let mut seen = Vec::new();
        let work = |parts: &[Decoded]| {
            for part in parts {
                let pages = part.chunk.addresses.iter().map(|address| address.get() >> 12);
                seen.extend(pages.enumerate().map(|(i, page)| (part.chunk.owner, page, part.begins && i == 0)));
                if part.chunk.addresses.iter().any(|address| address.get() >> 12 == bad) {
                    return Err(Error::failed("simulate", "a bad page"));
                }
            }
            Ok(())
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let ended = pool.install(|| feed.run(turns, work)).map(|_| ()).map_err(|error| error.to_string());
        (seen, ended)
    }

    #[test]
    fn each_owner_gets_every_row_in_its_turn_whatever_the_threads() {
        const ROWS: u64 = 203;
        for quantum in [None, Some(1), Some(4), Some(5), Some(12), Some(1000)] {
            let turns = Turns { vms: 2, copies: 2, quantum, cpus: 1 };
            let length = quantum.unwrap_or(ROWS);
            let rounds = (0..ROWS).step_by(length as usize).map(|start| start..ROWS.min(start + length));
            let order =
                rounds.flat_map(|round| turns.owners().flat_map(move |owner| round.clone().map(move |n| (owner, n))));
            let expected: Vec<_> = (0..).zip(order).map(|(i, (owner, n))| (owner, n, i > 0 && i % 7 == 0)).collect();
            for threads in [1, 2, 3] {
                assert_eq!(dealt(threads, turns, &loads(ROWS), u64::MAX), (expected.clone(), Ok(())), "{quantum:?}");
            }
        }
    }

    #[test]
    fn the_first_error_is_the_one_that_is_told_whatever_the_threads() {
        let mut rows = loads(300);
        rows[152].address = 1 << 50;
        for bad in [0, 149, 151, 299] {
            let ended = [1, 2, 3].map(|threads| dealt(threads, Turns::default(), &rows, bad).1.unwrap_err());
            assert_eq!(
                ended[0].contains("a bad page"),
                bad < 150,
                "{}: the chunk before the bad row is simulated",
                ended[0]
            );
            assert_eq!(ended[0].contains("row 152"), bad >= 150, "{}", ended[0]);
            assert!(ended.iter().all(|error| *error == ended[0]));
        }
    }
}
