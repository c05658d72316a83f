//! One array of entries, as far as its keys have been read.

use super::values::{Outcome, Refusal, at_least, cache_lines, choose, number, put, refuse};
use crate::prices::Confidence;
use crate::tlb::{Geometry, Policy};
use toml::de::DeValue;

/// How an array is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// Its own keys that may be swept, and how the meaning of each begins.
    pub parts: &'static [(&'static str, &'static str)],
    /// Sets what follows the array's name.
    pub set: fn(&mut Array, &[&str], &DeValue<'_>) -> Outcome,
}

const WAYS: (&str, &str) = ("ways", "Ways");
const POLICY: (&str, &str) = ("policy", "Replacement policy");
const SEED: (&str, &str) = ("seed", "Seed of random replacement");

/// `{ entries, ways, policy, seed }`
pub(super) const TABLE: Form = Form { parts: &[("entries", "Entries"), WAYS, POLICY, SEED], set: Array::set };
/// The same, or a number of entries.
pub(super) const TABLE_OR_ENTRIES: Form = Form { set: Array::set_or_entries, ..TABLE };
/// `{ size, ways }`
pub(super) const CACHE: Form = Form { parts: &[("size", "Bytes"), WAYS, POLICY, SEED], set: Array::set_or_size };

/// The array that one of some words names, in their order.
pub(super) fn named<'a>(arrays: &'a mut [Array], words: &[&str], word: &str) -> Option<&'a mut Array> {
    arrays.get_mut(words.iter().position(|known| *known == word)?)
}

/// Entries, ways and replacement, as far as they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Array {
    pub entries: Option<usize>,
    /// 0: fully associative.
    pub ways: Option<usize>,
    policy: Option<Policy>,
    seed: Option<u64>,
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
            ["policy"] => self.policy = Some(choose(value, &Policy::ALL.map(|policy| (policy.name(), policy)))?),
            ["seed"] => self.seed = Some(at_least(value, 0, "a number of at least 0")?),
            ["source"] if value.is_str() => {}
            ["source"] => return refuse(value, "words"),
            ["confidence"] => choose(value, &Confidence::ALL).map(drop)?,
            _ => return Err(Refusal::UnknownKey),
        }
        Ok(())
    }

    /// A number of entries alone means full associativity.
    fn set_or_entries(&mut self, key: &[&str], value: &DeValue<'_>) -> Outcome {
        if !key.is_empty() {
            return self.set(key, value);
        }
        let entries = Some(number(value, "a number of entries, or { entries, ways }")?);
        *self = Array { entries, ways: Some(0), ..*self };
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
    pub fn geometry(self, name: impl Fn() -> String) -> Result<Option<Geometry>, String> {
        let fault = |fault: &str| Err(format!("{}: {fault}", name()));
        let (entries, ways) = match (self.entries, self.ways) {
            (Some(0), _) => return Ok(None),
            (None, None) if self.policy.is_none() && self.seed.is_none() => return Ok(None),
            (None, None) => return fault("policy without entries"),
            (None, Some(_)) => return fault("ways without entries"),
            (Some(_), None) => return fault("entries without ways"),
            (Some(entries), Some(0)) => (entries, entries),
            (Some(entries), Some(ways)) => (entries, ways),
        };
        let Some(geometry) = Geometry::try_new(entries, ways) else {
            return fault(&format!("entries = {entries} is not a multiple of ways = {ways}"));
        };
        let policy = self.policy.unwrap_or_default();
        let policy = self.seed.map_or(policy, |seed| policy.with_seed(seed));
        let kept = geometry.with_policy(policy);
        kept.map(Some).ok_or_else(|| format!("{}.policy: {} with {ways} ways", name(), policy.name()))
    }
}
