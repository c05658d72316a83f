//! Rows to the pages of one row group. A trace is written as fast as a program is recorded, so what a general writer
//! finds out by trying is settled here: addresses are stored as they are, since zstd shortens them better and faster
//! than a dictionary does, and the other columns, which hold few values, as indices into dictionaries.

use super::COLUMNS;
use crate::trace::Row;
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::encoding::hybrid_rle::encode;
use polars_parquet::parquet::error::ParquetResult;
use polars_parquet::parquet::page::{DataPage, DataPageHeader, DataPageHeaderV1, DictPage};
use polars_parquet::write::{CompressedPage, CompressionOptions, Descriptor, Encoding, Page, compress};
use rayon::prelude::*;
use std::collections::HashMap;

/// Rows in a page: a MiB of addresses.
const PAGE_ROWS: usize = 1 << 17;
/// Values that a dictionary may have; a column with more is stored as it is.
const MOST_VALUES: usize = 1 << 14;

/// How each column is read from a row, and the bytes of its values in the file.
const LANES: [Lane; COLUMNS.len()] = [
    Lane { value: |row| row.op as u64, bytes: 4, has_dictionary: true },
    Lane { value: |row| row.address, bytes: 8, has_dictionary: false },
    Lane { value: |row| row.length, bytes: 8, has_dictionary: true },
    Lane { value: |row| row.process.into(), bytes: 4, has_dictionary: true },
    Lane { value: |row| row.thread.into(), bytes: 4, has_dictionary: true },
];

#[derive(Clone, Copy)]
struct Lane {
    value: fn(&Row) -> u64,
    /// 4 or 8.
    bytes: usize,
    has_dictionary: bool,
}

/// The pages of each column of a row group, the columns' descriptors given in order.
pub fn pages(
    rows: &[Row],
    columns: &[Descriptor],
    compression: CompressionOptions,
) -> ParquetResult<Vec<Vec<CompressedPage>>> {
    let lanes: Vec<(Lane, &Descriptor)> = LANES.into_iter().zip(columns).collect();
    lanes.into_par_iter().map(|(lane, column)| chunk(rows, lane, column, compression)).collect()
}

/// The pages of one column.
fn chunk(
    rows: &[Row],
    lane: Lane,
    column: &Descriptor,
    compression: CompressionOptions,
) -> ParquetResult<Vec<CompressedPage>> {
    let dictionary = if lane.has_dictionary { Dictionary::of(rows, lane) } else { None };
    let mut pages = Vec::with_capacity(1 + rows.len().div_ceil(PAGE_ROWS));
    if let Some(dictionary) = &dictionary {
        let page = DictPage::new(CowBuffer::Owned(dictionary.plain(lane)), dictionary.values.len(), false);
        pages.push(compress(Page::Dict(page), Vec::new(), compression)?);
    }
    let data: Vec<_> = rows
        .par_chunks(PAGE_ROWS)
        .map(|rows| {
            let (encoding, bytes) = match &dictionary {
                Some(dictionary) => (Encoding::RleDictionary, dictionary.indices(rows, lane)?),
                None => (Encoding::Plain, plain(rows, lane)),
            };
            compress(Page::Data(page(rows.len(), encoding, bytes, column)), Vec::new(), compression)
        })
        .collect::<ParquetResult<_>>()?;
    pages.extend(data);
    Ok(pages)
}

fn page(rows: usize, encoding: Encoding, bytes: Vec<u8>, column: &Descriptor) -> DataPage {
    let header = DataPageHeaderV1 {
        num_values: rows as i32,
        encoding: encoding.into(),
        definition_level_encoding: Encoding::Rle.into(),
        repetition_level_encoding: Encoding::Rle.into(),
        statistics: None,
    };
    DataPage::new(DataPageHeader::V1(header), CowBuffer::Owned(bytes), column.clone(), rows)
}

/// The start of a page of a column that could hold nulls and holds none: one run of the level 1.
fn levels(rows: usize) -> Vec<u8> {
    let mut run = Vec::with_capacity(8);
    let mut header = (rows as u64) << 1;
    while header >= 0x80 {
        run.push(header as u8 | 0x80);
        header >>= 7;
    }
    run.extend([header as u8, 1]);
    let mut bytes = (run.len() as u32).to_le_bytes().to_vec();
    bytes.append(&mut run);
    bytes
}

fn plain(rows: &[Row], lane: Lane) -> Vec<u8> {
    let mut bytes = levels(rows.len());
    bytes.reserve(rows.len() * lane.bytes);
    if lane.bytes == 8 {
        bytes.extend(rows.iter().flat_map(|row| (lane.value)(row).to_le_bytes()));
    } else {
        bytes.extend(rows.iter().flat_map(|row| ((lane.value)(row) as u32).to_le_bytes()));
    }
    bytes
}

/// The values of a column, in the order in which they first appear.
struct Dictionary {
    values: Vec<u64>,
    /// Indices of the values below 256, which nearly all are.
    small: [u32; 256],
    large: HashMap<u64, u32>,
}

const ABSENT: u32 = u32::MAX;

impl Dictionary {
    fn of(rows: &[Row], lane: Lane) -> Option<Dictionary> {
        let mut dictionary = Dictionary { values: Vec::new(), small: [ABSENT; 256], large: HashMap::new() };
        let mut last = None;
        for row in rows {
            let value = (lane.value)(row);
            if last != Some(value) && dictionary.index(value) == ABSENT {
                dictionary.add(value);
                if dictionary.values.len() > MOST_VALUES {
                    return None;
                }
            }
            last = Some(value);
        }
        Some(dictionary)
    }

    fn add(&mut self, value: u64) {
        let index = self.values.len() as u32;
        self.values.push(value);
        match self.small.get_mut(usize::try_from(value).unwrap_or(usize::MAX)) {
            Some(place) => *place = index,
            None => drop(self.large.insert(value, index)),
        }
    }

    #[inline]
    fn index(&self, value: u64) -> u32 {
        match self.small.get(usize::try_from(value).unwrap_or(usize::MAX)) {
            Some(&index) => index,
            None => self.large.get(&value).copied().unwrap_or(ABSENT),
        }
    }

    fn plain(&self, lane: Lane) -> Vec<u8> {
        self.values.iter().flat_map(|value| value.to_le_bytes().into_iter().take(lane.bytes)).collect()
    }

    /// A page of indices: their width in bits, and runs.
    fn indices(&self, rows: &[Row], lane: Lane) -> ParquetResult<Vec<u8>> {
        let bits = (self.values.len() as u32 - 1).checked_ilog2().map_or(0, |log2| log2 + 1).max(1);
        let mut bytes = levels(rows.len());
        bytes.push(bits as u8);
        encode::<u32, _, _>(&mut bytes, rows.iter().map(|row| self.index((lane.value)(row))), bits)?;
        Ok(bytes)
    }
}
