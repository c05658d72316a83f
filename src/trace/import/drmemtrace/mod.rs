//! DynamoRIO's offline traces: a file of records per thread, or per processor, merged by their time stamps.
//!
//! *Source:* DynamoRIO, clients/drcachesim: common/trace_entry.h, reader/reader.cpp.

mod folder;
mod observed;
mod physical;
mod record;
mod thread;

pub use folder::files;
pub use record::RECORD_BYTES;

use super::buffer::RowBuffer;
use super::parse::Reading;
use crate::error::{Defect, Result};
use crate::trace::input::Input;
use observed::Observed;
use record::{Record, kind};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use thread::{Pause, Thread};

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
fn is_start_of_32_bit(first: &[u8]) -> bool {
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
}

impl Threads {
    /// # Errors
    /// [`Error::Input`](crate::error::Error::Input) for a trace of a 32-bit tracer.
    pub fn new(inputs: Vec<Input>) -> Result<Threads> {
        let (alone, many) = (inputs.len() == 1, inputs.len() > FEW);
        let mut threads = Vec::new();
        for input in inputs {
            let mut input = if many { input.with_buffer(THREAD_BUFFER) } else { input };
            let (first, _) = input.peek()?;
            if is_start_of_32_bit(first) {
                return Err(Defect::new(input.name(), "", "records of 8 bytes, as 32-bit tracers write them")
                    .expected("records of 12 bytes")
                    .remedy("record a 64-bit program")
                    .into());
            }
            threads.push(Some(Thread::new(input, alone)));
        }
        let queue = (0..threads.len()).map(|index| Reverse((0, index))).collect();
        Ok(Threads { threads, queue, current: None, observed: Observed::default() })
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
                Pause::Ended => self.threads[index] = None,
            }
        }
        Ok(true)
    }

    fn found(&self) -> Vec<(&'static str, String)> {
        self.observed.notes(self.threads.len())
    }
}
