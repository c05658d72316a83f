//! Standard output, and progress on standard error.

use super::terminal::wrapped;
use crate::error::{Error, Result};
use crate::words::{counted, plain};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fmt::Display;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};

/// Writes to standard output. That nobody reads to the end (`… | head`) is no error.
pub fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut out = Plain(BufWriter::new(io::stdout().lock()));
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::failed("write to standard output", error)),
        _ => Ok(()),
    }
}

/// Says something on standard error. If that is closed, nobody is there to be told.
pub fn say(text: impl Display) {
    let _ = writeln!(Plain(io::stderr()), "{text}");
}

/// Says what is worth a word and stops nothing.
pub fn warn(text: impl Display) {
    let text = format!("analyze: warning: {text}");
    // A log has a line for each.
    if io::stderr().is_terminal() { say(wrapped(&text, "  ").trim_end()) } else { say(text) }
}

/// Passes text on as [`plain`].
struct Plain<W>(W);

impl<W: Write> Write for Plain<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(plain(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A count of rows, shown on standard error if it is a terminal: with an end where it is known.
pub fn rows_bar(expected: Option<u64>, doing: &str) -> ProgressBar {
    let template = match expected {
        Some(_) => "{msg} {wide_bar} {percent:>3} %, {eta} left",
        None => "{msg} {spinner} {human_pos} rows",
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::with_draw_target(expected, ProgressDrawTarget::stderr());
    bar.set_style(style);
    bar.set_message(doing.to_string());
    bar
}

/// An integer with its digits in groups of three: `5_000_000`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join("_")
}

/// `1 row`, `5_000_000 accesses`.
pub fn many(number: u64, one: &str) -> String {
    counted(grouped(number), one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_speaks_to_the_terminal() {
        let mut out = Plain(Vec::new());
        out.write_all("a\x1b[31mb\tc\n\u{9b}1mä\u{7f}\0".as_bytes()).unwrap();
        assert_eq!(String::from_utf8(out.0).unwrap(), "a\\u{1b}[31mb\tc\n\\u{9b}1mä\\u{7f}\\0");
    }

    #[test]
    fn digits_are_grouped_by_three() {
        assert_eq!([0, 999, 1000, 5_000_000].map(grouped), ["0", "999", "1_000", "5_000_000"]);
    }
}
