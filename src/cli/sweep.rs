//! `analyze --config …`: read, plan, run, write, draw.

use super::compare::{Baseline, Judging};
use super::denominator::Denominator;
use super::forecast::{bounded, forecast, told};
use super::memory::waves;
use super::output::{print, warn};
use super::paths::folder;
use super::progress::Progress;
use super::summary::{cautions, summary};
use super::terminal::wrapped;
use crate::bytes::parse_bytes;
use crate::charts::{Drawing, drawings};
use crate::check::check;
use crate::counts::Event;
use crate::engine::{Timings, Waves, timed};
use crate::error::{Defect, Error, Result};
use crate::outcome::{Files, Outcome, RunTable, assumptions};
use crate::report::{self, ReportFile};
use crate::results::Results;
use crate::sweep::{Sweep, TraceInput};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// More threads than this are a slip.
const MOST_JOBS: usize = 1024;

#[derive(Debug, Default, Args)]
pub struct SweepArguments {
    /// Sweep file: traces, axes, processors, output
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder for the results, instead of the file's output.dir
    #[arg(long, value_name = "DIR", requires = "config", value_parser = folder())]
    out: Option<PathBuf>,
    /// Threads to use; default: one per core
    #[arg(long, value_name = "N", requires = "config")]
    jobs: Option<usize>,
    /// Memory that the run may take: cells run in waves that fit; default: half of what is free
    #[arg(long, value_name = "BYTES", requires = "config", value_parser = parse_bytes)]
    memory: Option<u64>,
    /// Print nothing but errors
    #[arg(long, requires = "config")]
    quiet: bool,
    /// Write the tables and draw nothing
    #[arg(long, requires = "config")]
    no_charts: bool,
    /// Write no report.html
    #[arg(long, requires = "config")]
    no_report: bool,
    /// Speak of the steady state alone in tables of the terminal, charts and the report
    #[arg(long, requires = "config")]
    steady: bool,
    #[command(flatten)]
    denominator: Denominator,
    /// Hold every invariant of the model against the results, and write nothing if one is broken
    #[arg(long, requires = "config")]
    check: bool,
    /// Say where the time went
    #[arg(long, requires = "config")]
    timings: bool,
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

    /// The arguments of a run with results in `out` that prints only what its caller does.
    pub fn quietly(out: &Path) -> SweepArguments {
        SweepArguments { out: Some(out.to_path_buf()), quiet: true, ..SweepArguments::default() }
    }

    /// Runs a sweep file; results go into its folder, or into `out/NAME`.
    pub fn run(&self, config: &Path) -> Result<Vec<PathBuf>> {
        let mut sweep = Sweep::read(config)?;
        sweep.output.steady |= self.steady;
        Ok(self.replay(&sweep)?.charts)
    }

    /// Runs a sweep.
    pub fn replay<'a>(&self, sweep: &'a Sweep) -> Result<SweepRun<'a>> {
        let pool = self.threads()?;
        let baseline = self.baseline()?;
        self.denominator.check(sweep)?;
        sweep.warnings.iter().filter(|_| !self.quiet).for_each(warn);
        let waves = waves(sweep, self.memory)?;
        let rows = sweep.traces.iter().map(TraceInput::expected_rows).collect::<Result<Vec<_>>>()?;
        if let Some((found, remedy)) = sweep.unsteady(&rows).filter(|_| sweep.output.steady) {
            let defect = Defect::new(&sweep.file, "steady", found).expected("a steady state to speak of");
            return Err(defect.remedy(remedy).into());
        }
        let mut named = sweep.output.charts.iter().flatten().filter(|_| !self.no_charts);
        if let Some((chart, (found, remedy))) = named.find_map(|chart| Some((chart, chart.lack(sweep, &rows)?))) {
            let found = format!("the chart `{}` cannot be drawn: {found}", chart.name());
            return Err(Defect::new(&sweep.file, "charts", found).remedy(remedy).into());
        }
        if self.dry_run {
            let forecast = pool.install(|| forecast(sweep, &waves, &rows))?;
            print(|out| out.write_all(forecast.as_bytes()))?;
            return Ok(SweepRun::default());
        }
        bounded(sweep, &waves, &rows)?;
        let dir = self.out.clone().or_else(|| sweep.output.dir.clone()).unwrap_or_else(|| default_dir(&sweep.file));
        let tables = RunTable::of(sweep);
        let files = Files::create(&dir, &tables)?;
        let reported = !self.no_report && sweep.output.report != Some(false);
        let report = reported.then(|| ReportFile::create(&dir)).transpose()?;
        // The digests in the manifest take as long as a run of few cells.
        let failed = AtomicBool::new(false);
        let simulate =
            || simulate(sweep, &waves, &rows, self.quiet).inspect_err(|_| failed.store(true, Ordering::Relaxed));
        let mut digests = Duration::ZERO;
        let manifest = || timed(&mut digests, || sweep.manifest(&failed));
        let (simulated, manifest) = pool.install(|| rayon::join(simulate, manifest));
        let ((outcomes, timings), mut manifest) = (simulated?, manifest?);
        let (priced, outcomes) = self.denominator.priced(sweep, outcomes)?;
        let sweep = &*priced;
        manifest.prices = sweep.sheets_written();
        let simulated = Instant::now();
        if self.check {
            check(sweep, &outcomes)?;
        }
        let mut frames = tables.iter().map(|table| table.frame(sweep, &outcomes)).collect::<Result<Vec<_>>>()?;
        let files = files.write(&mut frames, &manifest)?;
        let written = simulated.elapsed();
        if !self.quiet {
            let (summary, path) = (summary(sweep, &outcomes), dir.join("results.csv"));
            let told = [self.denominator.told(sweep), assumptions(sweep, &outcomes).unwrap_or_default()];
            let told: String = told.iter().filter(|it| !it.is_empty()).map(|it| wrapped(it.trim_end(), "  ")).collect();
            print(|out| writeln!(out, "{summary}\n{told}results: {}", path.display()))?;
            cautions(&outcomes).iter().for_each(warn);
        }
        if self.timings {
            let accesses = outcomes.iter().map(|it| it.tally.counts[Event::Accesses]).sum();
            print(|out| out.write_all(told(&timings, digests, written, accesses).as_bytes()))?;
        }
        let drawings = if self.no_charts { Vec::new() } else { drawings(sweep, &outcomes, &tables) };
        let (drawn, charts, undrawn) = self.draw(drawings, &dir.join("charts"))?;
        let html = || report::html(sweep, &outcomes, &frames, &drawn, &manifest);
        let report = report.map(|file| file.write(&html()?)).transpose();
        // Whatever becomes of the report: the charts are there.
        let others: Vec<PathBuf> = charts.iter().chain(report.iter().flatten()).cloned().collect();
        files.finish(&others, &manifest)?;
        let report = report?;
        if let Some(path) = report.as_ref().filter(|_| !self.quiet) {
            print(|out| writeln!(out, "report: {}", path.display()))?;
        }
        if let Some(baseline) = baseline {
            let results = Results::of(&dir.join("results.parquet"), frames.swap_remove(0))?;
            self.judging.hold(&baseline, &results, &manifest, self.quiet)?;
        }
        undrawn.map_or(Ok(SweepRun { outcomes, charts, report }), Err)
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

    /// Writes charts; returns those that could be laid out, the paths of their files, and the last failure: the others are written
    /// all the same.
    fn draw(&self, drawings: Vec<Result<Drawing>>, dir: &Path) -> Result<Drawn> {
        let (mut laid_out, mut written, mut undrawn) = (Vec::new(), Vec::new(), None);
        for drawing in drawings {
            let paths = drawing.and_then(|drawing| {
                laid_out.push(drawing);
                laid_out.last().map_or(Ok(Vec::new()), |drawing| drawing.write(dir))
            });
            match paths {
                Ok(paths) => {
                    if !self.quiet {
                        print(|out| out.write_all(together(&paths).as_bytes()))?;
                    }
                    written.extend(paths);
                }
                Err(error) => {
                    if let Some(earlier) = undrawn.replace(error) {
                        warn(&earlier);
                    }
                }
            }
        }
        Ok((laid_out, written, undrawn))
    }
}

/// Charts, the paths of their files, and why the last of those that are missing could not be drawn.
type Drawn = (Vec<Drawing>, Vec<PathBuf>, Option<Error>);

/// The files of a chart, a line for those that differ in their endings only: `overhead.svg, .png, .csv`.
fn together(paths: &[PathBuf]) -> String {
    let line = |alike: &[PathBuf]| {
        let endings = alike[1..].iter().filter_map(|path| path.extension()).map(|it| format!(", .{}", it.display()));
        format!("chart: {}{}\n", alike[0].display(), endings.collect::<String>())
    };
    paths.chunk_by(|a, b| a.with_extension("") == b.with_extension("")).map(line).collect()
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct SweepRun<'a> {
    pub outcomes: Vec<Outcome<'a>>,
    /// The files of the charts.
    pub charts: Vec<PathBuf>,
    pub report: Option<PathBuf>,
}

/// `out/NAME` under the current directory.
fn default_dir(config: &Path) -> PathBuf {
    Path::new("out").join(config.file_stem().unwrap_or_default())
}

pub(super) fn simulate<'a>(
    sweep: &'a Sweep,
    waves: &Waves,
    rows: &[u64],
    quiet: bool,
) -> Result<(Vec<Outcome<'a>>, Timings)> {
    let mut progress = Progress::new(rows.iter().sum::<u64>() * waves.replays(), quiet);
    let (mut outcomes, mut timings) = (Vec::new(), Timings::default());
    for (trace, rows) in sweep.traces.iter().zip(rows) {
        progress.begin(&trace.name);
        let advance = |rows, accesses| progress.advance(rows, accesses);
        let (tallies, spent) = waves.run(&|| trace.open(), &trace.place(), sweep.watch(*rows), advance)?;
        timings += spent;
        for (row, tally) in sweep.rows.iter().zip(tallies) {
            outcomes.push(Outcome::new(sweep, trace, row, tally)?);
        }
    }
    progress.finish();
    Ok((outcomes, timings))
}
