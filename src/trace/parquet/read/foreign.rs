//! Traces of other tools, whose columns have other types.

use super::tests::{message, place, read, two_rows, write_foreign};
use super::*;
use polars::prelude::{Column, NamedFrom, Series};

/// The rows of a trace of two, one column being another.
fn with(column: usize, values: Series) -> Result<Vec<Row>, String> {
    let (_folder, path) = place();
    let mut columns: Vec<Column> = two_rows();
    columns[column] = values.into();
    write_foreign(&path, columns);
    ParquetSource::open(&path).and_then(read).map_err(|error| error.to_string())
}

#[test]
fn integers_of_any_type_are_read_where_their_values_fit() {
    let plain = read_of(two_rows());
    for column in [
        Series::new("op".into(), vec![0i64, 1]),
        Series::new("op".into(), vec![0i32, 1]),
        Series::new("op".into(), vec![0u32, 1]),
        Series::new("op".into(), vec![0u64, 1]),
        Series::new("op".into(), vec!["load", "Store"]),
        Series::new("op".into(), vec!["R", "1"]),
    ] {
        assert_eq!(with(0, column.clone()).as_ref(), Ok(&plain), "{column}");
    }
    assert_eq!(with(1, Series::new("address".into(), vec![4096i64, 8192])).as_ref(), Ok(&plain));
    assert_eq!(with(1, Series::new("address".into(), vec![4096u32, 8192])).as_ref(), Ok(&plain));
    assert_eq!(with(2, Series::new("length".into(), vec![8i32, 8])).as_ref(), Ok(&plain));
    assert_eq!(with(3, Series::new("process".into(), vec![1i64, 1])).as_ref(), Ok(&plain));
    assert_eq!(with(4, Series::new("thread".into(), vec![0i32, 3])).as_ref(), Ok(&plain));
}

fn read_of(columns: Vec<Column>) -> Vec<Row> {
    let (_folder, path) = place();
    write_foreign(&path, columns);
    read(ParquetSource::open(&path).unwrap()).unwrap()
}

#[test]
fn a_negative_address_is_one_of_the_upper_half() {
    let rows = with(1, Series::new("address".into(), vec![-4096i64, 8192])).unwrap();
    assert_eq!(rows[0].address, 0xffff_ffff_ffff_f000);
}

#[test]
fn values_that_do_not_fit_are_named_by_their_row() {
    let refused = |column: usize, values: Series, part: &str| {
        let message = with(column, values).unwrap_err();
        assert!(message.contains(part), "{part} in {message}");
    };
    refused(0, Series::new("op".into(), vec![0i64, 256]), "row 1: op 256\n  expected: load, store");
    refused(0, Series::new("op".into(), vec!["load", "jump"]), "row 1: op \"jump\"");
    refused(
        1,
        Series::new("address".into(), vec![0i32, -1]),
        "row 1: address -1\n  expected: an integer of at least 0",
    );
    refused(2, Series::new("length".into(), vec![-8i64, 8]), "row 0: length -8");
    refused(
        3,
        Series::new("process".into(), vec![1i64 << 32, 1]),
        "row 0: process 4294967296\n  expected: an integer of 32 bits",
    );
    refused(4, Series::new("thread".into(), vec![0i64, -1]), "row 1: thread -1");
}

#[test]
fn signed_times_are_times_and_negative_ones_are_refused() {
    let (_folder, path) = place();
    let with = |time: Series| write_foreign(&path, two_rows().into_iter().chain([time.into()]).collect());
    with(Series::new("time".into(), vec![7i64, 5]));
    let mut source = ParquetSource::open(&path).unwrap();
    source.fill(&mut Vec::new()).unwrap();
    assert_eq!(source.times(), Some(&[7, 5][..]));
    with(Series::new("time".into(), vec![7i64, -5]));
    assert!(message(&path).contains("row 1: time -5"));
}

#[test]
fn a_column_of_lists_is_refused() {
    let (_folder, path) = place();
    let nested =
        Series::new("address".into(), [Series::new("".into(), vec![1u64]), Series::new("".into(), vec![2u64])]);
    let mut columns = two_rows();
    columns[1] = nested.into();
    write_foreign(&path, columns);
    assert!(message(&path).contains("column `address`: has type Group"), "{}", message(&path));
}
