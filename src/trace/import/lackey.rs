//! Lines of `valgrind --tool=lackey --trace-mem=yes`: `I  04012927,3`, ` L 048c067e,2`, ` S …`, ` M …` (a load, then a
//! store); a hexadecimal address and a decimal size. Valgrind's own remarks stand between them.
//!
//! *Source:* Valgrind 3.19, lackey/lk_main.c.

use super::buffer::RowBuffer;
use super::format::Facts;
use super::parse::Bad;
use super::text::{NIBBLE, blanks};
use crate::trace::check::Unsound;
use crate::trace::input::Unit;
use crate::trace::{Op, Row};

pub const FACTS: Facts = Facts {
    name: "lackey",
    meaning: "Valgrind's `--tool=lackey --trace-mem=yes`",
    assumed: "one process (1), threads unknown (0), no calls that map or unmap; M is a load, then a store",
    times: "none",
    unit: Unit::Line,
};

/// Lackey does not say which process a line is from.
const PROCESS: u32 = 1;

/// Whether a line is a remark of Valgrind's, such as `==123== Lackey, …`, or empty.
fn is_remark(line: &[u8]) -> bool {
    matches!(line, [b'=', b'=', ..] | [b'-', b'-', ..] | [b'*', b'*', ..] | [b'#', ..])
        || line.trim_ascii_start().is_empty()
}

pub fn parse(block: &[u8], rows: &mut RowBuffer) -> Result<(), Bad> {
    let mut rest = block;
    let mut index = 0;
    while !rest.is_empty() {
        let Some((reference, after)) = reference(rest) else {
            let end = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |newline| newline + 1);
            if !is_remark(&rest[..end]) {
                return Err(Bad { index, unsound: no_reference() });
            }
            rest = &rest[end..];
            index += 1;
            continue;
        };
        let Reference { ops, address, length } = reference;
        for &op in ops {
            let row = Row { op, address, length, process: PROCESS, thread: 0 };
            rows.push(row).map_err(|unsound| Bad { index, unsound })?;
        }
        rest = after;
        index += 1;
    }
    Ok(())
}

fn no_reference() -> Unsound {
    Unsound {
        found: "not a line of lackey's".into(),
        expected: "I, L, S or M, a hexadecimal address and a size, such as \" L 1ffefff8,8\"",
    }
}

struct Reference {
    ops: &'static [Op],
    address: u64,
    length: u64,
}

fn ops(line: &[u8]) -> Option<&'static [Op]> {
    match line {
        [b'I', b' ', ..] => Some(&[Op::Fetch]),
        [b' ', b'L', b' ', ..] => Some(&[Op::Load]),
        [b' ', b'S', b' ', ..] => Some(&[Op::Store]),
        [b' ', b'M', b' ', ..] => Some(&[Op::Load, Op::Store]),
        _ => None,
    }
}

/// The reference at the start of `text`, and what follows its line.
fn reference(text: &[u8]) -> Option<(Reference, &[u8])> {
    let ops = ops(text)?;
    let text = if text[0] == b'I' { blanks(&text[1..]) } else { &text[3..] };
    let digits = text.iter().take(17).take_while(|&&byte| NIBBLE[byte as usize] < 16).count();
    if digits == 0 || digits > 16 || text.get(digits) != Some(&b',') {
        return None;
    }
    let address = text[..digits].iter().fold(0, |sum, &byte| sum << 4 | u64::from(NIBBLE[byte as usize]));
    let text = &text[digits + 1..];
    let digits = text.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || digits > 9 {
        return None;
    }
    let length = text[..digits].iter().fold(0, |sum, &byte| sum * 10 + u64::from(byte - b'0'));
    let after = match &text[digits..] {
        [] => &[],
        [b'\n', after @ ..] | [b'\r', b'\n', after @ ..] => after,
        _ => return None,
    };
    Some((Reference { ops, address, length }, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::import::{Only, buffer::Choices};

    fn rows(text: &str, only: Only) -> Result<Vec<(Op, u64, u64)>, u64> {
        let mut rows = RowBuffer::new(Choices { only, ..Choices::default() });
        parse(text.as_bytes(), &mut rows).map_err(|bad| bad.index)?;
        Ok(rows.rows.iter().map(|row| (row.op, row.address, row.length)).collect())
    }

    const SAMPLE: &str = "==7== Lackey\nI  04012927,3\n L 1ffefff8,8\n M 0,4\r\n S FFFFFFFFFFFFFFF8,8";

    #[test]
    fn modify_is_a_load_then_a_store() {
        let data =
            [(Op::Load, 0x1ffe_fff8, 8), (Op::Load, 0, 4), (Op::Store, 0, 4), (Op::Store, 0xffff_ffff_ffff_fff8, 8)];
        assert_eq!(rows(SAMPLE, Only::Data).unwrap(), data);
        assert_eq!(rows(SAMPLE, Only::All).unwrap()[0], (Op::Fetch, 0x0401_2927, 3));
    }

    #[test]
    fn an_access_over_a_page_boundary_is_two() {
        assert_eq!(rows(" L 1ffd,8\n", Only::Data).unwrap(), [(Op::Load, 0x1ffd, 3), (Op::Load, 0x2000, 5)]);
        assert_eq!(rows(" L 1ff8,8\n", Only::Data).unwrap(), [(Op::Load, 0x1ff8, 8)]);
    }

    #[test]
    fn a_bad_line_is_named_by_its_place() {
        for bad in [
            " L 12,",
            " L 12",
            " L ,8",
            " L 12,8x",
            "L 12,8",
            " L 12345678123456789,8",
            " L 0x12,8",
            " X 1,1",
            " L 0100000000000000,8",
            " L 12,9999999999",
            " L 12,99999",
            " S fffffffffffffffc,8",
        ] {
            assert_eq!(rows(&format!(" L 1,1\n==1== x\n{bad}\n"), Only::Data), Err(2), "{bad:?}");
        }
    }
}
