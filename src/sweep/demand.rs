//! Which events a technique can count, and so which prices a sheet must have.

use crate::counts::{Event, Kind};
use crate::technique::Technique;

/// Whether a cell of this technique can count an event.
pub fn can_count(technique: Technique, event: Event) -> bool {
    let is = |one: Technique| technique == one;
    match event.kind() {
        Kind::Trace | Kind::Tlb | Kind::Found | Kind::Guest => true,
        Kind::Table if event == Event::HostRefs => is(Technique::Ept),
        Kind::Table => is(Technique::Shadow) == (event == Event::ShadowRefs),
        Kind::Shortcut => is(Technique::Ept) || event == Event::PscHits,
        Kind::Host => is(Technique::Ept),
        Kind::Exit => is(if event == Event::ExitEptViolation { Technique::Ept } else { Technique::Shadow }),
        Kind::Hypercall | Kind::Request => is(Technique::Pv),
        Kind::Sum if event == Event::Hypercalls => is(Technique::Pv),
        Kind::Sum => is(Technique::Shadow) || is(Technique::Ept),
    }
}
