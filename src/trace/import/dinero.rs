//! Lines of Dinero: `0 7ffe5c0`, a label and a hexadecimal address, as din has them; or `r 7ffe5c0 4`, with a size, as its
//! extended form has them.
//!
//! *Source:* Dinero IV, dinfmt.c and xdinfmt.c.

use super::buffer::{RowBuffer, assumed_length};
use super::format::Facts;
use super::parse::{Bad, Parse};
use super::shape::Shape;
use super::text::{Line, access, blanks, each_line, hexadecimal, line_end, whole_line};
use crate::trace::Op;
use crate::trace::input::Unit;

pub const FACTS: Facts = Facts {
    name: "dinero",
    meaning: "Dinero's din: a label and a hexadecimal address (0 reads, 1 writes, 2 fetches; 3 and 4 are left out)",
    assumed: "what follows an address means nothing here; no sizes: a load or store is 8 bytes, or fewer up to the \
        end of its page, a fetch 1; one process (1), threads unknown (0), no calls that map or unmap",
    times: "none",
    unit: Unit::Line,
};

pub const EXTENDED_FACTS: Facts = Facts {
    name: "dinero-extended",
    meaning: "Dinero IV's extended din: r, w or i, an address and a size, hexadecimal (m, c and v are left out)",
    assumed: "what follows a size means nothing here; one process (1), threads unknown (0), no calls that map or unmap",
    times: "none",
    unit: Unit::Line,
};

const EXPECTED: &str =
    "a label, which is 0 (read), 1 (write) or 2 (fetch), and a hexadecimal address, such as \"0 7ffe5c0\"";
const NO_ACCESS: &str = "a label that is no access (3 or 4)";

/// The reader of din. Dinero takes what follows an address for a remark; `sure` is to take no other format for this one,
/// and so no remark.
pub struct Dinero {
    pub sure: bool,
}

impl Parse for Dinero {
    fn parse(&mut self, block: &[u8], rows: &mut RowBuffer) -> Result<(), Bad> {
        each_line(block, rows, EXPECTED, |text| reference(text, self.sure))
    }
}

fn reference(text: &[u8], sure: bool) -> Option<(Line, &[u8])> {
    let (&label, text) = blanks(text).split_first()?;
    let (b' ' | b'\t', text) = text.split_first()? else {
        return None;
    };
    let (address, text) = hexadecimal(blanks(text))?;
    let after = match line_end(text) {
        Some(after) => after,
        None if !sure && matches!(text, [b' ' | b'\t', ..]) => whole_line(text).1,
        None => return None,
    };
    let of = |op, length| access(op, address, length);
    let line = match label {
        b'0' => of(Op::Load, assumed_length(address)),
        b'1' => of(Op::Store, assumed_length(address)),
        b'2' => of(Op::Fetch, 1),
        b'3' | b'4' => Line::LeftOut(NO_ACCESS),
        _ => return None,
    };
    Some((line, after))
}

/// The reader of the extended form.
pub fn extended(sure: bool) -> Shape {
    let remark = if sure { "" } else { r"(?:\s.*)?" };
    let line = format!(r"(?<op>[rwimcv])\s+(?<hex>(?:0x)?[0-9a-f]+)\s+(?<hex_length>(?:0x)?[0-9a-f]+){remark}");
    Shape::known(&line, "r, w, i, m, c or v, and a hexadecimal address and size, such as \"r 7ffe5c0 4\"")
        .with_ops(crate::trace::words::op, "m, c or v: no access")
}
