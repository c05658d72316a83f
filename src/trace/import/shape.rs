//! Lines of text that one regular expression tells: what its groups are named is what they hold.

use super::buffer::{RowBuffer, assumed_length};
use super::parse::{Bad, Parse};
use super::text::{Line, decimal, each_whole_line, hexadecimal, number};
use crate::trace::check::Unsound;
use crate::trace::{Op, Row};
use regex::bytes::{Captures, Regex, RegexBuilder};

/// What a group may be called, and so hold.
pub const GROUPS: [&str; 9] = ["process", "thread", "op", "address", "hex", "written", "length", "hex_length", "time"];

/// The operation that a word stands for.
type Words = Box<dyn Fn(&[u8]) -> Option<Op>>;

/// Takes a number from the start of a text.
type Number = fn(&[u8]) -> Option<(u64, &[u8])>;

/// How lines of a format look.
pub struct Shape {
    line: Regex,
    /// Of lines that stand between them.
    remark: Option<Regex>,
    /// Whether the expression has a group for each of [`GROUPS`].
    has: [bool; GROUPS.len()],
    /// The operation that a word stands for.
    op: Words,
    /// What a line is whose word stands for none.
    no_access: &'static str,
    /// Whether the user knows better than the word.
    guessed: bool,
    /// What a line should have been.
    expected: &'static str,
}

impl Shape {
    /// `line` is matched against whole lines, without blanks around them, in upper or lower case.
    ///
    /// # Errors
    /// What is wrong with the expression.
    pub fn new(line: &str, expected: &'static str) -> Result<Shape, regex::Error> {
        let line = whole(line)?;
        let has = GROUPS.map(|group| line.capture_names().flatten().any(|name| name == group));
        let op = Box::new(crate::trace::words::op);
        Ok(Shape { line, remark: None, has, op, no_access: "what is no access", guessed: false, expected })
    }

    /// The shape of a format that the program knows.
    #[expect(clippy::expect_used, reason = "a test reads a sample by each expression")]
    pub fn known(line: &str, expected: &'static str) -> Shape {
        Shape::new(line, expected).expect("an expression of our own")
    }

    #[expect(clippy::expect_used, reason = "a test reads a sample by each expression")]
    pub fn with_remarks(self, remark: &str) -> Shape {
        Shape { remark: Some(whole(remark).expect("an expression of our own")), ..self }
    }

    /// Words of its own, and what a line is whose word is none of them.
    pub fn with_ops(self, op: impl Fn(&[u8]) -> Option<Op> + 'static, no_access: &'static str) -> Shape {
        Shape { op: Box::new(op), no_access, ..self }
    }

    /// One whose words leave it to the user to know better.
    pub fn guessed(self) -> Shape {
        Shape { guessed: true, ..self }
    }

    fn take(&self, line: &[u8], rows: &mut RowBuffer) -> Result<(), Unsound> {
        let line = line.trim_ascii();
        if let Some(fields) = self.line.captures(line) {
            return self.row(&fields, rows);
        }
        match &self.remark {
            Some(remark) if remark.is_match(line) => Ok(()),
            _ => Err(Unsound { found: "no line of this format".into(), expected: self.expected }),
        }
    }

    fn row(&self, fields: &Captures<'_>, rows: &mut RowBuffer) -> Result<(), Unsound> {
        let field = |name: &str| {
            let index = GROUPS.iter().position(|group| *group == name)?;
            self.has[index].then(|| fields.name(name))?.map(|found| found.as_bytes())
        };
        let read = |name: &str, read: Number| match field(name) {
            None => Ok(None),
            Some(text) => match read(text) {
                Some((number, b"")) => Ok(Some(number)),
                _ => Err(Unsound { found: format!("a {name} of 2^64 or more"), expected: self.expected }),
            },
        };
        let id = |name: &str, otherwise| match read(name, decimal)? {
            None => Ok(otherwise),
            Some(id) => u32::try_from(id)
                .map_err(|_| Unsound { found: format!("{name} {id}"), expected: "a process or thread id below 2^32" }),
        };
        let Some(address) = read("address", number)?.or(read("hex", hexadecimal)?) else {
            return Err(Unsound { found: "no address".into(), expected: self.expected });
        };
        let length = read("length", number)?.or(read("hex_length", hexadecimal)?);
        let (process, thread, time) = (id("process", 1)?, id("thread", 0)?, read("time", decimal)?);
        let row = |op: Op, address| {
            let length = length.unwrap_or_else(|| if op == Op::Fetch { 1 } else { assumed_length(address) });
            Row { op, address, length, process, thread }
        };
        let first = match field("op") {
            None => Line::Untold(row(Op::Load, address), time),
            Some(word) => match (self.op)(word) {
                Some(op) if self.guessed => Line::Guessed(row(op, address), time),
                Some(op) => Line::At(row(op, address), time),
                None => Line::LeftOut(self.no_access),
            },
        };
        rows.take(first)?;
        match read("written", number)? {
            Some(address) => rows.take(Line::At(row(Op::Store, address), time)),
            None => Ok(()),
        }
    }
}

/// An expression for whole lines, in upper or lower case, of bytes that need not be text.
fn whole(expression: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(&format!("^(?:{expression})$")).unicode(false).case_insensitive(true).build()
}

impl Parse for Shape {
    fn parse(&mut self, block: &[u8], rows: &mut RowBuffer) -> Result<(), Bad> {
        each_whole_line(block, rows, |line, rows| self.take(line, rows))
    }
}
