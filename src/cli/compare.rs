//! `analyze compare`, and what `--baseline` says.

mod json;
mod shown;
mod text;

use super::output::print;
use crate::compare::{Comparison, Gate, Inputs, Judgement, Metric, Tolerance, compare};
use crate::error::{Defect, Error, Result};
use crate::results::Results;
use crate::sweep::Manifest;
use crate::words::one_line;
use clap::{Args, ValueEnum};
use shown::Shown;
use std::path::{Path, PathBuf};

/// Hold results against earlier ones: exit code 0 if they are no worse, 3 if they are
///
/// Rows are matched by their axes: `trace` and every other column before the first count. The new results are worse if a row of
/// the old is gone, if a count differs (unless --counts ignore), or if the overhead, the cycles per access or the walks per access
/// rose by more than --tolerance; --metric names others. What only the new results have is told and is no regression. Exit code 2
/// means that there is nothing to compare.
#[derive(Debug, Args)]
pub struct CompareArguments {
    /// Earlier results: a folder, or one of its .parquet or .csv files
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// New results
    #[arg(value_name = "NEW")]
    new: PathBuf,
    #[command(flatten)]
    judging: Judging,
    /// Write Markdown, as for a pull request
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Write JSON: every difference, whole
    #[arg(long)]
    json: bool,
    /// Show every row that differs, not only the worst
    #[arg(long)]
    all: bool,
}

/// What is a regression.
#[derive(Clone, Debug, Default, Args)]
pub struct Judging {
    /// What may not rise: a column of numbers, or `COLUMN per access`; may be given again. Default: overhead, cycles per access
    /// and walks per access
    #[arg(long = "metric", value_name = "METRIC", value_parser = metric)]
    metrics: Vec<Metric>,
    /// How far a metric may rise above that of the old results: a share of it such as 5%, or a difference such as 0.01; for one
    /// metric alone as `METRIC=AMOUNT`. Default: not at all
    #[arg(long = "tolerance", value_name = "AMOUNT", value_parser = allowance)]
    tolerances: Vec<Allowance>,
    /// Whether a count that differs from the old results is a regression; default: exact
    #[arg(long, value_enum, value_name = "RULE")]
    counts: Option<CountRule>,
}

/// How far one metric may rise, or all that are not named.
#[derive(Clone, Debug)]
struct Allowance {
    metric: Option<Metric>,
    tolerance: Tolerance,
}

fn metric(text: &str) -> Result<Metric, String> {
    if text.trim().is_empty() { Err("a column, or `COLUMN per access`".into()) } else { Ok(Metric::named(text)) }
}

fn allowance(text: &str) -> Result<Allowance, String> {
    match text.rsplit_once('=') {
        Some((name, amount)) => Ok(Allowance { metric: Some(metric(name)?), tolerance: amount.parse()? }),
        None => Ok(Allowance { metric: None, tolerance: text.parse()? }),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CountRule {
    /// It is: for one trace, on another version of this program
    Exact,
    /// It is not: for a trace that was recorded anew
    Ignore,
}

/// Rows that a reader can take in.
const MOST: usize = 20;

impl CompareArguments {
    pub fn run(self) -> Result<()> {
        let (old, new) = (Results::read(&self.old)?, Results::read(&self.new)?);
        let comparison = compare(&old, &new, self.judging.judgement(&old, &new)?)?;
        let shown = Shown {
            names: [&old, &new].map(name),
            comparison: &comparison,
            inputs: differences(Inputs::beside(&old)?, Inputs::beside(&new)?),
            most: if self.all { usize::MAX } else { MOST },
        };
        let text = match (self.json, self.markdown) {
            (true, _) => json::of(&shown)?,
            (_, true) => text::markdown(&shown),
            _ => text::plain(&shown),
        };
        print(|out| out.write_all(text.as_bytes()))?;
        verdict(&comparison)
    }
}

impl Judging {
    fn judgement(&self, old: &Results, new: &Results) -> Result<Judgement> {
        let metrics = if self.metrics.is_empty() { Metric::usual(old, new) } else { self.metrics.clone() };
        let is_judged = |it: &&Allowance| it.metric.as_ref().is_none_or(|metric| metrics.contains(metric));
        if let Some(Allowance { metric: Some(metric), .. }) = self.tolerances.iter().find(|it| !is_judged(it)) {
            let known = metrics.iter().map(Metric::to_string).collect::<Vec<_>>().join(", ");
            let defect = Defect::new("command line", "--tolerance", format!("`{metric}` is not judged"));
            let remedy = format!("add --metric {:?}", metric.to_string());
            return Err(defect.expected(format!("one of {known}")).remedy(remedy).into());
        }
        let allowed = |metric: &Metric| {
            let of = |wanted: Option<&Metric>| self.tolerances.iter().rfind(|it| it.metric.as_ref() == wanted);
            of(Some(metric)).or_else(|| of(None)).map_or(Tolerance::Relative(0.0), |it| it.tolerance)
        };
        let gate = |metric: &Metric| Gate { metric: metric.clone(), tolerance: allowed(metric) };
        let counts = self.counts != Some(CountRule::Ignore);
        Ok(Judgement { gates: metrics.iter().map(gate).collect(), counts })
    }

    /// The flag that was given, if any was.
    pub fn given(&self) -> Option<&'static str> {
        let flags = [("--metric", !self.metrics.is_empty()), ("--tolerance", !self.tolerances.is_empty())];
        let mut flags = flags.into_iter().chain([("--counts", self.counts.is_some())]);
        flags.find(|(_, given)| *given).map(|(flag, _)| flag)
    }

    /// Holds the results of a run, with what its manifest says, against a baseline; shows the comparison unless `quiet`.
    pub fn hold(&self, baseline: &Baseline, new: &Results, manifest: &Manifest, quiet: bool) -> Result<()> {
        let comparison = compare(&baseline.results, new, self.judgement(&baseline.results, new)?)?;
        if !quiet {
            let shown = Shown {
                names: [&baseline.results, new].map(name),
                comparison: &comparison,
                inputs: differences(baseline.inputs.clone(), Some(Inputs::of(manifest))),
                most: MOST,
            };
            print(|out| write!(out, "\n{}", text::plain(&shown)))?;
        }
        verdict(&comparison)
    }
}

/// Earlier results, read before a run may overwrite them.
pub struct Baseline {
    results: Results,
    inputs: Option<Inputs>,
}

impl Baseline {
    pub fn read(path: &Path) -> Result<Baseline> {
        let results = Results::read(path)?;
        Ok(Baseline { inputs: Inputs::beside(&results)?, results })
    }
}

fn name(results: &Results) -> String {
    one_line(&results.file.display().to_string()).into_owned()
}

fn differences(old: Option<Inputs>, new: Option<Inputs>) -> Vec<(String, String, String)> {
    old.zip(new).map(|(old, new)| Inputs::differences(&old, &new)).unwrap_or_default()
}

fn verdict(comparison: &Comparison) -> Result<()> {
    match comparison.regressions() {
        none if none.is_empty() => Ok(()),
        some => Err(Error::Regression(some.join(", "))),
    }
}
