//! Pages that keep to what they promise, since the library takes memory and time on their word.
//!
//! *Source:* parquet.thrift, PageHeader.

use super::fault::Fault;
use super::footer::STATISTICS;
use super::thrift::Shape::{self, Fields, Integer, Truth};
use super::thrift::walk;
use flate2::Crc;
use polars_parquet::parquet::compression::Compression;
use polars_parquet::read::{ColumnChunkMetadata, PhysicalType};

/// Most bytes of a page, unpacked, and most values. A page is unpacked again for every slice that it holds rows of.
const MOST: usize = 1 << 27;
/// What an error expects in place of larger ones.
pub const EXPECTED: &str = "pages of at most 128 MiB, and at most 10,000 rows for each byte of the file";
/// Bytes beyond its values that a page of numbers may have, for levels and paddings.
const SLACK: usize = 1 << 16;

const DATA: Shape = Fields(&[(1, Integer), (2, Integer), (3, Integer), (4, Integer), (5, STATISTICS)]);
const DICTIONARY: Shape = Fields(&[(1, Integer), (2, Integer), (3, Truth)]);
const DATA_2: Shape = Fields(&[
    (1, Integer),
    (2, Integer),
    (3, Integer),
    (4, Integer),
    (5, Integer),
    (6, Integer),
    (7, Truth),
    (8, STATISTICS),
]);
const HEADER: &[(i16, Shape)] =
    &[(1, Integer), (2, Integer), (3, Integer), (4, Integer), (5, DATA), (7, DICTIONARY), (8, DATA_2)];

/// What is said of a page ahead of it.
#[derive(Default)]
struct Header {
    kind: i64,
    unpacked: i64,
    packed: i64,
    sum: Option<i64>,
    /// In a page of data of either version, and in a dictionary.
    values: [i64; 2],
    words: i64,
    /// Bytes of levels that are not packed with the rest.
    levels: [i64; 2],
}

/// Whether the pages of a column chunk hold just the `rows` values that they should, in no more bytes than those take, and are what
/// their checksums say, where they have any. Unpacks nothing. Gives the bytes that they unpack to.
///
/// # Errors
/// What contradicts what, or is too large.
pub fn check(bytes: &[u8], column: &ColumnChunkMetadata, rows: usize) -> Result<usize, Fault> {
    let broken = |cause: String| Err(Fault::Broken(cause));
    if column.num_values() != rows as i64 {
        return broken(format!("{} values in a row group of {rows} rows", column.num_values()));
    }
    let (Ok(start), Ok(length)) = (place(column), usize::try_from(column.compressed_size())) else {
        return broken("a column before the start of the file".into());
    };
    let Some(chunk) = start.checked_add(length).and_then(|end| bytes.get(start..end)) else {
        return broken(format!("a column of {length} bytes at byte {start} of {}", bytes.len()));
    };
    let (mut at, mut left, mut unpacked) = (0, rows, 0);
    while left > 0 {
        let mut header = Header::default();
        at += walk(&chunk[at..], HEADER, |path, value| header.take(path, value)).map_err(Fault::Broken)?;
        let page = usize::try_from(header.packed).ok().and_then(|packed| chunk[at..].get(..packed));
        let Some(page) = page else {
            return broken(format!("a page of {} bytes where {} are left", header.packed, chunk.len() - at));
        };
        at += page.len();
        let (bytes, values) = header.check(page, column)?;
        unpacked += bytes;
        let cause = || Fault::Broken(format!("a page of {values} values where {left} are left"));
        left = left.checked_sub(values).ok_or_else(cause)?;
    }
    Ok(unpacked)
}

/// Where the pages of a column chunk begin.
fn place(column: &ColumnChunkMetadata) -> Result<usize, std::num::TryFromIntError> {
    usize::try_from(column.dictionary_page_offset().unwrap_or(column.data_page_offset()))
}

impl Header {
    fn take(&mut self, path: &[i16], value: i64) -> Result<(), String> {
        match path {
            [1] => self.kind = value,
            [2] => self.unpacked = value,
            [3] => self.packed = value,
            [4] => self.sum = Some(value),
            [5, 1] => self.values[0] = value,
            [8, 1] => self.values[1] = value,
            [7, 1] => self.words = value,
            [8, 5] => self.levels[0] = value,
            [8, 6] => self.levels[1] = value,
            _ => {}
        }
        Ok(())
    }

    /// Values of data; none in a dictionary.
    fn values(&self) -> i64 {
        match self.kind {
            0 => self.values[0],
            3 => self.values[1],
            _ => 0,
        }
    }

    /// Whether a page may hold what its header says. Gives the bytes that it unpacks to, and its values.
    fn check(&self, page: &[u8], column: &ColumnChunkMetadata) -> Result<(usize, usize), Fault> {
        let broken = |cause: &str| Err(Fault::Broken(cause.into()));
        let unpacked = match column.compression() {
            Compression::Uncompressed => Ok(page.len()),
            _ => usize::try_from(self.unpacked),
        };
        let (Ok(unpacked), Ok(values), Ok(words)) =
            (unpacked, usize::try_from(self.values()), usize::try_from(self.words))
        else {
            return broken("a page of less than no bytes or values");
        };
        if unpacked > MOST || values > MOST {
            return Err(Fault::Large(format!("a page of {unpacked} bytes and {values} values")));
        }
        let (least, most) = match column.physical_type() {
            PhysicalType::ByteArray => (4, None),
            PhysicalType::Boolean => (1, Some(8)),
            PhysicalType::Int32 | PhysicalType::Float => (4, Some(8)),
            PhysicalType::Int64 | PhysicalType::Double => (8, Some(8)),
            PhysicalType::Int96 => (12, Some(12)),
            PhysicalType::FixedLenByteArray(bytes) => (bytes.max(1), Some(bytes.max(8))),
        };
        if words.checked_mul(least).is_none_or(|bytes| bytes > unpacked) {
            return Err(Fault::Broken(format!("a dictionary of {words} values in {unpacked} bytes")));
        }
        if most.is_some_and(|most: usize| unpacked > most.saturating_mul(2 * values.max(words)).saturating_add(SLACK)) {
            return Err(Fault::Broken(format!("a page of {unpacked} bytes for {} values", values.max(words))));
        }
        if self.levels.iter().any(|&levels| levels < 0 || levels as usize > page.len()) {
            return broken("levels that are longer than their page");
        }
        if self.sum.is_some_and(|sum| sum as u32 != crc(page)) {
            return broken("a page that is not what its checksum says");
        }
        Ok((unpacked, values))
    }
}

/// The checksum CRC-32 of some bytes.
pub fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}
