//! Settings of one cell: the meaning of every dotted key of `[sweep]` and of a processor.

mod apply;
mod array;
mod cell;
mod key;
mod keys;
mod values;

pub use apply::apply;
pub use key::{Found, Key, Stands, array, find, first_words, meaning_of_key, worth_a_word};
pub use keys::keys;
use values::Refusal;
pub use values::{CYCLES, cycles};

use super::document::integer;
use crate::address::{Level, PageSize};
use crate::engine::{Turns, Warm};
use crate::guest::GuestPages;
use crate::technique::{self, Facts, Takes};
use crate::walk::DataPressure;
use crate::words::one_of;
use array::Array;
use key::Place;
use toml::de::DeValue;
use values::{Outcome, boolean, choose, price, refuse};

/// The settings of one cell, as far as they are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    technique: Option<&'static Facts>,
    /// Keys that mean something to some techniques only.
    of_technique: technique::Settings,
    turns: Turns,
    guest_pages: GuestPages,
    infer_ranges: bool,
    frames_scattered: bool,
    frames_seed: u64,
    frames_pool: u64,
    guest_levels: Level,
    tags: bool,
    posted_interrupts: bool,
    /// By page size, as `l1i`.
    l1d: [Array; 3],
    l1i: [Array; 3],
    l2: Vec<(Vec<PageSize>, Array)>,
    /// By the level of their entries, the lowest first, as `host_psc`.
    psc: [Array; 4],
    host_psc: Option<[Array; 4]>,
    nested_tlb: Array,
    /// First-level, second-level and last-level cache; `None` where there are none.
    caches: Option<[Array; 3]>,
    data_pressure: DataPressure,
    warm: Warm,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            technique: None,
            of_technique: technique::Settings::default(),
            turns: Turns::default(),
            guest_pages: GuestPages::One(PageSize::Size4K),
            infer_ranges: true,
            frames_scattered: false,
            frames_seed: 1,
            frames_pool: 1 << 30,
            guest_levels: Level::new(4),
            tags: true,
            posted_interrupts: false,
            l1d: Default::default(),
            l1i: Default::default(),
            l2: Vec::new(),
            psc: Default::default(),
            host_psc: None,
            nested_tlb: Array::default(),
            caches: None,
            data_pressure: DataPressure::default(),
            warm: Warm::default(),
        }
    }
}

const CACHES: [&str; 3] = ["l1", "l2", "llc"];
const PSC_LEVELS: [&str; 4] = ["pd", "pdpt", "pml4", "pml5"];

/// The page sizes of a key such as `4K+2M`, smallest first.
fn sizes(name: &str) -> Option<Vec<PageSize>> {
    let mut sizes = name.split('+').map(PageSize::by_name).collect::<Option<Vec<_>>>()?;
    sizes.sort_unstable();
    sizes.dedup();
    Some(sizes)
}

impl Settings {
    /// Sets what a dotted key names; what is no setting of a cell is left alone.
    pub fn set(&mut self, key: &str, value: &DeValue<'_>) -> Outcome {
        self.set_found(&find(key, |_| true).ok_or(Refusal::UnknownKey)?, value)
    }

    /// Sets what a key that was found stands for.
    pub fn set_found(&mut self, (row, rest): &Found<'_>, value: &DeValue<'_>) -> Outcome {
        match (row.place, rest.as_slice()) {
            (Place::Word(set) | Place::Number(set), _) => set(self, value),
            (Place::Technique(key), _) => self.set_of_technique(key, value),
            (Place::Array([], form, array), rest) => {
                (form.set)(array(self, "").ok_or(Refusal::UnknownKey)?, rest, value)
            }
            (Place::Array(_, form, array), [word, rest @ ..]) => {
                (form.set)(array(self, word).ok_or(Refusal::UnknownKey)?, rest, value)
            }
            (Place::Array(..), []) => Err(Refusal::UnknownKey),
            (Place::Price, rest) => price(rest, value),
            (Place::Text(takes), _) if !value.is_str() => refuse(value, takes),
            (Place::Text(_) | Place::Elsewhere(_), _) => Ok(()),
        }
    }

    fn set_of_technique(&mut self, key: &'static technique::Key, value: &DeValue<'_>) -> Outcome {
        let text = match key.takes {
            Takes::Words(words) => {
                choose(value, &words.iter().map(|word| (*word, *word)).collect::<Vec<_>>())?.to_string()
            }
            Takes::Truth => boolean(value)?.to_string(),
            Takes::Whole(..) => integer(value).map(|number| number.to_string()).unwrap_or_default(),
        };
        match (self.of_technique.set(key, &text), &key.takes) {
            (true, _) => Ok(()),
            (false, Takes::Whole(least, u64::MAX)) => refuse(value, format!("a whole number of at least {least}")),
            (false, Takes::Whole(least, most)) => refuse(value, format!("a whole number from {least} to {most}")),
            (false, Takes::Words(words)) => refuse(value, one_of(words)),
            (false, Takes::Truth) => refuse(value, "true or false"),
        }
    }

    /// The second-level array of a name such as `4K+2M`, made if there is none.
    fn second_level(&mut self, name: &str) -> Option<&mut Array> {
        let sizes = sizes(name)?;
        let at = self.l2.iter().position(|(held, _)| *held == sizes).unwrap_or_else(|| {
            self.l2.push((sizes, Array::default()));
            self.l2.len() - 1
        });
        Some(&mut self.l2[at].1)
    }

    /// Makes room for other keys: second-level arrays that share a page size with theirs go, and keys of `host_psc` change what
    /// there is, even where that is the guest's `psc`.
    pub fn make_room(&mut self, keys: &[impl AsRef<str>]) {
        let coming: Vec<_> = keys.iter().filter_map(|key| second_level(key.as_ref())).collect();
        self.l2.retain(|(held, _)| !is_displaced(held, &coming));
        if keys.iter().any(|key| key.as_ref().starts_with("host_psc")) {
            self.host_psc.get_or_insert(self.psc);
        }
    }
}

/// A key as its other spellings have it too: `tlb.l2.2M+4K` is `tlb.l2.4K+2M`.
pub fn canonical(key: &str) -> String {
    let words = key.split('.').enumerate().map(|(i, word)| match sizes(word) {
        Some(sizes) if i == 2 => sizes.iter().map(|size| size.name()).collect::<Vec<_>>().join("+"),
        _ => word.to_string(),
    });
    words.collect::<Vec<_>>().join(".")
}

/// The page sizes of the second-level array that a key names.
pub fn second_level(key: &str) -> Option<Vec<PageSize>> {
    sizes(key.strip_prefix("tlb.l2.")?.split('.').next()?)
}

/// Whether an array of some page sizes shares one with any of others, and is not itself among them.
fn is_displaced(held: &[PageSize], coming: &[Vec<PageSize>]) -> bool {
    let shares = |new: &Vec<PageSize>| new.iter().any(|size| held.contains(size));
    coming.iter().any(shares) && !coming.iter().any(|new| new == held)
}

/// Whether a key is of a second-level array that goes where other keys come.
pub fn yields(key: &str, coming: &[String]) -> bool {
    let coming: Vec<_> = coming.iter().filter_map(|key| second_level(key)).collect();
    second_level(key).is_some_and(|held| is_displaced(&held, &coming))
}
