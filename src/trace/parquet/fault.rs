//! Why a Parquet file cannot be read.

use crate::error::{Defect, Error};
use std::fmt;
use std::path::Path;

/// What is wrong with a file, wherever in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It contradicts itself, or is cut off.
    Broken(String),
    /// It would take more memory or time than its size is worth.
    Large(String),
    Encrypted,
}

impl Fault {
    /// As an error about a trace.
    pub fn error(&self, path: &Path, place: impl Into<String>) -> Error {
        let defect = Defect::new(path, place, self.to_string());
        match self {
            Fault::Broken(_) => defect
                .expected("a whole Parquet file")
                .remedy("the file may be cut off or damaged: copy or make it again"),
            Fault::Large(_) => {
                defect.expected(super::pages::EXPECTED).remedy(format!("write it anew: {}", anew(path, "*")))
            }
            Fault::Encrypted => defect
                .expected("a Parquet file that is not encrypted")
                .remedy("read it with its keys and write it anew without encryption, in the tool that made it"),
        }
        .into()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Broken(cause) => write!(f, "cannot be decoded: {cause}"),
            Fault::Large(cause) => f.write_str(cause),
            Fault::Encrypted => f.write_str("is encrypted"),
        }
    }
}

/// A statement of DuckDB that writes what is selected of a file to another.
pub fn anew(path: &Path, selected: &str) -> String {
    let from = path.display().to_string().replace('\'', "''");
    format!("in DuckDB, COPY (SELECT {selected} FROM '{from}') TO 'new.parquet'")
}
