//! Rows read from a trace, here or ahead on a thread of its own.

use crate::error::Result;
use crate::trace::{Columns, Source};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread;

/// Stretches of rows read ahead: as many as stay in the last-level cache, and two row groups as they are written here.
const AHEAD: usize = 16;

pub enum Reader {
    Here(Box<dyn Source>),
    Ahead {
        read: Receiver<Result<Columns>>,
        /// Those that are done with, to be filled again.
        spent: Sender<Columns>,
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
        Reader::Ahead { read, spent }
    }

    /// Replaces the content of `columns` by the next rows; leaves it empty at the end.
    pub fn fill(&mut self, columns: &mut Columns) -> Result<()> {
        match self {
            Reader::Here(source) => source.fill_columns(columns),
            Reader::Ahead { read, spent } => {
                let next = read.recv().unwrap_or_else(|_| Ok(Columns::default()))?;
                // The thread may be done already and need no more.
                let _ = spent.send(std::mem::replace(columns, next));
                Ok(())
            }
        }
    }
}
