//! What translation costs beyond the ideal machine, and what the cycles go to.

use polars::prelude::DataFrame;

use super::page::Heading;
use super::stack::{self, Bars};
use super::style::FILLS;
use super::table::{CELL, Rows};
use crate::error::Result;

/// The parts of the bill, from the bottom of a stack up, by column and by name.
const PARTS: [(&str, &str); 6] = [
    ("cycles_tlb", "L2 TLB hits"),
    ("cycles_walk", "page walks"),
    ("cycles_faults", "guest faults"),
    ("cycles_exits", "VM exits"),
    ("cycles_hypercalls", "hypercalls"),
    ("cycles_upkeep", "guest upkeep"),
];

/// How an overhead is written: a percentage up to ten times the ideal, and a multiple beyond.
pub struct Unit {
    pub factor: f64,
    pub suffix: &'static str,
    pub axis: &'static str,
}

/// The unit for overheads up to `highest`, given as a share of the ideal.
pub fn unit(highest: f64) -> Unit {
    if highest < 10.0 {
        Unit { factor: 100.0, suffix: "%", axis: "overhead, % of ideal cycles" }
    } else {
        Unit { factor: 1.0, suffix: "×", axis: "overhead, × ideal cycles" }
    }
}

/// The bill of every cell as a share of its ideal cycles.
pub fn prepare(results: &DataFrame) -> Result<Option<Bars>> {
    let (rows, held) = Rows::all(results).held(&CELL, None)?;
    let panels = stack::panels(&rows, |row| {
        let Some(ideal) = rows.number(row, "ideal_cycles")?.filter(|&ideal| ideal > 0.0) else { return Ok(None) };
        let part = |(column, _)| Ok(rows.number(row, column)?.map(|cycles| cycles / ideal));
        PARTS.into_iter().map(part).collect()
    })?;
    let mut bars = Bars {
        heading: Heading { title: "What does address translation cost, and what for?".into(), held },
        axis: String::new(),
        suffix: "",
        parts: PARTS.iter().zip(FILLS).map(|((_, name), fill)| (name.to_string(), fill)).collect(),
        panels,
    };
    let unit = unit(bars.tallest());
    bars.multiply(unit.factor);
    bars.drop_absent_parts();
    (bars.axis, bars.suffix) = (unit.axis.into(), unit.suffix);
    Ok((!bars.panels.is_empty()).then_some(bars))
}
