//! Applying a key of a file, and what is told where it cannot be.

use super::key::{Key, alternatives, find, is_table, stranger};
use super::{Refusal, Settings};
use crate::sweep::axes::Assignment;
use crate::sweep::document::{Document, describe, short};
use crate::words::did_you_mean;

/// Applies one key to the settings, and notes what is wrong with it.
pub fn apply(document: &Document, settings: &mut Settings, may: fn(&Key) -> bool, assignment: &Assignment) {
    let (key, value) = (assignment.key.as_str(), assignment.value);
    let outcome = find(key, may).ok_or(Refusal::UnknownKey).and_then(|_| settings.set(key, value.get_ref()));
    match outcome {
        Ok(()) => {}
        Err(Refusal::Value(found, expected)) => document.note(value.span(), format!("{key}: {found}"), expected, ""),
        Err(Refusal::UnknownKey) if is_table(key, may) => {
            let found = format!("{}: {}", short(key), describe(value.get_ref()));
            document.note(value.span(), found, "a table", "`analyze presets show nehalem` prints one");
        }
        Err(Refusal::UnknownKey) => {
            document.note_with(value.span(), format!("unknown key `{}`", short(key)), || {
                let remedy = stranger(key, may).map(|(word, known)| did_you_mean(word, &known)).unwrap_or_default();
                (alternatives(key, may), remedy)
            });
        }
    }
}
