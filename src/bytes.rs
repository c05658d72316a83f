//! Numbers of bytes as people write them: `4K`, `64M`, `1G`.

/// Suffixes and their powers of two, smallest first.
const SUFFIXES: [(char, u32); 4] = [('K', 10), ('M', 20), ('G', 30), ('T', 40)];

/// Reads `4096`, `64K`, `1_000`, `1G` (powers of 1024; `_` may group digits).
///
/// # Errors
/// What was expected, ready to be shown.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let expected = || format!("a number of bytes such as 4096, 64K, 256M or 1G, not {text:?}");
    let last = text.chars().last().map(|letter| letter.to_ascii_uppercase());
    let suffix = SUFFIXES.iter().find(|(letter, _)| Some(*letter) == last);
    let (digits, shift) = match suffix {
        Some(&(_, shift)) => (&text[..text.len() - 1], shift),
        None => (text, 0),
    };
    let number = parse_integer(digits).map_err(|_| expected())?;
    number.checked_mul(1 << shift).ok_or_else(|| format!("a number of bytes below 2^64, not {text:?}"))
}

/// Reads an integer of at least 0, in which `_` may group digits.
///
/// # Errors
/// What was expected, ready to be shown.
pub fn parse_integer(text: &str) -> Result<u64, String> {
    let expected = || format!("an integer of at least 0 such as 5000000 or 5_000_000, not {text:?}");
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(expected());
    }
    text.replace('_', "").parse().map_err(|_| expected())
}

/// Writes a number of bytes the way [`parse_bytes`] reads it, exactly and as short as can be: `64K`, `1G`, `4160`.
pub fn show_bytes(bytes: u64) -> String {
    let fits = |(_, shift): &&(char, u32)| bytes != 0 && bytes.is_multiple_of(1 << shift);
    match SUFFIXES.iter().rev().find(fits) {
        Some((letter, shift)) => format!("{}{letter}", bytes >> shift),
        None => bytes.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_powers_of_1024() {
        let read = |text| parse_bytes(text).unwrap();
        assert_eq!(["0", "4160", "4K", "64m", "1G", "1_000"].map(read), [0, 4160, 4096, 1 << 26, 1 << 30, 1000]);
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "K", "-1", "+1", "1.5G", "4KB", "_1", "0x10", "16777216T", "ä", "4Ä"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shown_sizes_read_back() {
        for bytes in [0, 1, 1000, 4096, 4160, 3 << 20, 1 << 30, u64::MAX] {
            assert_eq!(parse_bytes(&show_bytes(bytes)), Ok(bytes));
        }
        assert_eq!(show_bytes(256 << 20), "256M");
    }
}
