//! What can go wrong, said so that it can be mended: the file, the place, what was found, what was expected, the remedy.

use std::fmt;
use std::ops::Range;
use std::path::Path;

/// A line of a text file, and what of it is at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// From 1.
    pub line: usize,
    /// The line, without its end; of a long one, what stands around the fault.
    pub text: String,
    /// In bytes of the line; it may be empty, and never reaches beyond the line.
    pub span: Range<usize>,
}

impl Excerpt {
    /// The line where `span` of `text` begins, and the span as far as that line goes; `None` where the text has no such place.
    pub fn new(text: &str, span: Range<usize>) -> Option<Excerpt> {
        let (before, after) = (text.get(..span.start)?, text.get(span.start..)?);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let end = span.start + after.find('\n').unwrap_or(after.len());
        let line = text.get(start..end)?;
        let line = line.strip_suffix('\r').unwrap_or(line);
        let within = |at: usize| (at - start).min(line.len());
        let span = within(span.start)..within(span.end.max(span.start));
        Some(Excerpt::around(before.matches('\n').count() + 1, line, span))
    }

    /// As much of a line as is worth showing.
    fn around(number: usize, line: &str, span: Range<usize>) -> Excerpt {
        /// Bytes of a line, and of what stands before the fault.
        const LONGEST: usize = 200;
        const BEFORE: usize = 60;
        const CUT: &str = "…";
        if line.len() <= LONGEST {
            return Excerpt { line: number, text: line.into(), span };
        }
        let from = line.floor_char_boundary(span.start.saturating_sub(BEFORE));
        let to = line.floor_char_boundary(from + LONGEST);
        let mark = |is_cut: bool| if is_cut { CUT } else { "" };
        let text = format!("{}{}{}", mark(from > 0), &line[from..to], mark(to < line.len()));
        let shown = |at: usize| (at.min(to) - from) + mark(from > 0).len();
        Excerpt { line: number, span: shown(span.start)..shown(span.end), text }
    }
}

/// One thing wrong with what the user gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// The file (or `stdin`, or the flag) that holds it.
    pub file: String,
    /// Where in the file: `line 3, column 5`, `row 17`, `byte 4096`; empty where the whole file is meant.
    pub place: Box<str>,
    /// What was found.
    pub found: String,
    /// What was expected in its place.
    pub expected: String,
    /// What to do about it; may be empty where `expected` says it.
    pub remedy: String,
    /// The line to show, where there is one.
    pub excerpt: Option<Box<Excerpt>>,
}

impl Defect {
    /// What was found where: `place` is a line and column, a row, a key, or empty for the whole file.
    pub fn new(file: impl AsRef<Path>, place: impl Into<String>, found: impl Into<String>) -> Defect {
        Defect {
            file: file.as_ref().display().to_string(),
            place: place.into().into_boxed_str(),
            found: found.into(),
            expected: String::new(),
            remedy: String::new(),
            excerpt: None,
        }
    }

    /// What would have been right.
    pub fn expected(mut self, expected: impl Into<String>) -> Defect {
        self.expected = expected.into();
        self
    }

    /// What to do about it.
    pub fn remedy(mut self, remedy: impl Into<String>) -> Defect {
        self.remedy = remedy.into();
        self
    }

    /// The line that is wrong, underlined.
    pub fn excerpt(mut self, excerpt: Option<Excerpt>) -> Defect {
        self.excerpt = excerpt.map(Box::new);
        self
    }

    /// The first line of the message: where, and what was found.
    pub fn headline(&self) -> String {
        let comma = if self.place.is_empty() { "" } else { ", " };
        format!("{}{comma}{}: {}", self.file, self.place, self.found)
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.headline())?;
        if !self.expected.is_empty() {
            write!(f, "\n  expected: {}", self.expected)?;
        }
        if !self.remedy.is_empty() {
            write!(f, "\n  remedy: {}", self.remedy)?;
        }
        Ok(())
    }
}

/// Why a command could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input is at fault. All defects that were found, in the order of their places. Exit code 2.
    #[error("{}", .0.iter().map(Defect::to_string).collect::<Vec<_>>().join("\n"))]
    Input(Vec<Defect>),
    /// The machine is at fault: a full disk, a folder that cannot be written. Exit code 1.
    #[error("could not {doing}: {cause}")]
    Failed { doing: String, cause: String },
    /// Results are worse than those that they were held against, as said. Exit code 3.
    #[error("regression: {0}")]
    Regression(String),
}

impl Error {
    /// A failure to do something, with its cause.
    pub fn failed(doing: impl Into<String>, cause: impl fmt::Display) -> Error {
        Error::Failed { doing: doing.into(), cause: cause.to_string() }
    }

    /// The exit code of the program: 2 for bad input, 1 for a failure, 3 for a regression.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Input(_) => 2,
            Error::Failed { .. } => 1,
            Error::Regression(_) => 3,
        }
    }
}

impl From<Defect> for Error {
    fn from(defect: Defect) -> Error {
        Error::Input(vec![defect])
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(text: &str, span: Range<usize>) -> (usize, String, Range<usize>) {
        let found = Excerpt::new(text, span).unwrap();
        (found.line, found.text, found.span)
    }

    #[test]
    fn an_excerpt_is_the_first_line_of_its_span() {
        assert_eq!(excerpt("a = 1\nbc = 2\n", 6..8), (2, "bc = 2".into(), 0..2));
        assert_eq!(excerpt("a = [\n1,\n]\n", 4..10), (1, "a = [".into(), 4..5), "of many lines");
        assert_eq!(excerpt("a = 1\r\nb = 2\r\n", 4..7), (1, "a = 1".into(), 4..5), "lines that end as on Windows");
        assert_eq!(excerpt("a = ", 4..4), (1, "a = ".into(), 4..4), "at the end");
        let long = format!("a = 1\n{}bad{}\n", "ä".repeat(400), "x".repeat(400));
        let (line, text, span) = excerpt(&long, 806..809);
        assert_eq!((line, &text[span], text.starts_with("…ä"), text.ends_with("x…")), (2, "bad", true, true));
        assert!(text.len() < 210, "{text}");
        assert_eq!(excerpt(&long, 806..1209).1, text, "a fault that goes beyond it");
        assert_eq!(Excerpt::new("a", 5..6), None);
        assert_eq!(Excerpt::new("ä", 1..2), None, "within a character");
    }
}
