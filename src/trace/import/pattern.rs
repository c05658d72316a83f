//! Lines as the user describes them: `{process} {op:R|W} {address:x} {length}`.

use super::format::Facts;
use super::shape::Shape;
use crate::trace::Op;
use crate::trace::input::Unit;

pub const FACTS: Facts = Facts {
    name: "pattern",
    meaning: "Lines as --pattern describes them, field by field",
    assumed: "what the pattern leaves out: sizes (a load or store is 8 bytes, or fewer up to the end of its page, a fetch \
        1), the process (1), the thread (0); no calls that map or unmap",
    times: "of the pattern's field, taken for ns",
    unit: Unit::Line,
};

const FIELDS: &str = "{process}, {thread}, {op:R|W} with the words for load, store and fetch, {address} or {address:x} for \
                      hexadecimal without 0x, {length}, {length:x}, {time}, or {} for a word that means nothing";
const OPS: [Op; 3] = [Op::Load, Op::Store, Op::Fetch];
const NUMBER: &str = "0x[0-9a-fA-F]+|[0-9]+";
const HEXADECIMAL: &str = "(?:0x)?[0-9a-fA-F]+";

/// A pattern that was found sound.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    expression: String,
    /// The words for load, store and fetch, in so far as they are given.
    words: Vec<String>,
}

impl Pattern {
    /// Reads a pattern. Blanks stand for any number of blanks, and what is not in braces for itself.
    ///
    /// # Errors
    /// What was expected, ready to be shown.
    pub fn parse(text: &str) -> Result<Pattern, String> {
        let (mut expression, mut words, mut rest) = (String::new(), Vec::new(), text.trim());
        while let Some((literal, after)) = rest.split_once('{') {
            literally(&mut expression, literal);
            let (field, after) = after.split_once('}').ok_or(format!("a }} for every {{; fields are {FIELDS}"))?;
            expression += &self::field(field, &mut words)?;
            rest = after;
        }
        literally(&mut expression, rest);
        if !expression.contains("?<address>") && !expression.contains("?<hex>") {
            return Err(format!("a field {{address}} too; fields are {FIELDS}"));
        }
        Shape::new(&expression, "").map_err(|_| "each field once".to_string())?;
        Ok(Pattern { text: text.to_string(), expression, words })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The reader of such lines.
    pub fn shape(&self) -> Shape {
        let words = self.words.clone();
        let op = move |word: &[u8]| {
            let place = words.iter().position(|own| own.as_bytes().eq_ignore_ascii_case(word));
            place.map_or_else(|| crate::trace::words::op(word), |place| Some(OPS[place]))
        };
        Shape::known(&self.expression, "a line as --pattern describes it")
            .with_ops(op, "an operation that is no access")
    }
}

/// What stands for itself, whatever the number of blanks.
fn literally(expression: &mut String, text: &str) {
    let parts: Vec<_> = text.split(|letter: char| letter.is_ascii_whitespace()).map(regex::escape).collect();
    let mut blank = false;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 && !blank {
            *expression += r"\s+";
            blank = true;
        }
        if !part.is_empty() {
            *expression += part;
            blank = false;
        }
    }
}

fn field(field: &str, words: &mut Vec<String>) -> Result<String, String> {
    let (name, kind) = field.split_once(':').unwrap_or((field, ""));
    Ok(match (name.trim(), kind.trim()) {
        ("", "") => r"\S+".to_string(),
        ("process", "") => "(?<process>[0-9]+)".to_string(),
        ("thread", "") => "(?<thread>[0-9]+)".to_string(),
        ("time", "") => "(?<time>[0-9]+)".to_string(),
        ("address", "") => format!("(?<address>{NUMBER})"),
        ("address", "x") => format!("(?<hex>{HEXADECIMAL})"),
        ("length", "") => format!("(?<length>{NUMBER})"),
        ("length", "x") => format!("(?<hex_length>{HEXADECIMAL})"),
        ("op", "") => r"(?<op>[A-Za-z]+)".to_string(),
        ("op", kind) => {
            words.extend(kind.split('|').map(str::to_string));
            if words.len() > OPS.len() || words.iter().any(String::is_empty) {
                return Err("one word each for load, store and perhaps fetch in {op:R|W|I}".to_string());
            }
            let own: Vec<_> = words.iter().map(|word| regex::escape(word)).collect();
            format!("(?<op>{})", own.join("|"))
        }
        _ => return Err(format!("a field, not {{{field}}}: {FIELDS}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Row;
    use crate::trace::import::buffer::{Choices, RowBuffer};
    use crate::trace::import::parse::Parse;

    fn rows(pattern: &str, text: &str) -> Result<Vec<Row>, u64> {
        let mut rows = RowBuffer::new(Choices::default());
        Pattern::parse(pattern).unwrap().shape().parse(text.as_bytes(), &mut rows).map_err(|bad| bad.index)?;
        Ok(rows.rows)
    }

    #[test]
    fn fields_are_read_where_the_pattern_has_them() {
        let read = rows("{process} {op:R|W} {address:x} {length}", "7 R 1000 4\n7   W\tffc 4\r\n").unwrap();
        let row = |op, address| Row { op, address, length: 4, process: 7, thread: 0 };
        assert_eq!(read, [row(Op::Load, 0x1000), row(Op::Store, 0xffc)]);
        let read = rows("[{thread}] {} {op:get|put} @{address}", "[3] x+y put @4096\n").unwrap();
        assert_eq!(read, [Row { op: Op::Store, address: 4096, length: 8, process: 1, thread: 3 }]);
    }

    #[test]
    fn a_line_that_is_not_as_described_is_named_by_its_place() {
        for bad in ["7 R 1000", "7 X 1000 4", "x R 1000 4", "7 R 1000 4 5", "99999999999 R 1000 4"] {
            assert_eq!(
                rows("{process} {op:R|W} {address:x} {length}", &format!("7 R 1000 4\n{bad}\n")),
                Err(1),
                "{bad}"
            );
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in
            ["", "{address", "{op:R|W}", "{adress}", "{address} {address}", "{address:d}", "{op:a|b|c|d} {address}"]
        {
            assert!(Pattern::parse(text).is_err(), "{text:?}");
        }
    }
}
