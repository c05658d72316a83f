//! Which rows are sound: the rules for one row, and those for rows in sequence.

use super::{Op, Row};
use crate::address::{Gva, Level};
use std::collections::HashSet;

/// Bytes of the smallest page.
const PAGE_BYTES: u64 = 4096;

/// Processes alive at once must be fewer: more than can be replayed, which are fewer than 2^17 over all VMs and copies, and few enough
/// to keep track of.
const MOST_ALIVE: usize = 1 << 20;

/// Why a row cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsound {
    /// What the row says.
    pub found: String,
    /// What it should have said.
    pub expected: &'static str,
}

/// Whether five levels of paging can reach `address`.
pub fn is_canonical(address: u64) -> bool {
    Gva::try_new(address, Level::MAX).is_some()
}

/// Whether an access touches more than one 4 KiB page. Such an access counts once, at its address.
pub fn crosses_page(row: &Row) -> bool {
    row.op.is_access() && row.length > PAGE_BYTES - row.address % PAGE_BYTES
}

/// The rules that a row must keep by itself.
pub fn row(row: &Row) -> Result<(), Unsound> {
    match row.op {
        Op::Load | Op::Store | Op::Fetch => canonical(row.op, row.address),
        Op::Map | Op::Unmap | Op::Protect => range(row),
        Op::Fork if row.length > u32::MAX.into() => Err(Unsound {
            found: format!("fork of a child with process id {}", row.length),
            expected: "a process id below 2^32, in the column `length`",
        }),
        Op::Fork | Op::Exit => Ok(()),
    }
}

fn canonical(op: Op, address: u64) -> Result<(), Unsound> {
    if is_canonical(address) {
        return Ok(());
    }
    Err(Unsound {
        found: format!("{} of address {address:#x}, which no page table can map", op.name()),
        expected: "an address canonical for five levels: bits 56 to 63 all equal",
    })
}

fn range(row: &Row) -> Result<(), Unsound> {
    let (name, start) = (row.op.name(), row.address);
    canonical(row.op, start)?;
    if !start.is_multiple_of(PAGE_BYTES) {
        return Err(Unsound {
            found: format!("{name} of a range that starts at {start:#x}, inside a page"),
            expected: "a range that starts on a 4096-byte page",
        });
    }
    let last = row.length.checked_sub(1).and_then(|more| start.checked_add(more));
    if last.is_some_and(|last| is_canonical(last) && (last ^ start) >> 63 == 0) {
        return Ok(());
    }
    Err(Unsound {
        found: format!("{name} of {} bytes from {start:#x}", row.length),
        expected: "a range of at least one byte that ends in the same half of the address space",
    })
}

/// The rules that hold between rows: who is alive, and who may be forked.
#[derive(Debug, Default)]
pub struct Sequence {
    alive: HashSet<u32>,
    last: Option<u32>,
}

impl Sequence {
    /// Takes the next row. A process comes into being at its first row and ends at its exit.
    pub fn check(&mut self, row: &Row) -> Result<(), Unsound> {
        if self.last != Some(row.process) {
            self.alive.insert(row.process);
            self.last = Some(row.process);
        }
        if self.alive.len() >= MOST_ALIVE {
            return Err(Unsound {
                found: format!("{} processes at once", self.alive.len()),
                expected: "fewer than 2^20 processes alive at any time; one ends at its exit",
            });
        }
        match row.op {
            Op::Fork => self.fork(row),
            Op::Exit => {
                self.alive.remove(&row.process);
                self.last = None;
                Ok(())
            }
            Op::Load | Op::Store | Op::Fetch | Op::Map | Op::Unmap | Op::Protect => Ok(()),
        }
    }

    /// Whether an access of `process` needs no [`Sequence::check`], since it belongs to the last row's process.
    pub fn continues(&self, process: u32) -> bool {
        self.last == Some(process)
    }

    fn fork(&mut self, row: &Row) -> Result<(), Unsound> {
        let unsound = |found: String, expected| Err(Unsound { found, expected });
        let Ok(child) = u32::try_from(row.length) else {
            return unsound(format!("fork of process {}", row.length), "a child's process id below 2^32 in `length`");
        };
        if child == row.process {
            return unsound(format!("process {child} forks itself"), "a child with a process id of its own");
        }
        if !self.alive.insert(child) {
            return unsound(
                format!("process {} forks process {child}, which is alive", row.process),
                "a child whose process id is not in use",
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(op: Op, address: u64, length: u64) -> Row {
        Row { op, address, length, process: 1, thread: 0 }
    }

    #[test]
    fn ranges_start_on_a_page_and_stay_in_their_half() {
        assert!(row(&of(Op::Map, 0x1000, 1)).is_ok());
        assert!(row(&of(Op::Map, 0x1001, 1)).is_err());
        assert!(row(&of(Op::Unmap, 0x1000, 0)).is_err());
        assert!(row(&of(Op::Protect, 0x1000, 1 << 57)).is_err());
        assert!(row(&of(Op::Map, 0x1000, u64::MAX)).is_err());
        assert!(row(&of(Op::Map, 0xffff_ffff_ffff_f000, 4096)).is_ok());
        assert!(row(&of(Op::Map, 0xffff_ffff_ffff_f000, 4097)).is_err());
    }

    #[test]
    fn accesses_are_canonical_for_five_levels() {
        assert!(row(&of(Op::Load, 0x00ff_ffff_ffff_ffff, 8)).is_ok());
        assert!(row(&of(Op::Store, 0x0100_0000_0000_0000, 8)).is_err());
    }

    #[test]
    fn an_access_crosses_when_its_last_byte_is_on_another_page() {
        assert!(!crosses_page(&of(Op::Load, 0x1ff8, 8)));
        assert!(crosses_page(&of(Op::Load, 0x1ff9, 8)));
        assert!(!crosses_page(&of(Op::Map, 0x1000, 8192)));
    }

    #[test]
    fn a_process_id_is_free_again_after_exit() {
        let mut sequence = Sequence::default();
        assert!(sequence.check(&of(Op::Fork, 0, 1)).is_err(), "forks itself");
        assert!(sequence.check(&of(Op::Fork, 0, 2)).is_ok());
        assert!(sequence.check(&of(Op::Fork, 0, 2)).is_err(), "2 is alive");
        assert!(sequence.check(&Row { process: 2, ..of(Op::Exit, 0, 0) }).is_ok());
        assert!(sequence.check(&of(Op::Fork, 0, 2)).is_ok());
        assert!(sequence.check(&of(Op::Fork, 0, 1 << 32)).is_err(), "no such id");
    }

    #[test]
    fn more_processes_than_a_machine_holds_are_refused() {
        let mut sequence = Sequence::default();
        let mut load = |process| sequence.check(&Row { process, ..of(Op::Load, 0, 8) });
        assert!((1..MOST_ALIVE as u32).all(|process| load(process).is_ok()));
        assert!(load(MOST_ALIVE as u32).is_err());
    }

    #[test]
    fn a_process_that_only_loads_is_alive() {
        let mut sequence = Sequence::default();
        assert!(sequence.check(&Row { process: 7, ..of(Op::Load, 0, 8) }).is_ok());
        assert!(sequence.check(&of(Op::Fork, 0, 7)).is_err());
    }
}
