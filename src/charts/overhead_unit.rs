//! How overheads are written.

/// A percentage up to ten times the ideal, and a multiple beyond.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OverheadUnit {
    /// From a share of the ideal to the number shown.
    pub factor: f64,
    pub suffix: &'static str,
    pub axis: &'static str,
}

impl OverheadUnit {
    /// The unit for overheads up to `highest`, given as a share of the ideal.
    pub fn up_to(highest: f64) -> OverheadUnit {
        if highest < 10.0 {
            OverheadUnit { factor: 100.0, suffix: "%", axis: "overhead, % of ideal cycles" }
        } else {
            OverheadUnit { factor: 1.0, suffix: "×", axis: "overhead, × ideal cycles" }
        }
    }
}
