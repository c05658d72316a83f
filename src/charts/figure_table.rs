//! What a figure shows, in numbers: the CSV beside it.

use std::fmt::Display;

use crate::error::{Error, Result};
use crate::words::cell;

/// A table of what is drawn: one row for each point, part, cell or bar, in the units of the figure.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureTable {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl FigureTable {
    pub fn new(columns: &[&str]) -> FigureTable {
        FigureTable { columns: columns.iter().map(|name| name.to_string()).collect(), rows: Vec::new() }
    }

    /// Adds a row, with a field for each column; empty where there is no value.
    pub fn row(&mut self, fields: impl IntoIterator<Item = String>) {
        self.rows.push(fields.into_iter().collect());
    }

    /// As the bytes of a CSV file.
    pub fn csv(&self) -> Result<Vec<u8>> {
        let failed = |cause: &dyn Display| Error::failed("write the numbers of a chart", cause);
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in [&self.columns].into_iter().chain(&self.rows) {
            let shown =
                |field: &String| if field.parse::<f64>().is_ok() { field.clone() } else { cell(field).into_owned() };
            writer.write_record(row.iter().map(shown)).map_err(|cause| failed(&cause))?;
        }
        writer.into_inner().map_err(|cause| failed(&cause))
    }
}
