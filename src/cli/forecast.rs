//! What a run would take, and what it took.

use crate::engine::{Plan, Timings};
use crate::error::{Defect, Result};
use crate::sweep::{Sweep, TraceInput};
use crate::trace::{Columns, Row, Source};
use crate::words::counted;
use indicatif::HumanCount;
use std::time::{Duration, Instant};

/// Rows at the beginning of a trace that a pilot replays, and how long it may take.
const PILOT_ROWS: u64 = 1 << 20;
const PILOT_TIME: Duration = Duration::from_millis(1500);

/// Refuses intervals so short that they would fill the memory.
pub fn bounded(sweep: &Sweep, plan: &Plan, rows: &[u64]) -> Result<()> {
    const MOST: u64 = 1_000_000;
    let Some(interval) = sweep.interval else { return Ok(()) };
    let each: u64 = rows.iter().map(|rows| rows * plan.replays() / interval).sum();
    let intervals = each.saturating_mul(sweep.rows.len() as u64);
    if intervals <= MOST {
        return Ok(());
    }
    let found = format!("interval = {interval} would make about {} rows of intervals", HumanCount(intervals));
    Err(Defect::new(&sweep.file, "", found)
        .expected(format!("at most {}", HumanCount(MOST)))
        .remedy("set a longer interval, or sweep fewer cells")
        .into())
}

/// A line for each stage: its time, which overlaps with that of others on several threads, and the rate of cells × accesses that goes
/// through it.
pub fn told(timings: &Timings, digests: Duration, written: Duration, cell_accesses: u64) -> String {
    let stages = [
        ("decode (beside the others)", timings.decode),
        ("guest memory", timings.guest),
        ("shadow and host tables", timings.tables),
        ("TLBs (beside the tables)", timings.tlb),
        ("walks", timings.walk),
        ("digests (beside the others)", digests),
        ("write", written),
    ];
    let line = |(name, spent): (&str, Duration)| {
        let rate = cell_accesses as f64 / spent.as_secs_f64().max(1e-9) / 1e6;
        format!("{name:28} {:8.3} s  {rate:12.0} M cells × accesses/s\n", spent.as_secs_f64())
    };
    stages.into_iter().map(line).collect()
}

/// What a run would do, and how long it would take: the beginning of each trace is replayed and timed.
pub fn forecast(sweep: &Sweep, plan: &Plan, rows: &[u64]) -> Result<String> {
    /// To write and draw a row of the results, measured on one core.
    const SECONDS_PER_ROW: f64 = 100e-6;
    let mut seconds = (sweep.rows.len() * sweep.traces.len()) as f64 * SECONDS_PER_ROW;
    for (trace, rows) in sweep.traces.iter().zip(rows) {
        seconds += pilot(sweep, plan, trace, *rows)?;
    }
    let passes = plan.passes();
    let cells = sweep.rows.len() as u64;
    let traces = sweep.traces.len() as u64;
    Ok(format!(
        "{} of results: {} ({}) x {} and price sheets\n\
         passes: {} guest, {} table, {} first-level TLB, {} second-level TLB, {}\n\
         {} of each trace, {} on {}, from a pilot\n\
         {} MiB, and 8 bytes for each page mapped, per guest and table pass\n",
        counted(HumanCount(cells * traces), "row"),
        counted(HumanCount(traces), "trace"),
        counted(HumanCount(rows.iter().sum()), "row"),
        counted(HumanCount(cells), "cell"),
        passes.guests,
        passes.tables,
        passes.first_levels,
        passes.tlbs,
        counted(passes.walkers, "walker"),
        counted(plan.replays(), "copy"),
        if seconds < 0.1 { "in less than 0.1 s".into() } else { format!("about {seconds:.1} s") },
        counted(rayon::current_num_threads(), "thread"),
        plan.mebibytes(),
    ))
}

/// Seconds for a trace of so many rows: the beginning, where memory is touched for the first time, and the rest at the rate that the pilot
/// mostly has later, for arrays grow all at once.
fn pilot(sweep: &Sweep, plan: &Plan, trace: &TraceInput, rows: u64) -> Result<f64> {
    let start = Instant::now();
    let open = || -> Result<Box<dyn Source>> { Ok(Box::new(Pilot { rows: trace.open()?, left: PILOT_ROWS, start })) };
    let mut reached = vec![(0.0, 0)];
    plan.run(&open, &trace.place(), sweep.watch(rows), |rows, _| reached.push((start.elapsed().as_secs_f64(), rows)))?;
    reached.dedup_by_key(|(_, rows)| *rows);
    let later = &reached[reached.len() / 2..];
    let mut rates: Vec<f64> = later.windows(2).map(|it| (it[1].0 - it[0].0) / (it[1].1 - it[0].1) as f64).collect();
    rates.sort_by(f64::total_cmp);
    let rate = rates.get(rates.len().saturating_sub(1) / 2).copied().unwrap_or_default();
    let (half, end) = (later[0], reached[reached.len() - 1]);
    let left = (rows * plan.replays()).saturating_sub(half.1);
    Ok(if end.1 < half.1 + left { half.0 + rate * left as f64 } else { end.0 })
}

/// The beginning of a trace.
struct Pilot {
    rows: Box<dyn Source>,
    left: u64,
    start: Instant,
}

impl Pilot {
    fn goes_on(&self) -> bool {
        self.left > 0 && self.start.elapsed() < PILOT_TIME
    }
}

impl Source for Pilot {
    fn fill(&mut self, rows: &mut Vec<Row>) -> Result<()> {
        rows.clear();
        if self.goes_on() {
            self.rows.fill(rows)?;
            self.left = self.left.saturating_sub(rows.len() as u64);
        }
        Ok(())
    }

    fn fill_columns(&mut self, columns: &mut Columns) -> Result<()> {
        columns.clear();
        if self.goes_on() {
            self.rows.fill_columns(columns)?;
            self.left = self.left.saturating_sub(columns.all().rows() as u64);
        }
        Ok(())
    }

    fn expected_rows(&self) -> Option<u64> {
        None
    }
}
