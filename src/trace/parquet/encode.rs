//! Rows to the pages of one row group. A trace is written as fast as a program is recorded, so what a general writer
//! finds out by trying is settled here: addresses are stored as they are, since zstd shortens them better and faster
//! than a dictionary does, and the other columns, which hold few values, as indices into dictionaries.

use super::dictionary::Dictionary;
use crate::trace::Row;
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::error::ParquetResult;
use polars_parquet::parquet::page::{DataPage, DataPageHeader, DataPageHeaderV1, DictPage};
use polars_parquet::write::{CompressedPage, CompressionOptions, Descriptor, Encoding, Page, compress};
use rayon::prelude::*;

/// Rows in a page: a MiB of addresses.
const PAGE_ROWS: usize = 1 << 17;

/// The pages of one column.
type Pages = ParquetResult<Vec<CompressedPage>>;

/// The pages of each column of a row group, the columns' descriptors given in their order.
pub fn pages(
    rows: &[Row],
    columns: &[Descriptor; 5],
    compression: CompressionOptions,
) -> ParquetResult<[Vec<CompressedPage>; 5]> {
    let [op, address, length, process, thread] = columns;
    let (address, few) = rayon::join(
        || data_pages(rows, address, compression, |rows| (Encoding::Plain, plain::<8>(rows, |row| row.address))),
        || -> ParquetResult<_> {
            Ok([
                few_values::<4>(rows, op, compression, |row| row.op as u64)?,
                few_values::<8>(rows, length, compression, |row| row.length)?,
                few_values::<4>(rows, process, compression, |row| row.process.into())?,
                few_values::<4>(rows, thread, compression, |row| row.thread.into())?,
            ])
        },
    );
    let [op, length, process, thread] = few?;
    Ok([op, address?, length, process, thread])
}

/// A column that is likely to hold few values, each of `BYTES` bytes in the file.
fn few_values<const BYTES: usize>(
    rows: &[Row],
    column: &Descriptor,
    compression: CompressionOptions,
    value: impl Fn(&Row) -> u64 + Copy + Sync,
) -> Pages {
    let Some(dictionary) = Dictionary::of(rows.iter().map(value)) else {
        return data_pages(rows, column, compression, |rows| (Encoding::Plain, plain::<BYTES>(rows, value)));
    };
    let values = CowBuffer::Owned(dictionary.plain::<BYTES>());
    let page = DictPage::new(values, dictionary.len(), false);
    let mut pages = vec![compress(Page::Dict(page), Vec::new(), compression)?];
    pages.extend(data_pages(rows, column, compression, |rows| {
        let mut bytes = levels(rows.len());
        dictionary.append_indices(&mut bytes, rows.len(), rows.iter().map(value));
        (Encoding::RleDictionary, bytes)
    })?);
    Ok(pages)
}

fn data_pages(
    rows: &[Row],
    column: &Descriptor,
    compression: CompressionOptions,
    encoded: impl Fn(&[Row]) -> (Encoding, Vec<u8>) + Sync,
) -> Pages {
    let page = |rows: &[Row]| {
        let (encoding, bytes) = encoded(rows);
        let header = DataPageHeaderV1 {
            num_values: rows.len() as i32,
            encoding: encoding.into(),
            definition_level_encoding: Encoding::Rle.into(),
            repetition_level_encoding: Encoding::Rle.into(),
            statistics: None,
        };
        let page = DataPage::new(DataPageHeader::V1(header), CowBuffer::Owned(bytes), column.clone(), rows.len());
        compress(Page::Data(page), Vec::new(), compression)
    };
    rows.par_chunks(PAGE_ROWS).map(page).collect()
}

/// The start of a page of a column that could hold nulls and holds none: one run of the level 1.
fn levels(rows: usize) -> Vec<u8> {
    let mut run = varint((rows as u64) << 1);
    run.push(1);
    let mut bytes = (run.len() as u32).to_le_bytes().to_vec();
    bytes.append(&mut run);
    bytes
}

/// An integer in groups of seven bits, the lowest first.
pub fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(10);
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn plain<const BYTES: usize>(rows: &[Row], value: impl Fn(&Row) -> u64) -> Vec<u8> {
    let mut bytes = levels(rows.len());
    let start = bytes.len();
    bytes.resize(start + rows.len() * BYTES, 0);
    for (place, row) in bytes[start..].as_chunks_mut::<BYTES>().0.iter_mut().zip(rows) {
        place.copy_from_slice(&value(row).to_le_bytes()[..BYTES]);
    }
    bytes
}
