//! Counts on the command line.

use crate::bytes::parse_count;

/// A count of at least 1.
pub fn at_least_one(text: &str) -> Result<u64, String> {
    match parse_count(text)? {
        0 => Err("a number of at least 1".to_string()),
        number => Ok(number),
    }
}

/// The N of `1/N`.
pub fn one_of(text: &str) -> Result<u64, String> {
    let expected = || format!("1/N with N of at least 1, such as 1/10, not {text:?}");
    text.strip_prefix("1/").and_then(|every| at_least_one(every).ok()).ok_or_else(expected)
}
