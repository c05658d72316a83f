//! Native paging.
//!
//! *Models:* one-dimensional walks of the guest's table; nothing traps; no other tables.
//! *Does not model:* anything beyond the guest.
//! *Source:* Intel SDM volume 3A, on paging.

use crate::counts::{Counts, Event};
use crate::guest::{At, Step};
use crate::tables::Tables;
use crate::walk::{Behind, FlatWalker, Numbered, Numbers};

/// The numbers of the guest's nodes, for walkers with caches; pv's are the same.
#[derive(Debug, Default)]
pub struct GuestNumbers {
    numbers: Numbers,
    next_number: u64,
}

impl GuestNumbers {
    pub fn replay(&mut self, steps: &[At<Step>]) {
        for (_, step) in steps {
            if let Step::Start { root: node, .. } | Step::Node { node } = *step {
                self.numbers.assign(node, &mut self.next_number);
            }
        }
    }

    pub fn behind<'a>(&'a self, guest: &'a Tables) -> Behind<'a> {
        Behind::Guest(Numbered { tables: guest, numbers: &self.numbers })
    }
}

pub(super) fn counts(walker: &FlatWalker) -> Counts {
    walker.counts(Event::GuestRefs)
}
