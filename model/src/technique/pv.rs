//! Paravirtual direct mapping.
//!
//! *Models:* one-dimensional walks of the guest's own table, whose every change goes through the VMM: batched updates, pinned
//! nodes, faults bounced to the guest.
//! *Does not model:* writable page tables, deferred batching across rows.
//! *Source:* Barham et al., "Xen and the art of virtualization", SOSP 2003.

use crate::counts::{Counts, Event};
use crate::guest::Guest;
use crate::walk::FlatWalker;

pub(super) fn counts(guest: &Guest, walker: &FlatWalker, batch: u64) -> Counts {
    let mut counts = walker.counts(Event::GuestRefs);
    let happened = guest.counts();
    let faults = happened.sum(&[Event::GuestFaults, Event::CowFaults]);
    counts[Event::PvBounces] = faults;
    counts[Event::HypercallIret] = faults;
    counts[Event::MmuUpdates] = happened[Event::PteWrites];
    counts[Event::HypercallMmuUpdate] =
        guest.batches().iter().map(|(writes, rows)| writes.div_ceil(batch) * rows).sum();
    counts[Event::HypercallPin] = guest.nodes_allocated();
    counts[Event::HypercallCr3] = happened[Event::Switches];
    counts[Event::HypercallInvlpg] = happened.sum(&[Event::Invalidations, Event::FullFlushes]);
    counts
}
