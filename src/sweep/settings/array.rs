//! One array of entries, as far as its keys have been read.

use super::values::{Outcome, Refusal, cache_lines, number, put, refuse};
use crate::tlb::Geometry;
use toml::de::DeValue;

/// How an array is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// Its own keys that may be swept, and how the meaning of each begins.
    pub parts: &'static [(&'static str, &'static str)],
    /// Sets what follows the array's name.
    pub set: fn(&mut Array, &[&str], &DeValue<'_>) -> Outcome,
}

/// `{ entries, ways }`
pub(super) const TABLE: Form = Form { parts: &[("entries", "Entries"), ("ways", "Ways")], set: Array::set };
/// The same, or a number of entries.
pub(super) const TABLE_OR_ENTRIES: Form = Form { set: Array::set_or_entries, ..TABLE };
/// `{ size, ways }`
pub(super) const CACHE: Form = Form { parts: &[("size", "Bytes"), ("ways", "Ways")], set: Array::set_or_size };

/// The array that one of some words names, in their order.
pub(super) fn named<'a>(arrays: &'a mut [Array], words: &[&str], word: &str) -> Option<&'a mut Array> {
    arrays.get_mut(words.iter().position(|known| *known == word)?)
}

/// Entries and ways, as far as they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Array {
    pub entries: Option<usize>,
    /// 0: fully associative.
    pub ways: Option<usize>,
}

impl Array {
    fn set(&mut self, key: &[&str], value: &DeValue<'_>) -> Outcome {
        match key {
            ["entries"] => self.entries = Some(number(value, "a number of entries")?),
            ["ways"] if value.as_str() == Some("full") => self.ways = Some(0),
            ["ways"] => match number(value, "a number of ways, or `full`")? {
                0 => return refuse(value, "at least 1 way, or `full`"),
                ways => self.ways = Some(ways),
            },
            ["source"] | ["confidence"] if value.is_str() => {}
            _ => return Err(Refusal::UnknownKey),
        }
        Ok(())
    }

    /// A number of entries alone means full associativity.
    fn set_or_entries(&mut self, key: &[&str], value: &DeValue<'_>) -> Outcome {
        if !key.is_empty() {
            return self.set(key, value);
        }
        *self = Array { entries: Some(number(value, "a number of entries, or { entries, ways }")?), ways: Some(0) };
        Ok(())
    }

    /// A data cache has a size in bytes, and entries of a line each.
    fn set_or_size(&mut self, key: &[&str], value: &DeValue<'_>) -> Outcome {
        match key {
            ["size"] => put(&mut self.entries, cache_lines(value).map(Some)),
            ["entries"] => Err(Refusal::UnknownKey),
            key => self.set(key, value),
        }
    }

    /// `None` where there is no array; the fault where there cannot be one.
    pub fn geometry(self, name: &str) -> Result<Option<Geometry>, String> {
        match (self.entries, self.ways) {
            (None, None) | (Some(0), _) => Ok(None),
            (None, Some(_)) => Err(format!("{name}: ways without entries")),
            (Some(_), None) => Err(format!("{name}: entries without ways")),
            (Some(entries), Some(0)) => Ok(Geometry::try_new(entries, entries)),
            (Some(entries), Some(ways)) => match Geometry::try_new(entries, ways) {
                Some(geometry) => Ok(Some(geometry)),
                None => Err(format!("{name}: entries = {entries} is not a multiple of ways = {ways}")),
            },
        }
    }
}
