//! Cells, grouped so that nothing is simulated twice.

use super::cell::{Cell, Turns};
use super::distinct::Distinct;
use super::group::Group;
use super::memory;
use crate::guest::GuestShape;

/// Passes over a trace, by stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PassCounts {
    /// Guest memories, by their shape.
    pub guests: usize,
    /// Shadow and host tables, and guest tables that are numbered for caches.
    pub tables: usize,
    /// First-level TLBs.
    pub first_levels: usize,
    /// Second levels behind a first.
    pub tlbs: usize,
    /// Walkers, by what decides their references.
    pub walkers: usize,
}

impl std::iter::Sum for PassCounts {
    fn sum<I: Iterator<Item = PassCounts>>(all: I) -> PassCounts {
        all.fold(PassCounts::default(), |sum, some| PassCounts {
            guests: sum.guests + some.guests,
            tables: sum.tables + some.tables,
            first_levels: sum.first_levels + some.first_levels,
            tlbs: sum.tlbs + some.tlbs,
            walkers: sum.walkers + some.walkers,
        })
    }
}

/// Cells grouped by what they share first: the rows that they see and their guest memory.
#[derive(Default)]
pub struct Plan {
    /// By cell: its group, and its place there.
    cells: Vec<(usize, usize)>,
    turns: Distinct<Turns>,
    guests: Distinct<(Turns, GuestShape)>,
    groups: Vec<Group>,
    /// Of what it is made of.
    bytes: u64,
}

/// Bytes of a cell by itself: its counts, and what it comes to.
const CELL: u64 = 4096;

impl Plan {
    /// The passes that these cells need; results come in their order.
    pub fn new<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Plan {
        let mut plan = Plan::default();
        cells.into_iter().for_each(|cell| plan.add(cell));
        plan.whole()
    }

    /// Adds a cell.
    pub(super) fn add(&mut self, cell: &Cell) {
        self.turns.number(cell.turns);
        let number = self.guests.number((cell.turns, cell.guest()));
        if number == self.groups.len() {
            self.groups.push(Group::new(cell));
        }
        let group = &mut self.groups[number];
        let before = [group.first_levels.list.len(), group.tlbs.list.len(), group.walkers.list.len()];
        let planned = group.place(cell);
        group.cells.push(planned);
        self.bytes += CELL + memory::added(group, before);
        self.cells.push((number, group.cells.len() - 1));
    }

    /// With all its cells.
    pub(super) fn whole(mut self) -> Plan {
        self.groups.iter_mut().for_each(Group::share_ways);
        self
    }

    /// How many passes over a trace the cells share.
    pub fn passes(&self) -> PassCounts {
        let of = |group: &Group| PassCounts {
            guests: 1,
            tables: group.tables.list.len(),
            first_levels: group.first_levels.list.len(),
            tlbs: group.tlbs.list.len(),
            walkers: group.walkers.list.len(),
        };
        self.groups.iter().map(of).sum()
    }

    /// Memory that a run takes, at most, beside that of guests and tables, which grows with the pages that a trace touches.
    pub fn bytes(&self) -> u64 {
        /// Of the decoder and of the chunks that it is ahead.
        const BUFFERS: u64 = 48 << 20;
        BUFFERS + self.bytes
    }

    /// How many cells.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// How often every row of the trace is replayed.
    pub fn replays(&self) -> u64 {
        self.turns.list.iter().map(|turns| turns.owners().count() as u64).sum()
    }

    pub(super) fn turns(&self) -> &[Turns] {
        &self.turns.list
    }

    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
    }

    pub(super) fn cells(&self) -> &[(usize, usize)] {
        &self.cells
    }

    pub(super) fn infers_ranges(&self) -> bool {
        self.groups.iter().any(|group| group.guest.infer_ranges)
    }
}
