//! Lines of `LD 0x12345678` and `ST 4096`: an address in decimal, or in hexadecimal after 0x, as Ramulator's load/store
//! traces and the scripts that feed gem5 have them.
//!
//! *Source:* Ramulator 2, src/frontend/impl/memory_trace/loadstore_trace.cpp.

use super::buffer::{RowBuffer, assumed_length};
use super::parse::Bad;
use super::text::{Line, access, blanks, decimal, each_line, hexadecimal, line_end};
use crate::trace::Op;

const EXPECTED: &str = "LD or ST and an address, such as \"LD 0x12345678\"";

pub fn parse(block: &[u8], rows: &mut RowBuffer) -> Result<(), Bad> {
    each_line(block, rows, EXPECTED, reference)
}

/// Whether a line is a reference.
pub fn is_reference(line: &[u8]) -> bool {
    reference(line).is_some()
}

fn reference(text: &[u8]) -> Option<(Line, &[u8])> {
    let (op, text) = match text {
        [b'L', b'D', b' ' | b'\t', text @ ..] => (Op::Load, blanks(text)),
        [b'S', b'T', b' ' | b'\t', text @ ..] => (Op::Store, blanks(text)),
        _ => return None,
    };
    let (address, text) = match text {
        [b'0', b'x' | b'X', ..] => hexadecimal(text)?,
        _ => decimal(text)?,
    };
    Some((access(op, address, assumed_length(address)), line_end(text)?))
}
