//! Runs a plan of cells over one trace, in parallel, chunk by chunk; or one machine by itself.

mod batch;
mod cell;
mod dealer;
mod distinct;
mod evidence;
mod feed;
mod group;
mod infer;
mod machine;
mod memory;
mod passes;
mod plan;
mod reader;
mod seen;
mod simulation;
mod steady;
mod timings;
mod watch;
mod waves;

pub use cell::{Cell, Mmu, Turns, Warm};
pub use evidence::Evidence;
pub use machine::Machine;
pub use passes::BuiltIn;
pub use plan::{PassCounts, Plan};
pub use timings::{Timings, timed};
pub use watch::{Watch, Windows};
pub use waves::Waves;

use crate::address::Level;
use crate::counts::{Counts, Event, Gauges};
use crate::error::{Defect, Result};
use crate::guest::{Guest, MOST_PROCESSES};
use crate::program::{CHUNK_ROWS, Source, Strip};
use crate::walk::References;
use feed::{Decoded, Feed};
use group::Group;
use rayon::prelude::*;
use simulation::Simulation;
use std::sync::Arc;

/// What a cell came to on one trace.
#[derive(Clone, Debug)]
pub struct Tally {
    /// What happened, over all copies.
    pub counts: Counts,
    /// The page-table memory that it took.
    pub gauges: Gauges,
    /// What says how far to trust them; `None` where the TLB or the technique is one's own.
    pub evidence: Option<Evidence>,
    /// The counts of the steady state; `None` where walks were looked at in windows only.
    pub steady: Option<Counts>,
    /// The counts of each interval or window, if any were asked for.
    pub intervals: Vec<Counts>,
    /// The walks' references by table and level; `None` where walks were looked at in windows only.
    pub references: Option<Vec<References>>,
}

/// Rows of a chunk where many walkers follow one another: each finds its caches cold again, as seldom as may be.
const LONG_CHUNK: usize = 8 * CHUNK_ROWS;
/// The caches of so many walkers stay near the processor.
const FEW_WALKERS: usize = 16;

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
        let shares =
            self.groups().iter().flat_map(|group| &group.cells).any(|cell| matches!(cell.warm, Warm::Share { .. }));
        let all = if shares && watch.is_whole() { steady::accesses(open)? } else { 0 };
        let simulation = |group| Simulation::new(group, inferred.clone(), all, watch);
        let mut simulations: Vec<Simulation<'_>> = self.groups().iter().map(simulation).collect();
        for turns in self.turns() {
            let mut run: Vec<_> =
                simulations.iter_mut().filter(|simulation| simulation.group.turns == *turns).collect();
            let groups = || self.groups().iter().filter(|group| group.turns == *turns);
            let levels = groups().map(|group| group.guest.levels).min().unwrap_or(Level::MAX);
            let every_address = groups().any(Group::needs_every_address);
            let arrays: Option<Vec<_>> = groups().map(Group::arrays).collect();
            let strip =
                arrays.filter(|_| !every_address).map_or_else(Strip::none, |arrays| Strip::new(&arrays.concat()));
            let mut warm: Vec<u64> = run.iter().flat_map(|simulation| simulation.warm()).collect();
            warm.sort_unstable();
            warm.dedup();
            let walkers: usize = groups().map(|group| group.walkers.list.len()).sum();
            let chunk_rows = if walkers > FEW_WALKERS { LONG_CHUNK } else { CHUNK_ROWS };
            let feed = Feed { open, name, levels, chunk_rows, strip, every_address, watch, warm };
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
