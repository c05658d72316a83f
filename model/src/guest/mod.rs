//! Guest memory: accesses and calls become paging events, the same for every technique and every TLB.
//!
//! *Models:* demand paging with one page size or mixed ones, copy-on-write after fork, dirty bits, unmap, protect, exit, and the guest's
//! choice between single invalidations and a full flush.
//! *Does not model:* the guest kernel's own memory, swapping, file pages shared between unrelated processes.
//! *Source:* the x86-64 paging of the Intel SDM volume 3A; Linux flushes everything above 33 pages
//! (kernel commit a5102476a24b).

pub mod calls;
pub mod fault;
pub mod frames;
pub mod inferred;
mod sharers;
mod step;

pub use crate::arrays::{MOST_PROCESSES, Slot};
pub use frames::FrameOrder;
pub use inferred::Inferred;
pub use step::{At, Flush, Flushed, Place, Step};

use crate::address::{Gva, Level, PageSize};
use crate::counts::{Counts, Event, Gauge, Gauges};
use crate::program::{Chunk, Owner, PerProcessor, Processor, Processors, Ranges};
use crate::tables::{NodeId, Recent, Tables};
use frames::Frames;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Which leaves the guest maps with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GuestPages {
    /// Leaves of one size.
    One(PageSize),
    /// 2M where the region lies wholly inside one mapped range and holds no 4K leaf yet, else 4K (transparent huge pages).
    Thp,
}

impl GuestPages {
    /// The word for it in sweep files and results: a size, or `thp`.
    pub const fn name(self) -> &'static str {
        match self {
            GuestPages::One(size) => size.name(),
            GuestPages::Thp => "thp",
        }
    }

    /// The sizes that leaves can have, smallest first.
    pub fn sizes(self) -> Vec<PageSize> {
        match self {
            GuestPages::One(size) => vec![size],
            GuestPages::Thp => vec![PageSize::Size4K, PageSize::Size2M],
        }
    }
}

/// Structure of the guest's paging.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GuestShape {
    pub pages: GuestPages,
    pub levels: Level,
    pub frames: FrameOrder,
    /// Where the trace has no map rows, ranges inferred from its accesses stand in for them; for mixed page sizes only.
    pub infer_ranges: bool,
}

/// Of the row that ran last on a processor.
#[derive(Clone, Copy, Debug, Default)]
struct Latest {
    process: Option<(Owner, u32)>,
    /// The slot of that process, while it is alive.
    slot: Option<Slot>,
}

/// The memory of all guests of one machine, and what the last chunk of a trace did to it.
#[derive(Debug)]
pub struct Guest {
    shape: GuestShape,
    inferred: Option<Arc<Inferred>>,
    tables: Tables,
    /// By VM.
    frames: Vec<Frames>,
    /// Whose rows the chunk holds.
    owner: Owner,
    slots: HashMap<(Owner, u32), Slot>,
    roots: Vec<NodeId>,
    free_slots: Vec<Slot>,
    /// By slot; kept for mixed page sizes only.
    ranges: Vec<Ranges>,
    /// By slot: processors on which a row of the process ran.
    ran_on: Vec<Processors>,
    latest: PerProcessor<Latest>,
    /// The process, processor and slot of the last row, as long as they are those of the next one of the same.
    entered: Option<(u32, Processor, Slot)>,
    recent: Recent,
    counts: Counts,
    gauges: Gauges,
    mapped_bytes: u64,
    nodes_allocated: u64,
    /// Rows by how many PTEs each wrote.
    batches: BTreeMap<u64, u64>,
    writes_before_row: u64,
    flushes_before_row: u64,
    flushes_elsewhere: u64,
    row_changed: bool,
    tells_writes: bool,
    scratch: Vec<NodeId>,
    /// By run of the last chunk.
    pub places: Vec<Place>,
    /// Changes of tables and frames in the last chunk, for techniques.
    pub steps: Vec<At<Step>>,
    /// Flushes in the last chunk, for TLBs and paging-structure caches.
    pub flushes: Vec<At<Flush>>,
}

impl Guest {
    /// `inferred` ranges are mapped from the beginning of each process.
    pub fn new(shape: GuestShape, inferred: Option<Arc<Inferred>>) -> Guest {
        Guest {
            shape,
            inferred,
            tables: Tables::new(shape.levels),
            frames: Vec::new(),
            owner: Owner::default(),
            slots: HashMap::new(),
            roots: Vec::new(),
            free_slots: Vec::new(),
            ranges: Vec::new(),
            ran_on: Vec::new(),
            latest: PerProcessor::new(Latest::default()),
            entered: None,
            recent: Recent::default(),
            counts: Counts::default(),
            gauges: Gauges::default(),
            mapped_bytes: 0,
            nodes_allocated: 0,
            batches: BTreeMap::new(),
            writes_before_row: 0,
            flushes_before_row: 0,
            flushes_elsewhere: 0,
            row_changed: false,
            tells_writes: false,
            scratch: Vec::new(),
            places: Vec::new(),
            steps: Vec::new(),
            flushes: Vec::new(),
        }
    }

    /// The same, which also tells steps of each PTE write.
    pub fn telling_writes(self) -> Guest {
        Guest { tells_writes: true, ..self }
    }

    /// The page tables of all processes. A node freed in the last chunk can still be read.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Most processes alive at once so far.
    pub fn most_alive(&self) -> usize {
        self.roots.len()
    }

    /// Faults, PTE writes, invalidations, flushes and switches so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Invalidations and full flushes, once for each processor that they interrupt.
    pub fn flushes_elsewhere(&self) -> u64 {
        self.flushes_elsewhere
    }

    /// Nodes allocated in all, roots included.
    pub fn nodes_allocated(&self) -> u64 {
        self.nodes_allocated
    }

    /// Pairs of (PTE writes of a row, rows that wrote so many).
    pub fn batches(&self) -> &BTreeMap<u64, u64> {
        &self.batches
    }

    /// Guest tables and mapped memory so far; those of shadow and host tables are 0.
    pub fn gauges(&self) -> Gauges {
        let mut gauges = self.gauges;
        gauges[Gauge::EndGuestNodes] = self.tables.alive();
        gauges[Gauge::GuestTables] = self.slots.len() as u64;
        gauges[Gauge::PeakTotalNodes] = gauges[Gauge::PeakGuestNodes];
        gauges
    }

    /// Replays a chunk. Afterwards `places` has one entry per run, and `steps` and `flushes` say what happened between them.
    pub fn replay(&mut self, chunk: &Chunk) {
        self.replay_steps(chunk, usize::MAX);
    }

    /// The same, part by part where calls make so many steps and flushes that they would fill the memory; `then` is told of each part
    /// after its replay.
    pub fn replay_in_parts(&mut self, chunk: &Chunk, mut then: impl FnMut(&Guest, &Chunk)) {
        const MOST: usize = 1 << 18;
        let mut rest = Cow::Borrowed(chunk);
        while let Some((runs, calls)) = self.replay_steps(&rest, MOST) {
            let (part, others) = rest.split(runs, calls);
            then(self, &part);
            rest = Cow::Owned(others);
        }
        then(self, &rest);
    }

    /// Stops behind a call with more steps and flushes than this; tells how many runs and calls are done then.
    fn replay_steps(&mut self, chunk: &Chunk, most: usize) -> Option<(usize, usize)> {
        self.tables.recycle();
        if std::mem::replace(&mut self.owner, chunk.owner) != chunk.owner {
            self.entered = None;
        }
        let vms = self.frames.len().max(self.owner.vm as usize + 1);
        let (unit, order) = (self.shape.pages.sizes()[0], self.shape.frames);
        self.frames.resize_with(vms, || Frames::new(unit, order));
        self.places.clear();
        self.steps.clear();
        self.flushes.clear();
        let mut calls = chunk.calls.iter().enumerate().peekable();
        for run in &chunk.runs {
            while let Some((done, (_, call))) = calls.next_if(|(_, (at, _))| *at == self.places.len()) {
                self.call(call);
                if self.steps.len() + self.flushes.len() > most {
                    return Some((self.places.len(), done + 1));
                }
            }
            self.access(run);
        }
        for (done, (_, call)) in calls {
            self.call(call);
            if self.steps.len() + self.flushes.len() > most {
                return Some((self.places.len(), done + 1));
            }
        }
        None
    }

    /// The frames of the VM that runs.
    fn frames(&mut self) -> &mut Frames {
        &mut self.frames[self.owner.vm as usize]
    }

    fn step(&mut self, step: Step) {
        self.steps.push((self.places.len(), step));
    }

    /// A step that is told if asked for.
    fn tell(&mut self, step: Step) {
        if self.tells_writes {
            self.step(step);
        }
    }

    /// Entries of a node are written, so many times.
    fn write(&mut self, slot: Slot, node: NodeId, times: u32) {
        self.counts[Event::PteWrites] += u64::from(times);
        self.tell(Step::Write { slot, node, times });
    }

    fn flush(&mut self, flush: Flush) {
        self.flushes.push((self.places.len(), flush));
    }

    fn flush_leaf(&mut self, slot: Slot, start: Gva, size: PageSize) {
        self.flush(Flush::Leaf { slot, start, size, on: self.ran_on[slot as usize] });
    }

    /// The slot of the row's process, which begins or is switched to if need be.
    #[inline]
    fn enter(&mut self, process: u32, processor: Processor) -> Slot {
        match self.entered {
            Some((last, on, slot)) if (last, on) == (process, processor) => slot,
            Some(_) | None => self.enter_other((self.owner, process), processor),
        }
    }

    #[inline(never)]
    fn enter_other(&mut self, process: (Owner, u32), processor: Processor) -> Slot {
        if processor != self.latest.turn() {
            self.latest.turn_to(processor, |_| Latest::default());
            self.flush(Flush::Turn { processor });
        }
        let latest = *self.latest.now();
        match latest.process {
            Some((before, _)) if before.vm != process.0.vm => {
                self.counts[Event::VmSwitches] += 1;
                // CR3 stays the guest's own: nothing is dropped, but untagged TLBs are emptied.
                self.flush(Flush::Switch { from: Slot::MAX });
            }
            Some(previous) if previous != process => {
                self.counts[Event::Switches] += 1;
                // A process that is gone has nothing left to drop.
                let from = latest.slot.unwrap_or(Slot::MAX);
                let to = self.slots.get(&process).copied();
                self.step(Step::Switch { from, to });
                self.flush(Flush::Switch { from });
            }
            Some(_) | None => {}
        }
        let slot = self.slots.get(&process).copied().unwrap_or_else(|| self.start(process));
        *self.latest.now_mut() = Latest { process: Some(process), slot: Some(slot) };
        self.entered = Some((process.1, processor, slot));
        self.ran_on[slot as usize].add(self.latest.turn());
        slot
    }

    fn start(&mut self, process: (Owner, u32)) -> Slot {
        let root = self.tables.create_root();
        let slot = self.free_slots.pop().unwrap_or(self.roots.len() as Slot);
        if slot as usize == self.roots.len() {
            self.roots.push(root);
            self.ranges.push(Ranges::default());
            self.ran_on.push(Processors::default());
        }
        self.roots[slot as usize] = root;
        self.ranges[slot as usize] = Ranges::default();
        self.ran_on[slot as usize] = Processors::default();
        self.infer(slot, process.1);
        self.slots.insert(process, slot);
        self.place_node(root);
        self.step(Step::Start { slot, root });
        slot
    }

    fn infer(&mut self, slot: Slot, process: u32) {
        if let Some(inferred) = &self.inferred {
            let linear = |address| self.tables.linear(Gva::checked(address));
            inferred.add_to(&mut self.ranges[slot as usize], process, linear);
        }
    }

    fn place_node(&mut self, node: NodeId) {
        let frame = self.frames().take_node();
        self.tables.place_node(node, frame);
        self.nodes_allocated += 1;
        self.row_changed = true;
    }

    /// Settles what is known only when a row is over. The state after an access is told before the run that follows it.
    fn end_row(&mut self) {
        let written = self.counts[Event::PteWrites];
        if written > self.writes_before_row {
            *self.batches.entry(written - self.writes_before_row).or_default() += 1;
            self.writes_before_row = written;
        }
        if let Some(slot) = self.latest.now().slot {
            self.shoot_down(slot);
        }
        if std::mem::take(&mut self.row_changed) {
            let guest_nodes = self.tables.alive();
            let peak = &mut self.gauges[Gauge::PeakGuestNodes];
            *peak = guest_nodes.max(*peak);
            let mapped = &mut self.gauges[Gauge::PeakMappedBytes];
            *mapped = self.mapped_bytes.max(*mapped);
            self.step(Step::RowEnd { guest_nodes });
        }
    }

    /// Counts the processors that a row's flushes interrupt: others whose last row was the process's. Those that have run another
    /// since find out when they switch back.
    fn shoot_down(&mut self, slot: Slot) {
        let flushes = self.counts.sum(&[Event::Invalidations, Event::FullFlushes]);
        let of_row = flushes - std::mem::replace(&mut self.flushes_before_row, flushes);
        if of_row > 0 {
            let interrupted = self.latest.others().filter(|latest| latest.slot == Some(slot)).count() as u64;
            self.counts[Event::ShootdownRounds] += (interrupted > 0) as u64;
            self.counts[Event::Shootdowns] += interrupted;
            self.flushes_elsewhere += of_row * interrupted;
        }
    }
}
