//! A comparison as it is to be shown.

use crate::compare::Comparison;

/// What is shown of a comparison.
pub struct Shown<'a> {
    pub names: [String; 2],
    pub comparison: &'a Comparison,
    /// Inputs that differ: name, old, new.
    pub inputs: Vec<(String, String, String)>,
    /// Rows to show.
    pub most: usize,
}
