//! ChampSim's instruction records: 64 bytes, or 96 for CloudSuite. Both hold an instruction's address and those of its
//! stores and loads, 0 where there is none; nothing in a file says which layout it has.
//!
//! *Source:* ChampSim, inc/trace_instruction.h.

use super::buffer::RowBuffer;
use super::buffer::assumed_length;
use super::format::Facts;
use super::parse::{Bad, Parse};
use crate::trace::check::{Unsound, is_canonical};
use crate::trace::input::Unit;
use crate::trace::{Op, Row};

/// Where a record has what, in bytes. Numbers are little-endian; the first eight are the instruction's address, then
/// come two flags: is it a branch, was it taken.
#[derive(Debug, PartialEq, Eq)]
pub struct RecordLayout {
    pub bytes: usize,
    stores: std::ops::Range<usize>,
    loads: std::ops::Range<usize>,
    /// Two bytes that tell address spaces apart.
    asid: Option<usize>,
    /// What a record that is not of this layout should have been.
    expected: &'static str,
}

pub const CHAMPSIM: RecordLayout = RecordLayout {
    bytes: 64,
    stores: 16..32,
    loads: 32..64,
    asid: None,
    expected: "records of 64 bytes, whose bytes 8 and 9 are 0 or 1; those of CloudSuite need --format cloudsuite",
};

pub const CLOUDSUITE: RecordLayout = RecordLayout {
    bytes: 96,
    stores: 24..56,
    loads: 56..88,
    asid: Some(88),
    expected: "records of 96 bytes, whose bytes 8 and 9 are 0 or 1; those of 64 bytes need --format champsim",
};

pub const CHAMPSIM_FACTS: Facts = Facts {
    name: "champsim",
    meaning: "ChampSim's records of 64 bytes",
    assumed: "no sizes: a load or store is 8 bytes, or fewer up to the end of its page, a fetch 1; an instruction's \
         fetch comes first, then its loads, then its stores; one process (1), threads unknown (0), no calls \
         that map or unmap",
    times: "none",
    unit: Unit::Record(CHAMPSIM.bytes),
};

pub const CLOUDSUITE_FACTS: Facts = Facts {
    name: "cloudsuite",
    meaning: "ChampSim's records of 96 bytes for CloudSuite",
    assumed: "no sizes: a load or store is 8 bytes, or fewer up to the end of its page, a fetch 1; an instruction's \
         fetch comes first, then its loads, then its stores; the process is the two bytes of asid, low byte \
         first; threads unknown (0), no calls that map or unmap",
    times: "none",
    unit: Unit::Record(CLOUDSUITE.bytes),
};

/// The process of a layout without address spaces.
const PROCESS: u32 = 1;

impl RecordLayout {
    /// Whether bytes at the start of an input look like records of this layout and no other sense can be made of them
    /// in it; `whole` says that nothing follows, and `tagged` that the top bytes of addresses mean nothing.
    pub fn fits(&self, first: &[u8], whole: bool, tagged: bool) -> bool {
        let records = first.chunks_exact(self.bytes);
        let rest = records.remainder();
        first.len() >= self.bytes
            && (!whole || rest.is_empty())
            && records.into_iter().all(|record| self.is_one(record, tagged))
    }

    /// Whether this may be a record: flags are flags, addresses are addresses, and there is an instruction.
    fn is_one(&self, record: &[u8], tagged: bool) -> bool {
        let operands = words(record, &self.stores).chain(words(record, &self.loads));
        self.unsound(record).is_none() && word(record, 0) != 0 && { operands }
            .all(|address| tagged || is_canonical(address))
    }

    fn unsound(&self, record: &[u8]) -> Option<Unsound> {
        let ip = word(record, 0);
        let found = match (record[8], record[9]) {
            (0 | 1, 0 | 1) if is_canonical(ip) => return None,
            (0 | 1, 0 | 1) => format!("an instruction at {ip:#x}, which is no address"),
            (branch, taken) => format!("flags {branch} and {taken}"),
        };
        Some(Unsound { found, expected: self.expected })
    }

    fn take(&self, record: &[u8], rows: &mut RowBuffer) -> Result<(), Unsound> {
        if let Some(unsound) = self.unsound(record) {
            return Err(unsound);
        }
        let process = self.asid.map_or(PROCESS, |at| u32::from(record[at]) | u32::from(record[at + 1]) << 8);
        let access = |op, address, length| Row { op, address, length, process, thread: 0 };
        let ip = word(record, 0);
        if ip != 0 {
            rows.push(access(Op::Fetch, ip, 1))?;
        }
        for (op, operands) in [(Op::Load, &self.loads), (Op::Store, &self.stores)] {
            for address in words(record, operands).filter(|&address| address != 0) {
                rows.push(access(op, address, assumed_length(address)))?;
            }
        }
        Ok(())
    }
}

impl Parse for &RecordLayout {
    fn parse(&mut self, block: &[u8], rows: &mut RowBuffer) -> Result<(), Bad> {
        for (index, record) in (0..).zip(block.chunks_exact(self.bytes)) {
            self.take(record, rows).map_err(|unsound| Bad { index, unsound })?;
        }
        Ok(())
    }
}

fn word(record: &[u8], at: usize) -> u64 {
    record[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

fn words<'a>(record: &'a [u8], range: &std::ops::Range<usize>) -> impl Iterator<Item = u64> + use<'a> {
    record[range.clone()].chunks_exact(8).map(|bytes| word(bytes, 0))
}
