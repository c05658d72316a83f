//! The file that holds results.

use crate::error::{Defect, Error, Result};
use std::path::{Path, PathBuf};

/// What an error expects where there are no results.
pub const EXPECTED: &str = "results of `analyze --config`: a folder, or one of its .parquet or .csv files";
/// Names of the table of a run, the exact one first.
const IN_A_FOLDER: [&str; 2] = ["results.parquet", "results.csv"];

/// The table that a path means, which is there.
pub fn file_of(path: &Path) -> Result<PathBuf> {
    if !path.is_dir() {
        std::fs::metadata(path).map_err(|cause| closed(path, &cause))?;
        return Ok(path.to_path_buf());
    }
    let inside = IN_A_FOLDER.iter().map(|name| path.join(name)).find(|file| file.is_file());
    inside.ok_or_else(|| {
        let found = format!("a folder without {}", IN_A_FOLDER.join(" or "));
        Defect::new(path, "", found).expected(EXPECTED).remedy("analyze --config FILE --out DIR makes one").into()
    })
}

/// Why a file cannot be opened.
pub fn closed(file: &Path, cause: &std::io::Error) -> Error {
    let defect = Defect::new(file, "", format!("cannot be read: {cause}"));
    defect.expected(EXPECTED).remedy("check the path").into()
}
