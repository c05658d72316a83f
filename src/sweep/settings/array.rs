//! One array of entries, as far as its keys have been read.

use super::values::{Outcome, Refusal, number, refuse};
use crate::tlb::Geometry;
use toml::de::DeValue;

/// Entries and ways, as far as they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Array {
    pub entries: Option<usize>,
    /// 0: fully associative.
    pub ways: Option<usize>,
}

impl Array {
    pub fn set(&mut self, key: &[&str], value: &DeValue<'_>) -> Outcome {
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
    pub fn set_or_entries(&mut self, key: &[&str], value: &DeValue<'_>) -> Outcome {
        if !key.is_empty() {
            return self.set(key, value);
        }
        *self = Array { entries: Some(number(value, "a number of entries, or { entries, ways }")?), ways: Some(0) };
        Ok(())
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
