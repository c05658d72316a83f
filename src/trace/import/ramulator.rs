//! Lines of Ramulator's traces. Those of `LD 0x12345678` and `ST 4096`, which scripts that feed gem5 have too, come first.
//!
//! *Source:* Ramulator 2, src/frontend/impl/memory_trace; Ramulator, src/Processor.cpp, `Trace::get_request`.

use super::buffer::{RowBuffer, assumed_length};
use super::format::Facts;
use super::parse::Bad;
use super::shape::Shape;
use super::text::{Line, access, blanks, each_line, line_end, number};
use crate::trace::Op;
use crate::trace::input::Unit;

pub const FACTS: Facts = Facts {
    name: "ramulator",
    meaning: "LD or ST and an address, as Ramulator and gem5 scripts write",
    assumed: "an address without 0x is decimal; addresses are virtual, and no cache took accesses out; no sizes: a \
         load or store is 8 bytes, or fewer up to the end of its page; one process (1), threads unknown (0), no \
         calls that map or unmap",
    times: "none",
    unit: Unit::Line,
};

pub const CPU_FACTS: Facts = Facts {
    name: "ramulator-cpu",
    meaning: "Instructions between, the address of a load, perhaps that of a store: Ramulator's processor traces",
    ..FACTS
};

pub const MEMORY_FACTS: Facts = Facts {
    name: "ramulator-memory",
    meaning: "A hexadecimal address, and R or W: Ramulator's memory traces",
    assumed: "addresses are virtual, and no cache took accesses out; no sizes: a load or store is 8 bytes, or fewer up to the end of its \
        page; one process (1), threads unknown (0), no calls that map or unmap",
    times: "none",
    unit: Unit::Line,
};

pub const RW_FACTS: Facts =
    Facts { name: "ramulator-rw", meaning: "R or W and an address: Ramulator 2's read/write traces", ..FACTS };

const EXPECTED: &str = "LD or ST and an address, such as \"LD 0x12345678\"";

pub fn parse(block: &[u8], rows: &mut RowBuffer) -> Result<(), Bad> {
    each_line(block, rows, EXPECTED, reference)
}

fn reference(text: &[u8]) -> Option<(Line, &[u8])> {
    let (word, text) = text.split_at_checked(2)?;
    let op = match word {
        b"LD" | b"ld" => Op::Load,
        b"ST" | b"st" => Op::Store,
        _ => return None,
    };
    let [b' ' | b'\t', text @ ..] = text else {
        return None;
    };
    let (address, text) = number(blanks(text))?;
    Some((access(op, address, assumed_length(address)), line_end(text)?))
}

/// The reader of traces for Ramulator's processors: instructions between, the address of a load, perhaps that of a store.
pub fn cpu() -> Shape {
    let number = "0x[0-9a-f]+|0|[1-9][0-9]*";
    Shape::known(
        &format!(r"[0-9]+\s+(?<address>{number})(?:\s+(?<written>{number}))?(?<op>)"),
        "a count of instructions, the address of a load, and perhaps that of a store, decimal or 0x and hexadecimal \
         and without other leading zeros, such as \"3 20734016 20734112\"",
    )
    .with_ops(|_| Some(Op::Load), "")
}

/// The reader of Ramulator's memory traces: a hexadecimal address, and R or W.
pub fn memory() -> Shape {
    Shape::known(
        r"(?<hex>(?:0x)?[0-9a-f]+)\s+(?<op>r|w|rd|wr|read|write)",
        "a hexadecimal address, and R or W, such as \"0x12345680 R\"",
    )
}

/// The reader of Ramulator 2's read/write traces: R or W, and an address.
pub fn read_write() -> Shape {
    Shape::known(
        r"(?<op>[rw])\s+(?<address>0x[0-9a-f]+|[0-9]+)",
        "R or W and an address, such as \"R 0x12345680\"; parts between commas are places in a memory chip",
    )
}
