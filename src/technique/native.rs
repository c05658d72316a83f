//! Native paging.
//!
//! *Models:* one-dimensional walks of the guest's table; nothing traps; no other tables.
//! *Does not model:* anything beyond the guest.
//! *Source:* Intel SDM volume 3A, chapter 5.

use crate::counts::{Counts, Event};
use crate::walk::FlatWalker;

pub fn counts(walker: &FlatWalker) -> Counts {
    walker.counts(Event::GuestRefs)
}
