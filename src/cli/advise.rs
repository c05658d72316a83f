//! `analyze advise`: a built-in sweep over one trace, and what it says in plain words.

mod advice;
mod doubts;
mod headline;
mod words;

use super::denominator::Denominator;
use super::output::{print, rows_bar};
use super::paths::folder;
use super::sweep::simulate;
use crate::advise::{Growth, Study, choose, sweep_text};
use crate::engine::Waves;
use crate::error::{Defect, Error, Result};
use crate::outcome::{Files, RunTable};
use crate::sweep::{BUILT_IN, Sweep, full_name};
use crate::trace::summary::Summary;
use crate::trace::{ParquetSource, Source};
use crate::words::did_you_mean;
use advice::Advice;
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The processor where none is named: a server's, whose exits and caches were measured or published.
const USUAL: &str = "skylake-sp";

/// Say which technique and page sizes suit a workload, why, and how sure that is
///
/// Replays the trace through native, shadow, nested and paravirtual paging with small, transparent huge and huge pages in guest and
/// host, and says what that means. Needs no sweep file; --sweep prints the one that it stands for, --out keeps its tables.
#[derive(Debug, Args)]
pub struct AdviseArguments {
    /// Parquet trace, as `analyze trace import` makes
    #[arg(value_name = "TRACE")]
    trace: PathBuf,
    /// Processor: a name of `analyze presets list`, or a path to a .toml file
    #[arg(long, value_name = "NAME", default_value = USUAL)]
    cpu: String,
    /// Keep the tables that the numbers come from in this folder
    #[arg(long, value_name = "DIR", value_parser = folder())]
    out: Option<PathBuf>,
    #[command(flatten)]
    denominator: Denominator,
    /// Print the sweep file that this stands for, with absolute paths, and run nothing
    #[arg(long)]
    sweep: bool,
    /// Show no progress
    #[arg(long)]
    quiet: bool,
}

impl AdviseArguments {
    pub fn run(self) -> Result<()> {
        self.known_cpu()?;
        let (summary, growth) = read(&self.trace, self.quiet)?;
        let text = |trace: &str, cpu: &str| {
            format!(
                "traces = [{}]\n\n{}",
                toml::Value::from(trace),
                sweep_text(cpu, summary.accesses(), summary.levels())
            )
        };
        if self.sweep {
            // Who knows where it will be written.
            let cpu = if self.cpu.ends_with(".toml") { absolute(Path::new(&self.cpu))? } else { self.cpu.clone() };
            let text = text(&absolute(&self.trace)?, &cpu);
            return print(|out| out.write_all(text.as_bytes()));
        }
        // Paths in it are relative to the current directory.
        let text = text(&utf8(&self.trace)?, &self.cpu);
        let sweep = Sweep::parse(Path::new("the sweep of analyze advise"), &text)?;
        let tables = [RunTable::Results, RunTable::Intervals, RunTable::Sensitivity];
        self.denominator.check(&sweep)?;
        let files = self.out.as_deref().map(|dir| Files::create(dir, &tables));
        let files = files.transpose()?;
        let (outcomes, _) = simulate(&sweep, &Waves::new(sweep.cells(), u64::MAX), &[summary.rows()], self.quiet)?;
        let (priced, outcomes) = self.denominator.priced(&sweep, outcomes)?;
        let sweep = &*priced;
        if let Some(files) = files {
            let mut frames = tables.iter().map(|table| table.frame(sweep, &outcomes)).collect::<Result<Vec<_>>>()?;
            let manifest = sweep.manifest(&AtomicBool::new(false))?;
            files.write(&mut frames, &manifest)?.finish(&[], &manifest)?;
        }
        let nothing = || Error::failed("advise", "the sweep came to nothing");
        let study = Study::new(sweep, &outcomes).ok_or_else(nothing)?;
        let choice = choose(&study).ok_or_else(nothing)?;
        let advice = Advice {
            trace: &self.trace,
            cpu: self.processor(),
            summary: &summary,
            grown: growth.bytes(),
            study: &study,
            choice,
            out: self.out.as_deref(),
        };
        print(|out| out.write_all(advice.text().as_bytes()))
    }

    /// Refuses a processor that nobody knows, before the trace is read.
    fn known_cpu(&self) -> Result<()> {
        let known: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        if known.contains(&self.cpu.as_str()) || self.cpu.ends_with(".toml") {
            return Ok(());
        }
        Err(Defect::new("command line", "--cpu", format!("no built-in processor `{}`", self.cpu))
            .expected(format!("one of {}, or a path to a .toml file", known.join(", ")))
            .remedy(did_you_mean(&self.cpu, &known))
            .into())
    }

    /// The processor as people call it.
    fn processor(&self) -> String {
        let built_in = BUILT_IN.iter().find(|(name, _)| *name == self.cpu);
        built_in.map_or_else(|| self.cpu.clone(), |(_, text)| full_name(text))
    }
}

fn utf8(path: &Path) -> Result<String> {
    let expected = "a path that a sweep file can hold";
    let text = path.to_str().ok_or_else(|| Defect::new(path, "", "a path that is not UTF-8").expected(expected))?;
    Ok(text.to_string())
}

/// A path that means the same wherever the file that holds it lies.
fn absolute(path: &Path) -> Result<String> {
    let absolute = std::path::absolute(path);
    utf8(&absolute.map_err(|cause| Error::failed(format!("find {}", path.display()), cause))?)
}

/// What is in the trace, and what of it grew in small steps.
fn read(path: &Path, quiet: bool) -> Result<(Summary, Growth)> {
    let mut source = ParquetSource::open(path)?;
    let bar = if quiet { indicatif::ProgressBar::hidden() } else { rows_bar(source.expected_rows(), "reading") };
    let (mut summary, mut growth, mut rows) = (Summary::default(), Growth::default(), Vec::new());
    loop {
        source.fill(&mut rows)?;
        if rows.is_empty() {
            bar.finish_and_clear();
            break;
        }
        summary.add(&rows);
        growth.add(&rows);
        bar.inc(rows.len() as u64);
    }
    if summary.accesses() == 0 {
        return Err(Defect::new(path, "", "the trace holds no load, store or fetch").expected("at least one").into());
    }
    Ok((summary, growth))
}
