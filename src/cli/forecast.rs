//! What a run would take, and what it took.

use super::memory::of_results;
use super::pilot::pilot;
use crate::engine::{Timings, Waves};
use crate::error::{Defect, Result};
use crate::sweep::Sweep;
use crate::words::counted;
use indicatif::HumanCount;
use std::time::Duration;

/// Refuses intervals so short that they would fill the memory.
pub fn bounded(sweep: &Sweep, waves: &Waves, rows: &[u64]) -> Result<()> {
    const MOST: u64 = 1_000_000;
    let Some(interval) = sweep.interval else { return Ok(()) };
    let each: u64 = rows.iter().map(|rows| rows * waves.copies() / interval).sum();
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

/// What a run would do, and how long it would take: the beginnings of traces are replayed and timed.
pub fn forecast(sweep: &Sweep, waves: &Waves, rows: &[u64]) -> Result<String> {
    /// To write and draw a row of the results, measured on one core.
    const SECONDS_PER_ROW: f64 = 100e-6;
    let written = (sweep.rows.len() * sweep.traces.len()) as f64 * SECONDS_PER_ROW;
    let seconds = written + pilot(sweep, waves, rows)?;
    let passes = waves.passes();
    let cells = sweep.rows.len() as u64;
    let traces = sweep.traces.len() as u64;
    Ok(format!(
        "{} of results: {} ({}) x {} and price sheets\n\
         passes: {} guest, {} table, {} first-level TLB, {} second-level TLB, {}\n\
         {} of each trace{}, {} on {}, from a pilot\n\
         at most {} MiB, and 8 bytes for each page mapped, per guest and table pass\n",
        counted(HumanCount(cells * traces), "row"),
        counted(HumanCount(traces), "trace"),
        counted(HumanCount(rows.iter().sum()), "row"),
        counted(HumanCount(cells), "cell"),
        passes.guests,
        passes.tables,
        passes.first_levels,
        passes.tlbs,
        counted(passes.walkers, "walker"),
        counted(waves.replays(), "copy"),
        if waves.count() == 1 { String::new() } else { format!(" in {} of cells", counted(waves.count(), "wave")) },
        if seconds < 0.1 { "in less than 0.1 s".into() } else { format!("about {seconds:.1} s") },
        counted(rayon::current_num_threads(), "thread"),
        (waves.bytes() + of_results(sweep)) >> 20,
    ))
}
