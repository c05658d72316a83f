//! The file of a report, written aside and then put in place.

use crate::aside;
use crate::error::{Error, Result};
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

const NAME: &str = "report.html";

/// A report that is open and not yet written.
#[derive(Debug)]
pub struct ReportFile {
    aside: NamedTempFile,
    path: PathBuf,
}

impl ReportFile {
    /// Opens it aside, in a folder that is there, so that what stands in its way is known at once.
    pub fn create(dir: &Path) -> Result<ReportFile> {
        let path = dir.join(NAME);
        if path.is_dir() {
            return Err(Error::failed(format!("write {}", path.display()), "it is a folder"));
        }
        let aside = aside::create(dir, "");
        Ok(ReportFile { aside: aside.map_err(|cause| failed(&path, cause))?, path })
    }

    /// Writes it, and puts it in the place of an earlier one; returns its path.
    pub fn write(mut self, html: &str) -> Result<PathBuf> {
        let file = self.aside.as_file_mut();
        let written = file.write_all(html.as_bytes()).and_then(|()| file.sync_all());
        written.map_err(|cause| failed(&self.path, cause))?;
        self.aside.persist(&self.path).map_err(|cause| failed(&self.path, cause.error))?;
        Ok(self.path)
    }
}

fn failed(path: &Path, cause: std::io::Error) -> Error {
    Error::failed(format!("write {}", path.display()), cause)
}
