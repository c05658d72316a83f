//! A TOML file with the places of everything in it, and the defects found so far.

use crate::error::{Defect, Excerpt, Result};
use crate::words::{did_you_mean, one_of};
use std::cell::RefCell;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A file's text and what is wrong with it.
#[derive(Debug)]
pub struct Document {
    pub file: PathBuf,
    pub text: String,
    defects: RefCell<Vec<(usize, Defect)>>,
}

impl Document {
    pub fn new(file: impl Into<PathBuf>, text: impl Into<String>) -> Document {
        Document { file: file.into(), text: text.into(), defects: RefCell::default() }
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
        let defect = self.defect(&span, found).expected(expected).remedy(remedy);
        let mut defects = self.defects.borrow_mut();
        if !defects.iter().any(|(_, noted)| *noted == defect) {
            defects.push((span.start, defect));
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
        self.defects.borrow().is_empty()
    }

    /// All defects, in the order of their places.
    pub fn into_defects(self) -> Vec<Defect> {
        let mut defects = self.defects.into_inner();
        defects.sort_by_key(|(start, _)| *start);
        defects.into_iter().map(|(_, defect)| defect).collect()
    }

    /// Notes that something is of the wrong type or value.
    pub fn mismatch(&self, value: &Spanned<DeValue<'_>>, expected: impl Into<String>) {
        self.note(value.span(), describe(value.get_ref()), expected, "");
    }

    /// Notes a word that is not among those known, with the nearest of them.
    pub fn unknown(&self, span: Range<usize>, kind: &str, word: &str, known: &[&str]) {
        let remedy = did_you_mean(word, known);
        self.note(span, format!("unknown {kind} `{word}`"), one_of(known), remedy);
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

/// A value as a reader of the file would name it.
pub fn describe(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the string {text:?}"),
        DeValue::Integer(number) => format!("the number {}", number.as_str()),
        DeValue::Float(number) => format!("the number {}", number.as_str()),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(_) => "a date".into(),
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
