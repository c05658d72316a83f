//! A trace read from end to end.

use crate::cli::output::rows_bar;
use crate::error::Result;
use crate::trace::{Row, Source};

/// Hands every chunk of `source`, with its times if it has any, to `each`, with progress under the name of what is being
/// done.
pub fn each_chunk(
    source: &mut dyn Source,
    doing: &str,
    mut each: impl FnMut(&[Row], Option<&[u64]>) -> Result<()>,
) -> Result<()> {
    let bar = rows_bar(source.expected_rows(), doing);
    let mut rows = Vec::new();
    loop {
        source.fill(&mut rows)?;
        if rows.is_empty() {
            bar.finish_and_clear();
            return Ok(());
        }
        each(&rows, source.times())?;
        bar.inc(rows.len() as u64);
    }
}
