//! How wide the terminal is, and text made to fit it.

use std::io::{self, IsTerminal};
use terminal_size::{Width, terminal_size_of};
use textwrap::{Options, WordSplitter, fill};

/// Lines longer than this are hard to read.
const LONGEST: usize = 100;
/// Where nobody says how wide a line may be.
const USUAL: usize = 80;

/// The columns of the terminal that standard output is, or of `COLUMNS`; `None` where a table may be as wide as it is.
pub fn width() -> Option<usize> {
    let told = || std::env::var("COLUMNS").ok()?.parse().ok().filter(|&columns| columns > 0);
    if !io::stdout().is_terminal() {
        return told();
    }
    let size = terminal_size_of(io::stdout()).map(|(Width(columns), _)| usize::from(columns));
    told().or(size).filter(|&columns| columns > 0)
}

/// Text in lines that fit, those after the first behind `indent`.
pub fn wrapped(text: &str, indent: &str) -> String {
    let width = width().unwrap_or(USUAL).clamp(20, LONGEST);
    // A number stays with its sign.
    let signs = [" %", " ×"];
    let text = signs.iter().fold(text.to_string(), |text, sign| text.replace(sign, &sign.replacen(' ', "\u{a0}", 1)));
    let options = Options::new(width).subsequent_indent(indent).break_words(false);
    fill(&text, options.word_splitter(WordSplitter::NoHyphenation)).replace('\u{a0}', " ") + "\n"
}
