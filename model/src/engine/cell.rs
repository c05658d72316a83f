//! One machine to simulate: its hardware, its guest, its technique.

use crate::address::Level;
use crate::arrays::Geometry;
use crate::guest::{FrameOrder, GuestPages, GuestShape};
use crate::program::{Columns, Owner};
use crate::technique::{Machinery, Technique};
use crate::tlb::TlbShape;
use crate::walk::{CacheShape, PscShape};

/// The address-translation hardware of a processor: structure, not prices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mmu {
    /// TLB entries carry process tags.
    pub tags: bool,
    pub tlb: TlbShape,
    /// Paging-structure caches of the guest's or shadow table.
    pub psc: PscShape,
    /// Those of the second dimension, where there is one.
    pub host_psc: PscShape,
    /// Translations of gPAs, where walks have a second dimension.
    pub nested_tlb: Option<Geometry>,
    /// `None`: every page-table reference goes to memory.
    pub caches: Option<CacheShape>,
}

/// How many VMs run how many copies of the trace each, how they take turns, and on how many processors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Turns {
    /// At least 1.
    pub vms: u32,
    /// Copies of the trace in each VM, at least 1; a copy's processes are its own.
    pub copies: u32,
    /// Rows per turn, at least 1; `None`: to the end of the copy.
    pub quantum: Option<u64>,
    /// Virtual CPUs of each VM, from 1 to [`MOST_PROCESSORS`](crate::program::MOST_PROCESSORS), and as many processors.
    pub cpus: u32,
}

impl Default for Turns {
    fn default() -> Turns {
        Turns { vms: 1, copies: 1, quantum: None, cpus: 1 }
    }
}

impl Turns {
    /// Room for rows, and for their threads where those run on different processors.
    pub(super) fn columns(self) -> Columns {
        Columns::new(self.cpus > 1)
    }

    /// Every copy, in the order of their turns.
    pub fn owners(self) -> impl Iterator<Item = Owner> {
        (0..self.vms).flat_map(move |vm| (0..self.copies).map(move |copy| Owner { vm, copy }))
    }
}

/// Where a copy of the trace comes to its steady state: what it did before was mostly first touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Warm {
    /// After so many of its accesses.
    Accesses(u64),
    /// After a share of them, `part` of `of`, rounded down; `of` is at least 1.
    Share { part: u64, of: u64 },
}

impl Default for Warm {
    fn default() -> Warm {
        Warm::Share { part: 1, of: 2 }
    }
}

impl Warm {
    /// In accesses of a trace that has `all`.
    pub fn accesses(self, all: u64) -> u64 {
        match self {
            Warm::Accesses(accesses) => accesses,
            Warm::Share { part, of } => (u128::from(all) * u128::from(part) / u128::from(of)) as u64,
        }
    }
}

/// One machine to simulate.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cell {
    pub turns: Turns,
    pub technique: Technique,
    pub guest_pages: GuestPages,
    pub frames: FrameOrder,
    /// Mixed page sizes only: ranges are inferred for a trace without map rows.
    pub infer_ranges: bool,
    /// Levels of guest and shadow tables: 4 or 5.
    pub guest_levels: Level,
    pub mmu: Mmu,
    /// Costs no simulation.
    pub warm: Warm,
    /// Interrupts reach a virtual CPU that runs without an exit of its own.
    pub posted_interrupts: bool,
}

impl Cell {
    /// The guest memory that it needs.
    pub fn guest(&self) -> GuestShape {
        GuestShape {
            pages: self.guest_pages,
            levels: self.guest_levels,
            frames: self.frames,
            infer_ranges: self.infer_ranges && self.guest_pages == GuestPages::Thp,
        }
    }

    /// What its technique is made of.
    pub fn machinery(&self) -> Machinery {
        self.technique.machinery(&self.guest())
    }
}
