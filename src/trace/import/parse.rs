//! What a format must do to be imported.

use super::buffer::RowBuffer;
use crate::error::Result;
use crate::trace::check::Unsound;

/// A line or record that is no row of its format.
pub struct Bad {
    /// Lines or records before it in the block.
    pub index: u64,
    pub unsound: Unsound,
}

/// A format's reader of blocks, of whole lines or whole records.
pub trait Parse {
    /// Appends the rows of a block.
    fn parse(&mut self, block: &[u8], rows: &mut RowBuffer) -> Result<(), Bad>;

    /// What was found on the way, for the metadata.
    fn found(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// An import under way.
pub trait Reading {
    /// Appends the next rows, a few thousand; false at the end.
    fn next(&mut self, rows: &mut RowBuffer) -> Result<bool>;

    /// What was found on the way, for the metadata.
    fn found(&self) -> Vec<(&'static str, String)>;
}
