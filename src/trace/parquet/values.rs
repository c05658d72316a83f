//! The values of a trace's columns, whatever types a file has them in.

use super::{COLUMNS, TIME};
use crate::trace::words;
use polars::prelude::{Column, DataFrame, DataType, IntoColumn, NamedFrom, PolarsResult, Series};

const OPS: &str = "load, store, fetch, map, unmap, protect, fork or exit, or its number from 0 to 7";

/// A value that is none of its column: its row in the frame, what it is, and what was expected.
pub struct Misfit {
    pub row: usize,
    pub found: String,
    pub expected: &'static str,
}

/// Puts the columns of a frame, which have no nulls, into the types in which a trace has them.
///
/// # Errors
/// The first value of a column that does not fit it.
pub fn fit(frame: &mut DataFrame) -> PolarsResult<Result<(), Misfit>> {
    for name in COLUMNS.into_iter().chain([TIME]) {
        let Ok(column) = frame.column(name) else { continue };
        let fitted = match wanted(name) {
            wanted if *column.dtype() == wanted => continue,
            DataType::UInt8 if *column.dtype() == DataType::String => ops(column)?,
            DataType::UInt8 => narrowed::<u8>(column, OPS)?,
            DataType::UInt32 => narrowed::<u32>(column, "an integer of 32 bits, at least 0")?,
            _ => match (name, column.i64()) {
                // Tools without unsigned integers have addresses of the upper half so.
                ("address", Ok(signed)) => {
                    Ok(Series::new(name.into(), signed.into_no_null_iter().map(|it| it as u64).collect::<Vec<_>>()))
                }
                _ => narrowed::<u64>(column, "an integer of at least 0")?,
            },
        };
        match fitted {
            Ok(fitted) => frame.with_column(fitted.into_column()).map(drop)?,
            Err(misfit) => return Ok(Err(misfit)),
        }
    }
    Ok(Ok(()))
}

fn wanted(name: &str) -> DataType {
    match name {
        "op" => DataType::UInt8,
        "process" | "thread" => DataType::UInt32,
        _ => DataType::UInt64,
    }
}

/// A column of integers that all fit another type.
fn narrowed<T: TryFrom<i128>>(column: &Column, expected: &'static str) -> PolarsResult<Result<Series, Misfit>>
where
    Series: NamedFrom<Vec<T>, [T]>,
{
    let integers: Vec<i128> = match column.dtype() {
        DataType::Int32 => column.i32()?.into_no_null_iter().map(i128::from).collect(),
        DataType::UInt32 => column.u32()?.into_no_null_iter().map(i128::from).collect(),
        DataType::UInt8 => column.u8()?.into_no_null_iter().map(i128::from).collect(),
        DataType::UInt64 => column.u64()?.into_no_null_iter().map(i128::from).collect(),
        _ => column.i64()?.into_no_null_iter().map(i128::from).collect(),
    };
    let name = column.name();
    let fit = |(row, &value): (usize, &i128)| {
        T::try_from(value).map_err(|_| Misfit { row, found: format!("{name} {value}"), expected })
    };
    let all: Result<Vec<T>, _> = integers.iter().enumerate().map(fit).collect();
    Ok(all.map(|all| Series::new(name.clone(), all)))
}

/// The numbers of ops that stand as words.
fn ops(column: &Column) -> PolarsResult<Result<Series, Misfit>> {
    let number = |(row, word): (usize, &str)| {
        let number = words::op(word.as_bytes()).map(|op| op as u8).or_else(|| word.parse().ok());
        let found = || format!("op \"{}\"", word.escape_debug());
        number.ok_or_else(|| Misfit { row, found: found(), expected: OPS })
    };
    let all: Result<Vec<u8>, _> = column.str()?.iter().flatten().enumerate().map(number).collect();
    Ok(all.map(|all| Series::new(column.name().clone(), all)))
}
