//! What translation costs beyond the ideal machine, and what the cycles go to.

use super::overhead_unit::OverheadUnit;
use super::page::Heading;
use super::rows::{CELL, Rows};
use super::stack::{self, Bars, SecondAxis, Stretch};
use super::style::of_part;
use crate::prices::Part;

/// The bill of every cell, in cycles that it adds to an access: of the whole trace, and of its steady state beside it.
pub fn prepare(results: &Rows<'_>) -> Option<Bars> {
    let (rows, mut held) = results.held(&CELL, None);
    held.extend(rows.stretch());
    let panels = stack::panels(&rows, |row| {
        let shown = || Part::ALL.into_iter().filter(|&part| of_part(part).is_some());
        let stack = |&steady: &bool| shown().map(|part| row.outcome.per_access(steady, part)).collect();
        rows.stretches.iter().map(stack).collect()
    });
    let stretch = |&steady: &bool| match steady {
        false => Stretch { word: "whole", name: "the whole trace".into(), pale: rows.stretches.len() > 1 },
        true => Stretch { word: "steady", name: format!("its {}", rows.steady_state()), pale: false },
    };
    let mut bars = Bars {
        heading: Heading { title: "What does address translation cost, and what for?".into(), held },
        axis: "cycles added per access".into(),
        second: None,
        stretches: rows.stretches.iter().map(stretch).collect(),
        parts: Part::ALL.into_iter().filter_map(of_part).map(|(name, surface)| (name.into(), surface)).collect(),
        panels,
    };
    // One price sheet holds for all, and so does what an access takes.
    let access = rows.kept.iter().find_map(|row| row.outcome.per_access(false, Part::Ideal));
    bars.second = access.filter(|&access| access > 0.0).map(|access| {
        let unit = OverheadUnit::up_to(bars.tallest() / access);
        SecondAxis { name: unit.axis.into(), suffix: unit.suffix, factor: unit.factor / access }
    });
    bars.drop_absent_parts();
    (!bars.panels.is_empty()).then_some(bars)
}
