//! Parquet traces that are whole, foreign, wrong and damaged.

use super::*;
use crate::trace::ParquetSink;
use crate::trace::parquet::{GROUP_ROWS, HELD_ROWS};
use polars::io::parquet::write::{ParquetCompression, ParquetWriter};
use polars::prelude::{Column, NamedFrom, Series};
use std::fs::{self, File};
use std::path::PathBuf;
use tempfile::TempDir;

/// A folder that is gone when the test ends, and a path in it.
pub fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.parquet");
    (folder, path)
}

pub fn sample(count: u64) -> Vec<Row> {
    let row = |n: u64| Row {
        op: [Op::Load, Op::Store, Op::Fetch][n as usize % 3],
        address: 0x7000_0000 + n * n % 1_000_003 * 8,
        length: 1 << (n % 4),
        process: (n / 100) as u32 % 3,
        thread: (n / 10) as u32,
    };
    (0..count).map(row).collect()
}

pub fn write(path: &Path, rows: &[Row]) -> String {
    let mut sink = ParquetSink::create(path, [("source".into(), "test".into())].into()).unwrap();
    sink.extend(rows).unwrap();
    sink.finish().unwrap().digest
}

pub fn read(mut source: ParquetSource) -> Result<Vec<Row>> {
    let (mut all, mut rows) = (Vec::new(), Vec::new());
    loop {
        source.fill(&mut rows)?;
        if rows.is_empty() {
            return Ok(all);
        }
        assert!(rows.len() <= CHUNK_ROWS);
        all.extend_from_slice(&rows);
    }
}

pub fn message(path: &Path) -> String {
    let error = ParquetSource::open(path).and_then(read).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    error.to_string()
}

/// The columns of a trace of two rows, to be spoilt.
pub fn two_rows() -> Vec<Column> {
    vec![
        Series::new("op".into(), vec![0u8, 1]).into(),
        Series::new("address".into(), vec![4096u64, 8192]).into(),
        Series::new("length".into(), vec![8u64, 8]).into(),
        Series::new("process".into(), vec![1u32, 1]).into(),
        Series::new("thread".into(), vec![0u32, 3]).into(),
    ]
}

/// Writes columns as another program would: no notes, one row group, another compression.
pub fn write_foreign(path: &Path, columns: Vec<Column>) {
    let mut frame = DataFrame::new_infer_height(columns).unwrap();
    let file = File::create(path).unwrap();
    let writer = ParquetWriter::new(file).with_compression(ParquetCompression::Uncompressed);
    writer.with_row_group_size(Some(usize::MAX)).finish(&mut frame).unwrap();
}

#[test]
fn rows_come_back_as_they_were_written() {
    let (_folder, path) = place();
    for count in [1, CHUNK_ROWS as u64, HELD_ROWS as u64 + GROUP_ROWS as u64 + 5] {
        let rows = sample(count);
        let digest = write(&path, &rows);
        let source = ParquetSource::open(&path).unwrap();
        assert_eq!((source.expected_rows(), source.expected_accesses()), (Some(count), Some(count)));
        assert_eq!(source.notes()["source"], "test");
        assert_eq!(source.notes()["rows_digest"], digest);
        assert!(read(source).unwrap() == rows, "{count} rows");
        let replayed = read(ParquetSource::open(&path).unwrap().for_replay()).unwrap();
        let needed = |row: &Row| Row { thread: 0, length: if row.op.is_access() { 0 } else { row.length }, ..*row };
        assert!(replayed.iter().map(needed).eq(rows.iter().map(needed)), "{count} rows");
    }
}

#[test]
fn accesses_are_counted_among_calls_and_in_files_of_other_programs() {
    let (_folder, path) = place();
    let mut rows = sample(2 * GROUP_ROWS as u64);
    rows[GROUP_ROWS + 7] = Row { op: Op::Map, address: 0x7000_0000, length: 4096, process: 1, thread: 0 };
    write(&path, &rows);
    assert_eq!(ParquetSource::open(&path).unwrap().expected_accesses(), Some(rows.len() as u64 - 1));
    // Another program's dictionary may hold a call that comes once.
    for calls in [0, 1] {
        const ROWS: u64 = 100_000;
        let op = |n| if n < calls { Op::Map as u8 } else { Op::Load as u8 };
        let mut columns: Vec<Column> = vec![Series::new("op".into(), (0..ROWS).map(op).collect::<Vec<_>>()).into()];
        for name in ["address", "length"] {
            columns.push(Series::new(name.into(), vec![4096u64; ROWS as usize]).into());
        }
        write_foreign(&path, columns);
        assert_eq!(ParquetSource::open(&path).unwrap().expected_accesses(), Some(ROWS - calls));
    }
}

fn times_of(source: &mut ParquetSource) -> Result<Vec<u64>> {
    let (mut all, mut rows) = (Vec::new(), Vec::new());
    loop {
        source.fill(&mut rows)?;
        let times = source.times().unwrap();
        assert_eq!(times.len(), rows.len());
        if rows.is_empty() {
            return Ok(all);
        }
        all.extend_from_slice(times);
    }
}

#[test]
fn times_come_back_as_they_were_written_and_a_replay_leaves_them_out() {
    let (_folder, path) = place();
    let apart: [fn(u64) -> u64; 5] = [
        |n| n / 5000 * 1_000_000,
        |n| (1 << 60) + n * 37,
        |n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        |_| u64::MAX,
        |n| !n,
    ];
    for (time, count) in apart.into_iter().zip([1, 2, 128, 130, GROUP_ROWS as u64 + 5]) {
        for count in [count, 129] {
            let (rows, times): (_, Vec<_>) = (sample(count), (0..count).map(time).collect());
            let untimed = write(&path, &rows);
            let mut sink = ParquetSink::create(&path, BTreeMap::new()).unwrap();
            for (rows, times) in rows.chunks(1000).zip(times.chunks(1000)) {
                sink.extend_at(rows, Some(times)).unwrap();
            }
            assert_eq!(sink.finish().unwrap().digest, untimed);
            assert!(times_of(&mut ParquetSource::open(&path).unwrap()).unwrap() == times, "{count} rows");
            assert!(read(ParquetSource::open(&path).unwrap()).unwrap() == rows);
            assert!(ParquetSource::open(&path).unwrap().for_replay().times().is_none());
        }
    }
}

#[test]
fn rows_without_a_time_among_rows_with_one_are_not_written() {
    let (_folder, path) = place();
    let mut sink = ParquetSink::create(&path, BTreeMap::new()).unwrap();
    sink.extend_at(&sample(3), Some(&[1, 2, 3])).unwrap();
    sink.extend(&sample(3)).unwrap();
    assert_eq!(sink.finish().unwrap_err().exit_code(), 1);
    assert!(!path.exists());
}

#[test]
fn times_of_other_programs_are_times_where_they_are_integers_in_every_row() {
    let (_folder, path) = place();
    let with = |time: Series| write_foreign(&path, two_rows().into_iter().chain([time.into()]).collect());
    with(Series::new("time".into(), vec![7u64, 5]));
    assert_eq!(times_of(&mut ParquetSource::open(&path).unwrap()).unwrap(), [7, 5]);
    with(Series::new("time".into(), vec![0.5, 0.7]));
    assert!(ParquetSource::open(&path).unwrap().times().is_none());
    with(Series::new("time".into(), vec![Some(7u64), None]));
    assert!(message(&path).contains("row 1: column `time` is null"));
    assert!(ParquetSource::open(&path).unwrap().for_replay().fill(&mut Vec::new()).is_ok());
    spoil_op(&path);
    let mut source = ParquetSource::open(&path).unwrap();
    let mut rows = Vec::new();
    assert!(source.fill(&mut rows).is_err());
    source.fill(&mut rows).unwrap();
    assert_eq!((rows.len(), source.times()), (1, Some(&[5][..])), "the row behind an unsound one, and its time");
}

/// Two rows with times, the first of which is unsound.
fn spoil_op(path: &Path) {
    let mut columns = two_rows();
    columns[0] = Series::new("op".into(), vec![9u8, 0]).into();
    columns.push(Series::new("time".into(), vec![7u64, 5]).into());
    write_foreign(path, columns);
}

#[test]
fn a_replay_gets_the_columns_of_the_same_rows() {
    let (_folder, path) = place();
    let mut rows = sample(3 * CHUNK_ROWS as u64);
    for at in [0, 7, 7, CHUNK_ROWS, 3 * CHUNK_ROWS] {
        rows.insert(at, Row { op: Op::Map, address: 0x5000, length: 4096, process: 9, thread: 0 });
    }
    write(&path, &rows);
    let mut source = ParquetSource::open(&path).unwrap();
    let (mut all, mut columns) = (Columns::default(), Columns::default());
    while {
        source.fill_columns(&mut columns).unwrap();
        columns.all().rows() > 0
    } {
        assert!(columns.all().rows() <= CHUNK_ROWS);
        all.append(columns.all());
    }
    assert!(all.calls == Columns::of(&rows).calls, "calls, with the accesses before them");
    let key = |row: &Row| (row.op as u8, row.address, row.process);
    let accesses = all
        .ops
        .iter()
        .zip(&all.addresses)
        .zip(&all.processes)
        .map(|((op, address), process)| (*op, *address, *process));
    assert!(accesses.eq(rows.iter().filter(|row| row.op.is_access()).map(key)));
}

#[test]
fn a_replay_that_asks_for_threads_gets_them() {
    let (_folder, path) = place();
    let mut rows = sample(CHUNK_ROWS as u64 / 2);
    rows.insert(7, Row { op: Op::Map, address: 0x5000, length: 4096, process: 9, thread: 3 });
    write(&path, &rows);
    let threads = |with_threads| {
        let (mut source, mut columns) = (ParquetSource::open(&path).unwrap().for_replay(), Columns::new(with_threads));
        source.fill_columns(&mut columns).unwrap();
        (columns.threads, columns.calls[0].1.thread)
    };
    let wanted = rows.iter().filter(|row| row.op.is_access()).map(|row| row.thread).collect();
    assert_eq!((threads(true), threads(false)), ((Some(wanted), 3), (None, 0)));
}

#[test]
fn a_writer_that_does_not_finish_leaves_the_old_file() {
    let (folder, path) = place();
    write(&path, &sample(3));
    let old = fs::read(&path).unwrap();
    let mut sink = ParquetSink::create(&path, BTreeMap::new()).unwrap();
    sink.extend(&sample(100)).unwrap();
    drop(sink);
    assert_eq!(fs::read(&path).unwrap(), old);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "and nothing beside it");
}

#[test]
fn any_order_of_columns_and_any_other_columns_are_fine() {
    let (_folder, path) = place();
    let mut columns = two_rows();
    columns.reverse();
    columns.insert(1, Series::new("note".into(), vec!["a", "b"]).into());
    write_foreign(&path, columns);
    let rows = read(ParquetSource::open(&path).unwrap()).unwrap();
    assert_eq!(rows[1], Row { op: Op::Store, address: 8192, length: 8, process: 1, thread: 3 });
}

#[test]
fn process_and_thread_may_be_missing() {
    let (_folder, path) = place();
    write_foreign(&path, two_rows().into_iter().take(3).collect());
    let rows = read(ParquetSource::open(&path).unwrap()).unwrap();
    assert!(rows.iter().all(|row| (row.process, row.thread) == (0, 0)));
}

#[test]
fn one_huge_row_group_is_read_in_slices() {
    let (_folder, path) = place();
    let rows = sample(2 * HELD_ROWS as u64 + 7);
    let columns = vec![
        Series::new("op".into(), rows.iter().map(|row| row.op as u8).collect::<Vec<_>>()).into(),
        Series::new("address".into(), rows.iter().map(|row| row.address).collect::<Vec<_>>()).into(),
        Series::new("length".into(), rows.iter().map(|row| row.length).collect::<Vec<_>>()).into(),
    ];
    write_foreign(&path, columns);
    let mut source = ParquetSource::open(&path).unwrap();
    source.fill(&mut Vec::new()).unwrap();
    assert_eq!(source.slice.height(), HELD_ROWS);
    let back = read(ParquetSource::open(&path).unwrap()).unwrap();
    assert!(back.iter().map(|row| row.address).eq(rows.iter().map(|row| row.address)));
}

#[test]
fn what_is_wrong_with_the_columns_is_said_all_at_once() {
    let (_folder, path) = place();
    let mut columns = two_rows();
    columns[0] = Series::new("op".into(), vec![0.0, 1.0]).into();
    columns[3] = Series::new("process".into(), vec!["a", "b"]).into();
    columns.remove(1);
    write_foreign(&path, columns);
    let message = message(&path);
    for part in
        ["column `op`: has type Float64", "names of ops", "CAST(op AS UTINYINT)", "no column `address`", "`process`"]
    {
        assert!(message.contains(part), "{part} in {message}");
    }
}

#[test]
fn unsound_rows_are_named_and_the_others_still_read() {
    let (_folder, path) = place();
    let spoil = |column: usize, values: Series| {
        let mut columns = two_rows();
        columns[column] = values.into();
        write_foreign(&path, columns);
        message(&path)
    };
    assert!(spoil(0, Series::new("op".into(), vec![9u8, 0])).contains("row 0: op 9"));
    assert!(spoil(1, Series::new("address".into(), vec![0u64, 1 << 60])).contains("row 1: store of address"));
    assert!(spoil(2, Series::new("length".into(), vec![Some(1u64), None])).contains("row 1: column `length` is null"));
    let mut source = ParquetSource::open(&path).unwrap();
    let mut rows = Vec::new();
    assert!(source.fill(&mut rows).is_err());
    assert!(source.fill(&mut rows).is_ok() && rows.is_empty(), "behind what cannot be decoded there is nothing");
    spoil(0, Series::new("op".into(), vec![9u8, 0]));
    let mut source = ParquetSource::open(&path).unwrap();
    assert!(source.fill(&mut rows).is_err() && rows.is_empty());
    source.fill(&mut rows).unwrap();
    assert_eq!(rows.len(), 1, "the row behind an unsound one");
}

#[test]
fn a_fork_to_a_live_process_is_refused() {
    let (_folder, path) = place();
    let fork = Row { op: Op::Fork, address: 0, length: 2, process: 1, thread: 0 };
    write(&path, &[fork, fork]);
    assert!(message(&path).contains("row 1: process 1 forks process 2, which is alive"));
}

#[test]
fn what_is_no_trace_is_refused() {
    let (folder, path) = place();
    fs::write(&path, b"op,address\n").unwrap();
    assert!(message(&path).contains("begins with the bytes 6f 70 2c 61 (\"op,a\")"));
    fs::write(&path, b"").unwrap();
    assert!(message(&path).contains("an empty file"));
    assert!(message(&folder.path().join("none")).contains("cannot be opened"));
    assert!(message(folder.path()).contains("not a regular file"));
    write_foreign(&path, two_rows().into_iter().map(|column| column.head(Some(0))).collect());
    assert!(message(&path).contains("a trace without rows"));
    let sink = ParquetSink::create(&path, BTreeMap::new()).unwrap();
    sink.finish().unwrap();
    assert!(message(&path).contains("a trace without rows"));
}
