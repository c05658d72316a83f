//! Results: counts × prices as a data frame, and the files that hold it.

use crate::counts::{Counts, Event, Gauge, Gauges};
use crate::error::{Error, Result};
use crate::prices::{Bill, Part};
use crate::sweep::{Column, Sweep, SweepRow};
use polars::prelude::{AnyValue, Column as Series, DataFrame, IntoColumn, NamedFrom, ParquetWriter};
use std::io::{BufWriter, Write};
use std::path::Path;

/// One row of the results.
#[derive(Clone, Debug)]
pub struct OutcomeRow {
    pub trace: String,
    pub row: SweepRow,
    pub counts: Counts,
    pub gauges: Gauges,
}

fn series<T>(name: &str, values: Vec<T>) -> Series
where
    polars::prelude::Series: NamedFrom<Vec<T>, [T]>,
    [T]: Sized,
{
    polars::prelude::Series::new(name.into(), values).into_column()
}
