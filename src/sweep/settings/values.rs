//! Reading one value: what it must be, or why it is refused.

use crate::address::Level;
use crate::bytes::{parse_bytes, parse_integer};
use crate::engine::Warm;
use crate::prices::{Confidence, Cycles, PRICES};
use crate::sweep::document::{describe, integer, scalar};
use crate::walk::LINE_BYTES;
use crate::words::{nearest, one_of};
use toml::de::DeValue;

/// Why a key or its value is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    UnknownKey,
    /// What was found, what was expected.
    Value(String, String),
}

pub(super) type Outcome<T = ()> = Result<T, Refusal>;

pub(super) fn refuse<T>(value: &DeValue<'_>, expected: impl Into<String>) -> Outcome<T> {
    Err(Refusal::Value(describe(value), expected.into()))
}

/// Keeps a value that was accepted.
pub(super) fn put<T>(place: &mut T, value: Outcome<T>) -> Outcome {
    value.map(|value| *place = value)
}

pub(super) fn choose<T: Copy>(value: &DeValue<'_>, choices: &[(&str, T)]) -> Outcome<T> {
    let found = choices.iter().find(|(name, _)| value.as_str() == Some(name));
    match found {
        Some((_, choice)) => Ok(*choice),
        None => {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            let near = value.as_str().and_then(|word| nearest(word, &names));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            refuse(value, one_of(&names) + &near)
        }
    }
}

pub(super) fn levels(value: &DeValue<'_>) -> Outcome<Level> {
    match integer(value) {
        Some(levels @ 4..=5) => Ok(Level::new(levels as u8)),
        _ => refuse(value, "4 or 5"),
    }
}

pub(super) fn at_most(value: &DeValue<'_>, most: u32) -> Outcome<u32> {
    match integer(value).and_then(|number| u32::try_from(number).ok()) {
        Some(number) if (1..=most).contains(&number) => Ok(number),
        _ => refuse(value, format!("a number from 1 to {most}")),
    }
}

pub(super) fn at_least(value: &DeValue<'_>, least: u64, expected: &str) -> Outcome<u64> {
    integer(value).filter(|number| *number >= least).map_or_else(|| refuse(value, expected), Ok)
}

/// A number of accesses, or a share of a trace's.
pub(super) fn warm(value: &DeValue<'_>) -> Outcome<Warm> {
    let share = |text: &str| {
        let (part, of) = text.split_once('/')?;
        let (part, of) = (parse_integer(part).ok()?, parse_integer(of).ok()?);
        (of > 0 && part <= of).then_some(Warm::Share { part, of })
    };
    let found = integer(value).map(Warm::Accesses).or_else(|| share(value.as_str()?));
    found.map_or_else(|| refuse(value, "a number of accesses, or a share of the trace's such as \"1/2\""), Ok)
}

/// What a price takes.
pub const CYCLES: &str = "cycles: a number from 0 to below 10^9, with at most nine decimals";

/// The cycles that a value is; `None` if it is none.
pub fn cycles(value: &DeValue<'_>) -> Option<Cycles> {
    match value {
        DeValue::Integer(_) => Cycles::parse(&integer(value)?.to_string()),
        DeValue::Float(number) => Cycles::parse(number.as_str()),
        _ => None,
    }
}

/// Accepts what is said of a price after its name.
pub(super) fn price(key: &[&str], value: &DeValue<'_>) -> Outcome {
    let (name, part) = match key {
        [name @ .., part @ ("cycles" | "source" | "confidence")] => (name, *part),
        name => (name, "cycles"),
    };
    if !PRICES.iter().any(|price| price.name == name.join(".")) {
        return Err(Refusal::UnknownKey);
    }
    match part {
        "source" if value.is_str() => Ok(()),
        "source" => refuse(value, "words"),
        "confidence" => choose(value, &Confidence::ALL).map(drop),
        _ => cycles(value).map_or_else(|| refuse(value, CYCLES), |_| Ok(())),
    }
}

pub(super) fn boolean(value: &DeValue<'_>) -> Outcome<bool> {
    value.as_bool().map_or_else(|| refuse(value, "true or false"), Ok)
}

/// The most entries that an array may have; far above any hardware, and small enough to allocate.
pub(super) const MOST_ENTRIES: u64 = 1 << 24;

/// Lines of a cache from its size.
pub(super) fn cache_lines(value: &DeValue<'_>) -> Outcome<usize> {
    let text = scalar(value).unwrap_or_default();
    match parse_bytes(&text) {
        Ok(bytes) if bytes > 0 && bytes.is_multiple_of(LINE_BYTES) && bytes / LINE_BYTES <= MOST_ENTRIES => {
            Ok((bytes / LINE_BYTES) as usize)
        }
        _ => refuse(value, "bytes such as \"32K\" or \"8M\": a multiple of 64, at most 1G"),
    }
}

/// Bytes of a pool of guest frames.
pub(super) fn pool(value: &DeValue<'_>) -> Outcome<u64> {
    match parse_bytes(&scalar(value).unwrap_or_default()) {
        Ok(bytes) if bytes.is_power_of_two() && (1 << 12..=1 << 39).contains(&bytes) => Ok(bytes),
        _ => refuse(value, "bytes such as \"512M\" or \"4G\": a power of two from 4K to 512G"),
    }
}

pub(super) fn number(value: &DeValue<'_>, expected: &str) -> Outcome<usize> {
    match integer(value) {
        Some(number) if number <= MOST_ENTRIES => Ok(number as usize),
        _ => refuse(value, format!("{expected}, from 0 to {MOST_ENTRIES}")),
    }
}
