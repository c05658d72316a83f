//! Cells, grouped so that nothing is simulated twice.

use super::cell::{Cell, Turns};
use super::distinct::Distinct;
use super::group::Group;
use crate::arrays::{Geometry, Policy};
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

/// Cells grouped by what they share first: the rows that they see and their guest memory.
#[derive(Default)]
pub struct Plan {
    /// By cell: its group, and its place there.
    cells: Vec<(usize, usize)>,
    turns: Distinct<Turns>,
    guests: Distinct<(Turns, GuestShape)>,
    groups: Vec<Group>,
}

impl Plan {
    /// The passes that these cells need; results come in their order.
    pub fn new<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Plan {
        let mut plan = Plan::default();
        for cell in cells {
            plan.turns.number(cell.turns);
            let number = plan.guests.number((cell.turns, cell.guest()));
            if number == plan.groups.len() {
                plan.groups.push(Group::new(cell));
            }
            let group = &mut plan.groups[number];
            let planned = group.place(cell);
            group.cells.push(planned);
            plan.cells.push((number, group.cells.len() - 1));
        }
        plan.groups.iter_mut().for_each(Group::share_ways);
        plan
    }

    /// How many passes over a trace the cells share.
    pub fn passes(&self) -> PassCounts {
        let mut sum = PassCounts::default();
        for group in &self.groups {
            sum.guests += 1;
            sum.tables += group.tables.list.len();
            sum.first_levels += group.first_levels.list.len();
            sum.tlbs += group.tlbs.list.len();
            sum.walkers += group.walkers.list.len();
        }
        sum
    }

    /// Memory for buffers and, at most, for the tags of all caches.
    pub fn mebibytes(&self) -> usize {
        /// Of the decoder and of the chunks that it is ahead.
        const BUFFERS: usize = 48;
        // Tags of LRU arrays are short.
        let tag = |policy: Policy| if policy == Policy::Lru { size_of::<u32>() } else { size_of::<u64>() };
        let bytes = |array: Geometry| array.entries * tag(array.policy);
        let tags = |group: &Group| -> usize {
            let levels = group.walkers.list.iter().filter_map(|pass| pass.caches).map(|caches| caches.levels);
            levels.map(|[l1, l2, llc]| (bytes(l1) + bytes(l2)) * group.turns.cpus as usize + bytes(llc)).sum()
        };
        BUFFERS + self.groups.iter().map(tags).sum::<usize>().div_ceil(1 << 20)
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
