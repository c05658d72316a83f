//! Damaged files, and files that claim more than they hold.

use super::tests::{message, place, read, sample, two_rows, write_foreign};
use super::*;
use crate::error::Error;
use crate::trace::ParquetSink;
use polars::io::parquet::write::{ParquetCompression, ParquetWriter, StatisticsOptions};
use polars::prelude::{DataType, NamedFrom, Schema, Series};
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::compression::Compression;
use polars_parquet::parquet::page::{CompressedDataPage, CompressedDictPage, DataPageHeader, DataPageHeaderV1};
use polars_parquet::write::{CompressedPage, Descriptor, Encoding};
use std::fs;

/// Every cut of a file, and three wrong values of every byte.
fn damage(path: &Path) {
    let whole = fs::read(path).unwrap();
    for cut in 0..whole.len() {
        fs::write(path, &whole[..cut]).unwrap();
        assert!(matches!(ParquetSource::open(path), Err(Error::Input(_))), "cut at {cut}");
    }
    for place in 0..whole.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[place] ^= flip;
            fs::write(path, &bytes).unwrap();
            let outcome = ParquetSource::open(path).and_then(read);
            assert!(!matches!(outcome, Err(Error::Failed { .. })), "byte {place} ^ {flip:#x}");
        }
    }
}

#[test]
fn damage_anywhere_is_a_defect_or_other_rows_but_no_panic() {
    let (_folder, path) = place();
    let mut sink = ParquetSink::create(&path, BTreeMap::new()).unwrap();
    sink.extend_at(&sample(300), Some(&[7; 300])).unwrap();
    sink.finish().unwrap();
    damage(&path);
    // Without compression the damage reaches the decoder.
    write_foreign(&path, two_rows().into_iter().map(|column| column.new_from_index(1, 100)).collect());
    damage(&path);
}

/// Rows with their times.
fn timed(path: &Path) -> Result<Vec<(Row, u64)>> {
    let (mut source, mut all, mut rows) = (ParquetSource::open(path)?, Vec::new(), Vec::new());
    loop {
        source.fill(&mut rows)?;
        if rows.is_empty() {
            return Ok(all);
        }
        all.extend(rows.iter().copied().zip(source.times().into_iter().flatten().copied()));
    }
}

#[test]
fn a_bit_that_flips_anywhere_is_noticed_or_changes_nothing() {
    let (_folder, path) = place();
    let mut sink = ParquetSink::create(&path, [("source".into(), "test".into())].into()).unwrap();
    let call = Row { op: Op::Map, address: 0x5000, length: 4096, process: 9, thread: 1 };
    sink.extend_at(&[&[call], &sample(60)[..]].concat(), Some(&[7; 61])).unwrap();
    sink.finish().unwrap();
    let (whole, written) = (fs::read(&path).unwrap(), timed(&path).unwrap());
    assert_eq!(written.len(), 61);
    let mut noticed = 0;
    for bit in 0..8 * whole.len() {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &bytes).unwrap();
        match timed(&path) {
            Ok(found) => assert!(found == written, "bit {bit}"),
            Err(error) => {
                assert_eq!(error.exit_code(), 2, "bit {bit}: {error}");
                noticed += 1;
            }
        }
    }
    assert!(noticed > 7 * whole.len(), "{noticed} of {}", 8 * whole.len());
}

/// Writes a trace of which the first column has these pages, and the others one page each that holds just its values.
fn write_pages(path: &Path, rows: usize, first: impl FnOnce(&Descriptor) -> Vec<CompressedPage>) {
    let types = [DataType::UInt8, DataType::UInt64, DataType::UInt64];
    let schema: Schema = COLUMNS.into_iter().zip(types).map(|(name, of)| (name.into(), of)).collect();
    let writer = ParquetWriter::new(fs::File::create(path).unwrap()).with_compression(ParquetCompression::Zstd(None));
    let mut writer = writer.with_statistics(StatisticsOptions::empty()).batched(&schema).unwrap();
    let columns: Vec<Descriptor> = writer.parquet_schema().columns().iter().map(|it| it.descriptor.clone()).collect();
    let others =
        columns[1..].iter().map(|column| vec![data(column, rows, &levels(rows, &vec![0; 8 * rows.min(9)]), None)]);
    let pages: Vec<_> = std::iter::once(first(&columns[0])).chain(others).collect();
    writer.write_row_group(rows as u64, &pages).unwrap();
    writer.finish().unwrap();
}

/// The bytes of a page: one run of levels that say that there is a value, and values.
fn levels(rows: usize, values: &[u8]) -> Vec<u8> {
    let mut run = crate::trace::parquet::varint::varint((rows as u64) << 1);
    run.push(1);
    [&(run.len() as u32).to_le_bytes()[..], &run, values].concat()
}

/// A page of plain values that claims to unpack to so many bytes.
fn data(column: &Descriptor, rows: usize, bytes: &[u8], claim: Option<usize>) -> CompressedPage {
    let header = DataPageHeaderV1 {
        num_values: rows as i32,
        encoding: Encoding::Plain.into(),
        definition_level_encoding: Encoding::Rle.into(),
        repetition_level_encoding: Encoding::Rle.into(),
        statistics: None,
    };
    let packed = CowBuffer::Owned(zstd::encode_all(bytes, 1).unwrap());
    let (header, unpacked) = (DataPageHeader::V1(header), claim.unwrap_or(bytes.len()));
    CompressedPage::Data(CompressedDataPage::new(header, packed, Compression::Zstd, unpacked, column.clone(), rows))
}

#[test]
fn what_a_page_claims_is_held_against_what_it_can_hold() {
    let (_folder, path) = place();
    let values = || levels(2, &[0; 8]);
    let check = |first: &dyn Fn(&Descriptor) -> Vec<CompressedPage>| {
        write_pages(&path, 2, first);
        ParquetSource::open(&path).and_then(read).map_err(|error| error.to_string())
    };
    assert_eq!(check(&|column| vec![data(column, 2, &values(), None)]).unwrap().len(), 2);
    let large = check(&|column| vec![data(column, 2, &values(), Some(1 << 29))]).unwrap_err();
    assert!(large.contains("a page of 536870912 bytes") && large.contains("COPY (SELECT * FROM"), "{large}");
    let empty = check(&|column| vec![data(column, 2, &values(), Some(1 << 20))]).unwrap_err();
    assert!(empty.contains("a page of 1048576 bytes for 2 values"), "{empty}");
    let words = check(&|column| {
        let packed = CowBuffer::Owned(zstd::encode_all(&[0; 8][..], 1).unwrap());
        let dictionary = CompressedDictPage::new(packed, Compression::Zstd, 8, i32::MAX as usize, false);
        vec![CompressedPage::Dict(dictionary), data(column, 2, &values(), None)]
    });
    assert!(words.unwrap_err().contains("a dictionary of 2147483647 values in 8 bytes"));
    let more = check(&|column| vec![data(column, 3, &levels(3, &[0; 12]), None)]).unwrap_err();
    assert!(more.contains("3 values in a row group of 2 rows"), "{more}");
}

#[test]
fn more_rows_than_any_file_of_that_size_has_are_refused() {
    let (_folder, path) = place();
    let rows = 1 << 27;
    write_pages(&path, rows, |column| vec![data(column, rows, &levels(rows, &[]), None)]);
    let message = message(&path);
    assert!(message.contains(": 134217728 rows in ") && message.contains("10,000 rows for each byte"), "{message}");
}

#[test]
fn times_that_cannot_be_decoded_end_a_trace_once() {
    let (_folder, path) = place();
    let time = Series::new("time".into(), vec![Some(7u64), None]);
    write_foreign(&path, two_rows().into_iter().chain([time.into()]).collect());
    let (mut source, mut rows) = (ParquetSource::open(&path).unwrap(), Vec::new());
    assert!(source.fill(&mut rows).is_err() && rows.is_empty() && source.times() == Some(&[]));
    source.fill(&mut rows).unwrap();
    assert!(rows.is_empty());
}
