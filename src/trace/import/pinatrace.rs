//! Lines of Pin's pinatrace: `0x401136: R 0x7ffe5c0`, the instruction, R or W, and the address; the tool of Pin's simple
//! examples adds a size and the value. The last line is `#eof`; other lines that begin with # are remarks.
//!
//! *Source:* Pin's manual, "Memory Reference Trace", and source/tools/SimpleExamples/pinatrace.cpp.

use super::buffer::RowBuffer;
use super::buffer::assumed_length;
use super::format::Facts;
use super::parse::{Bad, Parse};
use super::text::{Line, access, blanks, decimal, each_line, hexadecimal, line_end, whole_line};
use crate::trace::Op;
use crate::trace::input::Unit;

pub const FACTS: Facts = Facts {
    name: "pinatrace",
    meaning: "Pin's pinatrace: instruction, R or W, address",
    assumed: "a load or store without a size is 8 bytes, or fewer up to the end of its page; no fetches, since \
         instructions without data are missing; one process (1), threads unknown (0), no calls that map or \
         unmap",
    times: "none",
    unit: Unit::Line,
};

const EXPECTED: &str = "an instruction, R or W, and an address, such as \"0x401136: R 0x7ffe5c0\", or \"#eof\"";

#[derive(Default)]
pub struct Pinatrace {
    /// Whether `#eof` was seen.
    ended: bool,
}

impl Parse for Pinatrace {
    fn parse(&mut self, block: &[u8], rows: &mut RowBuffer) -> Result<(), Bad> {
        let ended = &mut self.ended;
        each_line(block, rows, EXPECTED, |text| {
            *ended |= text.starts_with(b"#eof");
            reference(text)
        })
    }

    fn found(&self) -> Vec<(&'static str, String)> {
        match self.ended {
            true => Vec::new(),
            false => vec![("cut_off", "no \"#eof\" at the end: the recording did not finish".to_string())],
        }
    }
}

fn reference(text: &[u8]) -> Option<(Line, &[u8])> {
    let (_, text) = hexadecimal(text)?;
    let text = blanks(text.strip_prefix(b":")?);
    let (&letter, text) = text.split_first()?;
    let op = match letter {
        b'R' => Op::Load,
        b'W' => Op::Store,
        _ => return None,
    };
    let (address, text) = hexadecimal(blanks(text))?;
    if let Some(after) = line_end(text) {
        return Some((access(op, address, assumed_length(address)), after));
    }
    let (length, text) = decimal(text.strip_prefix(b" ").map(blanks)?)?;
    // What follows is the value, or nothing.
    let ends = matches!(text.first(), None | Some(b' ' | b'\t' | b'\r' | b'\n'));
    ends.then(|| (access(op, address, length), whole_line(text).1))
}
