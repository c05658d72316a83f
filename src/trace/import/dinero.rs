//! Lines of Dinero's din: a label (0 read, 1 write, 2 fetch) and a hexadecimal address; what follows is not read.
//!
//! *Source:* the manual pages of dineroIII and dineroIV, "din" input format.

use super::buffer::{RowBuffer, assumed_length};
use super::parse::Bad;
use super::text::{Line, access, blanks, each_line, hexadecimal, whole_line};
use crate::trace::Op;

const EXPECTED: &str =
    "a label, which is 0 (read), 1 (write) or 2 (fetch), and a hexadecimal address, such as \"0 7ffe5c0\"";

pub fn parse(block: &[u8], rows: &mut RowBuffer) -> Result<(), Bad> {
    each_line(block, rows, EXPECTED, reference)
}

/// Whether a line is a reference.
pub fn is_reference(line: &[u8]) -> bool {
    reference(line).is_some()
}

fn reference(text: &[u8]) -> Option<(Line, &[u8])> {
    let text = blanks(text);
    let (&label, text) = text.split_first()?;
    let op = match label {
        b'0' => Op::Load,
        b'1' => Op::Store,
        b'2' => Op::Fetch,
        _ => return None,
    };
    let (b' ' | b'\t', text) = text.split_first()? else {
        return None;
    };
    let (address, text) = hexadecimal(blanks(text))?;
    if !matches!(text.first(), None | Some(b' ' | b'\t' | b'\r' | b'\n')) {
        return None;
    }
    let length = if op == Op::Fetch { 1 } else { assumed_length(address) };
    Some((access(op, address, length), whole_line(text).1))
}
