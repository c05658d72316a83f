//! What translation costs beyond the ideal machine, and what the cycles go to.

use super::overhead_unit::OverheadUnit;
use super::page::Heading;
use super::rows::{CELL, Rows};
use super::stack::{self, Bars};
use super::style::of_part;
use crate::prices::Part;

/// The bill of every cell as a share of its ideal cycles.
pub fn prepare(results: &Rows<'_>) -> Option<Bars> {
    let (rows, held) = results.held(&CELL, None);
    let panels = stack::panels(&rows, |row| {
        let bill = &row.outcome.bill;
        let ideal = Some(bill.part(Part::Ideal).to_f64()).filter(|&ideal| ideal > 0.0)?;
        let shown = Part::ALL.into_iter().filter(|&part| of_part(part).is_some());
        Some(shown.map(|part| bill.part(part).to_f64() / ideal).collect())
    });
    let mut bars = Bars {
        heading: Heading { title: "What does address translation cost, and what for?".into(), held },
        axis: String::new(),
        suffix: "",
        parts: Part::ALL.into_iter().filter_map(of_part).map(|(name, surface)| (name.into(), surface)).collect(),
        panels,
    };
    let unit = OverheadUnit::up_to(bars.tallest());
    bars.multiply(unit.factor);
    bars.drop_absent_parts();
    (bars.axis, bars.suffix) = (unit.axis.into(), unit.suffix);
    (!bars.panels.is_empty()).then_some(bars)
}
