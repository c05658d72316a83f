//! From a pattern, which says what comes next, to a source of rows.

use crate::error::Result;
use crate::trace::{CHUNK_ROWS, Op, Row, Source};

/// The most rows that one step of a pattern may emit.
pub const STEP_ROWS: usize = 64;
/// Where the mappings of every process begin: 64 GiB, aligned to every page size.
pub const BASE: u64 = 1 << 36;
/// The process that most patterns are about.
pub const PROCESS: u32 = 1;
/// Bytes of a word: what one access loads or stores.
pub const WORD: u64 = 8;

/// Something that goes on for ever, a few rows at a time.
pub trait Pattern: Send {
    /// Emits the next rows, at least one access in the long run, at most [`STEP_ROWS`] rows.
    fn step(&mut self, out: &mut Emit);
}

/// Takes rows until the accesses asked for are there.
pub struct Emit<'a> {
    rows: &'a mut Vec<Row>,
    accesses_left: &'a mut u64,
}

impl Emit<'_> {
    pub fn load(&mut self, process: u32, address: u64) {
        self.access(Op::Load, process, address);
    }

    pub fn store(&mut self, process: u32, address: u64) {
        self.access(Op::Store, process, address);
    }

    /// A store if `store`, else a load.
    pub fn load_or_store(&mut self, store: bool, process: u32, address: u64) {
        self.access(if store { Op::Store } else { Op::Load }, process, address);
    }

    pub fn map(&mut self, process: u32, address: u64, length: u64) {
        self.call(Op::Map, process, address, length);
    }

    pub fn unmap(&mut self, process: u32, address: u64, length: u64) {
        self.call(Op::Unmap, process, address, length);
    }

    pub fn fork(&mut self, process: u32, child: u32) {
        self.call(Op::Fork, process, 0, u64::from(child));
    }

    pub fn exit(&mut self, process: u32) {
        self.call(Op::Exit, process, 0, 0);
    }

    fn access(&mut self, op: Op, process: u32, address: u64) {
        if *self.accesses_left > 0 {
            *self.accesses_left -= 1;
            self.rows.push(Row { op, address, length: WORD, process, thread: 0 });
        }
    }

    fn call(&mut self, op: Op, process: u32, address: u64, length: u64) {
        if *self.accesses_left > 0 {
            self.rows.push(Row { op, address, length, process, thread: 0 });
        }
    }
}

/// The rows of a pattern up to its last access.
pub struct Generated {
    pattern: Box<dyn Pattern>,
    accesses: u64,
    accesses_left: u64,
}

impl Generated {
    pub fn new(pattern: Box<dyn Pattern>, accesses: u64) -> Generated {
        Generated { pattern, accesses, accesses_left: accesses }
    }
}

impl Source for Generated {
    fn fill(&mut self, rows: &mut Vec<Row>) -> Result<()> {
        rows.clear();
        while self.accesses_left > 0 && rows.len() + STEP_ROWS <= CHUNK_ROWS {
            self.pattern.step(&mut Emit { rows, accesses_left: &mut self.accesses_left });
        }
        Ok(())
    }

    fn expected_rows(&self) -> Option<u64> {
        None
    }

    fn expected_accesses(&self) -> Option<u64> {
        Some(self.accesses)
    }
}
