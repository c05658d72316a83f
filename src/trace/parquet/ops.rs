//! Whether all rows of a row group are accesses, told by the dictionary of their ops, which stay packed.

use super::guard::guarded;
use super::pages;
use crate::trace::Op;
use polars_parquet::read::{BasicDecompressor, ColumnChunkMetadata, PageReader, ParquetError, PhysicalType};
use std::io::Cursor;

/// Says no also where the ops themselves would have to be looked at.
pub fn are_accesses(bytes: &[u8], ops: &ColumnChunkMetadata, rows: usize) -> bool {
    let sound = ops.physical_type() == PhysicalType::Int32 && pages::check(bytes, ops, rows).is_ok();
    sound && guarded(|| have_dictionary_of_accesses(bytes, ops)).unwrap_or(false)
}

fn have_dictionary_of_accesses(bytes: &[u8], ops: &ColumnChunkMetadata) -> Result<bool, ParquetError> {
    let place = ops.byte_range();
    let chunk = Cursor::new(bytes[place.start as usize..place.end as usize].to_vec().into());
    let mut pages = BasicDecompressor::new(PageReader::new(chunk, ops, Vec::new(), usize::MAX), Vec::new());
    let Some(dictionary) = pages.read_dict_page()? else { return Ok(false) };
    let mut found = dictionary.buffer.as_chunks().0.iter().map(|op| u32::from_le_bytes(*op));
    let known = found.all(|op| op <= Op::Fetch as u32);
    pages.try_fold(known, |known, page| Ok(known && page?.page().header().is_dictionary_encoded()))
}
