//! What there is to know of a key, and finding keys by their dotted names.

use super::Settings;
use super::array::{Array, Form};
use super::keys::keys;
use super::values::{CYCLES, Outcome, Refusal};
use crate::prices::PRICES;
use crate::technique::{self, Facts, Takes};
use crate::words::one_of;
use toml::de::DeValue;

/// A key of `[sweep]`, of a processor, or of both: one of [`keys`].
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its dotted name. A word in capitals stands for any of several, as in `psc.LEVEL`.
    pub name: &'static str,
    /// Its value where nothing gives one, as text; empty if there is none.
    pub default: &'static str,
    /// What it means, in one sentence.
    pub meaning: &'static str,
    /// Whether it is empty in the rows of techniques to which it means nothing, whose cells are not repeated for it.
    pub merged: bool,
    pub stands: Stands,
    /// To which techniques it means something; `None`: to all, or to those that have it among their keys.
    pub(super) only: Option<fn(&Facts) -> bool>,
    pub(super) place: Place,
}

/// Where a key may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// In `[sweep]`, with one value: it splits rows.
    Run,
    /// In `[sweep]`; every result has its column.
    Short,
    /// In `[sweep]`; a result has its column if it has several values.
    Axis,
    /// The same, and in a processor.
    Machine,
    /// In a processor alone.
    Processor,
}

/// How a value is read, and where it goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Word(fn(&mut Settings, &DeValue<'_>) -> Outcome),
    Number(fn(&mut Settings, &DeValue<'_>) -> Outcome),
    /// A technique reads it.
    Technique(&'static technique::Key),
    /// An array of entries: the words that the one in capitals stands for, how it is written, and where the array of such a word is.
    Array(&'static [&'static str], Form, for<'a> fn(&'a mut Settings, &str) -> Option<&'a mut Array>),
    /// Cycles of a price by its name, which may be of two words, or the parts of what is said of it; no setting of a cell.
    Price,
    /// Words, a name or a path, which are no setting of a cell. What they are.
    Text(&'static str),
    /// It is read elsewhere. What it takes.
    Elsewhere(&'static str),
}

impl Key {
    /// Whether it may stand in `[sweep]`.
    pub fn is_swept(&self) -> bool {
        self.stands != Stands::Processor
    }

    /// Whether it may stand in a processor.
    pub fn is_of_processor(&self) -> bool {
        matches!(self.stands, Stands::Machine | Stands::Processor)
    }

    /// Whether its values are words or names, not numbers.
    pub fn is_word(&self) -> bool {
        match self.place {
            Place::Word(_) | Place::Text(_) => true,
            Place::Technique(key) => matches!(key.takes, Takes::Words(_)),
            Place::Number(_) | Place::Array(..) | Place::Price | Place::Elsewhere(_) => false,
        }
    }

    /// Whether it means something to a technique.
    pub fn means_something_to(&self, technique: &Facts) -> bool {
        if let Place::Technique(key) = self.place {
            return technique.heeds(key);
        }
        self.only.is_none_or(|heeds| heeds(technique))
    }

    /// The words or the kind of value that it takes.
    pub fn takes(&self) -> String {
        match self.place {
            Place::Text(takes) | Place::Elsewhere(takes) => takes.into(),
            Place::Price => CYCLES.into(),
            Place::Array(_, form, _) => {
                let parts: Vec<&str> = form.parts.iter().map(|(part, _)| *part).collect();
                format!("{{ {} }}", parts.join(", "))
            }
            // What a value that it does not take is refused for.
            Place::Word(_) | Place::Number(_) | Place::Technique(_) => {
                match Settings::default().set(self.name, &DeValue::Array(Default::default())) {
                    Err(Refusal::Value(_, expected)) => expected,
                    Err(Refusal::UnknownKey) | Ok(()) => String::new(),
                }
            }
        }
    }

    /// Whether this is the row of a dotted key.
    pub fn is_of(&self, key: &str) -> bool {
        self.rest(key).is_some()
    }

    /// What follows this name in a dotted key, from the word in capitals on; `None` if that is another key.
    pub(super) fn rest<'k>(&self, key: &'k str) -> Option<Vec<&'k str>> {
        // Most are told by their first letters.
        if self.name.as_bytes().first() != key.as_bytes().first() {
            return None;
        }
        let mut words = key.split('.');
        let mut fixed = self.name.split('.').filter(|word| !is_variable(word));
        let rest = fixed.all(|word| words.next() == Some(word)).then(|| words.collect::<Vec<_>>())?;
        let goes_on = match self.place {
            Place::Array(..) => true,
            Place::Price => !rest.is_empty(),
            Place::Word(_) | Place::Number(_) | Place::Technique(_) | Place::Text(_) | Place::Elsewhere(_) => {
                rest.is_empty()
            }
        };
        goes_on.then_some(rest)
    }

    /// The words that may stand at each place of a dotted key of which this is the row.
    fn places(&self) -> Vec<Vec<&'static str>> {
        let (variants, parts) = match self.place {
            Place::Array(variants, form, _) => (variants.to_vec(), form.parts),
            Place::Price => (PRICES.map(|price| price.name).to_vec(), &[][..]),
            Place::Word(_) | Place::Number(_) | Place::Technique(_) | Place::Text(_) | Place::Elsewhere(_) => {
                (Vec::new(), &[][..])
            }
        };
        let named = self.name.split('.').map(|word| if is_variable(word) { variants.clone() } else { vec![word] });
        let parts = parts.iter().map(|(part, _)| *part).collect::<Vec<_>>();
        named.chain(Some(parts).filter(|parts| !parts.is_empty())).collect()
    }

    /// The words that may follow in a dotted key after these, which may be none; `None` if it does not begin with these.
    fn next(&self, words: &[&str]) -> Option<Vec<&'static str>> {
        if let Place::Price = self.place {
            return next_of_price(words);
        }
        let places = self.places();
        let fit = words.iter().zip(&places).all(|(word, place)| word.split('+').all(|word| place.contains(&word)));
        (fit && words.len() <= places.len()).then(|| places.get(words.len()).cloned().unwrap_or_default())
    }

    /// The meaning of a dotted key of which this is the row: of an array, that of its part, the first if none is named.
    fn meaning_of(&self, key: &str) -> Option<String> {
        let variable = self.name.split('.').zip(key.split('.')).find(|(named, _)| is_variable(named));
        let part = key.split('.').nth(self.name.split('.').count());
        if let Place::Price = self.place {
            let price = PRICES.iter().find(|price| key.strip_prefix("prices.") == Some(price.name))?;
            return Some(format!("Cycles of {}, instead of those of the price sheet.", price.name));
        }
        let Place::Array(_, form, _) = self.place else { return Some(self.meaning.into()) };
        if (variable, part) == (None, None) {
            return Some(self.meaning.into());
        }
        let (_, begins) = form.parts.iter().find(|(known, _)| part.is_none_or(|part| part == *known))?;
        let what = self.meaning.split([',', '.']).next()?.replacen("The", "the", 1);
        let what = variable.map(|(variable, word)| what.replace(variable, word)).unwrap_or(what);
        Some(format!("{begins} of {what}."))
    }
}

/// The words that may follow in a dotted key about a price.
fn next_of_price(words: &[&str]) -> Option<Vec<&'static str>> {
    const PARTS: [&str; 3] = ["cycles", "source", "confidence"];
    let ["prices", words @ ..] = words else { return words.is_empty().then(|| vec!["prices"]) };
    let names = PRICES.iter().map(|price| price.name).chain(["sheet"]);
    let mut next = Vec::new();
    for name in names.map(|name| name.split('.').collect::<Vec<_>>()) {
        match words.strip_prefix(name.as_slice()) {
            Some([]) => return Some(PARTS.to_vec()),
            Some([part]) if PARTS.contains(part) => return Some(Vec::new()),
            _ if name.starts_with(words) && !next.contains(&name[words.len()]) => next.push(name[words.len()]),
            _ => {}
        }
    }
    (!next.is_empty()).then_some(next)
}

/// Whether a word of a name stands for others.
fn is_variable(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// A key, and what a dotted key says from its word in capitals on.
pub type Found<'k> = (&'static Key, Vec<&'k str>);

/// The row of a dotted key, and what follows its name; `None` if there is no such key among those that `may` stand there.
pub fn find(key: &str, may: fn(&Key) -> bool) -> Option<Found<'_>> {
    keys().iter().filter(|row| may(row)).find_map(|row| Some((row, row.rest(key)?)))
}

/// The array that a dotted key speaks of, and what of it: a part, or nothing where it is the array's one value.
pub fn array(key: &str) -> Option<(&str, &str)> {
    let (array, _) = find(key, Key::is_of_processor).filter(|(row, _)| matches!(row.place, Place::Array(..)))?;
    let words = array.name.split('.').count();
    let end = key.match_indices('.').nth(words - 1).map_or(key.len(), |(end, _)| end);
    Some((&key[..end], key[end..].trim_start_matches('.')))
}

/// The first words of all keys, once each.
pub fn first_words(may: fn(&Key) -> bool) -> Vec<&'static str> {
    let mut words = Vec::new();
    for word in keys().iter().filter(|row| may(row)).filter_map(|row| row.name.split('.').next()) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// Whether a dotted key names a table of further keys.
pub fn is_table(key: &str, may: fn(&Key) -> bool) -> bool {
    let words: Vec<&str> = key.split('.').collect();
    keys().iter().filter(|row| may(row)).any(|row| row.next(&words).is_some_and(|next| !next.is_empty()))
}

/// The first word of a dotted key that no key has there, and those that keys have.
pub fn stranger(key: &str, may: fn(&Key) -> bool) -> Option<(&str, Vec<&'static str>)> {
    let words: Vec<&str> = key.split('.').collect();
    let rows = || keys().iter().filter(|row| may(row));
    let at = (0..words.len()).find(|&at| !rows().any(|row| row.next(&words[..=at]).is_some()))?;
    Some((words[at], rows().filter_map(|row| row.next(&words[..at])).flatten().collect()))
}

/// The keys that begin as a dotted one does.
pub fn alternatives(key: &str, may: fn(&Key) -> bool) -> String {
    let first = |name: &str| name.split('.').next() == key.split('.').next();
    let rows: Vec<&Key> = keys().iter().filter(|row| may(row) && first(row.name)).collect();
    match rows.iter().any(|row| row.is_of_processor()) {
        true => "a key as `analyze presets show nehalem` prints them".into(),
        false => one_of(&rows.iter().map(|row| row.name).collect::<Vec<_>>()),
    }
}

/// The meaning of a dotted key, in one sentence; `None` where there is no such key.
pub fn meaning_of_key(key: &str) -> Option<String> {
    find(key, Key::is_swept).filter(|_| stranger(key, Key::is_swept).is_none())?.0.meaning_of(key)
}

/// Whether a value of an axis is there, and not one that a reader takes for granted: a number of the short columns at its default.
pub fn worth_a_word(axis: &str, value: &str) -> bool {
    let ordinary =
        |key: &Key| key.stands == Stands::Short && !key.is_word() && (key.name, key.default) == (axis, value);
    !value.is_empty() && !keys().iter().any(ordinary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::technique::Technique;

    #[test]
    fn every_key_that_may_be_an_axis_has_a_meaning() {
        for key in keys().iter().filter(|key| key.is_swept()) {
            let words = key.places().into_iter().take(key.name.split('.').count());
            let name: Vec<&str> = words.map(|place| place[0]).collect();
            assert!(meaning_of_key(&name.join(".")).is_some_and(|meaning| meaning.ends_with('.')), "{}", key.name);
        }
        let wanted = [
            ("tlb.l2.4K+2M.entries", "Entries of the second-level TLB array for 4K+2M pages."),
            ("psc.pd", "Entries of the paging-structure cache of pd entries."),
            ("host_psc.pml4.ways", "Ways of the host's paging-structure cache of pml4 entries."),
            ("nested_tlb", "The nested TLB, which holds translations of guest-physical pages."),
            ("nested_tlb.ways", "Ways of the nested TLB."),
            ("caches.llc.size", "Bytes of the llc data cache."),
            ("prices.exit_work.cr3", "Cycles of exit_work.cr3, instead of those of the price sheet."),
        ];
        for (key, meaning) in wanted {
            assert_eq!(meaning_of_key(key).as_deref(), Some(meaning));
        }
        for key in [
            "prices.vm_exti",
            "prices.exit_work",
            "tlb.l3.4K.entries",
            "tlb.l1d.5K.ways",
            "psc.pd.sets",
            "nested_tlb.4K.ways",
            "vms.x",
            "name",
        ] {
            assert_eq!(meaning_of_key(key), None, "{key}");
        }
    }

    #[test]
    fn every_key_means_something_to_some_technique_and_what_all_heed_is_no_technique_s_own() {
        for key in keys() {
            let heeds = Technique::FACTS.into_iter().filter(|technique| key.means_something_to(technique)).count();
            let own = key.only.is_some() || matches!(key.place, Place::Technique(_));
            assert!(heeds > 0 && own == (heeds < Technique::FACTS.len()), "{}", key.name);
        }
    }

    #[test]
    fn numbers_of_the_short_columns_are_not_worth_a_word_at_their_defaults() {
        assert!(!worth_a_word("guest_levels", "4") && !worth_a_word("vms", "1") && !worth_a_word("host_pages", ""));
        assert!(worth_a_word("guest_levels", "5") && worth_a_word("guest_pages", "4K") && worth_a_word("quantum", "1"));
    }

    #[test]
    fn every_key_says_what_it_takes() {
        let takes = |key: &str| find(key, |_| true).unwrap().0.takes();
        assert_eq!(takes("shadow.fill"), "one of `eager`, `lazy`");
        assert_eq!(takes("vms"), "a number from 1 to 4096");
        assert_eq!(takes("caches.l1.size"), "{ size, ways, policy, seed }");
        assert!(keys().iter().all(|key| !key.takes().is_empty()));
    }

    #[test]
    fn a_stranger_is_the_first_word_that_is_wrong() {
        let found = |key| stranger(key, Key::is_swept).map(|(word, known)| (word, known.join(" ")));
        assert_eq!(found("shadow.fil"), Some(("fil", "fill on_switch sync bypass".into())));
        assert_eq!(found("tlb.l1d.4K.entires"), Some(("entires", "entries ways policy seed".into())));
        assert_eq!(found("tlb.lld.4K.ways"), Some(("lld", "tags l1d l1i l2".into())));
        assert_eq!(found("vms.x"), Some(("x", String::new())));
        assert_eq!(found("vms"), None);
        assert_eq!(found("prices.exit_work.cr3.source"), None);
        assert_eq!(found("prices.vm_exit.cycle"), Some(("cycle", "cycles source confidence".into())));
        assert!(found("prices.exit_work.cr4").is_some_and(|(word, known)| word == "cr4" && known.contains("cr3")));
        assert!(is_table("thp", Key::is_swept) && is_table("tlb.l2.4K+2M", Key::is_swept));
        assert!(!is_table("tlb.l1d.5K", Key::is_swept) && !is_table("technique", Key::is_swept));
    }
}
