//! Rows to the pages of one row group. A trace is written as fast as a program is recorded, so what a general writer
//! finds out by trying is settled here: addresses are stored as they are, since zstd shortens them better and faster
//! than a dictionary does, and the other columns, which hold few values, as indices into dictionaries.

use super::COLUMNS;
use super::delta;
use super::dictionary::{Dictionary, Values};
use super::varint::varint;
use crate::trace::Row;
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::compression::Compression;
use polars_parquet::parquet::page::{CompressedDataPage, CompressedDictPage, DataPageHeader, DataPageHeaderV1};
use polars_parquet::write::{CompressedPage, Descriptor, Encoding};
use std::cell::RefCell;
use std::io;
use zstd::bulk::Compressor;

/// The pages of each column of a row group.
pub type Pages = [Vec<CompressedPage>; COLUMNS.len()];

/// Makes them, the columns' descriptors given in their order: a page of data each, and one of its dictionary.
pub fn pages(rows: &[Row], columns: &[Descriptor; COLUMNS.len()], level: i32) -> io::Result<Pages> {
    let group = Group { dictionaries: Dictionaries::of(rows), columns };
    with_press(level, |press| {
        let mut pages = group.dictionary_pages(press)?;
        pages.iter_mut().zip(group.data_pages(rows, press)?).for_each(|(column, page)| column.push(page));
        Ok(pages)
    })
}

/// The page of the times of a row group.
pub fn time_page(times: &[u64], column: &Descriptor, level: i32) -> io::Result<CompressedPage> {
    with_press(level, |press| {
        start_levels(&mut press.bytes, times.len());
        delta::append(&mut press.bytes, times);
        finished(press, times.len(), Encoding::DeltaBinaryPacked, column)
    })
}

/// Of the columns that are likely to hold few values; `None` where there are too many.
struct Dictionaries {
    op: Option<Dictionary>,
    length: Option<Dictionary>,
    process: Option<Dictionary>,
    thread: Option<Dictionary>,
}

impl Dictionaries {
    /// Looks at the rows once: they are far from the processor.
    fn of(rows: &[Row]) -> Dictionaries {
        let [mut op, mut length, mut process, mut thread] = [const { Values::new() }; 4];
        for row in rows {
            op.add(row.op as u64);
            length.add(row.length);
            process.add(row.process.into());
            thread.add(row.thread.into());
        }
        Dictionaries {
            op: op.dictionary(),
            length: length.dictionary(),
            process: process.dictionary(),
            thread: thread.dictionary(),
        }
    }
}

struct Group<'a> {
    dictionaries: Dictionaries,
    columns: &'a [Descriptor; COLUMNS.len()],
}

/// A compressor and memory, used again for page after page.
struct Press {
    zstd: Compressor<'static>,
    level: i32,
    bytes: Vec<u8>,
}

thread_local! {
    static PRESS: RefCell<Option<Press>> = const { RefCell::new(None) };
}

/// Lends this thread's press, which is made if it is not there or of another level.
fn with_press<T>(level: i32, use_it: impl FnOnce(&mut Press) -> io::Result<T>) -> io::Result<T> {
    PRESS.with_borrow_mut(|press| match press {
        Some(press) if press.level == level => use_it(press),
        other => use_it(other.insert(Press::new(level)?)),
    })
}

impl Press {
    fn new(level: i32) -> io::Result<Press> {
        Ok(Press { zstd: Compressor::new(level)?, level, bytes: Vec::new() })
    }

    /// The bytes, compressed, and how many they were.
    fn pressed(&mut self) -> io::Result<(CowBuffer, usize)> {
        Ok((CowBuffer::Owned(self.zstd.compress(&self.bytes)?), self.bytes.len()))
    }
}

impl Group<'_> {
    /// A page of each column.
    fn data_pages(&self, rows: &[Row], press: &mut Press) -> io::Result<[CompressedPage; COLUMNS.len()]> {
        let Dictionaries { op, length, process, thread } = &self.dictionaries;
        let [op_column, address_column, length_column, process_column, thread_column] = self.columns;
        Ok([
            self.data_page::<4>(press, rows, op_column, op.as_ref(), |row| row.op as u64)?,
            self.data_page::<8>(press, rows, address_column, None, |row| row.address)?,
            self.data_page::<8>(press, rows, length_column, length.as_ref(), |row| row.length)?,
            self.data_page::<4>(press, rows, process_column, process.as_ref(), |row| row.process.into())?,
            self.data_page::<4>(press, rows, thread_column, thread.as_ref(), |row| row.thread.into())?,
        ])
    }

    /// A page of a column whose values take `BYTES` bytes each in the file.
    fn data_page<const BYTES: usize>(
        &self,
        press: &mut Press,
        rows: &[Row],
        column: &Descriptor,
        dictionary: Option<&Dictionary>,
        value: impl Fn(&Row) -> u64,
    ) -> io::Result<CompressedPage> {
        start_levels(&mut press.bytes, rows.len());
        let encoding = match dictionary {
            Some(dictionary) => {
                dictionary.append_indices(&mut press.bytes, rows.len(), rows.iter().map(value));
                Encoding::RleDictionary
            }
            None => {
                append_plain::<BYTES>(&mut press.bytes, rows, value);
                Encoding::Plain
            }
        };
        finished(press, rows.len(), encoding, column)
    }

    /// The first page of each column that has a dictionary.
    fn dictionary_pages(&self, press: &mut Press) -> io::Result<[Vec<CompressedPage>; COLUMNS.len()]> {
        let mut pages = |dictionary: &Option<Dictionary>, bytes: usize| -> io::Result<Vec<CompressedPage>> {
            let Some(dictionary) = dictionary else { return Ok(Vec::new()) };
            press.bytes.clear();
            dictionary.append_values(&mut press.bytes, bytes);
            let (bytes, plain) = press.pressed()?;
            let page = CompressedDictPage::new(bytes, Compression::Zstd, plain, dictionary.len(), true);
            Ok(vec![CompressedPage::Dict(page)])
        };
        let Dictionaries { op, length, process, thread } = &self.dictionaries;
        Ok([pages(op, 4)?, Vec::new(), pages(length, 8)?, pages(process, 4)?, pages(thread, 4)?])
    }
}

/// The page of so many rows whose bytes are in the press.
fn finished(press: &mut Press, rows: usize, encoding: Encoding, column: &Descriptor) -> io::Result<CompressedPage> {
    let header = DataPageHeader::V1(DataPageHeaderV1 {
        num_values: rows as i32,
        encoding: encoding.into(),
        definition_level_encoding: Encoding::Rle.into(),
        repetition_level_encoding: Encoding::Rle.into(),
        statistics: None,
    });
    let (bytes, plain) = press.pressed()?;
    let page = CompressedDataPage::new(header, bytes, Compression::Zstd, plain, column.clone(), rows);
    Ok(CompressedPage::Data(page))
}

/// The start of a page of a column that could hold nulls and holds none: one run of the level 1.
fn start_levels(bytes: &mut Vec<u8>, rows: usize) {
    let mut run = varint((rows as u64) << 1);
    run.push(1);
    bytes.clear();
    bytes.extend((run.len() as u32).to_le_bytes());
    bytes.append(&mut run);
}

fn append_plain<const BYTES: usize>(bytes: &mut Vec<u8>, rows: &[Row], value: impl Fn(&Row) -> u64) {
    let start = bytes.len();
    bytes.resize(start + rows.len() * BYTES, 0);
    for (place, row) in bytes[start..].as_chunks_mut::<BYTES>().0.iter_mut().zip(rows) {
        place.copy_from_slice(&value(row).to_le_bytes()[..BYTES]);
    }
}
