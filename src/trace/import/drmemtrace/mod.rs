//! DynamoRIO's offline traces: a file of records per thread, or per processor, merged by their time stamps.
//!
//! *Source:* DynamoRIO, clients/drcachesim: common/trace_entry.h, reader/reader.cpp.

mod folder;
mod observed;
mod physical;
mod record;
mod thread;
mod view;

pub use folder::files;
pub use record::RECORD_BYTES;
pub use view::{FACTS as VIEW_FACTS, view};

use super::buffer::RowBuffer;
use super::format::Facts;
use super::parse::Reading;
use crate::error::Result;
use crate::trace::input::{Input, Unit};
use observed::Observed;
use record::{Record, kind};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use thread::{Pause, Thread};

pub const FACTS: Facts = Facts {
    name: "drmemtrace",
    meaning: "DynamoRIO's offline traces: a folder of thread files, or one of them",
    assumed: "threads take turns at their time stamps; an instruction that rep repeats is fetched once; prefetches \
         and cache flushes are no accesses; no calls that map or unmap",
    times: "of the tool's time stamps, in ns since 1601, in steps of 1 µs; the rows of a thread from one stamp to the next \
            share its time",
    unit: Unit::Record(RECORD_BYTES),
};

/// Bytes held of each file where there are many.
const THREAD_BUFFER: usize = 1 << 15;
/// More files than this are many.
const FEW: usize = 16;

/// Rows at which a turn is handed out, so that they stay in the caches.
const TURN_ROWS: usize = 1 << 13;

/// Whether an input starts as a trace of this format does: a header with a version, then a marker, thread or process.
pub fn is_start(first: &[u8]) -> bool {
    let (records, _) = first.as_chunks::<RECORD_BYTES>();
    let [header, next, ..] = records else {
        return false;
    };
    let (header, next) = (Record::of(header), Record::of(next));
    header.kind == kind::HEADER
        && (1..256).contains(&header.value)
        && matches!(next.kind, kind::MARKER | kind::THREAD | kind::PROCESS)
}

/// Whether it starts as one of a 32-bit tracer does, whose records have 8 bytes.
pub fn is_start_of_32_bit(first: &[u8]) -> bool {
    matches!(first, [25, 0, _, _, _, 0, 0, 0, 28 | 22 | 24, 0, ..])
}

/// The files of a trace, of which one runs at a time: the one whose time stamp is lowest.
pub struct Threads {
    threads: Vec<Option<Thread>>,
    /// Time stamp and index of those that wait.
    queue: BinaryHeap<Reverse<(u64, usize)>>,
    /// The one that runs.
    current: Option<usize>,
    observed: Observed,
    /// Files that ended without a footer.
    cut: usize,
}

impl Threads {
    pub fn new(inputs: Vec<Input>) -> Threads {
        let (alone, many) = (inputs.len() == 1, inputs.len() > FEW);
        let mut threads = Vec::new();
        for input in inputs {
            let input = if many { input.with_buffer(THREAD_BUFFER) } else { input };
            threads.push(Some(Thread::new(input, alone)));
        }
        let queue = (0..threads.len()).map(|index| Reverse((0, index))).collect();
        Threads { threads, queue, current: None, observed: Observed::default(), cut: 0 }
    }

    /// Index of the thread whose turn it is.
    fn next_index(&mut self) -> Option<usize> {
        self.current.take().or_else(|| self.queue.pop().map(|Reverse((_, index))| index))
    }
}

impl Reading for Threads {
    fn next(&mut self, rows: &mut RowBuffer) -> Result<bool> {
        while rows.rows.len() < TURN_ROWS {
            let Some(index) = self.next_index() else {
                return Ok(!rows.rows.is_empty());
            };
            let Some(thread) = &mut self.threads[index] else {
                continue;
            };
            match thread.run(rows, &mut self.observed)? {
                Pause::Full => self.current = Some(index),
                Pause::Until(time) => self.queue.push(Reverse((time, index))),
                Pause::Ended => {
                    self.cut += usize::from(thread.is_cut());
                    self.threads[index] = None;
                }
            }
        }
        Ok(true)
    }

    fn found(&self) -> Vec<(&'static str, String)> {
        let cut =
            (self.cut > 0).then(|| ("salvaged", format!("the whole records of {} files that are cut off", self.cut)));
        self.observed.notes(self.threads.len()).into_iter().chain(cut).collect()
    }
}
