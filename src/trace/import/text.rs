//! Scanning lines of text, byte by byte: each function takes what it reads from the start of a text and gives the rest.

use super::buffer::RowBuffer;
use super::parse::Bad;
use crate::trace::check::Unsound;
use crate::trace::{Op, Row};

/// What a line says.
pub enum Line {
    Row(Row),
    /// A row whose format may know its time, in nanoseconds.
    At(Row, Option<u64>),
    /// The same of an access of which nothing says whether it loads or stores; `op` means nothing.
    Untold(Row, Option<u64>),
    /// The same of one whose operation follows from a number, unless the user says otherwise.
    Guessed(Row, Option<u64>),
    /// Something that is no access, to be counted under these words.
    LeftOut(&'static str),
    /// Nothing that is a row: a remark.
    Remark,
}

/// An access of the one process that a format knows.
pub const fn access(op: Op, address: u64, length: u64) -> Line {
    Line::Row(Row { op, address, length, process: 1, thread: 0 })
}

/// Takes every line of a block. `line` reads the one at the start of a text, with its end, and gives what follows it;
/// nothing if it is not as `expected`.
pub fn each_line<'a>(
    block: &'a [u8],
    rows: &mut RowBuffer,
    expected: &'static str,
    mut line: impl FnMut(&'a [u8]) -> Option<(Line, &'a [u8])>,
) -> Result<(), Bad> {
    let (mut rest, mut index) = (block, 0);
    while !rest.is_empty() {
        let Some((said, after)) = line(rest).or_else(|| remark(rest)) else {
            return Err(Bad { index, unsound: Unsound { found: "no line of this format".into(), expected } });
        };
        rows.take(said).map_err(|unsound| Bad { index, unsound })?;
        rest = after;
        index += 1;
    }
    Ok(())
}

/// Takes every line of a block. `line` reads one without its end, and says what is wrong with one that is no row.
pub fn each_whole_line<'a>(
    block: &'a [u8],
    rows: &mut RowBuffer,
    mut line: impl FnMut(&'a [u8], &mut RowBuffer) -> Result<(), Unsound>,
) -> Result<(), Bad> {
    let (mut rest, mut index) = (block, 0);
    while !rest.is_empty() {
        let (text, after) = whole_line(rest);
        if remark(text).is_none() {
            line(text, rows).map_err(|unsound| Bad { index, unsound })?;
        }
        rest = after;
        index += 1;
    }
    Ok(())
}

/// The line at the start of a text, if it is empty or a remark, which formats have in common.
fn remark(text: &[u8]) -> Option<(Line, &[u8])> {
    let (line, after) = whole_line(text);
    matches!(line.trim_ascii_start(), [] | [b'#', ..]).then_some((Line::Remark, after))
}

/// An address that is decimal, or hexadecimal after 0x.
pub fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    match text {
        [b'0', b'x' | b'X', ..] | [b'(', ..] => hexadecimal(text),
        _ => decimal(text),
    }
}

/// A hexadecimal number of at most 16 digits, with or without 0x; or `(nil)`, as C libraries print 0.
pub fn hexadecimal(text: &[u8]) -> Option<(u64, &[u8])> {
    if let Some(rest) = text.strip_prefix(b"(nil)") {
        return Some((0, rest));
    }
    let text = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X")).unwrap_or(text);
    let digits = text.iter().take(17).take_while(|&&byte| NIBBLE[byte as usize] < 16).count();
    if digits == 0 || digits > 16 {
        return None;
    }
    let value = text[..digits].iter().fold(0, |sum, &byte| sum << 4 | u64::from(NIBBLE[byte as usize]));
    Some((value, &text[digits..]))
}

/// A decimal number below 2^64.
pub fn decimal(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take(21).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    let add = |sum: u64, &byte: &u8| sum.checked_mul(10)?.checked_add(u64::from(byte - b'0'));
    Some((text[..digits].iter().try_fold(0, add)?, &text[digits..]))
}

/// What follows spaces and tabs, of which there may be none.
pub fn blanks(text: &[u8]) -> &[u8] {
    let count = text.iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
    &text[count..]
}

/// What follows the end of a line, if `text` begins with one, perhaps after blanks.
pub fn line_end(text: &[u8]) -> Option<&[u8]> {
    match text {
        [] => Some(text),
        [b'\n', after @ ..] | [b'\r', b'\n', after @ ..] => Some(after),
        [b' ' | b'\t', ..] => match blanks(text) {
            [] => Some(&[]),
            [b'\n', after @ ..] | [b'\r', b'\n', after @ ..] => Some(after),
            _ => None,
        },
        _ => None,
    }
}

/// The line at the start of a text, without its end, and what follows it.
pub fn whole_line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|&byte| byte == b'\n').unwrap_or(text.len());
    (text[..end].trim_ascii_end(), text.get(end + 1..).unwrap_or_default())
}

/// The value of a hexadecimal digit; 255 for any other byte.
pub static NIBBLE: [u8; 256] = {
    let mut table = [255; 256];
    let mut value = 0;
    while value < 16 {
        table[b"0123456789abcdef"[value] as usize] = value as u8;
        table[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_where_their_digits_do() {
        assert_eq!(hexadecimal(b"0x1fG"), Some((0x1f, &b"G"[..])));
        assert_eq!(hexadecimal(b"ffffffffffffffff"), Some((u64::MAX, &b""[..])));
        assert_eq!(hexadecimal(b"0x"), None);
        assert_eq!(hexadecimal(b"00000000000000001"), None, "17 digits");
        assert_eq!(decimal(b"12,"), Some((12, &b","[..])));
        assert_eq!(decimal(b"18446744073709551615"), Some((u64::MAX, &b""[..])));
        assert_eq!(decimal(b"18446744073709551616"), None, "2^64");
        assert_eq!(hexadecimal(b"(nil) 8"), Some((0, &b" 8"[..])));
    }

    #[test]
    fn a_line_may_end_in_blanks_a_return_or_the_text() {
        for end in [&b""[..], b"\n", b"\r\n", b" \t\n", b" \r\n", b"  "] {
            assert_eq!(line_end(end), Some(&b""[..]), "{end:?}");
        }
        assert_eq!(line_end(b" x\n"), None);
        assert_eq!(whole_line(b"a b \r\nc"), (&b"a b"[..], &b"c"[..]));
    }
}
