//! Numbers of bytes and of other things as people write them: `4K`, `64M`, `1G`.

/// Suffixes of the first power, the second and so on: of 1024 for bytes, of 1000 for counts.
const SUFFIXES: [char; 4] = ['K', 'M', 'G', 'T'];

/// Reads `4096`, `64K`, `1_000`, `1G` (powers of 1024; `_` may group digits).
///
/// # Errors
/// What was expected, ready to be shown.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    with_suffix(text, 1024, "a number of bytes", "4096, 64K, 256M or 1G")
}

/// Reads `5000000`, `5_000_000`, `5M` or `2G` (powers of 1000).
///
/// # Errors
/// What was expected, ready to be shown.
pub fn parse_count(text: &str) -> Result<u64, String> {
    with_suffix(text, 1000, "an integer of at least 0", "5000000, 5_000_000 or 5M")
}

fn with_suffix(text: &str, step: u64, what: &str, such_as: &str) -> Result<u64, String> {
    let last = text.chars().last().map(|letter| letter.to_ascii_uppercase());
    let (digits, power) = match SUFFIXES.iter().position(|letter| Some(*letter) == last) {
        Some(index) => (&text[..text.len() - 1], index as u32 + 1),
        None => (text, 0),
    };
    let number = parse_integer(digits).map_err(|_| format!("{what} such as {such_as}, not {text:?}"))?;
    number.checked_mul(step.pow(power)).ok_or_else(|| format!("{what} below 2^64, not {text:?}"))
}

/// Reads a clock such as `2.6G` or `2600M`, in hertz, with or without `Hz`.
///
/// # Errors
/// What was expected, ready to be shown.
pub fn parse_hertz(text: &str) -> Result<f64, String> {
    let digits = text.strip_suffix("Hz").unwrap_or(text);
    let units = [("G", 1e9), ("M", 1e6), ("k", 1e3), ("K", 1e3)];
    decimal(digits, &units)
        .or_else(|| decimal(digits, &[("", 1.0)]))
        .ok_or_else(|| format!("hertz such as 2.6G, not {text:?}"))
}

/// Reads a time such as `12.3s`, `450ms` or `2min`, in seconds.
///
/// # Errors
/// What was expected, ready to be shown.
pub fn parse_seconds(text: &str) -> Result<f64, String> {
    let units = [("ms", 1e-3), ("min", 60.0), ("s", 1.0)];
    decimal(text, &units).ok_or_else(|| format!("a time such as 12.3s, 450ms or 2min, not {text:?}"))
}

/// A decimal above 0 in the first of some units that it ends in.
fn decimal(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let (digits, unit) = units.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'_');
    let number = digits.replace('_', "").parse::<f64>().ok().filter(|number| plain && *number > 0.0)?;
    Some(number * unit)
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
    let powers = SUFFIXES.into_iter().enumerate().map(|(index, letter)| (1 << (10 * (index + 1)), letter));
    match powers.rev().find(|(power, _)| bytes != 0 && bytes.is_multiple_of(*power)) {
        Some((power, letter)) => format!("{}{letter}", bytes / power),
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
    fn counts_are_powers_of_1000() {
        let read = |text| parse_count(text).unwrap();
        assert_eq!(
            ["0", "2_000", "3k", "1M", "2G", "1T"].map(read),
            [0, 2000, 3000, 1_000_000, 2_000_000_000, 1_000_000_000_000]
        );
    }

    #[test]
    fn clocks_and_times_are_decimals_with_a_unit() {
        assert_eq!(["2.5G", "2500MHz", "100"].map(|text| parse_hertz(text).unwrap()), [2.5e9, 2.5e9, 100.0]);
        assert_eq!(["12.5s", "500ms", "2min"].map(|text| parse_seconds(text).unwrap()), [12.5, 0.5, 120.0]);
        for text in ["", "0", "-1G", "inf", "1e9", "G", "2.6T", ".", "0s"] {
            assert!(parse_hertz(text).is_err() && parse_seconds(text).is_err(), "{text}");
        }
        assert!(parse_seconds("12").is_err(), "no unit");
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "K", "-1", "+1", "1.5G", "4KB", "_1", "0x10", "18446745T", "ä", "4Ä"] {
            assert!(parse_bytes(text).is_err() && parse_count(text).is_err(), "{text}");
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
