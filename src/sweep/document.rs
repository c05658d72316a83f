//! A TOML file with the places of everything in it, and the defects found so far.

use crate::error::{Defect, Excerpt, Result};
use crate::words::{counted, did_you_mean, one_of, shortened};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// More defects than this are counted and not told.
pub const MOST_TOLD: usize = 100;

/// A file's text and what is wrong with it.
#[derive(Debug)]
pub struct Document {
    pub file: PathBuf,
    pub text: String,
    notes: RefCell<Notes>,
}

/// What was noted, each thing once.
#[derive(Debug, Default)]
struct Notes {
    /// A hash of each.
    seen: HashSet<u64>,
    /// The first of them, by where they begin and by when they were noted.
    first: BTreeMap<(usize, usize), Note>,
}

#[derive(Debug)]
struct Note {
    span: Range<usize>,
    found: String,
    expected: String,
    remedy: String,
}

impl Document {
    pub fn new(file: impl Into<PathBuf>, text: impl Into<String>) -> Document {
        Document { file: file.into(), text: text.into(), notes: RefCell::default() }
    }

    /// The folder that the file's paths are relative to.
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    /// The content. Fails at the first thing that is not TOML: what comes after it may be wrong for that alone.
    pub fn parse(&self) -> Result<DeTable<'_>> {
        let fault = |error: toml::de::Error| {
            let span = error.span().unwrap_or(0..0);
            self.defect(&span, format!("not TOML: {}", error.message()))
        };
        Ok(DeTable::parse(&self.text).map_err(fault)?.into_inner())
    }

    fn defect(&self, span: &Range<usize>, found: impl Into<String>) -> Defect {
        // What is missing from the whole file has no line.
        let excerpt = if *span == (0..0) { None } else { Excerpt::new(&self.text, span.clone()) };
        Defect::new(&self.file, self.place(span), found).excerpt(excerpt)
    }

    /// Notes a defect.
    pub fn note(
        &self,
        span: Range<usize>,
        found: impl Into<String>,
        expected: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.note_with(span, found.into(), || (expected.into(), remedy.into()));
    }

    /// The same, where what was expected and the remedy are asked for only if they are told.
    pub fn note_with(&self, span: Range<usize>, found: String, rest: impl FnOnce() -> (String, String)) {
        /// No message is longer than a reader bears, whatever stands in the file.
        const LONGEST: usize = 2000;
        let mut notes = self.notes.borrow_mut();
        let mut hasher = DefaultHasher::new();
        (&span, &found).hash(&mut hasher);
        if !notes.seen.insert(hasher.finish()) {
            return;
        }
        let place = (span.start, notes.seen.len());
        if notes.first.len() == MOST_TOLD && notes.first.last_key_value().is_some_and(|(last, _)| *last < place) {
            return;
        }
        let (expected, remedy) = rest();
        let [found, expected, remedy] = [found, expected, remedy].map(|text| shortened(&text, LONGEST).into_owned());
        notes.first.insert(place, Note { span, found, expected, remedy });
        if notes.first.len() > MOST_TOLD {
            notes.first.pop_last();
        }
    }

    fn place(&self, span: &Range<usize>) -> String {
        let before = self.text.get(..span.start).unwrap_or(&self.text);
        let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        format!("line {line}, column {column}")
    }

    /// Something that is worth a word and stops nothing.
    pub fn warning(&self, span: &Range<usize>, what: &str) -> String {
        format!("{}, {}: {what}", self.file.display(), self.place(span))
    }

    /// Whether nothing has been noted.
    pub fn is_sound(&self) -> bool {
        self.notes.borrow().seen.is_empty()
    }

    /// The first defects in the order of their places, and how many more there are.
    pub fn into_defects(self) -> Vec<Defect> {
        let notes = self.notes.take();
        let told = notes.first.into_values();
        let told = told.map(|note| self.defect(&note.span, note.found).expected(note.expected).remedy(note.remedy));
        let mut defects: Vec<Defect> = told.collect();
        let more = notes.seen.len() - defects.len();
        if more > 0 {
            defects.push(Defect::new(&self.file, "", format!("and {}", counted(more, "more defect"))));
        }
        defects
    }

    /// Notes that something is of the wrong type or value.
    pub fn mismatch(&self, value: &Spanned<DeValue<'_>>, expected: impl Into<String>) {
        self.note(value.span(), describe(value.get_ref()), expected, "");
    }

    /// Notes a word that is not among those known, with the nearest of them.
    pub fn unknown(&self, span: Range<usize>, kind: &str, word: &str, known: &[&str]) {
        let found = format!("unknown {kind} `{}`", short(word));
        self.note_with(span, found, || (one_of(known), did_you_mean(word, known)));
    }

    pub fn table<'a, 'i>(&self, value: &'a Spanned<DeValue<'i>>, expected: &str) -> Option<&'a DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.mismatch(value, expected);
        }
        table
    }

    pub fn string<'a>(&self, value: &'a Spanned<DeValue<'_>>, expected: &str) -> Option<&'a str> {
        let string = value.get_ref().as_str();
        if string.is_none() {
            self.mismatch(value, expected);
        }
        string
    }

    /// Notes every key of a table that is not known.
    pub fn only_keys(&self, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            self.unknown(key.span(), "key", key.get_ref(), known);
        }
    }
}

/// As much of a value as tells a reader which one it is.
pub fn short(text: &str) -> Cow<'_, str> {
    shortened(text, 80)
}

/// A value as a reader of the file would name it.
pub fn describe(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the string {:?}", short(text)),
        DeValue::Integer(number) => format!("the number {}", short(number.as_str())),
        DeValue::Float(number) => format!("the number {}", short(number.as_str())),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(_) => "a date".into(),
        DeValue::Array(list) if list.is_empty() => "an empty list".into(),
        DeValue::Array(_) => "a list".into(),
        DeValue::Table(_) => "a table".into(),
    }
}

/// An integer of at least 0.
pub fn integer(value: &DeValue<'_>) -> Option<u64> {
    let number = value.as_integer()?;
    u64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok()
}

/// A scalar as text: strings as they are, numbers and truth values as written.
pub fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(_) => integer(value).map(|number| number.to_string()),
        DeValue::Float(number) => Some(number.as_str().to_string()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_defects_by_place_are_told_each_once_whenever_they_are_noted_and_the_rest_counted() {
        let document = Document::new("s.toml", "x\n".repeat(500));
        for line in (0..250).rev().chain(0..250) {
            document.note(2 * line..2 * line + 1, format!("{line}"), "", "");
        }
        assert!(!document.is_sound());
        let defects = document.into_defects();
        let told: Vec<&str> = defects.iter().map(|defect| defect.found.as_str()).collect();
        assert_eq!(told[..MOST_TOLD], (0..MOST_TOLD).map(|line| line.to_string()).collect::<Vec<_>>());
        assert_eq!(told[MOST_TOLD..], ["and 150 more defects"]);
        assert_eq!(&*defects[99].place, "line 100, column 1");
    }
}
