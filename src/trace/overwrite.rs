//! Outputs that would replace what they are made from.

use crate::error::{Defect, Result};
use std::path::Path;

/// Refuses an output that is one of the inputs, by whatever path.
///
/// # Errors
/// [`Error::Input`](crate::error::Error::Input) that names it.
pub fn refuse(output: &Path, inputs: &[impl AsRef<Path>]) -> Result<()> {
    let Ok(output_file) = output.canonicalize() else {
        return Ok(());
    };
    let same = |input: &&_| AsRef::<Path>::as_ref(*input).canonicalize().is_ok_and(|input| input == output_file);
    match inputs.iter().find(same) {
        None => Ok(()),
        Some(_) => Err(Defect::new(output, "", "is both an input and the output, which would replace it")
            .expected("an output of its own")
            .remedy("name another file with -o")
            .into()),
    }
}
