//! CSV: `op` (a name or number), `address` and `length` (decimal, or hexadecimal after 0x), `process`, `thread`, `time`
//! (nanoseconds), in columns that a header names or the user points to. Other columns and any order are fine; a field
//! may be quoted but holds no line break.

use super::buffer::RowBuffer;
use super::columns::{CsvColumns, FoundColumn, FoundColumns};
use super::parse::{Bad, Parse};
use super::text::{decimal, hexadecimal, whole_line};
use crate::trace::check::Unsound;
use crate::trace::input::shown;
use crate::trace::{Op, Row};
use csv::ByteRecord;

/// What operations are called, beside their own names.
const WORDS: [(&str, Op); 9] = [
    ("r", Op::Load),
    ("w", Op::Store),
    ("read", Op::Load),
    ("write", Op::Store),
    ("ld", Op::Load),
    ("st", Op::Store),
    ("l", Op::Load),
    ("s", Op::Store),
    ("i", Op::Fetch),
];

/// Whether a line names the columns that every trace needs.
pub fn is_header(line: &[u8]) -> bool {
    let has = |fields: &[&[u8]], name: &str| fields.iter().any(|field| field.eq_ignore_ascii_case(name.as_bytes()));
    with_fields(line, &mut Vec::new(), |fields| Ok(has(fields, "op") && has(fields, "address"))).unwrap_or(false)
}

/// Where each column is, once the first line was read.
pub struct Csv {
    columns: CsvColumns,
    places: Option<FoundColumns>,
    /// Fields of the first line, and so of every line.
    fields: usize,
}

impl Csv {
    /// A file with its columns there, or called as those of a trace.
    pub fn new(columns: Option<CsvColumns>) -> Csv {
        Csv { columns: columns.unwrap_or_else(CsvColumns::by_own_names), places: None, fields: 0 }
    }

    fn take(&mut self, fields: &[&[u8]], rows: &mut RowBuffer) -> Result<(), Unsound> {
        let places = match self.places {
            Some(places) => places,
            None => {
                self.fields = fields.len();
                let places = *self.places.insert(self.columns.find(fields)?);
                if self.columns.need_header() {
                    return Ok(());
                }
                places
            }
        };
        if fields.len() != self.fields {
            return Err(bad(
                format!("{} fields where the first line has {}", fields.len(), self.fields),
                "a field for each column",
            ));
        }
        let (row, time) = row(fields, &places)?;
        rows.push_at(row, time)
    }
}

impl Parse for Csv {
    fn parse(&mut self, block: &[u8], rows: &mut RowBuffer) -> Result<(), Bad> {
        let (mut rest, mut index, mut fields) = (block, 0, Vec::new());
        while !rest.is_empty() {
            let (line, after) = whole_line(rest);
            if !line.is_empty() {
                with_fields(line, &mut fields, |fields| self.take(fields, rows))
                    .map_err(|unsound| Bad { index, unsound })?;
            }
            rest = after;
            index += 1;
        }
        Ok(())
    }

    fn found(&self) -> Vec<(&'static str, String)> {
        let said = self.columns.text();
        if said.is_empty() { Vec::new() } else { vec![("columns", said.to_string())] }
    }
}

/// Splits a line into trimmed fields and hands them on. `held` is room for them, used again from line to line.
fn with_fields<'a, T>(
    line: &'a [u8],
    held: &mut Vec<&'a [u8]>,
    then: impl FnOnce(&[&[u8]]) -> Result<T, Unsound>,
) -> Result<T, Unsound> {
    held.clear();
    match line.iter().filter(|&&byte| byte == b'"').count() {
        0 => {
            held.extend(line.split(|&byte| byte == b',').map(<[u8]>::trim_ascii));
            return then(held);
        }
        quotes if quotes % 2 == 0 => {}
        _ => return Err(bad("a quote that nothing closes".into(), "two quotes around a field, on one line")),
    }
    let mut record = ByteRecord::new();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(line);
    match reader.read_byte_record(&mut record) {
        Ok(_) => then(&record.iter().collect::<Vec<_>>()),
        Err(error) => Err(bad(error.to_string(), "fields separated by commas")),
    }
}

/// A row, and its time.
fn row(fields: &[&[u8]], FoundColumns(places): &FoundColumns) -> Result<(Row, Option<u64>), Unsound> {
    let [op, address, length, process, thread, time] = *places;
    let field = |place: Option<FoundColumn>| {
        place.map(|place| (fields[place.index], place.hexadecimal)).filter(|(field, _)| !field.is_empty())
    };
    let op = self::op(field(op).map_or(b"", |(field, _)| field))?;
    let length = match field(length) {
        Some(length) => number(length)?,
        None => match op {
            Op::Load | Op::Store | Op::Fetch => 1,
            Op::Exit => 0,
            Op::Map | Op::Unmap | Op::Protect | Op::Fork => {
                return Err(bad(format!("{} without a length", op.name()), "the length of the range, or the child"));
            }
        },
    };
    let row = Row {
        op,
        address: number(field(address).unwrap_or((b"", false)))?,
        length,
        process: field(process).map_or(Ok(0), id)?,
        thread: field(thread).map_or(Ok(0), id)?,
    };
    let time = field(time).map(number).transpose();
    let whole = |unsound| Unsound { expected: "a time in whole nanoseconds, or a --columns without `time`", ..unsound };
    Ok((row, time.map_err(whole)?))
}

fn op(field: &[u8]) -> Result<Op, Unsound> {
    let is = |name: &str| field.eq_ignore_ascii_case(name.as_bytes());
    let by_name = || Op::ALL.into_iter().find(|op| is(op.name()));
    let by_word = || WORDS.iter().find(|(word, _)| is(word)).map(|&(_, op)| op);
    let by_number = || number((field, false)).ok().and_then(|number| Op::from_number(u8::try_from(number).ok()?));
    by_name().or_else(by_word).or_else(by_number).ok_or_else(|| {
        bad(
            format!("op {}", shown(field)),
            "load, store, fetch, map, unmap, protect, fork or exit, or its number from 0 to 7",
        )
    })
}

/// The number in a field, which may be hexadecimal without saying so.
fn number((field, without_0x): (&[u8], bool)) -> Result<u64, Unsound> {
    let said = matches!(field, [b'0', b'x' | b'X', ..]);
    match if said || without_0x { hexadecimal(field) } else { decimal(field) } {
        Some((number, b"")) => Ok(number),
        // Twenty digits may be a number below 2^64 still.
        _ => std::str::from_utf8(field)
            .ok()
            .filter(|text| !said && !without_0x && !text.starts_with('+'))
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| {
                bad(format!("number {}", shown(field)), "a number below 2^64, decimal or 0x and hexadecimal")
            }),
    }
}

fn id(field: (&[u8], bool)) -> Result<u32, Unsound> {
    let number = number(field)?;
    u32::try_from(number).map_err(|_| bad(format!("id {number}"), "a process or thread id below 2^32"))
}

fn bad(found: String, expected: &'static str) -> Unsound {
    Unsound { found, expected }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::import::Only;

    fn rows(blocks: &[&str]) -> Result<Vec<Row>, u64> {
        let (mut table, mut rows) = (Csv::new(None), RowBuffer::new(Only::All));
        for block in blocks {
            table.parse(block.as_bytes(), &mut rows).map_err(|bad| bad.index)?;
        }
        Ok(rows.rows)
    }

    #[test]
    fn columns_go_by_name_over_all_blocks() {
        let read = rows(&["address,note,OP,process\n0x1000,x,load,7\n", "8192,y,1,7\n"]).unwrap();
        let row = |op, address| Row { op, address, length: 1, process: 7, thread: 0 };
        assert_eq!(read, [row(Op::Load, 0x1000), row(Op::Store, 8192)]);
    }

    #[test]
    fn calls_keep_their_lengths() {
        let read = rows(&["op,address,length,process,thread\nmap,4096,8192,1,2\nfork,0,5,1,2\nexit,0,,5,2\n"]).unwrap();
        assert_eq!(read.iter().map(|row| row.length).collect::<Vec<_>>(), [8192, 5, 0]);
        assert!(read.iter().all(|row| row.thread == 2));
    }

    #[test]
    fn a_bad_line_is_named_by_its_place() {
        let header = "op,address,length,process\n";
        for bad in [
            "load",
            "lod,1,1,1",
            "9,1,1,1",
            "load,x,1,1",
            "load,1,1,4294967296",
            "map,4097,1,1",
            "map,4096,,1",
            "fork,0,1,1",
            "load,-1,1,1",
            "load,+1,1,1",
            "load,0x,1,1",
            "load,0x100000000000000,8,1",
            "load,0,99999,1",
            "load,0,0,1",
            "load,\"0,8,1",
            "load,0,8,1\"",
        ] {
            assert_eq!(rows(&[&format!("{header}load,0,1,1\n{bad}\n")]), Err(2), "{bad}");
        }
        assert_eq!(rows(&["op,adress\n1,2\n"]), Err(0), "the header itself");
    }
}
