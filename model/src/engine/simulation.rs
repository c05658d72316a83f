//! One guest memory, and every pass behind it, over a trace.

use super::feed::Decoded;
use super::group::{CellPlan, Group, SecondPass};
use super::passes::AnyWalker;
use super::seen::Seen;
use super::steady::Steady;
use super::timings::{Timings, timed};
use super::watch::{Phase, Watch};
use super::{Evidence, Tally, check_processes, total};
use crate::address::PageSize;
use crate::counts::{Counts, Event, Gauge, Gauges};
use crate::error::Result;
use crate::guest::{At, Flush, Guest, GuestPages, Inferred};
use crate::program::Chunk;
use crate::technique::TableShape;
use crate::tlb::{FirstLevel, Layout, Tlb, TlbStacks};
use crate::walk::{Follow, Misses};
use rayon::prelude::*;
use std::sync::Arc;
use std::time::Duration;

/// Does something with each pass and its number: side by side, but for one alone, which is not worth waking a thread for.
fn each<T: Send>(passes: &mut [T], work: impl Fn(usize, &mut T) + Sync) {
    match passes {
        [pass] => work(0, pass),
        _ => passes.par_iter_mut().enumerate().for_each(|(number, pass)| work(number, pass)),
    }
}

pub struct Simulation<'a> {
    pub group: &'a Group,
    guest: Guest,
    passes: Passes,
    pub seen: Seen,
    /// Whether guests with mixed page sizes go by ranges inferred from the accesses.
    inferred: bool,
    phase: Phase,
    /// By cell: its counts when the stretch began.
    starts: Vec<Counts>,
    /// By cell: the counts of each stretch that counts.
    intervals: Vec<Vec<Counts>>,
    /// By cell; none where not every access is looked up.
    steady: Vec<Steady>,
    pub timings: Timings,
}

/// Every TLB of a group.
struct Tlbs {
    first_stacks: Vec<TlbStacks>,
    first_levels: Vec<FirstLevel>,
    second_stacks: Vec<TlbStacks>,
    second_levels: Vec<Tlb>,
}

/// The flushes that a first level sees, and the levels behind it.
fn flushes<'a>(group: &Group, first: usize, tables: &'a [Box<dyn Follow>], guest: &'a Guest) -> &'a [At<Flush>] {
    let table = group.first_levels.list[first].flushes;
    table.and_then(|table| tables.get(table)?.flushes()).unwrap_or(&guest.flushes)
}

impl Tlbs {
    fn new(group: &Group) -> Tlbs {
        let key = |first: usize| &group.first_levels.list[first].key;
        let stacks = |layouts: Vec<Layout>, first: usize| TlbStacks::new(&layouts, key(first).largest, key(first).tags);
        let first = |(_, passes): &(usize, Vec<usize>)| {
            stacks(passes.iter().map(|pass| Layout::first(key(*pass))).collect(), passes[0])
        };
        let second = |(first, passes): &(usize, Vec<usize>)| {
            stacks(passes.iter().map(|pass| Layout::second(&group.tlbs.list[*pass].arrays)).collect(), *first)
        };
        Tlbs {
            first_stacks: group.first_ways.lists.iter().map(first).collect(),
            first_levels: group.first_levels.list.iter().map(|pass| FirstLevel::new(&pass.key)).collect(),
            second_stacks: group.second_ways.lists.iter().map(second).collect(),
            // Hundreds of arrays that take memory now.
            second_levels: {
                let tlb = |pass: &SecondPass| Tlb::new(key(pass.first), &pass.arrays);
                group.tlbs.list.par_iter().map(tlb).collect()
            },
        }
    }

    /// Looks a chunk up, level by level. What is skipped misses in no TLB: its flushes alone reach the stages behind.
    fn replay(&mut self, group: &Group, chunk: &Chunk, guest: &Guest, tables: &[Box<dyn Follow>], skip: bool) {
        let (runs, places) = (&chunk.runs, &guest.places);
        let flushes = |first: usize| flushes(group, first, tables, guest);
        let Tlbs { first_stacks, first_levels, second_stacks, second_levels } = self;
        each(first_stacks, |number, stacks| {
            let flushes = flushes(group.first_ways.lists[number].1[0]);
            match skip {
                true => stacks.skip(flushes),
                false => stacks.replay(0..runs.len() as u32, runs, places, flushes),
            }
        });
        each(first_levels, |number, first| match (group.first_ways.of[number].1, skip) {
            (Some(stacks), _) => first.follow(&first_stacks[stacks]),
            (None, true) => first.skip(flushes(number)),
            (None, false) => first.replay(runs, places, flushes(number)),
        });
        let first_levels = &*first_levels;
        each(second_stacks, |number, stacks| {
            let first = group.second_ways.lists[number].0;
            stacks.replay(first_levels[first].misses.iter().copied(), runs, places, flushes(first));
        });
        each(second_levels, |number, second| match group.second_ways.of[number] {
            (first, Some(stacks)) => second.follow(&first_levels[first], &second_stacks[stacks]),
            (first, None) => second.replay(&first_levels[first], runs, places, flushes(first)),
        });
    }
}

/// What is behind the guest memory.
struct Passes {
    tables: Vec<Box<dyn Follow>>,
    tlbs: Tlbs,
    walkers: Vec<AnyWalker>,
}

impl Passes {
    /// Follows it. Passes of one stage run side by side; a stage begins when the one before it has done
    /// the chunk.
    fn follow(&mut self, group: &Group, guest: &Guest, chunk: &Chunk, timings: &mut Timings, skip: bool) {
        let Passes { tables, tlbs, walkers } = self;
        let follow = |tables: &mut [Box<dyn Follow>]| each(tables, |_, table| table.replay(chunk, guest));
        if group.tables_flush() || group.tlbs.list.len() == 1 {
            timed(&mut timings.tables, || follow(tables));
            timed(&mut timings.tlb, || tlbs.replay(group, chunk, guest, tables, skip));
        } else {
            rayon::join(
                || timed(&mut timings.tables, || follow(tables)),
                || timed(&mut timings.tlb, || tlbs.replay(group, chunk, guest, &[], skip)),
            );
        }
        let walk = |number: usize, walker: &mut AnyWalker| {
            let pass = &group.walkers.list[number];
            let behind = pass.table.and_then(|table| tables[table].dimensions(chunk, guest));
            let flushes = flushes(group, group.tlbs.list[pass.tlb].first, tables, guest);
            let misses = &tlbs.second_levels[pass.tlb].misses;
            walker.replay(&Misses { flushes, ..Misses::new(chunk, guest, misses, behind) });
        };
        timed(&mut timings.walk, || each(walkers, walk));
    }
}

impl<'a> Simulation<'a> {
    /// Of a trace of so many accesses.
    pub fn new(group: &'a Group, inferred: Option<Arc<Inferred>>, accesses: u64, watch: Watch) -> Simulation<'a> {
        let inferred = inferred.filter(|_| group.guest.infer_ranges);
        let cells = group.cells.iter().filter(|_| watch.is_whole());
        Simulation {
            group,
            inferred: inferred.is_some(),
            guest: group.guest_memory(inferred),
            passes: Passes {
                tables: group.tables.list.iter().map(TableShape::build).collect(),
                tlbs: Tlbs::new(group),
                walkers: group.walkers.list.par_iter().map(AnyWalker::new).collect(),
            },
            seen: Seen::default(),
            phase: Phase::default(),
            starts: vec![Counts::default(); group.cells.len()],
            intervals: vec![Vec::new(); group.cells.len()],
            steady: cells.map(|cell| Steady::new(cell.warm.accesses(accesses))).collect(),
            timings: Timings::default(),
        }
    }

    pub fn replay(&mut self, parts: &[Decoded], name: &str) -> Result<()> {
        for part in parts {
            if part.begins {
                self.end_stretch();
            }
            self.settle(part.access);
            self.phase = part.phase;
            self.seen.add(part);
            self.simulate(&part.chunk);
            check_processes(&self.guest, name)?;
        }
        Ok(())
    }

    /// Numbers of accesses with which the steady states of cells begin.
    pub fn warm(&self) -> impl Iterator<Item = u64> {
        self.steady.iter().map(|steady| steady.warm)
    }

    /// Takes the counts of every cell whose steady state begins or ends with an access of this number in its copy.
    fn settle(&mut self, access: u64) {
        if !self.steady.iter().any(|steady| steady.changes(access)) {
            return;
        }
        let mut steady = std::mem::take(&mut self.steady);
        let changing = steady.par_iter_mut().zip(&self.group.cells).filter(|(steady, _)| steady.changes(access));
        changing.for_each(|(steady, cell)| steady.change(self.outcome(cell).0));
        self.steady = steady;
    }

    fn simulate(&mut self, chunk: &Chunk) {
        let Simulation { group, guest, passes, timings, phase, .. } = self;
        let skip = *phase == Phase::Skip;
        let (mut all, mut behind) = (Duration::ZERO, Duration::ZERO);
        timed(&mut all, || {
            guest.replay_in_parts(chunk, |guest, part| {
                timed(&mut behind, || passes.follow(group, guest, part, timings, skip));
            });
        });
        timings.guest += all - behind;
    }

    fn outcome(&self, cell: &CellPlan) -> (Counts, Gauges) {
        let first = &self.passes.tlbs.first_levels[self.group.tlbs.list[cell.tlb].first];
        let tlb = self.passes.tlbs.second_levels[cell.tlb].counts(first);
        let table = cell.table.map(|table| &*self.passes.tables[table]);
        let (virtualized, mut gauges) = cell.outcome(&self.passes.walkers[cell.walker], table, &self.guest);
        gauges[Gauge::TouchedBytes] = self.seen.touched_bytes(self.group.turns);
        (total([&self.seen.counts(), self.guest.counts(), &tlb, &virtualized]), gauges)
    }

    /// Takes every cell's counts.
    pub fn end_stretch(&mut self) {
        let ends: Vec<Counts> = self.group.cells.par_iter().map(|cell| self.outcome(cell).0).collect();
        if self.phase == Phase::Count {
            let stretches = ends.iter().zip(&self.starts).map(|(end, start)| end.since(start));
            self.intervals.iter_mut().zip(stretches).for_each(|(intervals, counts)| intervals.push(counts));
        }
        self.starts = ends;
    }

    pub fn tally(&self, cell: usize, watch: Watch) -> Tally {
        let (intervals, steady) = (self.intervals[cell].clone(), self.steady.get(cell));
        let cell = &self.group.cells[cell];
        let (counts, gauges) = self.outcome(cell);
        let references =
            (!matches!(watch, Watch::Windows(_))).then(|| cell.references(&self.passes.walkers[cell.walker]));
        Tally {
            counts,
            gauges,
            steady: steady.map(|steady| steady.end(&counts)),
            evidence: Some(self.evidence(cell, &counts)),
            intervals,
            references,
        }
    }

    fn evidence(&self, cell: &CellPlan, counts: &Counts) -> Evidence {
        let (first, touched) = (self.group.tlbs.list[cell.tlb].first, &self.seen.touched);
        let (key, last) = (&self.group.first_levels.list[first].key, &self.passes.tlbs.second_levels[cell.tlb]);
        let first = &self.passes.tlbs.first_levels[first];
        let copies = self.group.turns.owners().count() as u64;
        let tlb_pages = match (self.group.guest.pages, key.largest) {
            // Of mixed pages, each was faulted in once.
            (GuestPages::Thp, PageSize::Size2M) => counts[Event::GuestFaults],
            (_, PageSize::Size4K) => touched.pages() * copies,
            (_, PageSize::Size2M) => touched.pages_2m() * copies,
            (_, PageSize::Size1G) => touched.pages_1g() * copies,
        };
        Evidence {
            touched_pages: touched.pages(),
            tlb_pages,
            last_level_entries: last.last_level_entries(first) as u64,
            evicted: last.has_evicted(first),
            address_bits: self.seen.address_bits,
            inferred_ranges: self.inferred,
        }
    }
}
