//! Windows of a trace.
//!
//! Rows of address-space calls outside the windows matter to those inside. Of the part that is skipped at the start, its
//! net effect is kept: a map row for each range that is mapped when the first window begins, so that 2M pages come
//! about as they would have; processes that ended before are gone. Between windows every call is kept and only accesses
//! are left out, since pages may be mapped, shared or given up in between.

use crate::error::Result;
use crate::trace::{CHUNK_ROWS, Op, Ranges, Row, Source};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// What a window is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    Accesses,
    Rows,
}

impl Counted {
    pub const ALL: [Counted; 2] = [Counted::Accesses, Counted::Rows];

    pub const fn name(self) -> &'static str {
        match self {
            Counted::Accesses => "accesses",
            Counted::Rows => "rows",
        }
    }

    /// What they are, in a phrase.
    pub const fn meaning(self) -> &'static str {
        match self {
            Counted::Accesses => "Loads, stores and fetches",
            Counted::Rows => "Rows of any kind",
        }
    }
}

/// Which part of a trace to keep.
#[derive(Clone, Copy, Debug)]
pub struct Selection {
    pub counted: Counted,
    /// How many to leave out at the start.
    pub skip: u64,
    /// How many to keep in all.
    pub limit: u64,
    /// Of how many windows one is kept, the first; at least 1.
    pub every: u64,
    /// How many make a window; at least 1.
    pub length: u64,
}

/// The rows of a trace that fall in windows, with the calls that they depend on.
pub struct Cut {
    source: Box<dyn Source>,
    selection: Selection,
    /// Rows or accesses that were seen and kept.
    seen: u64,
    kept: u64,
    /// What is mapped in each process, while the start is skipped.
    mapped: BTreeMap<u32, Ranges>,
    /// The time of the first row that is kept, until all that is mapped was given out, and the rows for what one process has mapped.
    begun: Option<u64>,
    maps: VecDeque<Row>,
    /// The thread of each process's last row meanwhile, and the last of all.
    threads: HashMap<u32, u32>,
    last: Option<(u32, u32)>,
    /// The last rows that were read.
    read: Vec<Row>,
    /// Rows not yet given out, with their times, or 0.
    ready: VecDeque<(Row, u64)>,
    times: Vec<u64>,
}

impl Cut {
    pub fn new(source: Box<dyn Source>, selection: Selection) -> Cut {
        let (mapped, maps, threads, read, ready, times) = Default::default();
        Cut { source, selection, seen: 0, kept: 0, mapped, begun: None, maps, threads, last: None, read, ready, times }
    }

    /// Rows or accesses seen so far.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    fn take(&mut self, row: Row, time: u64) {
        let counts = match self.selection.counted {
            Counted::Accesses => row.op.is_access(),
            Counted::Rows => true,
        };
        let index = self.seen;
        self.seen += u64::from(counts);
        let Some(index) = index.checked_sub(self.selection.skip) else {
            self.follow(&row);
            return;
        };
        if !self.mapped.is_empty() {
            self.begun.get_or_insert(time);
        }
        let inside = (index / self.selection.length).is_multiple_of(self.selection.every);
        if inside || !row.op.is_access() {
            self.kept += u64::from(inside && counts);
            self.ready.push_back((row, time));
        }
    }

    /// Notes what a skipped row maps, and which thread it is of.
    fn follow(&mut self, row: &Row) {
        if self.last != Some((row.process, row.thread)) {
            self.last = Some((row.process, row.thread));
            self.threads.insert(row.process, row.thread);
        }
        let start = linear(row.address);
        match row.op {
            Op::Map => self.mapped.entry(row.process).or_default().add(start, start + row.length),
            Op::Unmap => {
                if let Some(ranges) = self.mapped.get_mut(&row.process) {
                    ranges.remove(start, start + row.length);
                }
            }
            Op::Fork => {
                if let (Ok(child), Some(ranges)) = (u32::try_from(row.length), self.mapped.get(&row.process)) {
                    self.mapped.insert(child, ranges.clone());
                    self.threads.insert(child, row.thread);
                }
            }
            Op::Exit => drop(self.mapped.remove(&row.process)),
            Op::Load | Op::Store | Op::Fetch | Op::Protect => {}
        }
    }

    /// The next row to give out, and its time: first those that map what the skipped part left mapped.
    fn next(&mut self) -> Option<(Row, u64)> {
        while let Some(time) = self.begun {
            if let Some(row) = self.maps.pop_front() {
                return Some((row, time));
            }
            match self.mapped.pop_first() {
                Some((process, ranges)) => self.map(process, &ranges),
                None => self.begun = None,
            }
        }
        self.ready.pop_front()
    }

    fn map(&mut self, process: u32, ranges: &Ranges) {
        // No thread is invented for a row that stands for calls of one.
        let thread = self.threads.get(&process).copied().unwrap_or_default();
        for (start, end) in ranges.iter() {
            // Ranges that meet in the middle of the address space are one as linear addresses, and two as rows.
            let middle = HALF.clamp(start, end);
            for (start, end) in [(start, middle), (middle, end)] {
                let (address, length) = (canonical(start), end - start);
                if length > 0 {
                    self.maps.push_back(Row { op: Op::Map, address, length, process, thread });
                }
            }
        }
    }
}

impl Source for Cut {
    fn fill(&mut self, rows: &mut Vec<Row>) -> Result<()> {
        rows.clear();
        while self.begun.is_none() && self.ready.is_empty() && self.kept < self.selection.limit {
            let mut read = std::mem::take(&mut self.read);
            self.source.fill(&mut read)?;
            if read.is_empty() {
                break;
            }
            for (index, &row) in read.iter().enumerate() {
                if self.kept == self.selection.limit {
                    break;
                }
                let time = self.source.times().map_or(0, |times| times[index]);
                self.take(row, time);
            }
            self.read = read;
        }
        self.times.clear();
        while rows.len() < CHUNK_ROWS
            && let Some((row, time)) = self.next()
        {
            rows.push(row);
            self.times.push(time);
        }
        Ok(())
    }

    fn expected_rows(&self) -> Option<u64> {
        None
    }

    fn times(&self) -> Option<&[u64]> {
        self.source.times().and(Some(&self.times))
    }
}

/// Bits of an address that five levels of paging translate.
const LINEAR_BITS: u32 = 57;
/// First linear address of the upper half.
const HALF: u64 = 1 << (LINEAR_BITS - 1);

/// The address without its sign extension, so that no range ends at 2^64.
fn linear(address: u64) -> u64 {
    address & ((1 << LINEAR_BITS) - 1)
}

fn canonical(linear: u64) -> u64 {
    let unused = 64 - LINEAR_BITS;
    ((linear << unused) as i64 >> unused) as u64
}
