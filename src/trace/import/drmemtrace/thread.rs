//! One file of a trace: the records of a thread, or of a processor whose threads take turns.

use super::observed::Observed;
use super::record::{RECORD_BYTES, Record, UNUSABLE, kind, marker};
use crate::error::{Defect, Result};
use crate::trace::check::Unsound;
use crate::trace::import::buffer::RowBuffer;
use crate::trace::input::{Input, Unit};
use crate::trace::{Op, Row};
use std::collections::HashMap;

pub const UNIT: Unit = Unit::Record(RECORD_BYTES);

/// Most threads that take turns in one file, so that a hostile file does not take all memory.
const MOST_THREADS: usize = 1 << 20;

/// In a microsecond.
const NANOSECONDS: u64 = 1000;

/// Why a thread paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// To let the caller write rows.
    Full,
    /// What follows happened at this time, in microseconds.
    Until(u64),
    Ended,
}

/// A file and how far it was read.
pub struct Thread {
    input: Input,
    state: State,
}

impl Thread {
    /// `alone` says that no other thread must take turns with it.
    pub fn new(input: Input, alone: bool) -> Thread {
        Thread { input, state: State { alone, ..State::default() } }
    }

    /// Appends the rows up to the next time stamp, or those of one block.
    ///
    /// # Errors
    /// A record that makes no sense, named by its number and place, or a file that is cut off.
    pub fn run(&mut self, rows: &mut RowBuffer, observed: &mut Observed) -> Result<Pause> {
        let Some(block) = self.input.block(UNIT)? else {
            return self.end();
        };
        let (records, _) = block.as_chunks::<RECORD_BYTES>();
        for (index, bytes) in (0..).zip(records) {
            match self.state.take(Record::of(bytes), rows, observed) {
                Ok(None) => {}
                Ok(Some(time)) => {
                    let left = block.len() - (index as usize + 1) * RECORD_BYTES;
                    self.input.put_back(UNIT, left);
                    return Ok(Pause::Until(time));
                }
                Err(Unsound { found, expected }) => {
                    return Err(self.input.defect(UNIT, index, found).expected(expected).into());
                }
            }
        }
        Ok(Pause::Full)
    }

    /// Whether its input was cut off, and what is whole was asked for.
    pub fn is_cut(&self) -> bool {
        self.state.last != Some(kind::FOOTER)
    }

    fn end(&self) -> Result<Pause> {
        if self.state.last == Some(kind::FOOTER) || self.input.salvages() {
            return Ok(Pause::Ended);
        }
        Err(Defect::new(self.input.name(), "at its end", "no footer")
            .expected("a footer, record type 26, as the last record")
            .remedy("the trace is cut off: copy or record it again, or --salvage what is whole")
            .into())
    }
}

/// What records said that those after them depend on.
#[derive(Default)]
struct State {
    /// Kind of the last record.
    last: Option<u16>,
    process: Option<u64>,
    thread: Option<u64>,
    /// The process of each thread that was named.
    processes: HashMap<u64, u64>,
    /// Address behind the last instruction.
    next_instruction: u64,
    in_kernel: bool,
    /// A physical address whose virtual one comes next.
    physical: Option<u64>,
    /// Whether no other thread takes turns with it.
    alone: bool,
    /// Of the last time stamp, in nanoseconds.
    time: Option<u64>,
    /// Whether an access came before any time stamp, so that those after them are none of this trace's.
    untimed: bool,
}

impl State {
    /// Takes the next record; a time stamp gives its time.
    fn take(&mut self, record: Record, rows: &mut RowBuffer, observed: &mut Observed) -> Result<Option<u64>, Unsound> {
        let Record { kind, size, value } = record;
        if self.last.replace(kind).is_none() && kind != kind::HEADER {
            return Err(unsound(format!("record type {kind} at the start"), "a header, record type 25"));
        }
        match kind {
            kind::READ => self.access(Op::Load, value, size, rows, observed)?,
            kind::WRITE => self.access(Op::Store, value, size, rows, observed)?,
            kind::FIRST_INSTRUCTION..=kind::LAST_INSTRUCTION
            | kind::SYSENTER
            | kind::TAKEN_JUMP
            | kind::UNTAKEN_JUMP => self.fetch(value, size, rows, observed)?,
            kind::BUNDLE => self.bundle(size, value, rows, observed)?,
            kind::NO_FETCH | kind::MAYBE_FETCH => self.next_instruction = value.wrapping_add(size.into()),
            kind::MARKER => return self.marker(size, value, observed),
            kind::THREAD => self.switch(value)?,
            kind::PROCESS => self.name_process(value)?,
            kind::HEADER => observed.version = value,
            kind::FIRST_PREFETCH..=kind::LAST_PREFETCH
            | kind::FIRST_LATER_PREFETCH..=kind::LAST_LATER_PREFETCH
            | kind::HARDWARE_PREFETCH => observed.prefetches += 1,
            kind::FIRST_FLUSH..=kind::LAST_FLUSH | kind::THREAD_EXIT | kind::ENCODING | kind::FOOTER => {}
            _ => return Err(unsound(format!("record type {kind}"), "a record type from 0 to 49")),
        }
        Ok(None)
    }

    fn fetch(&mut self, address: u64, size: u16, rows: &mut RowBuffer, observed: &mut Observed) -> Result<(), Unsound> {
        self.next_instruction = address.wrapping_add(size.into());
        // An instruction without a length only says where the accesses after it come from.
        if size == 0 { Ok(()) } else { self.access(Op::Fetch, address, size, rows, observed) }
    }

    fn bundle(
        &mut self,
        count: u16,
        lengths: u64,
        rows: &mut RowBuffer,
        observed: &mut Observed,
    ) -> Result<(), Unsound> {
        let lengths = lengths.to_le_bytes();
        let lengths = lengths.get(..count.into());
        for &length in lengths.ok_or_else(|| unsound(format!("a bundle of {count} instructions"), "at most 8"))? {
            self.fetch(self.next_instruction, length.into(), rows, observed)?;
        }
        Ok(())
    }

    fn access(
        &mut self,
        op: Op,
        address: u64,
        size: u16,
        rows: &mut RowBuffer,
        observed: &mut Observed,
    ) -> Result<(), Unsound> {
        self.untimed |= self.time.is_none();
        if self.untimed && !self.alone {
            let expected = "a time stamp (marker 2) first, since the files' threads are merged by time";
            return Err(unsound(format!("{} before any time stamp", op.name()), expected));
        }
        observed.in_kernel += u64::from(self.in_kernel);
        let (process, thread) = (id("process", self.process)?, id("thread", self.thread)?);
        observed.without_size += u64::from(size == 0);
        let row = Row { op, address, length: size.max(1).into(), process, thread };
        rows.push_at(row, self.time.filter(|_| !self.untimed))
    }

    fn switch(&mut self, thread: u64) -> Result<(), Unsound> {
        self.thread = Some(thread);
        if let Some(&process) = self.processes.get(&thread) {
            self.process = Some(process);
        }
        Ok(())
    }

    fn name_process(&mut self, process: u64) -> Result<(), Unsound> {
        self.process = Some(process);
        if let Some(thread) = self.thread {
            self.processes.insert(thread, process);
        }
        if self.processes.len() <= MOST_THREADS {
            return Ok(());
        }
        Err(unsound(format!("more than {MOST_THREADS} threads"), "no more threads than a machine can hold"))
    }

    fn marker(&mut self, marker: u16, value: u64, observed: &mut Observed) -> Result<Option<u64>, Unsound> {
        match marker {
            marker::TIMESTAMP => {
                let time = value.checked_mul(NANOSECONDS).ok_or_else(|| {
                    unsound(format!("time stamp {value}"), "microseconds since 1601, at most 2^64 nanoseconds")
                })?;
                self.time = Some(time);
                return Ok(Some(value));
            }
            marker::FILE_TYPE => {
                observed.file_type = Some(value);
                if let Some((_, found)) = UNUSABLE.iter().find(|(bit, _)| value & bit != 0) {
                    let expected = "a trace of every access: record it without -L0I_filter, -L0D_filter or \
                                    -instr_only_trace";
                    return Err(unsound(format!("a trace {found}"), expected));
                }
            }
            marker::PAGE_SIZE => observed.page_size = Some(value),
            marker::PHYSICAL_ADDRESS => self.physical = Some(value),
            marker::VIRTUAL_ADDRESS => {
                if let Some(physical) = self.physical.take() {
                    observed.physical.add(self.process.unwrap_or_default(), value, physical);
                }
            }
            marker::NO_PHYSICAL_ADDRESS => observed.physical.unknown += 1,
            marker::WINDOW => observed.last_window = observed.last_window.max(value),
            marker::SYSCALL_TRACE_START | marker::SWITCH_TRACE_START => self.in_kernel = true,
            marker::SYSCALL_TRACE_END | marker::SWITCH_TRACE_END => self.in_kernel = false,
            _ => {}
        }
        Ok(None)
    }
}

fn id(of: &str, number: Option<u64>) -> Result<u32, Unsound> {
    let expected = "an id below 2^32, said before the first access (record types 22 and 24)";
    let number = number.ok_or_else(|| unsound(format!("an access without a {of} id"), expected))?;
    u32::try_from(number).map_err(|_| unsound(format!("{of} id {number}"), expected))
}

fn unsound(found: String, expected: &'static str) -> Unsound {
    Unsound { found, expected }
}
