//! Native paging.
//!
//! *Models:* one-dimensional walks of the guest's table; nothing traps; no other tables.
//! *Does not model:* anything beyond the guest.
//! *Source:* Intel SDM volume 3A, on paging.

use super::{Facts, Machinery, Shape, Technique};
use crate::guest::{Guest, GuestShape, Step};
use crate::program::Chunk;
use crate::tables::Numbers;
use crate::walk::{Dimensions, Follow, Numbered, Table};

/// What is true of it on every machine.
pub static FACTS: Facts = Facts {
    name: "native",
    title: "native paging",
    meaning: "No virtualization: the guest's tables are the hardware's.",
    walks: &[Table::Guest],
    traps: &[],
    also: &[],
    keys: &[],
    read: |_| Technique::Native,
};

/// Native paging; nothing of it depends on settings.
pub(super) struct Native;

impl Shape for Native {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn machinery(&self, _: &GuestShape) -> Machinery {
        Machinery::GUESTS_OWN
    }
}

/// The numbers of the guest's nodes, for walkers with caches that read the guest's table alone.
#[derive(Debug, Default)]
pub struct GuestNumbers {
    numbers: Numbers,
    next_number: u64,
}

impl Follow for GuestNumbers {
    fn replay(&mut self, _: &Chunk, guest: &Guest) {
        for (_, step) in &guest.steps {
            if let Step::Start { root: node, .. } | Step::Node { node } = *step {
                self.numbers.assign(node, &mut self.next_number);
            }
        }
    }

    fn dimensions<'a>(&'a self, _: &Chunk, guest: &'a Guest) -> Option<Dimensions<'a>> {
        let first = Numbered { tables: guest.tables(), numbers: &self.numbers };
        Some(Dimensions { first, leaves: None, second: None })
    }
}
