//! CSV: `op` (a name or number), `address` and `length` (decimal, or hexadecimal after 0x), `process`, `thread`, `time`
//! (nanoseconds), in columns that a header names or the user points to. Other columns and any order are fine; a field
//! may be quoted but holds no line break.

use super::buffer::RowBuffer;
use super::columns::{CsvColumns, FoundColumn, FoundColumns};
use super::format::Facts;
use super::parse::{Bad, Parse};
use super::text::{self, each_whole_line, hexadecimal};
use crate::trace::check::Unsound;
use crate::trace::input::Unit;
use crate::trace::input::shown;
use crate::trace::{Op, Row, words};
use csv::ByteRecord;

pub const FACTS: Facts = Facts {
    name: "csv",
    meaning: "Named columns op, address and, if there, length, process, thread; or see --columns",
    assumed: "a number is decimal unless it begins with 0x or its column is said to be hexadecimal; a missing length \
         is 1 byte, a missing process or thread 0",
    times: "of the file's column, taken for ns",
    unit: Unit::Line,
};

/// Whole numbers below this are exact as fractions of 64 bits.
const EXACT: u64 = 1 << 53;

/// Where each column is, once the first line was read.
pub struct Csv {
    columns: CsvColumns,
    places: Option<FoundColumns>,
    /// Fields of the first line, and so of every line.
    fields: usize,
    /// What parts them; blanks stand for any number of them.
    separator: u8,
}

impl Csv {
    /// A file with its columns there, or called as those of a trace.
    pub fn new(columns: Option<CsvColumns>) -> Csv {
        Csv { columns: columns.unwrap_or_else(CsvColumns::by_own_names), places: None, fields: 0, separator: b',' }
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
        let mut fields = Vec::new();
        each_whole_line(block, rows, |line, rows| {
            if self.places.is_none() {
                self.separator = separator(line);
            }
            with_fields(line, self.separator, &mut fields, |fields| self.take(fields, rows))
        })
    }

    fn found(&self) -> Vec<(&'static str, String)> {
        let said = self.columns.text();
        if said.is_empty() { Vec::new() } else { vec![("columns", said.to_string())] }
    }
}

/// What parts the fields of the first line: a comma, else a semicolon or a tab, else blanks.
fn separator(line: &[u8]) -> u8 {
    *b",;\t".iter().find(|&separator| line.contains(separator)).unwrap_or(&b' ')
}

/// Splits a line into trimmed fields and hands them on. `held` is room for them, used again from line to line.
fn with_fields<'a, T>(
    line: &'a [u8],
    separator: u8,
    held: &mut Vec<&'a [u8]>,
    then: impl FnOnce(&[&[u8]]) -> Result<T, Unsound>,
) -> Result<T, Unsound> {
    held.clear();
    match line.iter().filter(|&&byte| byte == b'"').count() {
        0 if separator == b' ' => {
            held.extend(line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()));
            return then(held);
        }
        0 => {
            held.extend(line.split(|&byte| byte == separator).map(<[u8]>::trim_ascii));
            return then(held);
        }
        quotes if quotes % 2 == 0 => {}
        _ => return Err(bad("a quote that nothing closes".into(), "two quotes around a field, on one line")),
    }
    let mut record = ByteRecord::new();
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).delimiter(separator).trim(csv::Trim::All).from_reader(line);
    match reader.read_byte_record(&mut record) {
        Ok(_) => then(&record.iter().collect::<Vec<_>>()),
        Err(error) => Err(bad(error.to_string(), "fields parted as the first line's are")),
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
        address: self::address(field(address).unwrap_or((b"", false)))?,
        length,
        process: field(process).map_or(Ok(0), id)?,
        thread: field(thread).map_or(Ok(0), id)?,
    };
    let time = field(time).map(number).transpose();
    let whole = |unsound| Unsound { expected: "a time in whole nanoseconds, or a --columns without `time`", ..unsound };
    Ok((row, time.map_err(whole)?))
}

fn op(field: &[u8]) -> Result<Op, Unsound> {
    let by_number = || number((field, false)).ok().and_then(|number| Op::from_number(u8::try_from(number).ok()?));
    words::op(field).or_else(by_number).ok_or_else(|| {
        bad(
            format!("op {}", shown(field)),
            "load, store, fetch, map, unmap, protect, fork or exit, or its number from 0 to 7",
        )
    })
}

/// An address. Tools that have no unsigned numbers print the upper half as negative ones.
fn address(field: (&[u8], bool)) -> Result<u64, Unsound> {
    match std::str::from_utf8(field.0).ok().filter(|text| text.starts_with('-')).and_then(|text| text.parse().ok()) {
        Some(negative) => Ok(i64::cast_unsigned(negative)),
        None => number(field),
    }
}

/// The number in a field, which may be hexadecimal without saying so, or one that a tool took for a fraction.
fn number((field, without_0x): (&[u8], bool)) -> Result<u64, Unsound> {
    let read = if without_0x { hexadecimal(field) } else { text::number(field) };
    match read {
        Some((number, b"")) => Ok(number),
        Some((number, [b'.', zeros @ ..])) if number < EXACT && zeros.iter().all(|&digit| digit == b'0') => Ok(number),
        _ => Err(bad(
            format!("number {}", shown(field)),
            "a number below 2^64, decimal, or hexadecimal after 0x; --columns COLUMN=PLACE:hex reads hexadecimal without 0x",
        )),
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
    use crate::trace::import::buffer::Choices;

    fn rows(blocks: &[&str]) -> Result<Vec<Row>, u64> {
        let (mut table, mut rows) = (Csv::new(None), RowBuffer::new(Choices::default()));
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
    fn fields_may_be_parted_by_semicolons_tabs_or_blanks() {
        for by in [";", "\t", " ", "  "] {
            let text =
                ["op,address,length", "rd,0x1000,4", "WR,-8,8", "load,8192.0,0"].map(|line| line.replace(',', by));
            let read = rows(&[&(text.join("\r\n") + "\n\n")]).unwrap();
            let read: Vec<_> = read.iter().map(|row| (row.op, row.address)).collect();
            assert_eq!(read, [(Op::Load, 0x1000), (Op::Store, 8_u64.wrapping_neg())], "{by:?}; 0 bytes are left out");
        }
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
            "load,-1,1,-1",
            "load,1.5,1,1",
            "load,+1,1,1",
            "load,0x,1,1",
            "load,0x100000000000000,8,1",
            "load,0,99999,1",
            "load,\"0,8,1",
            "load,0,8,1\"",
        ] {
            assert_eq!(rows(&[&format!("{header}load,0,1,1\n{bad}\n")]), Err(2), "{bad}");
        }
        assert_eq!(rows(&["op,adress\n1,2\n"]), Err(0), "the header itself");
    }
}
