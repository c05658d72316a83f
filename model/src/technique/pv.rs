//! Paravirtual direct mapping.
//!
//! *Models:* one-dimensional walks of the guest's own table, whose every change goes through the VMM: batched updates, pinned
//! nodes, faults bounced to the guest.
//! *Does not model:* writable page tables, deferred batching across rows.
//! *Source:* Barham et al., "Xen and the art of virtualization", SOSP 2003.

use super::facts::trap;
use super::key::Takes;
use super::{Facts, Key, Machinery, Shape, Technique};
use crate::counts::{Counts, Event};
use crate::guest::{Guest, GuestShape};
use crate::walk::Table;

static BATCH: Key = Key {
    name: "pv.batch",
    meaning: "Page-table updates per hypercall.",
    default: "2048",
    takes: Takes::Whole(1, u64::MAX),
};

/// What is true of it on every machine.
pub static FACTS: Facts = Facts {
    name: "pv",
    title: "paravirtual paging (pv)",
    meaning: "Paravirtual direct mapping: the guest asks the VMM to write its tables.",
    walks: &[Table::Guest],
    traps: &[
        trap(Event::PvBounces, &[Event::GuestFaults, Event::CowFaults]),
        trap(Event::HypercallIret, &[Event::GuestFaults, Event::CowFaults]),
        trap(Event::MmuUpdates, &[Event::PteWrites]),
        trap(Event::HypercallCr3, &[Event::Switches]),
        trap(Event::HypercallInvlpg, &[Event::Invalidations, Event::FullFlushes]),
    ],
    also: &[Event::HypercallMmuUpdate, Event::HypercallPin],
    keys: &[&BATCH],
    read: |settings| Technique::Pv(Pv { batch: settings.whole(&BATCH) }),
};

/// Paravirtual paging on one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pv {
    /// Page-table updates that one hypercall carries at most; at least 1.
    pub batch: u64,
}

impl Shape for Pv {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn machinery(&self, _: &GuestShape) -> Machinery {
        Machinery::GUESTS_OWN
    }

    fn counts(&self, guest: &Guest) -> Counts {
        let mut counts = Counts::default();
        counts[Event::HypercallMmuUpdate] =
            guest.batches().iter().map(|(writes, rows)| writes.div_ceil(self.batch) * rows).sum();
        counts[Event::HypercallPin] = guest.nodes_allocated();
        counts
    }
}
