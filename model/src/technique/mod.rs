//! The ways to give a guest its memory: how a miss is walked, what traps, which tables exist.
//!
//! A technique is one file: its [`Facts`], and a `Shape` that knows what it is made of on one machine.

pub mod ept;
mod facts;
mod key;
pub mod native;
pub mod pv;
pub mod shadow;

pub use crate::backing::{HostBacking, HostShape, HostTable};
pub use crate::shadow::{Fill, OnSwitch, ShadowShape, ShadowTables, Sync};
pub use ept::FACTS as EPT;
pub use facts::{Facts, Trap};
pub use key::{HOST_BACKING, HOST_LEVELS, HOST_PAGES, Key, Settings, Takes};
pub use native::{FACTS as NATIVE, GuestNumbers};
pub use pv::{FACTS as PV, Pv};
pub use shadow::{FACTS as SHADOW, Shadow};

use crate::address::{Level, PageSize};
use crate::counts::{Counts, Event, Gauges};
use crate::guest::{At, Flush, Guest, GuestShape};
use crate::program::Chunk;
use crate::walk::Follow;

/// How guest memory is virtualized, with the settings of one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Technique {
    Native,
    Shadow(Shadow),
    Ept(HostShape),
    Pv(Pv),
}

impl Technique {
    /// The facts of all, in the order of charts.
    pub const FACTS: [&Facts; 4] = [&NATIVE, &SHADOW, &EPT, &PV];

    /// The key of a name that means something to some technique, but not to all.
    pub fn key(name: &str) -> Option<&'static Key> {
        Technique::FACTS.into_iter().flat_map(|facts| facts.keys).copied().find(|key| key.name == name)
    }

    fn shape(&self) -> &dyn Shape {
        match self {
            Technique::Native => &native::Native,
            Technique::Shadow(shape) => shape,
            Technique::Ept(shape) => shape,
            Technique::Pv(shape) => shape,
        }
    }

    /// What is true of it whatever the machine.
    pub fn facts(&self) -> &'static Facts {
        self.shape().facts()
    }

    /// What it is made of, given the guest's own paging.
    pub fn machinery(&self, guest: &GuestShape) -> Machinery {
        self.shape().machinery(guest)
    }

    /// What traps, given what happened to the guest and to the technique's tables, and whether interrupts reach a virtual CPU that
    /// runs without an exit of its own.
    pub fn trapped(&self, guest: &Guest, tables: &Counts, posted_interrupts: bool) -> Counts {
        let mut happened = *guest.counts();
        happened += tables;
        let mut counts = self.facts().trapped(&happened);
        if !posted_interrupts {
            // The one who interrupts exits, and the one who is interrupted.
            counts[Event::ExitIpi] *= 2;
        }
        counts += &self.shape().counts(guest);
        counts
    }
}

/// A technique on one machine.
trait Shape {
    fn facts(&self) -> &'static Facts;

    fn machinery(&self, guest: &GuestShape) -> Machinery;

    /// What its traps do not say because it is no sum of events.
    fn counts(&self, _: &Guest) -> Counts {
        Counts::default()
    }
}

/// What a technique is made of on one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machinery {
    /// The largest page that a TLB entry covers: an entry holds a guest's page cut to this.
    pub largest: PageSize,
    /// The largest leaf of the table that walks read first: the guest's leaves cut to this.
    pub leaves: PageSize,
    pub table: TableShape,
    /// Whether the table flushes what the guest does not.
    pub flushes: bool,
    /// Whether the table asks for each PTE write.
    pub asks_writes: bool,
    /// The page size and the levels of the second dimension, if walks have one.
    pub second: Option<(PageSize, Level)>,
    /// The host's page size, where it means anything.
    pub host_pages: Option<PageSize>,
}

impl Machinery {
    /// The guest's own table, walked in one dimension.
    const GUESTS_OWN: Machinery = Machinery {
        largest: PageSize::Size1G,
        leaves: PageSize::Size1G,
        table: TableShape::Guest,
        flushes: false,
        asks_writes: false,
        second: None,
        host_pages: None,
    };
}

/// What decides the content of the tables that a technique keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TableShape {
    /// None but the guest's own, numbered for the caches.
    Guest,
    Shadow(ShadowShape),
    Host(HostShape),
}

impl TableShape {
    /// When the host backs memory; `None` where there is no host.
    pub fn backing(&self) -> Option<HostBacking> {
        match self {
            TableShape::Guest => None,
            TableShape::Shadow(shape) => Some(shape.host_backing),
            TableShape::Host(shape) => Some(shape.backing),
        }
    }

    pub fn build(&self) -> Box<dyn Follow> {
        match *self {
            TableShape::Guest => Box::new(GuestNumbers::default()),
            TableShape::Shadow(shape) => Box::new(ShadowTables::new(shape)),
            TableShape::Host(shape) => Box::new(HostTable::new(shape)),
        }
    }
}

/// A technique of any kind: one's own, or a built-in.
pub trait Virtualize {
    /// Follows a chunk that the guest has replayed, before the TLB is asked: `guest.steps` and `guest.flushes` say what its kernel
    /// did.
    fn follow(&mut self, chunk: &Chunk, guest: &Guest);

    /// The flushes of that chunk, the guest's and its own in program order; `None` if it never has any of its own.
    fn flushes(&self) -> Option<&[At<Flush>]> {
        None
    }

    /// Walks: `misses` says which runs do, in order, once for each access that does.
    fn walk(&mut self, chunk: &Chunk, guest: &Guest, misses: &[u32]);

    /// Everything the technique adds to what the guest and the TLB counted, and the page-table memory. `vm_exits` and `hypercalls`
    /// are summed up by whoever asks.
    fn outcome(&self, guest: &Guest) -> (Counts, Gauges);
}
