//! The four ways to give a guest its memory: how a miss is walked, what traps, which tables exist.

pub mod ept;
pub mod native;
pub mod pv;
pub mod shadow;

pub use ept::{HostBacking, HostShape, HostTable};
pub use native::GuestNumbers;
pub use shadow::{Fill, OnSwitch, ShadowPolicy, ShadowShape, ShadowTables};

use crate::address::PageSize;
use crate::counts::{Counts, Gauges};
use crate::guest::Guest;
use crate::program::Chunk;
use crate::walk::{FlatWalker, NestedWalker, References, Table};

/// How guest memory is virtualized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Technique {
    /// No virtualization: the guest's tables are the hardware's.
    Native,
    /// The VMM keeps a shadow of each guest table and traps the guest's writes.
    Shadow,
    /// Nested paging: the hardware walks the guest's and the host's table (EPT, NPT).
    Ept,
    /// Paravirtual direct mapping: the guest asks the VMM to write its tables.
    Pv,
}

impl Technique {
    pub const ALL: [Technique; 4] = [Technique::Native, Technique::Shadow, Technique::Ept, Technique::Pv];

    pub const fn name(self) -> &'static str {
        match self {
            Technique::Native => "native",
            Technique::Shadow => "shadow",
            Technique::Ept => "ept",
            Technique::Pv => "pv",
        }
    }

    /// `None` unless it is the name of one.
    pub fn by_name(name: &str) -> Option<Technique> {
        Technique::ALL.into_iter().find(|technique| technique.name() == name)
    }

    /// Whether the host's page size means anything.
    pub const fn has_host_pages(self) -> bool {
        matches!(self, Technique::Shadow | Technique::Ept)
    }

    /// The largest page that a TLB entry covers: an entry holds a guest's page cut to this.
    pub const fn largest_effective(self, host_pages: PageSize) -> PageSize {
        if self.has_host_pages() { host_pages } else { PageSize::Size1G }
    }
}

/// A technique of any kind: one's own, or one of the four.
pub trait Virtualize {
    /// Follows a chunk that the guest has replayed: `guest.steps` and `guest.flushes` say what its kernel did, `misses` which runs
    /// walk, in order, once for each access that does.
    fn replay(&mut self, chunk: &Chunk, guest: &Guest, misses: &[u32]);

    /// Everything the technique adds to what the guest and the TLB counted, and the page-table memory. `vm_exits` and `hypercalls`
    /// are summed up by whoever asks.
    fn outcome(&self, guest: &Guest) -> (Counts, Gauges);
}

/// The parts of a simulation that belong to one technique.
#[derive(Clone, Copy, Debug)]
pub enum Parts<'a> {
    Native(&'a FlatWalker),
    Shadow(&'a FlatWalker, &'a ShadowTables),
    Ept(&'a NestedWalker, &'a HostTable),
    Pv { walker: &'a FlatWalker, batch: u64 },
}

impl Parts<'_> {
    /// As [`Virtualize::outcome`].
    pub fn outcome(&self, guest: &Guest) -> (Counts, Gauges) {
        match *self {
            Parts::Native(walker) => (native::counts(walker), guest.gauges()),
            Parts::Shadow(walker, tables) => (shadow::counts(guest, walker, tables), tables.gauges(guest)),
            Parts::Ept(walker, table) => (ept::counts(walker, table), table.gauges(guest)),
            Parts::Pv { walker, batch } => (pv::counts(guest, walker, batch), guest.gauges()),
        }
    }

    /// The walks' references by table and level.
    pub fn references(&self) -> Vec<References> {
        match *self {
            Parts::Native(walker) | Parts::Pv { walker, .. } => walker.references(Table::Guest),
            Parts::Shadow(walker, _) => walker.references(Table::Shadow),
            Parts::Ept(walker, _) => walker.references(),
        }
    }
}
