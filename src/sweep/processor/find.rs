//! Finding processors by name: a file's own, those built in, and files.

use super::Processor;
use super::built_in::{BUILT_IN, SOFTWARE};
use crate::error::{Error, Result};
use crate::sweep::document::{Document, short};
use crate::sweep::{plain, read_text};
use crate::words::{did_you_mean, one_line};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The processors that a file may name.
pub struct Shelf<'a> {
    document: &'a Document,
    /// The file's own, by name.
    own: BTreeMap<&'a str, &'a DeTable<'a>>,
}

impl<'a> Shelf<'a> {
    pub fn new(document: &'a Document, own: BTreeMap<&'a str, &'a DeTable<'a>>) -> Shelf<'a> {
        Shelf { document, own }
    }

    /// The names of all, with that of the sheet beneath them where a base may be named.
    fn known(&self, is_base: bool) -> Vec<&str> {
        let built_in = BUILT_IN.iter().map(|(name, _)| *name).chain(is_base.then_some(SOFTWARE.0));
        self.own.keys().copied().chain(built_in).collect()
    }

    /// What to name one by, in words.
    pub fn expected(&self, is_base: bool) -> String {
        format!("one of {}, or a path to a .toml file", self.known(is_base).join(", "))
    }

    /// Notes what is wrong with the file's own processors, whether they are used or not.
    pub fn check(&self) {
        for (name, table) in &self.own {
            self.read(table, &[name.to_string()]);
        }
    }

    /// The processor of a name or path, at `value`, as the last of a `chain` of bases. If there is none, that is noted.
    pub fn find(&self, value: &Spanned<DeValue<'_>>, word: &str, chain: &[String]) -> Option<Processor> {
        if !check_name(self.document, value.span(), word) {
            return None;
        }
        let path = plain(&self.document.folder().join(word));
        let is_file = word.ends_with(".toml") && !self.own.contains_key(word);
        let step = if is_file { path.display().to_string() } else { word.into() };
        let is_base = !chain.is_empty();
        let chain = [chain, &[step]].concat();
        if let [first @ .., last] = chain.as_slice()
            && first.contains(last)
        {
            let found = format!("bases in a circle: {}", chain.join(" → "));
            self.document.note(value.span(), found, "a processor that does not rest on this one", "");
            return None;
        }
        let read = if let Some(table) = self.own.get(word) {
            return self.read(table, &chain);
        } else if is_base && word == SOFTWARE.0 {
            return Some(Processor::software());
        } else if let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == word) {
            read_file(Path::new(name), text, &chain)
        } else if is_file {
            read_text(&path).and_then(|text| read_file(&path, &text, &chain))
        } else {
            let found = format!("unknown processor `{}`", short(word));
            let rest = || (self.expected(is_base), did_you_mean(word, &self.known(is_base)));
            self.document.note_with(value.span(), found, rest);
            return None;
        };
        read.map_err(|error| self.document.note(value.span(), error.to_string().replace("\n  ", "; "), "", "")).ok()
    }

    /// A processor on its base, at the end of a `chain` of bases; `None` if it has no such base. What is wrong with it is noted.
    pub fn read(&self, table: &DeTable<'_>, chain: &[String]) -> Option<Processor> {
        let base = match table.get("base") {
            Some(value) => value.get_ref().as_str().and_then(|word| self.find(value, word, chain)),
            None if table.contains_key("prices") => Some(Processor::software()),
            // It serves for geometry only.
            None => Some(Processor::default()),
        };
        let has_base = base.is_some();
        let processor = base.unwrap_or_default().with(self.document, table);
        has_base.then_some(processor)
    }
}

/// Whether a name or path can be shown in tables and figures as it is; that it cannot is noted.
pub fn check_name(document: &Document, span: Range<usize>, name: &str) -> bool {
    let shown = one_line(name);
    let sound = shown == name;
    if !sound {
        let found = format!("the processor's name `{}`", short(&shown));
        document.note(span, found, "letters that are seen, on one line", "give it another name");
    }
    sound
}

/// A processor's file.
///
/// # Errors
/// Everything that is wrong with it.
fn read_file(file: &Path, text: &str, chain: &[String]) -> Result<Processor> {
    let document = Document::new(file, text);
    let table = document.parse()?;
    let processor = Shelf::new(&document, BTreeMap::new()).read(&table, chain);
    drop(table);
    let defects = document.into_defects();
    processor.filter(|_| defects.is_empty()).ok_or(Error::Input(defects))
}
