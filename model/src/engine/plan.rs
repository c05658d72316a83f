//! Cells, grouped so that nothing is simulated twice.
//!
//! A cell is one machine. Cells share whatever the physics does not tell apart: guest memory by its shape, shadow and host
//! tables by theirs, TLBs by effective pages, geometry and flush schedule, walkers by what decides their references.

use crate::address::{Level, PageSize};
use crate::guest::{FrameOrder, GuestPages, GuestShape};
use crate::program::Owner;
use crate::technique::{HostBacking, HostShape, OnSwitch, ShadowPolicy, ShadowShape, Technique};
use crate::tlb::{FirstKey, FlushSchedule, Geometry, Layout, SecondLevel, TlbShape};
use crate::walk::{CacheShape, DataPressure, FlatShape, NestedShape, PscShape};
use std::collections::HashMap;
use std::hash::Hash;

/// The address-translation hardware of a processor: structure, not prices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mmu {
    /// TLB entries carry process tags.
    pub tags: bool,
    pub tlb: TlbShape,
    /// Paging-structure caches of the guest's or shadow table.
    pub psc: PscShape,
    /// Those of the host table; for ept only.
    pub host_psc: PscShape,
    /// Translations of gPAs; for ept only.
    pub nested_tlb: Option<Geometry>,
    /// `None`: every page-table reference goes to memory.
    pub caches: Option<CacheShape>,
}

/// How many VMs run how many copies of the trace each, and how they take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Turns {
    /// At least 1.
    pub vms: u32,
    /// Copies of the trace in each VM, at least 1; a copy's processes are its own.
    pub copies: u32,
    /// Rows per turn, at least 1; `None`: to the end of the copy.
    pub quantum: Option<u64>,
}

impl Default for Turns {
    fn default() -> Turns {
        Turns { vms: 1, copies: 1, quantum: None }
    }
}

impl Turns {
    /// Every copy, in the order of their turns.
    pub fn owners(self) -> impl Iterator<Item = Owner> {
        (0..self.vms).flat_map(move |vm| (0..self.copies).map(move |copy| Owner { vm, copy }))
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
    /// Means nothing to native and pv.
    pub host_pages: PageSize,
    /// Levels of guest and shadow tables: 4 or 5.
    pub guest_levels: Level,
    /// Levels of the host table: 4 or 5; for ept only.
    pub host_levels: Level,
    /// For ept only.
    pub host_backing: HostBacking,
    /// For shadow only.
    pub shadow: ShadowPolicy,
    /// Page-table updates that one hypercall carries at most; at least 1.
    pub pv_batch: u64,
    pub mmu: Mmu,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum TableShape {
    /// The guest's own, numbered for the caches.
    Guest,
    Shadow(ShadowShape),
    Host(HostShape),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum WalkerShape {
    Flat(FlatShape),
    Nested(NestedShape),
}

impl WalkerShape {
    fn caches(&self) -> Option<CacheShape> {
        match self {
            WalkerShape::Flat(shape) => shape.caches,
            WalkerShape::Nested(shape) => shape.caches,
        }
    }
}

/// Things in order of first mention, each once.
pub(super) struct Distinct<T> {
    pub list: Vec<T>,
    index: HashMap<T, usize>,
}

impl<T> Default for Distinct<T> {
    fn default() -> Distinct<T> {
        Distinct { list: Vec::new(), index: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Distinct<T> {
    fn number(&mut self, thing: T) -> usize {
        *self.index.entry(thing).or_insert_with_key(|thing| {
            self.list.push(thing.clone());
            self.list.len() - 1
        })
    }
}

/// Passes of one stage that differ in nothing but ways: one pass over stacks serves them.
#[derive(Default)]
pub(super) struct Stacked {
    /// What they are fed by, and which they are: at least two.
    pub lists: Vec<(usize, Vec<usize>)>,
    /// By pass: what it is fed by, and the stacks that it follows.
    pub of: Vec<(usize, Option<usize>)>,
}

impl Stacked {
    /// From what each pass is fed by, and what it has in common with others like it; `None`: nothing.
    fn new<T: Clone + Eq + Hash>(passes: impl Iterator<Item = (usize, Option<T>)>) -> Stacked {
        let (mut alike, mut lists, mut of) = (Distinct::default(), Vec::new(), Vec::new());
        for (pass, (feed, common)) in passes.enumerate() {
            of.push((feed, None));
            let Some(common) = common else { continue };
            let number = alike.number((feed, common));
            lists.resize(lists.len().max(number + 1), (feed, Vec::new()));
            lists[number].1.push(pass);
        }
        lists.retain(|(_, passes)| passes.len() > 1);
        for (number, (_, passes)) in lists.iter().enumerate() {
            passes.iter().for_each(|pass| of[*pass].1 = Some(number));
        }
        Stacked { lists, of }
    }
}

/// A cell by the numbers of the passes that it is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planned {
    pub technique: Technique,
    pub pv_batch: u64,
    pub table: Option<usize>,
    pub tlb: usize,
    pub walker: usize,
}

/// Passes over a trace, by stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passes {
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

/// Cells grouped so that nothing is simulated twice: by what they share first.
#[derive(Default)]
pub struct Plan {
    /// By cell: its group, and its place there.
    cells: Vec<(usize, usize)>,
    turns: Distinct<Turns>,
    guests: Distinct<(Turns, GuestShape)>,
    groups: Vec<Group>,
}

/// Cells that see the same rows in the same order, and share guest memory.
pub(super) struct Group {
    pub turns: Turns,
    pub cells: Vec<Planned>,
    pub(super) guest: GuestShape,
    pub(super) tables: Distinct<TableShape>,
    pub(super) first_levels: Distinct<FirstKey>,
    /// By first level.
    pub(super) tlbs: Distinct<(usize, Vec<SecondLevel>)>,
    pub(super) walkers: Distinct<(usize, Option<usize>, WalkerShape)>,
    pub(super) first_stacks: Stacked,
    pub(super) second_stacks: Stacked,
}

impl Plan {
    /// The passes that these cells need; results come in their order.
    pub fn new(cells: &[Cell]) -> Plan {
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
        plan.groups.iter_mut().for_each(Group::stack);
        plan
    }

    /// How many passes over a trace the cells share.
    pub fn passes(&self) -> Passes {
        let mut sum = Passes::default();
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
        let walkers = self.groups.iter().flat_map(|group| &group.walkers.list).filter_map(|(.., shape)| shape.caches());
        let tags: usize = walkers.flat_map(|caches| caches.levels).map(|level| level.entries).sum();
        BUFFERS + (tags * size_of::<u64>()).div_ceil(1 << 20)
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

impl Cell {
    fn guest(&self) -> GuestShape {
        GuestShape {
            pages: self.guest_pages,
            levels: self.guest_levels,
            frames: self.frames,
            infer_ranges: self.infer_ranges && self.guest_pages == GuestPages::Thp,
        }
    }
}

impl Group {
    /// The group of a cell, without any.
    pub(super) fn new(cell: &Cell) -> Group {
        Group {
            turns: cell.turns,
            cells: Vec::new(),
            guest: cell.guest(),
            tables: Distinct::default(),
            first_levels: Distinct::default(),
            tlbs: Distinct::default(),
            walkers: Distinct::default(),
            first_stacks: Stacked::default(),
            second_stacks: Stacked::default(),
        }
    }

    pub(super) fn place(&mut self, cell: &Cell) -> Planned {
        let mmu = &cell.mmu;
        let drop_on_switch = cell.technique == Technique::Shadow && cell.shadow.on_switch == OnSwitch::Drop;
        let schedule = FlushSchedule { tags: mmu.tags, drop_on_switch };
        let sizes = cell.guest_pages.sizes();
        // No larger than the guest's own, so that cells which cut nothing share their passes.
        let largest = sizes.iter().fold(PageSize::Size4K, |most, size| most.max(*size));
        let largest = cell.technique.largest_effective(cell.host_pages).min(largest);
        let flat = FlatShape { largest, levels: cell.guest_levels, psc: mmu.psc, schedule, caches: mmu.caches };
        let (table, walker) = match cell.technique {
            Technique::Native | Technique::Pv => (mmu.caches.map(|_| TableShape::Guest), WalkerShape::Flat(flat)),
            Technique::Shadow => {
                let (host_pages, levels, policy) = (cell.host_pages, cell.guest_levels, cell.shadow);
                (Some(TableShape::Shadow(ShadowShape { host_pages, levels, policy })), WalkerShape::Flat(flat))
            }
            Technique::Ept => {
                let host = HostShape { pages: cell.host_pages, levels: cell.host_levels, backing: cell.host_backing };
                let nested = NestedShape {
                    guest_levels: cell.guest_levels,
                    host_levels: cell.host_levels,
                    host_pages: cell.host_pages,
                    psc: mmu.psc,
                    host_psc: mmu.host_psc,
                    nested_tlb: mmu.nested_tlb,
                    schedule,
                    caches: mmu.caches,
                };
                (Some(TableShape::Host(host)), WalkerShape::Nested(nested))
            }
        };
        let first = self.first_levels.number(mmu.tlb.first(&sizes, largest, schedule));
        let tlb = self.tlbs.number((first, mmu.tlb.second(&sizes, largest)));
        let table = table.map(|shape| self.tables.number(shape));
        Planned {
            technique: cell.technique,
            pv_batch: cell.pv_batch,
            table,
            tlb,
            // Without caches the references do not depend on which nodes are read.
            walker: self.walkers.number((tlb, table.filter(|_| mmu.caches.is_some()), walker)),
        }
    }

    /// Whether a walker sees more than the first access of a run: where data presses on caches in full, and where no TLB holds
    /// the page, so that all of them walk.
    pub(super) fn needs_every_address(&self) -> bool {
        let presses = |(.., walker): &(usize, Option<usize>, WalkerShape)| {
            walker.caches().is_some_and(|caches| caches.pressure == DataPressure::All)
        };
        let walks_again = |(first, second): &(usize, Vec<SecondLevel>)| {
            let key = &self.first_levels.list[*first];
            let (first, second) = (Layout::first(key), Layout::second(second));
            self.sizes(key).any(|size| !first.holds(size) && !second.holds(size))
        };
        self.walkers.list.iter().any(presses) || self.tlbs.list.iter().any(walks_again)
    }

    /// Page sizes of the entries that a first level holds.
    fn sizes(&self, key: &FirstKey) -> impl Iterator<Item = PageSize> {
        let largest = key.largest;
        self.guest.pages.sizes().into_iter().map(move |size| size.min(largest))
    }

    /// Finds the TLBs that differ in nothing but ways, of those that have inclusion and an array for every page.
    fn stack(&mut self) {
        let first_stacks = Stacked::new(self.first_levels.list.iter().map(|key| {
            let layout = Layout::first(key);
            let is_whole = layout.has_inclusion() && self.sizes(key).all(|size| layout.holds(size));
            (0, is_whole.then(|| (layout.sets(), key.largest, key.schedule)))
        }));
        let second_stacks = Stacked::new(self.tlbs.list.iter().map(|(first, second)| {
            let key = &self.first_levels.list[*first];
            let (before, layout) = (Layout::first(key), Layout::second(second));
            let is_held = |size| before.holds(size) && layout.holds(size);
            let is_whole = layout.has_inclusion() && self.sizes(key).all(is_held);
            (*first, is_whole.then(|| layout.sets()))
        }));
        (self.first_stacks, self.second_stacks) = (first_stacks, second_stacks);
    }

    /// The page sizes of all first-level arrays, with the sets for data and for fetches; `None` where an access may find none, or one
    /// that does not ignore repeats.
    pub(super) fn arrays(&self) -> Option<Vec<(PageSize, [usize; 2])>> {
        let sets = |array: Option<Geometry>| array.filter(|array| array.policy.ignores_repeats()).map(Geometry::sets);
        let of = |key: &FirstKey, size| {
            let [data, fetch] = [key.l1d, key.l1i].map(|arrays| sets(arrays[size as usize]));
            Some((size, [data?, fetch?]))
        };
        self.first_levels.list.iter().flat_map(|key| self.sizes(key).map(|size| of(key, size))).collect()
    }
}
