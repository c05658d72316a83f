//! Rows read from a trace, here or ahead on a thread of its own.

use crate::error::{Error, Result};
use crate::trace::{Columns, Source};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread;

/// Stretches of rows read ahead: as many as stay in the last-level cache, and two row groups as they are written here.
const AHEAD: usize = 16;

pub enum Reader {
    Here(Box<dyn Source>),
    Ahead {
        /// The last is empty, or why there are no more.
        read: Receiver<Result<Columns>>,
        /// Those that are done with, to be filled again.
        spent: Sender<Columns>,
        ended: bool,
    },
}

impl Reader {
    pub fn new(source: Box<dyn Source>, ahead: bool) -> Reader {
        if !ahead {
            return Reader::Here(source);
        }
        let ((sender, read), (spent, empty)) = (sync_channel(AHEAD), channel());
        thread::spawn(move || {
            let mut source = source;
            loop {
                let mut columns: Columns = empty.try_recv().unwrap_or_default();
                let filled = source.fill_columns(&mut columns);
                let ends = filled.is_err() || columns.all().rows() == 0;
                if sender.send(filled.map(|()| columns)).is_err() || ends {
                    return;
                }
            }
        });
        Reader::Ahead { read, spent, ended: false }
    }

    /// Replaces the content of `columns` by the next rows; leaves it empty at the end, and behind an error.
    pub fn fill(&mut self, columns: &mut Columns) -> Result<()> {
        match self {
            Reader::Here(source) => source.fill_columns(columns),
            Reader::Ahead { ended: true, .. } => {
                columns.clear();
                Ok(())
            }
            Reader::Ahead { read, spent, ended } => {
                let stopped = |_| Err(Error::failed("read a trace", "the thread that reads it stopped"));
                let next = read.recv().unwrap_or_else(stopped);
                *ended = next.as_ref().map_or(true, |next| next.all().rows() == 0);
                // The thread may be done already and need no more.
                let _ = spent.send(std::mem::replace(columns, next?));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{MemorySource, Op, Row};

    fn rows(count: u64) -> Vec<Row> {
        (0..count).map(|n| Row { op: Op::Load, address: n << 12, length: 8, process: 1, thread: 0 }).collect()
    }

    #[test]
    fn rows_read_ahead_are_those_read_here_and_then_there_are_none() {
        for ahead in [false, true] {
            let mut reader = Reader::new(Box::new(MemorySource::new(rows(1000)).in_chunks_of(7)), ahead);
            let (mut columns, mut addresses) = (Columns::default(), Vec::new());
            while {
                reader.fill(&mut columns).unwrap();
                columns.all().rows() > 0
            } {
                addresses.extend_from_slice(&columns.addresses);
            }
            assert!(addresses.into_iter().eq((0..1000).map(|n| n << 12)));
            reader.fill(&mut columns).unwrap();
            assert_eq!(columns.all().rows(), 0, "again");
        }
    }

    /// A source with a bug.
    struct Broken;

    impl Source for Broken {
        fn fill(&mut self, _: &mut Vec<Row>) -> Result<()> {
            panic!("a bug, told on the screen by this test")
        }

        fn expected_rows(&self) -> Option<u64> {
            None
        }
    }

    #[test]
    fn a_thread_that_stops_is_not_the_end_of_a_trace() {
        let mut reader = Reader::new(Box::new(Broken), true);
        assert!(reader.fill(&mut Columns::default()).is_err());
    }
}
