//! The results, read row by row: what was swept, and what came out.

use polars::prelude::{AnyValue, DataFrame};

use crate::error::{Error, Result};

/// The column that is always a panel of its own.
pub const TRACE: &str = "trace";
/// The columns that name a bar or a line.
pub const CELL: [&str; 3] = ["technique", "guest_pages", "host_pages"];
pub const PRICES: &str = "prices";
/// The first column that is an outcome: those before it are the axes.
const FIRST_COUNT: &str = "accesses";
/// Axes that are always columns, and the value that is not worth a word.
const ORDINARY: [(&str, &str); 4] = [("guest_levels", "4"), ("host_levels", "4"), ("vms", "1"), ("copies", "1")];

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
        names.take_while(|&name| name != FIRST_COUNT).filter(|&name| name != TRACE).collect()
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

    /// The rows with one value of a column.
    pub fn with(&self, column: &str, value: &str) -> Result<Rows<'a>> {
        let mut kept = Vec::new();
        for &row in &self.kept {
            if self.text(row, column)? == value {
                kept.push(row);
            }
        }
        Ok(Rows { frame: self.frame, kept })
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
                words.push(format!("{axis} {first} (first of {})", values.len()));
            } else if !ORDINARY.contains(&(axis, &first)) {
                words.push(format!("{axis} {first}"));
            }
        }
        Ok((rows, words))
    }
}
