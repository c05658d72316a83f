//! `analyze --config …`: read, plan, run, write, draw.

use super::compare::{Baseline, Judging};
use super::output::{print, warn};
use super::progress::Progress;
use super::summary::{cautions, summary};
use crate::charts::{Chart, Frames};
use crate::check::check;
use crate::engine::{Cell, Plan};
use crate::error::{Defect, Error, Result};
use crate::outcome::{self, Files, Outcome};
use crate::results::Results;
use crate::sweep::{Sweep, TraceInput};
use clap::Args;
use indicatif::HumanCount;
use polars::prelude::DataFrame;
use std::path::{Path, PathBuf};

/// More threads than this are a slip.
const MOST_JOBS: usize = 1024;

#[derive(Debug, Default, Args)]
pub struct SweepArguments {
    /// Sweep file: traces, axes, processors, output
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder for the results, instead of the file's output.dir
    #[arg(long, value_name = "DIR", requires = "config")]
    out: Option<PathBuf>,
    /// Threads to use; default: one per core
    #[arg(long, value_name = "N", requires = "config")]
    jobs: Option<usize>,
    /// Print nothing but errors
    #[arg(long, requires = "config")]
    quiet: bool,
    /// Write the tables and draw nothing
    #[arg(long, requires = "config")]
    no_charts: bool,
    /// Hold every invariant of the model against the results, and write nothing if one is broken
    #[arg(long, requires = "config")]
    check: bool,
    /// Check everything, say what would run, and run nothing
    #[arg(long, requires = "config")]
    dry_run: bool,
    /// Hold the results against earlier ones, as `analyze compare` does: exit code 3 if they are worse
    #[arg(long, value_name = "RESULTS", requires = "config")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    judging: Judging,
}

impl SweepArguments {
    /// The arguments of a run with results in `out`, held against every invariant, that prints nothing but errors.
    pub fn checked(config: &Path, out: &Path) -> SweepArguments {
        let (config, out) = (Some(config.to_path_buf()), Some(out.to_path_buf()));
        SweepArguments { config, out, check: true, quiet: true, ..SweepArguments::default() }
    }

    /// Runs a sweep and returns the paths of its charts.
    pub fn run(&self, config: &Path) -> Result<Vec<PathBuf>> {
        let pool = self.threads()?;
        let baseline = self.baseline()?;
        let sweep = Sweep::read(config)?;
        sweep.warnings.iter().filter(|_| !self.quiet).for_each(warn);
        let cells: Vec<Cell> = sweep.rows.iter().map(|row| row.cell.clone()).collect();
        let plan = Plan::new(&cells);
        let rows = sweep.traces.iter().map(TraceInput::expected_rows).collect::<Result<Vec<_>>>()?;
        if self.dry_run {
            let forecast = forecast(&sweep, &plan, rows.iter().sum(), pool.current_num_threads());
            print(|out| out.write_all(forecast.as_bytes()))?;
            return Ok(Vec::new());
        }
        bounded(&sweep, &plan, &rows)?;
        let dir = self.out.clone().or_else(|| sweep.output.dir.clone()).unwrap_or_else(|| default_dir(config));
        let tables = tables(&sweep);
        let files = Files::create(&dir, &tables.iter().map(|(name, _)| *name).collect::<Vec<_>>())?;
        let outcomes = pool.install(|| simulate(&sweep, &plan, &rows, self.quiet))?;
        if self.check {
            check(&sweep, &outcomes)?;
        }
        let mut frames = tables.iter().map(|(_, table)| table(&sweep, &outcomes)).collect::<Result<Vec<_>>>()?;
        let manifest = sweep.manifest()?;
        files.write(&mut frames, &manifest)?;
        if !self.quiet {
            let (summary, path) = (summary(&sweep, &outcomes), dir.join("results.csv"));
            print(|out| writeln!(out, "{summary}\nresults: {}", path.display()))?;
            cautions(&outcomes).iter().for_each(warn);
        }
        let mut drawn = Vec::new();
        if !self.no_charts {
            let table = |name| tables.iter().position(|(known, _)| *known == name).map(|i| &frames[i]);
            let frames = Frames {
                results: &frames[0],
                intervals: table("intervals"),
                sensitivity: table("sensitivity"),
                cell: &sweep.output.tornado,
            };
            drawn = self.draw(&sweep, &frames, &dir.join("charts"))?;
        }
        if let Some(baseline) = baseline {
            let results = Results::of(&dir.join("results.parquet"), frames.swap_remove(0))?;
            self.judging.hold(&baseline, &results, &manifest, self.quiet)?;
        }
        Ok(drawn)
    }

    /// The earlier results, before this run may overwrite them.
    fn baseline(&self) -> Result<Option<Baseline>> {
        match (&self.baseline, self.judging.given()) {
            (Some(path), _) => Baseline::read(path).map(Some),
            (None, None) => Ok(None),
            (None, Some(flag)) => {
                let remedy = "name the results to hold the new ones against";
                Err(Defect::new("command line", flag, "given without --baseline").remedy(remedy).into())
            }
        }
    }

    fn threads(&self) -> Result<rayon::ThreadPool> {
        if let Some(jobs) = self.jobs.filter(|jobs| !(1..=MOST_JOBS).contains(jobs)) {
            let expected = format!("from 1 to {MOST_JOBS}");
            return Err(Defect::new("command line", "--jobs", format!("{jobs} threads")).expected(expected).into());
        }
        let threads = rayon::ThreadPoolBuilder::new().num_threads(self.jobs.unwrap_or(0)).build();
        threads.map_err(|cause| Error::failed("start threads", cause))
    }

    /// The tables are safe by now: a chart that fails is a warning.
    fn draw(&self, sweep: &Sweep, frames: &Frames<'_>, dir: &Path) -> Result<Vec<PathBuf>> {
        let mut drawn = Vec::new();
        for chart in Chart::ALL {
            let wanted = match &sweep.output.charts {
                Some(named) => named.contains(&chart),
                None => chart.fits(frames),
            };
            if !wanted {
                continue;
            }
            match chart.draw(frames, dir) {
                Ok(paths) => drawn.extend(paths),
                Err(error) => warn(&error),
            }
        }
        if !self.quiet {
            print(|out| drawn.iter().try_for_each(|path| writeln!(out, "chart: {}", path.display())))?;
        }
        Ok(drawn)
    }
}

type Table = fn(&Sweep, &[Outcome<'_>]) -> Result<DataFrame>;

/// The tables of a run, the results first.
fn tables(sweep: &Sweep) -> Vec<(&'static str, Table)> {
    /// Above so many rows sensitivity is written only if asked for: it has some twenty rows for each.
    const MOST_ROWS: usize = 10_000;
    let mut tables: Vec<(&str, Table)> = vec![("results", outcome::results)];
    if sweep.interval.is_some() {
        tables.push(("intervals", outcome::intervals));
    }
    if sweep.output.sensitivity.unwrap_or(sweep.rows.len() * sweep.traces.len() <= MOST_ROWS) {
        tables.push(("sensitivity", outcome::sensitivity));
    }
    tables
}

/// Refuses intervals so short that they would fill the memory.
fn bounded(sweep: &Sweep, plan: &Plan, rows: &[u64]) -> Result<()> {
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

/// `out/NAME` under the current directory.
fn default_dir(config: &Path) -> PathBuf {
    Path::new("out").join(config.file_stem().unwrap_or_default())
}

pub(super) fn simulate<'a>(sweep: &'a Sweep, plan: &Plan, rows: &[u64], quiet: bool) -> Result<Vec<Outcome<'a>>> {
    let mut progress = Progress::new(rows.iter().sum::<u64>() * plan.replays(), quiet);
    let mut outcomes = Vec::new();
    for trace in &sweep.traces {
        progress.begin(&trace.name);
        let advance = |rows, accesses| progress.advance(rows, accesses);
        let tallies = plan.run(&|| trace.open(), &trace.place(), sweep.interval, advance)?;
        let rows = sweep.rows.iter().zip(tallies);
        outcomes.extend(rows.map(|(row, tally)| Outcome::new(sweep, trace, row, tally)));
    }
    progress.finish();
    Ok(outcomes)
}

/// What a run would do. A trace whose accesses mostly hit lies at the lower end of the time, one of random words at the upper.
fn forecast(sweep: &Sweep, plan: &Plan, rows: u64, threads: usize) -> String {
    /// Nanoseconds per row, measured on one core: to decode, and in one guest, table, TLB and walk pass.
    const DECODE: f64 = 15.0;
    const MOST_HIT: [f64; 4] = [6.0, 2.5, 4.0, 0.3];
    const ALL_MISS: [f64; 4] = [30.0, 25.0, 30.0, 80.0];
    /// Buffers of the decoder, and of one pass.
    const MEBIBYTES: [usize; 2] = [48, 1];
    let passes = plan.passes_by_stage();
    let seconds = |cost: [f64; 4]| {
        let simulated: f64 = passes.iter().zip(cost).map(|(&n, cost)| n as f64 * cost).sum();
        rows as f64 * DECODE.max(simulated / threads as f64) * 1e-9
    };
    let (low, high) = (seconds(MOST_HIT), seconds(ALL_MISS));
    let mebibytes = MEBIBYTES[0] + MEBIBYTES[1] * passes.iter().sum::<usize>();
    let [guests, tables, tlbs, walkers] = passes;
    format!(
        "{} rows of results: {} traces with {} rows, {} cells and price sheets each\n\
         a trace is replayed once, through {guests} guest, {tables} table, {tlbs} TLB and {walkers} walk passes\n\
         about {low:.1} to {high:.1} s on {threads} threads, {mebibytes} MiB and 8 bytes for each page mapped, per guest and table pass\n",
        HumanCount((sweep.rows.len() * sweep.traces.len()) as u64),
        sweep.traces.len(),
        HumanCount(rows),
        HumanCount(sweep.rows.len() as u64),
    )
}
