//! Keys of a sweep that mean something to some techniques only, and the settings that they give.

use crate::address::{Level, PageSize};
use std::collections::BTreeMap;

/// A key of a sweep.
#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    /// In one sentence.
    pub meaning: &'static str,
    pub default: &'static str,
    pub takes: Takes,
}

/// What a key takes.
#[derive(Debug)]
pub enum Takes {
    /// One of these words.
    Words(&'static [&'static str]),
    /// A whole number, from the one to the other.
    Whole(u64, u64),
}

impl Takes {
    /// Whether a value is one of those.
    pub fn takes(&self, text: &str) -> bool {
        match *self {
            Takes::Words(words) => words.contains(&text),
            Takes::Whole(least, most) => text.parse().is_ok_and(|number| (least..=most).contains(&number)),
        }
    }
}

/// The page size of host tables.
pub static HOST_PAGES: Key = Key {
    name: "host_pages",
    meaning: "Page size of the host's tables; empty for native and pv, to which it means nothing.",
    default: "4K",
    takes: Takes::Words(&["4K", "2M", "1G"]),
};

/// The levels of host tables.
pub static HOST_LEVELS: Key =
    Key { name: "host_levels", meaning: "Levels of the host's page tables.", default: "4", takes: Takes::Whole(4, 5) };

/// When the host backs memory.
pub static HOST_BACKING: Key = Key {
    name: "host_backing",
    meaning: "Whether the host backs guest memory on first use (lazy) or before the run (prealloc).",
    default: "lazy",
    takes: Takes::Words(&["lazy", "prealloc"]),
};

/// Values of keys, each one that its key takes; the default where none was set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<&'static str, String>);

impl Settings {
    /// Sets a key; false if it does not take that value.
    pub fn set(&mut self, key: &'static Key, value: &str) -> bool {
        let takes = key.takes.takes(value);
        if takes {
            self.0.insert(key.name, value.to_string());
        }
        takes
    }

    fn text(&self, key: &Key) -> &str {
        self.0.get(key.name).map_or(key.default, String::as_str)
    }

    /// What stands for the word that is set, given what stands for each.
    pub(super) fn word<T: Copy, const N: usize>(&self, key: &Key, meanings: [T; N]) -> T {
        let Takes::Words(words) = key.takes else { return meanings[0] };
        let at = words.iter().position(|word| *word == self.text(key));
        meanings[at.unwrap_or(0)]
    }

    pub(super) fn whole(&self, key: &Key) -> u64 {
        self.text(key).parse().unwrap_or_default()
    }

    pub(super) fn pages(&self, key: &Key) -> PageSize {
        self.word(key, PageSize::ALL)
    }

    pub(super) fn levels(&self, key: &Key) -> Level {
        Level::new(self.whole(key) as u8)
    }
}
