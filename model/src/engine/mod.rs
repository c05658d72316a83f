//! Runs a plan over one trace, in parallel, chunk by chunk; nothing else.

mod batch;
mod dealer;
mod evidence;
mod feed;
mod infer;
mod machine;
mod passes;
mod plan;
mod reader;
mod seen;
mod timings;
mod watch;

pub use evidence::Evidence;
pub use machine::Machine;
pub use passes::BuiltIn;
pub use plan::{Cell, Mmu, Passes, Plan, Turns};
pub use timings::{Timings, timed};
pub use watch::{Watch, Windows};

use crate::address::{Level, PageSize};
use crate::counts::{Counts, Event, Gauge, Gauges};
use crate::error::{Defect, Result};
use crate::guest::{Guest, GuestPages, Inferred, MOST_PROCESSES};
use crate::program::{Chunk, Source, Strip};
use crate::technique::Parts;
use crate::tlb::{FirstLevel, Layout, SecondLevel, Stacks, Tlb};
use crate::walk::{Misses, References};
use feed::{Decoded, Feed};
use passes::{Table, Walker};
use plan::{Group, Planned};
use rayon::prelude::*;
use seen::Seen;
use std::sync::Arc;
use watch::Phase;

/// What a cell came to on one trace.
#[derive(Clone, Debug)]
pub struct Tally {
    /// What happened, over all copies.
    pub counts: Counts,
    /// The page-table memory that it took.
    pub gauges: Gauges,
    /// What says how far to trust them; `None` where the TLB or the technique is one's own.
    pub evidence: Option<Evidence>,
    /// The counts of each interval or window, if any were asked for.
    pub intervals: Vec<Counts>,
    /// The walks' references by table and level; `None` where walks were looked at in windows only.
    pub references: Option<Vec<References>>,
}

/// Opens a trace from its first row.
pub type Open<'a> = dyn Fn() -> Result<Box<dyn Source>> + Sync + 'a;

impl Plan {
    /// Runs every cell over the trace; results are in the order of the cells, and with them where the time went.
    ///
    /// `name` is the trace's, for errors. `watch` says what is counted by itself; calls belong to the access before them. `progress`
    /// is told again and again how many rows, and accesses among them, are done, of all copies. Fails as the source does, if the
    /// trace holds no access, if an address is not canonical for the levels of a cell, or if more processes live at once than a tag
    /// can tell apart.
    pub fn run(
        &self,
        open: &Open<'_>,
        name: &str,
        watch: Watch,
        mut progress: impl FnMut(u64, u64) + Send,
    ) -> Result<(Vec<Tally>, Timings)> {
        let (mut rows, mut accesses, mut timings) = (0, 0, Timings::default());
        let inferred = if self.infers_ranges() { infer::inferred(open)?.map(Arc::new) } else { None };
        let simulation = |group| Simulation::new(group, inferred.clone());
        let mut simulations: Vec<Simulation<'_>> = self.groups().iter().map(simulation).collect();
        for turns in self.turns() {
            let mut run: Vec<_> = simulations.iter_mut().filter(|simulation| simulation.plan.turns == *turns).collect();
            let groups = || self.groups().iter().filter(|group| group.turns == *turns);
            let levels = groups().map(|group| group.guest.levels).min().unwrap_or(Level::MAX);
            let every_address = groups().any(Group::needs_every_address);
            let arrays: Option<Vec<_>> = groups().map(Group::arrays).collect();
            let strip =
                arrays.filter(|_| !every_address).map_or_else(Strip::none, |arrays| Strip::new(&arrays.concat()));
            let feed = Feed { open, name, levels, strip, every_address, watch };
            timings.decode += feed.run(*turns, |parts| {
                run.par_iter_mut().try_for_each(|simulation| simulation.replay(parts, name))?;
                rows += parts.iter().map(Decoded::rows).sum::<u64>();
                accesses += parts.iter().map(Decoded::accesses).sum::<u64>();
                progress(rows, accesses);
                Ok(())
            })?;
            for simulation in run {
                timings += simulation.timings;
                simulation.seen.check(name)?;
                if watch != Watch::Whole {
                    simulation.end_stretch();
                }
            }
        }
        Ok((self.cells().iter().map(|&(group, cell)| simulations[group].tally(cell, watch)).collect(), timings))
    }
}

/// Fails if more processes were alive at once than a tag can tell apart.
fn check_processes(guest: &Guest, name: &str) -> Result<()> {
    if guest.most_alive() < MOST_PROCESSES {
        return Ok(());
    }
    let found = format!("{MOST_PROCESSES} processes are alive at once");
    let remedy = "fewer processes in the trace, or fewer vms and copies";
    Err(Defect::new(name, "", found).expected("fewer").remedy(remedy).into())
}

/// All counts of a machine, from those of its parts.
fn total(parts: [&Counts; 4]) -> Counts {
    let mut counts = Counts::default();
    parts.into_iter().for_each(|part| counts += part);
    counts[Event::VmExits] = counts.sum(&Event::EXITS);
    counts[Event::Hypercalls] = counts.sum(&Event::HYPERCALLS);
    counts
}

/// Does something with each pass and its shape: side by side, but for one alone, which is not worth waking a thread for.
fn each<T: Send, U: Sync>(passes: &mut [T], shapes: &[U], work: impl Fn(&mut T, &U) + Sync) {
    match (&mut *passes, shapes) {
        ([pass], [shape]) => work(pass, shape),
        _ => passes.par_iter_mut().zip(shapes).for_each(|(pass, shape)| work(pass, shape)),
    }
}

struct Simulation<'a> {
    plan: &'a Group,
    guest: Guest,
    tables: Vec<Table>,
    first_stacks: Vec<Stacks>,
    first_levels: Vec<FirstLevel>,
    second_stacks: Vec<Stacks>,
    tlbs: Vec<Tlb>,
    walkers: Vec<Walker>,
    seen: Seen,
    /// Whether guests with mixed page sizes go by ranges inferred from the accesses.
    inferred: bool,
    phase: Phase,
    /// By cell: its counts when the stretch began.
    starts: Vec<Counts>,
    /// By cell: the counts of each stretch that counts.
    intervals: Vec<Vec<Counts>>,
    timings: Timings,
}

impl<'a> Simulation<'a> {
    fn new(plan: &'a Group, inferred: Option<Arc<Inferred>>) -> Simulation<'a> {
        let inferred = inferred.filter(|_| plan.guest.infer_ranges);
        let tlb = |(first, shape): &(usize, Vec<SecondLevel>)| Tlb::new(&plan.first_levels.list[*first], shape);
        let first_stacks = plan.first_stacks.lists.iter().map(|(_, passes)| {
            let keys: Vec<_> = passes.iter().map(|pass| &plan.first_levels.list[*pass]).collect();
            let layouts: Vec<_> = keys.iter().map(|key| Layout::first(key)).collect();
            Stacks::new(&layouts, keys[0].largest, keys[0].schedule)
        });
        let second_stacks = plan.second_stacks.lists.iter().map(|(first, passes)| {
            let key = &plan.first_levels.list[*first];
            let layouts: Vec<_> = passes.iter().map(|pass| Layout::second(&plan.tlbs.list[*pass].1)).collect();
            Stacks::new(&layouts, key.largest, key.schedule)
        });
        Simulation {
            plan,
            first_stacks: first_stacks.collect(),
            second_stacks: second_stacks.collect(),
            inferred: inferred.is_some(),
            guest: Guest::new(plan.guest, inferred),
            tables: plan.tables.list.iter().map(Table::new).collect(),
            first_levels: plan.first_levels.list.iter().map(FirstLevel::new).collect(),
            // Hundreds of arrays that take memory now.
            tlbs: plan.tlbs.list.par_iter().map(tlb).collect(),
            walkers: plan.walkers.list.par_iter().map(|(.., shape)| Walker::new(shape)).collect(),
            seen: Seen::default(),
            phase: Phase::default(),
            starts: vec![Counts::default(); plan.cells.len()],
            intervals: vec![Vec::new(); plan.cells.len()],
            timings: Timings::default(),
        }
    }

    fn replay(&mut self, parts: &[Decoded], name: &str) -> Result<()> {
        for part in parts {
            if part.begins {
                self.end_stretch();
            }
            self.phase = part.phase;
            self.seen.add(part);
            self.simulate(&part.chunk);
            check_processes(&self.guest, name)?;
        }
        Ok(())
    }

    /// Passes of one stage run side by side; a stage begins when the one before it has done the chunk. A stretch that is skipped
    /// misses in no TLB, whose flushes alone then reach the stages behind.
    fn simulate(&mut self, chunk: &Chunk) {
        let skip = self.phase == Phase::Skip;
        let Simulation {
            plan, guest, tables, first_stacks, first_levels, second_stacks, tlbs, walkers, timings, ..
        } = self;
        timed(&mut timings.guest, || guest.replay(chunk));
        let guest = &*guest;
        let follow = || each(tables, &plan.tables.list, |table, _| table.replay(chunk, guest));
        let look_up = || {
            each(first_stacks, &plan.first_stacks.lists, |stacks, _| match skip {
                true => stacks.skip(&guest.flushes),
                false => stacks.replay(0..chunk.runs.len() as u32, &chunk.runs, &guest.places, &guest.flushes),
            });
            each(first_levels, &plan.first_stacks.of, |first, (_, stacks)| match (stacks, skip) {
                (Some(stacks), _) => first.follow(&first_stacks[*stacks]),
                (None, true) => first.skip(&guest.flushes),
                (None, false) => first.replay(&chunk.runs, &guest.places, &guest.flushes),
            });
            let first_levels = &*first_levels;
            each(second_stacks, &plan.second_stacks.lists, |stacks, (first, _)| {
                let misses = first_levels[*first].misses.iter().copied();
                stacks.replay(misses, &chunk.runs, &guest.places, &guest.flushes);
            });
            each(tlbs, &plan.second_stacks.of, |tlb, (first, stacks)| match stacks {
                Some(stacks) => tlb.follow(&first_levels[*first], &second_stacks[*stacks]),
                None => tlb.replay(&first_levels[*first], &chunk.runs, &guest.places, &guest.flushes),
            })
        };
        let (follow, look_up) = (|| timed(&mut timings.tables, follow), || timed(&mut timings.tlb, look_up));
        if plan.tlbs.list.len() > 1 {
            rayon::join(follow, look_up);
        } else {
            follow();
            look_up();
        }
        let tables = &*tables;
        let walk = || {
            each(walkers, &plan.walkers.list, |walker, (tlb, table, _)| {
                let behind = table.and_then(|table| tables[table].behind(chunk, guest));
                walker.replay(&Misses::new(chunk, guest, &tlbs[*tlb].misses, behind));
            })
        };
        timed(&mut timings.walk, walk);
    }

    fn parts(&self, cell: &Planned) -> Parts<'_> {
        cell.parts(&self.walkers[cell.walker], cell.table.map(|table| &self.tables[table]))
    }

    fn outcome(&self, cell: &Planned) -> (Counts, Gauges) {
        let tlb = self.tlbs[cell.tlb].counts(&self.first_levels[self.plan.tlbs.list[cell.tlb].0]);
        let (virtualized, mut gauges) = self.parts(cell).outcome(&self.guest);
        gauges[Gauge::TouchedBytes] = self.seen.touched_bytes(self.plan.turns);
        (total([&self.seen.counts(), self.guest.counts(), &tlb, &virtualized]), gauges)
    }

    /// Takes every cell's counts.
    fn end_stretch(&mut self) {
        let ends: Vec<Counts> = self.plan.cells.par_iter().map(|cell| self.outcome(cell).0).collect();
        if self.phase == Phase::Count {
            let stretches = ends.iter().zip(&self.starts).map(|(end, start)| end.since(start));
            self.intervals.iter_mut().zip(stretches).for_each(|(intervals, counts)| intervals.push(counts));
        }
        self.starts = ends;
    }

    fn tally(&self, cell: usize, watch: Watch) -> Tally {
        let intervals = self.intervals[cell].clone();
        let cell = &self.plan.cells[cell];
        let (counts, gauges) = self.outcome(cell);
        let references = (!matches!(watch, Watch::Windows(_))).then(|| self.parts(cell).references());
        Tally { counts, gauges, evidence: Some(self.evidence(cell, &counts)), intervals, references }
    }

    fn evidence(&self, cell: &Planned, counts: &Counts) -> Evidence {
        let (first, touched) = (self.plan.tlbs.list[cell.tlb].0, &self.seen.touched);
        let (tlb, first, key) = (&self.tlbs[cell.tlb], &self.first_levels[first], &self.plan.first_levels.list[first]);
        let copies = self.plan.turns.owners().count() as u64;
        let tlb_pages = match (self.plan.guest.pages, key.largest) {
            // Of mixed pages, each was faulted in once.
            (GuestPages::Thp, PageSize::Size2M) => counts[Event::GuestFaults],
            (_, PageSize::Size4K) => touched.pages() * copies,
            (_, PageSize::Size2M) => touched.pages_2m() * copies,
            (_, PageSize::Size1G) => touched.pages_1g() * copies,
        };
        Evidence {
            touched_pages: touched.pages(),
            tlb_pages,
            last_level_entries: tlb.last_level_entries(first) as u64,
            evicted: tlb.has_evicted(first),
            address_bits: self.seen.address_bits,
            inferred_ranges: self.inferred,
        }
    }
}
