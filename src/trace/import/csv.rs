//! CSV with named columns: `op` (name or number), `address` and `length` (decimal, or hexadecimal after 0x), `process`,
//! `thread`. Other columns and any order are fine; a field may be quoted but holds no line break.

use super::{BadLine, Rows};
use crate::trace::check::Unsound;
use crate::trace::{Op, Row};
use csv::ByteRecord;

/// Whether a line names the columns that every trace needs.
pub fn is_header(line: &[u8]) -> bool {
    records(line).next().is_some_and(|record| record.is_ok_and(|record| columns(&record).is_ok()))
}

/// Where each column is, once the header was read.
#[derive(Default)]
pub struct Table {
    columns: Option<Columns>,
    fields: usize,
}

struct Columns {
    op: usize,
    address: usize,
    length: Option<usize>,
    process: Option<usize>,
    thread: Option<usize>,
}

impl Table {
    pub fn parse(&mut self, block: &[u8], rows: &mut Rows) -> Result<(), BadLine> {
        for record in records(block) {
            let record = record.map_err(|error| BadLine {
                index: error.position().map_or(0, |position| position.line() - 1),
                unsound: bad(error.to_string(), "fields separated by commas"),
            })?;
            let index = record.position().map_or(0, |position| position.line() - 1);
            self.take(&record, rows).map_err(|unsound| BadLine { index, unsound })?;
        }
        Ok(())
    }

    fn take(&mut self, record: &ByteRecord, rows: &mut Rows) -> Result<(), Unsound> {
        let Some(columns) = &self.columns else {
            self.columns = Some(columns(record)?);
            self.fields = record.len();
            return Ok(());
        };
        if record.len() != self.fields {
            return Err(bad(
                format!("{} fields where the header has {}", record.len(), self.fields),
                "a field for each column",
            ));
        }
        let op = op(&record[columns.op])?;
        let optional = |column: Option<usize>| column.map(|column| &record[column]).filter(|field| !field.is_empty());
        let length = match optional(columns.length) {
            Some(field) => number(field)?,
            None if op.is_access() => 1,
            None if op == Op::Exit => 0,
            None => {
                return Err(bad(format!("{} without a length", op.name()), "the length of the range, or the child"));
            }
        };
        rows.push(Row {
            op,
            address: number(&record[columns.address])?,
            length,
            process: optional(columns.process).map_or(Ok(0), id)?,
            thread: optional(columns.thread).map_or(Ok(0), id)?,
        })
    }
}

fn records(block: &[u8]) -> csv::ByteRecordsIntoIter<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(block)
        .into_byte_records()
}

fn columns(header: &ByteRecord) -> Result<Columns, Unsound> {
    let expected = "a header that names the columns op and address and, where known, length, process, thread";
    let find = |name: &str| header.iter().position(|field| field.eq_ignore_ascii_case(name.as_bytes()));
    let need = |name: &str| find(name).ok_or_else(|| bad(format!("no column `{name}`"), expected));
    Ok(Columns {
        op: need("op")?,
        address: need("address")?,
        length: find("length"),
        process: find("process"),
        thread: find("thread"),
    })
}

fn op(field: &[u8]) -> Result<Op, Unsound> {
    let by_name = Op::ALL.into_iter().find(|op| field.eq_ignore_ascii_case(op.name().as_bytes()));
    let by_number = || number(field).ok().and_then(|number| Op::from_number(u8::try_from(number).ok()?));
    by_name.or_else(by_number).ok_or_else(|| {
        bad(
            format!("op {}", super::shown(field)),
            "load, store, fetch, map, unmap, protect, fork or exit, or its number from 0 to 7",
        )
    })
}

fn number(field: &[u8]) -> Result<u64, Unsound> {
    let parsed = std::str::from_utf8(field).ok().and_then(|text| {
        let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(digits) => (digits, 16),
            None => (text, 10),
        };
        digits.starts_with(|first: char| first.is_ascii_hexdigit()).then(|| u64::from_str_radix(digits, radix).ok())?
    });
    parsed.ok_or_else(|| {
        bad(format!("number {}", super::shown(field)), "a number below 2^64, decimal or 0x and hexadecimal")
    })
}

fn id(field: &[u8]) -> Result<u32, Unsound> {
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
        let (mut table, mut rows) = (Table::default(), Rows::new(Only::All));
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
        ] {
            assert_eq!(rows(&[&format!("{header}load,0,1,1\n{bad}\n")]), Err(2), "{bad}");
        }
        assert_eq!(rows(&["op,adress\n1,2\n"]), Err(0), "the header itself");
    }
}
