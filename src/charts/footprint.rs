//! What memory the page tables take.

use super::page::Heading;
use super::rows::{CELL, Rows};
use super::stack::{self, Bars, Stretch};
use super::style::{SURFACES, Surface};
use crate::counts::Gauge;

/// The kinds of table, from the bottom of a stack up.
const PARTS: [(Gauge, &str, Surface); 3] = [
    (Gauge::PeakGuestNodes, "guest tables", SURFACES[1]),
    (Gauge::PeakShadowNodes, "shadow tables", SURFACES[4]),
    (Gauge::PeakHostNodes, "host tables (EPT/NPT)", SURFACES[5]),
];

const NODE_BYTES: f64 = crate::address::NODE_BYTES as f64;

/// Units of memory, and from how many bytes on each is used.
const UNITS: [(&str, f64, f64); 3] =
    [("KiB", 1024.0, 0.0), ("MiB", 1_048_576.0, 2_097_152.0), ("GiB", 1_073_741_824.0, 2_147_483_648.0)];

/// The bytes of every cell's page tables at their peak.
pub fn prepare(results: &Rows<'_>) -> Option<Bars> {
    let (rows, mut held) = results.held(&CELL, None);
    // The memory is the same on every processor and at any price.
    held.retain(|words| !["cpu ", "prices ", "tlb."].iter().any(|axis| words.starts_with(axis)));
    held.push("each kind of table at its own peak".into());
    let panels = stack::panels(&rows, |row| {
        let gauges = &row.outcome.tally.gauges;
        vec![Some(PARTS.map(|(gauge, ..)| gauges[gauge] as f64 * NODE_BYTES).to_vec())]
    });
    let mut bars = Bars {
        heading: Heading { title: "How much memory do the page tables take?".into(), held },
        axis: String::new(),
        second: None,
        stretches: Stretch::only(),
        parts: PARTS.iter().map(|(_, name, fill)| (name.to_string(), *fill)).collect(),
        panels,
    };
    let tallest = bars.tallest();
    let (unit, bytes, _) = UNITS.into_iter().rfind(|unit| tallest >= unit.2).unwrap_or(UNITS[0]);
    bars.multiply(1.0 / bytes);
    bars.drop_absent_parts();
    bars.axis = format!("page tables, {unit}");
    (!bars.panels.is_empty()).then_some(bars)
}
