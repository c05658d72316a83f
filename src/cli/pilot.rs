//! How long a run would take: some of its cells, over the beginnings of its traces, timed by what processors do for them.
//!
//! What else the machine does meanwhile makes a pilot longer, and moves what it tells little.

use super::clock::{Mark, parallel};
use crate::engine::{PassCounts, Plan, Timings, Waves};
use crate::error::Result;
use crate::sweep::{Sweep, TraceInput};
use crate::trace::{Columns, Row, Source};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Accesses at the beginning of a trace that a pilot replays.
const ACCESSES: u64 = 1 << 20;
/// How long the pilots of all traces may take; the first goes on until it has seen something.
const TIME: Duration = Duration::from_millis(1200);
/// Cells of a pilot: of more, some stand for all.
const CELLS: usize = 192;

/// Seconds that cells would take over all traces, of so many rows each.
pub fn pilot(sweep: &Sweep, waves: &Waves, rows: &[u64]) -> Result<f64> {
    let start = Instant::now();
    let every = spaced(sweep.rows.len().div_ceil(CELLS));
    let few = Plan::new(sweep.cells().step_by(every));
    let (mut seconds, mut timed) = (0.0, 0);
    for (i, (trace, rows)) in sweep.traces.iter().zip(rows).enumerate() {
        if i > 0 && start.elapsed() > TIME {
            break;
        }
        let share = TIME * (i as u32 + 1) / sweep.traces.len() as u32;
        let until = start + share;
        let (spent, timings) = one(sweep, &few, trace, *rows, until)?;
        seconds += spent * scale(&timings, few.passes(), waves.passes());
        timed += rows;
    }
    // The other traces at the rate of these.
    Ok(seconds * rows.iter().sum::<u64>() as f64 / timed.max(1) as f64)
}

/// A distance of at least so much that no axis of usual length keeps step with.
fn spaced(distance: usize) -> usize {
    (distance..).find(|it| *it == 1 || [2, 3, 5].iter().all(|prime| it % prime != 0)).unwrap_or(distance)
}

/// How much longer all passes take than some, by where the time of these went.
fn scale(timings: &Timings, some: PassCounts, all: PassCounts) -> f64 {
    let ratio = |some: usize, all: usize| if some == 0 { 1.0 } else { all as f64 / some as f64 };
    let stages = [
        (timings.guest, ratio(some.guests, all.guests)),
        (timings.tables, ratio(some.tables, all.tables)),
        (timings.tlb, ratio(some.first_levels + some.tlbs, all.first_levels + all.tlbs)),
        (timings.walk, ratio(some.walkers, all.walkers)),
    ];
    let once: f64 = stages.iter().map(|(time, _)| time.as_secs_f64()).sum();
    let scaled: f64 = stages.iter().map(|(time, ratio)| time.as_secs_f64() * ratio).sum();
    if once > 0.0 { scaled / once } else { 1.0 }
}

/// Seconds for a trace of so many rows, and where those of the pilot went: the beginning, where memory is touched for the first time,
/// and the rest at the rate that the pilot mostly has later, for arrays grow all at once.
fn one(sweep: &Sweep, plan: &Plan, trace: &TraceInput, rows: u64, until: Instant) -> Result<(f64, Timings)> {
    let (seen, begun) = (Arc::new(AtomicBool::new(false)), Mark::now());
    let open = || -> Result<Box<dyn Source>> {
        let seen = Arc::clone(&seen);
        Ok(Box::new(Pilot { rows: trace.open()?, left: ACCESSES, begun: false, seen, until }))
    };
    let mut reached = vec![(begun, 0)];
    let (_, timings) = plan.run(&open, &trace.place(), sweep.watch(rows), |rows, accesses| {
        reached.push((Mark::now(), rows));
        seen.store(accesses > 0, Relaxed);
    })?;
    reached.dedup_by_key(|(_, rows)| *rows);
    let threads = parallel(&reached.iter().map(|(mark, _)| *mark).collect::<Vec<_>>());
    let seconds = |from: usize, to: usize| reached[to].0.processors_since(&reached[from].0) / threads;
    let (half, end) = ((reached.len() - 1) / 2, reached.len() - 1);
    let mut rates: Vec<f64> =
        (half..end).map(|i| seconds(i, i + 1) / (reached[i + 1].1 - reached[i].1) as f64).collect();
    rates.sort_by(f64::total_cmp);
    let rate = rates.get(rates.len().saturating_sub(1) / 2).copied().unwrap_or_default();
    let left = (rows * plan.replays()).saturating_sub(reached[half].1);
    let is_whole = reached[end].1 >= reached[half].1 + left;
    Ok((if is_whole { seconds(0, end) } else { seconds(0, half) + rate * left as f64 }, timings))
}

/// The beginning of a trace: until its time is over, but for what must be seen before anything can be told.
struct Pilot {
    rows: Box<dyn Source>,
    /// Accesses.
    left: u64,
    /// Whether there was any.
    begun: bool,
    /// Whether any was simulated.
    seen: Arc<AtomicBool>,
    until: Instant,
}

impl Pilot {
    fn goes_on(&self) -> bool {
        !self.begun || (self.left > 0 && (!self.seen.load(Relaxed) || Instant::now() < self.until))
    }

    fn gone_on(&mut self, accesses: usize) {
        self.begun |= accesses > 0;
        self.left = self.left.saturating_sub(accesses as u64);
    }
}

impl Source for Pilot {
    fn fill(&mut self, rows: &mut Vec<Row>) -> Result<()> {
        rows.clear();
        if self.goes_on() {
            self.rows.fill(rows)?;
            self.gone_on(rows.iter().filter(|row| row.op.is_access()).count());
        }
        Ok(())
    }

    fn fill_columns(&mut self, columns: &mut Columns) -> Result<()> {
        columns.clear();
        if self.goes_on() {
            self.rows.fill_columns(columns)?;
            self.gone_on(columns.ops.len());
        }
        Ok(())
    }

    fn expected_rows(&self) -> Option<u64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{MemorySource, Op};

    fn pilot(rows: Vec<Row>, seen: bool) -> Pilot {
        let rows = Box::new(MemorySource::new(rows).in_chunks_of(2));
        // Its time is over before it begins, as on a machine that does something else.
        Pilot { rows, left: 5, begun: false, seen: Arc::new(AtomicBool::new(seen)), until: Instant::now() }
    }

    fn given(mut pilot: Pilot) -> usize {
        let (mut rows, mut given) = (Vec::new(), 0);
        loop {
            pilot.fill(&mut rows).unwrap();
            given += rows.len();
            if rows.is_empty() {
                return given;
            }
        }
    }

    #[test]
    fn a_pilot_that_is_late_sees_accesses_all_the_same() {
        let row = |op| Row { op, address: 0x1000, length: 8, process: 1, thread: 0 };
        let rows = [vec![row(Op::Map); 8], vec![row(Op::Load); 20]].concat();
        assert_eq!(given(pilot(rows.clone(), false)), 8 + 6, "all that it may, for nothing is simulated yet");
        assert_eq!(given(pilot(rows, true)), 8 + 2, "the first access and what comes with it");
    }

    #[test]
    fn some_cells_stand_for_all_and_no_usual_axis_keeps_step_with_them() {
        assert_eq!([1, 2, 3, 60, 900].map(spaced), [1, 7, 7, 61, 901]);
        let timings = Timings { guest: Duration::from_secs(1), walk: Duration::from_secs(3), ..Timings::default() };
        let some = PassCounts { guests: 2, walkers: 10, ..PassCounts::default() };
        let all = PassCounts { guests: 2, walkers: 40, ..PassCounts::default() };
        assert_eq!(scale(&timings, some, all), (1.0 + 12.0) / 4.0);
        assert_eq!(scale(&timings, some, some), 1.0);
    }
}
