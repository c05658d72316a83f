//! What can go wrong, said so that it can be mended: the file, the place, what was found, what was expected, the remedy.

use std::fmt;
use std::path::Path;

/// One thing wrong with what the user gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// The file (or `stdin`, or the flag) that holds it.
    pub file: String,
    /// Where in the file: `line 3, column 5`, `row 17`, `byte 4096`; empty where the whole file is meant.
    pub place: String,
    /// What was found.
    pub found: String,
    /// What was expected in its place.
    pub expected: String,
    /// What to do about it; may be empty where `expected` says it.
    pub remedy: String,
}

impl Defect {
    pub fn new(file: impl AsRef<Path>, place: impl Into<String>, found: impl Into<String>) -> Defect {
        Defect {
            file: file.as_ref().display().to_string(),
            place: place.into(),
            found: found.into(),
            expected: String::new(),
            remedy: String::new(),
        }
    }

    pub fn expected(mut self, expected: impl Into<String>) -> Defect {
        self.expected = expected.into();
        self
    }

    pub fn remedy(mut self, remedy: impl Into<String>) -> Defect {
        self.remedy = remedy.into();
        self
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if !self.place.is_empty() {
            write!(f, ", {}", self.place)?;
        }
        write!(f, ": {}", self.found)?;
        if !self.expected.is_empty() {
            write!(f, "\n  expected: {}", self.expected)?;
        }
        if !self.remedy.is_empty() {
            write!(f, "\n  remedy: {}", self.remedy)?;
        }
        Ok(())
    }
}

/// Why a command could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input is at fault. All defects that were found, in the order of their places. Exit code 2.
    #[error("{}", .0.iter().map(Defect::to_string).collect::<Vec<_>>().join("\n"))]
    Input(Vec<Defect>),
    /// The machine is at fault: a full disk, a folder that cannot be written. Exit code 1.
    #[error("could not {doing}: {cause}")]
    Failed { doing: String, cause: String },
    /// Results are worse than those that they were held against, as said. Exit code 3.
    #[error("regression: {0}")]
    Regression(String),
}

impl Error {
    /// A failure to do something, with its cause.
    pub fn failed(doing: impl Into<String>, cause: impl fmt::Display) -> Error {
        Error::Failed { doing: doing.into(), cause: cause.to_string() }
    }

    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Input(_) => 2,
            Error::Failed { .. } => 1,
            Error::Regression(_) => 3,
        }
    }
}

impl From<Defect> for Error {
    fn from(defect: Defect) -> Error {
        Error::Input(vec![defect])
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;
