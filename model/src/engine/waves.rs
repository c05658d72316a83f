//! Plans that run one after the other, so that memory does not grow with cells.

use super::cell::Cell;
use super::plan::{PassCounts, Plan};
use super::{Open, Tally, Timings, Watch};
use crate::error::Result;

/// The cells of a run, in plans that each fit some memory.
pub struct Waves(Vec<Plan>);

impl Waves {
    /// Plans of consecutive cells that take about so many bytes each at most; more where one cell alone does.
    pub fn new<'a>(cells: impl IntoIterator<Item = &'a Cell>, bytes: u64) -> Waves {
        let (mut plans, mut plan, mut most) = (Vec::new(), Plan::default(), 0);
        for cell in cells {
            // As if it brought as much as any before it.
            if plan.len() > 0 && plan.bytes() + most > bytes {
                plans.push(std::mem::take(&mut plan).whole());
            }
            let before = plan.bytes();
            plan.add(cell);
            most = most.max(plan.bytes() - before);
        }
        plans.push(plan.whole());
        Waves(plans)
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The passes of all.
    pub fn passes(&self) -> PassCounts {
        self.0.iter().map(Plan::passes).sum()
    }

    /// How often every row of the trace is replayed.
    pub fn replays(&self) -> u64 {
        self.0.iter().map(Plan::replays).sum()
    }

    /// How often in one of them at most.
    pub fn copies(&self) -> u64 {
        self.0.iter().map(Plan::replays).max().unwrap_or_default()
    }

    /// [`Plan::bytes`] of the one that takes most.
    pub fn bytes(&self) -> u64 {
        self.0.iter().map(Plan::bytes).max().unwrap_or_default()
    }

    /// Runs one after the other, as [`Plan::run`] does.
    pub fn run(
        &self,
        open: &Open<'_>,
        name: &str,
        watch: Watch,
        mut progress: impl FnMut(u64, u64) + Send,
    ) -> Result<(Vec<Tally>, Timings)> {
        let (mut tallies, mut timings, mut done) = (Vec::new(), Timings::default(), (0, 0));
        for plan in &self.0 {
            let before = done;
            let (some, spent) = plan.run(open, name, watch, |rows, accesses| {
                done = (before.0 + rows, before.1 + accesses);
                progress(done.0, done.1);
            })?;
            tallies.extend(some);
            timings += spent;
        }
        Ok((tallies, timings))
    }
}
