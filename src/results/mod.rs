//! Results read again: a table that a run left behind, of this version of the program or another.

mod column_kind;
mod file;
mod parquet;
mod text;
mod value;

pub use column_kind::{ColumnKind, kind};
pub use value::Value;

use crate::error::{Defect, Error, Result};
use crate::words::{did_you_mean, one_of};
use file::{EXPECTED, file_of};
use polars::prelude::DataFrame;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A table of results: columns that tell its rows apart, then what was counted and what it costs.
#[derive(Clone, Debug)]
pub struct Results {
    pub file: PathBuf,
    frame: DataFrame,
    names: Vec<String>,
    axes: usize,
}

impl Results {
    /// Reads a file of results, or the `results` of a folder.
    ///
    /// # Errors
    /// A [`Defect`] if there is nothing, or no results; [`Error::Failed`] if it cannot be read.
    pub fn read(path: &Path) -> Result<Results> {
        let file = file_of(path)?;
        let frame = match file.extension().and_then(|ending| ending.to_str()) {
            Some("parquet") => parquet::read(&file)?,
            Some("csv") => text::read(&file)?,
            _ => return Err(Defect::new(&file, "", "neither .parquet nor .csv").expected(EXPECTED).into()),
        };
        Results::of(&file, frame)
    }

    /// The results in a frame, which came or will come from `file`.
    pub fn of(file: &Path, frame: DataFrame) -> Result<Results> {
        let names: Vec<String> = frame.get_column_names().iter().map(|name| name.to_string()).collect();
        let axes = names.iter().position(|name| kind(name) != ColumnKind::Other).unwrap_or(names.len());
        let refused = |found: &str| Err(Defect::new(file, "", found).expected(EXPECTED).into());
        match (names.first().map(String::as_str), axes == names.len(), frame.height()) {
            (Some("trace"), false, 1..) => Ok(Results { file: file.to_path_buf(), frame, names, axes }),
            (Some("trace"), true, _) => refused("no column of counts or cycles"),
            (Some("trace"), false, 0) => refused("no rows"),
            _ => refused("the first column is not `trace`"),
        }
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.frame.height()
    }

    /// Every column, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The columns that tell rows apart: `trace`, the axes, and in intervals and sensitivity what follows them.
    pub fn axes(&self) -> &[String] {
        &self.names[..self.axes]
    }

    pub fn kind(&self, column: usize) -> ColumnKind {
        if column < self.axes { ColumnKind::Axis } else { kind(&self.names[column]) }
    }

    /// Where a column is.
    ///
    /// # Errors
    /// A [`Defect`] at `place`, such as `--value`, that names the nearest column.
    pub fn find(&self, name: &str, place: &str) -> Result<usize> {
        let found = self.names.iter().position(|known| known == name);
        found.ok_or_else(|| {
            let known: Vec<&str> = self.names.iter().map(String::as_str).collect();
            let near = did_you_mean(name, &known);
            let said = format!("{} has no column `{name}`", self.file.display());
            // Seventy names help nobody who only misspelt one.
            let expected = if near.is_empty() { one_of(&known) } else { String::new() };
            Defect::new("command line", place, said).expected(expected).remedy(near).into()
        })
    }

    /// What stands in a row and column; both exist.
    pub fn value(&self, row: usize, column: usize) -> Result<Value> {
        let value = self.frame.columns().get(column).map(|column| column.get(row));
        match value {
            Some(Ok(value)) => Ok(Value::of(&value)),
            Some(Err(cause)) => Err(Error::failed(format!("read row {row} of {}", self.file.display()), cause)),
            None => Ok(Value::None),
        }
    }

    /// The values of a column in some rows, each once, in the order of the rows.
    pub fn distinct(&self, rows: &[usize], column: usize) -> Result<Vec<Value>> {
        let (mut distinct, mut seen) = (Vec::new(), BTreeSet::new());
        for &row in rows {
            let value = self.value(row, column)?;
            if seen.insert(value.to_string()) {
                distinct.push(value);
            }
        }
        Ok(distinct)
    }
}
