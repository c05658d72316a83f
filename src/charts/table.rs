//! The results, read row by row: what was swept, and what came out.

use crate::error::{Error, Result};
use crate::words::worth_a_word;
use polars::prelude::{AnyValue, DataFrame};

/// The column that is always a panel of its own.
pub const TRACE: &str = "trace";
/// The columns that name a bar or a line.
pub const CELL: [&str; 3] = ["technique", "guest_pages", "host_pages"];
pub const PRICES: &str = "prices";
/// The first column that is no axis, in the results, the intervals, the sensitivity and the references.
const BEYOND_AXES: [&str; 4] = ["accesses", "interval", "price", "table"];

/// Some rows of the results.
#[derive(Clone)]
pub struct Rows<'a> {
    frame: &'a DataFrame,
    pub kept: Vec<usize>,
}

impl<'a> Rows<'a> {
    pub fn all(frame: &'a DataFrame) -> Rows<'a> {
        Rows { frame, kept: (0..frame.height()).collect() }
    }

    /// The columns that say what was swept, the trace apart.
    pub fn axes(&self) -> Vec<&'a str> {
        let names = self.frame.get_column_names().into_iter().map(|name| name.as_str());
        names.take_while(|name| !BEYOND_AXES.contains(name)).filter(|&name| name != TRACE).collect()
    }

    fn value(&self, row: usize, column: &str) -> Result<AnyValue<'a>> {
        let reading = || format!("read the column `{column}` of the results");
        let column = self.frame.column(column).map_err(|cause| Error::failed(reading(), cause))?;
        column.get(row).map_err(|cause| Error::failed(reading(), cause))
    }

    /// A value as it is written; empty where there is none.
    pub fn text(&self, row: usize, column: &str) -> Result<String> {
        Ok(match self.value(row, column)? {
            AnyValue::Null => String::new(),
            value => value.str_value().into_owned(),
        })
    }

    /// A finite number, or nothing.
    pub fn number(&self, row: usize, column: &str) -> Result<Option<f64>> {
        Ok(self.value(row, column)?.extract::<f64>().filter(|number| number.is_finite()))
    }

    /// The values of a column, each once, in the order of the rows.
    pub fn distinct(&self, column: &str) -> Result<Vec<String>> {
        let mut seen = Vec::new();
        for &row in &self.kept {
            let value = self.text(row, column)?;
            if !seen.contains(&value) {
                seen.push(value);
            }
        }
        Ok(seen)
    }

    /// The rows for which a test holds.
    pub fn that(&self, test: impl Fn(usize) -> Result<bool>) -> Result<Rows<'a>> {
        let mut kept = Vec::new();
        for &row in &self.kept {
            if test(row)? {
                kept.push(row);
            }
        }
        Ok(Rows { frame: self.frame, kept })
    }

    /// The rows with one value of a column.
    pub fn with(&self, column: &str, value: &str) -> Result<Rows<'a>> {
        self.that(|row| Ok(self.text(row, column)? == value))
    }

    /// The rows with the first value of a column and those with none, and the words for that.
    pub fn first(&self, column: &str) -> Result<(Rows<'a>, String)> {
        let mut values = self.distinct(column)?;
        values.retain(|value| !value.is_empty());
        let first = values.first().cloned().unwrap_or_default();
        let rows = self.that(|row| Ok(["", &first].contains(&self.text(row, column)?.as_str())))?;
        Ok((rows, first_of(column, &first, values.len())))
    }

    /// Whether a column has one value for each value of another.
    pub fn follows(&self, column: &str, leader: &str) -> Result<bool> {
        for value in self.distinct(leader)? {
            if self.with(leader, &value)?.distinct(column)?.len() > 1 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Keeps the first value of every axis that is not free, and says so. An axis that follows `leader` moves with it instead.
    pub fn held(&self, free: &[&str], leader: Option<&str>) -> Result<(Rows<'a>, Vec<String>)> {
        let (mut rows, mut words) = (self.clone(), Vec::new());
        for axis in self.axes().into_iter().filter(|axis| !free.contains(axis)) {
            let values = self.distinct(axis)?;
            let Some(first) = rows.distinct(axis)?.into_iter().next() else { continue };
            if let Some(leader) = leader
                && values.len() > 1
                && rows.follows(axis, leader)?
            {
                words.push(format!("{axis} moves with {leader}"));
                continue;
            }
            rows = rows.with(axis, &first)?;
            if values.len() > 1 {
                words.push(first_of(axis, &first, values.len()));
            } else if worth_a_word(axis, &first) {
                words.push(format!("{axis} {first}"));
            }
        }
        Ok((rows, words))
    }
}

fn first_of(axis: &str, value: &str, values: usize) -> String {
    format!("{axis} {value} (first of {values})")
}
