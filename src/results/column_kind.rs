//! What a column holds.

use crate::counts::Measure;
use crate::prices::Part;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// `trace`, an axis, or what else tells rows apart.
    Axis,
    /// A count or gauge: a whole number, exact.
    Count,
    /// A number of cycles.
    Cycles,
    /// A share: 0.01 is 1 %.
    Share,
    /// Anything else.
    Other,
}

/// What a column beyond the axes holds, by its name.
pub fn kind(name: &str) -> ColumnKind {
    let name = name.strip_prefix("steady_").unwrap_or(name);
    if name == "references" || Measure::ALL.iter().any(|measure| measure.name() == name) {
        ColumnKind::Count
    } else if ["cycles", "added_per_access"].contains(&name) || Part::ALL.iter().any(|part| part.name() == name) {
        ColumnKind::Cycles
    } else if ["overhead", "overhead_halved", "overhead_doubled", "assumed_share"].contains(&name) {
        ColumnKind::Share
    } else {
        ColumnKind::Other
    }
}
