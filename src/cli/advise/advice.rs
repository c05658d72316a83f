//! What advice is told from, and how its numbers are told.

use crate::advise::{Choice, Study};
use crate::cli::output::grouped;
use crate::trace::summary::Summary;
use std::path::Path;

/// Everything that advice is told from.
pub struct Advice<'a> {
    pub trace: &'a Path,
    pub cpu: String,
    pub summary: &'a Summary,
    pub study: &'a Study<'a>,
    pub choice: Choice<'a>,
    pub out: Option<&'a Path>,
}

/// `1.2 to 3.4 …`, if assumptions move a number.
pub fn range([stated, a, b]: [f64; 3], word: fn(f64) -> String) -> String {
    let (low, high) = (word(a.min(b)), word(a.max(b)));
    if low == high && low == word(stated) {
        return String::new();
    }
    format!("{low} to {high} with assumed prices halved or doubled")
}

/// ` (…)`, where there is something.
pub fn bracketed(text: String) -> String {
    if text.is_empty() { text } else { format!(" ({text})") }
}

/// Three digits or so.
pub fn short(number: f64) -> String {
    match number {
        number if number >= 1000.0 => grouped(number.round() as u64),
        number if number >= 100.0 => format!("{number:.0}"),
        number if number >= 10.0 => format!("{number:.1}"),
        number if number >= 0.01 => format!("{number:.2}"),
        0.0 => "0".into(),
        number => format!("{number:.5}"),
    }
}
