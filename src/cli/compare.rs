//! `analyze compare`, and what `--baseline` says.

mod json;
mod shown;
mod text;

use super::output::{print, warn};
use crate::compare::{Comparison, Inputs, Judgement, Tolerance, compare};
use crate::error::{Error, Result};
use crate::results::Results;
use crate::sweep::Manifest;
use clap::{Args, ValueEnum};
use shown::Shown;
use std::path::{Path, PathBuf};

/// Hold results against earlier ones: exit code 0 if they are no worse, 3 if they are
///
/// Rows are matched by their axes: `trace` and every other column before the first count. The new results are worse if a row of
/// the old is gone, if a count differs (unless --counts ignore), or if an overhead rose by more than --tolerance. What only the
/// new results have is told and is no regression. Exit code 2 means that there is nothing to compare.
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
    /// How far an overhead may rise above that of the old results: a share of it such as 1%, or a difference such as 0.01;
    /// default: not at all
    #[arg(long, value_name = "AMOUNT")]
    tolerance: Option<Tolerance>,
    /// Whether a count that differs from the old results is a regression; default: exact
    #[arg(long, value_enum, value_name = "RULE")]
    counts: Option<CountRule>,
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
        let comparison = compare(&old, &new, self.judging.judgement())?;
        let shown = Shown {
            names: [&old, &new].map(|side| side.file.display().to_string()),
            tolerance: self.judging.tolerance(),
            comparison: &comparison,
            inputs: differences(inputs(&old), inputs(&new)),
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
    fn judgement(&self) -> Judgement {
        Judgement { tolerance: self.tolerance(), counts: self.counts != Some(CountRule::Ignore) }
    }

    fn tolerance(&self) -> Tolerance {
        self.tolerance.unwrap_or(Tolerance::Relative(0.0))
    }

    /// The flag that was given, if any was.
    pub fn given(&self) -> Option<&'static str> {
        let tolerance = self.tolerance.map(|_| "--tolerance");
        tolerance.or(self.counts.map(|_| "--counts"))
    }

    /// Holds the results of a run, with what its manifest says, against a baseline; shows the comparison unless `quiet`.
    pub fn hold(&self, baseline: &Baseline, new: &Results, manifest: &Manifest, quiet: bool) -> Result<()> {
        let comparison = compare(&baseline.results, new, self.judgement())?;
        if !quiet {
            let shown = Shown {
                names: [&baseline.results, new].map(|side| side.file.display().to_string()),
                tolerance: self.tolerance(),
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
        Ok(Baseline { inputs: inputs(&results), results })
    }
}

/// What the manifest beside some results says; a word if it cannot be read.
fn inputs(results: &Results) -> Option<Inputs> {
    let inputs = Inputs::beside(results);
    inputs.unwrap_or_else(|defect| {
        warn(format_args!("what decided the results is not compared: {}", defect.to_string().replace("\n  ", "; ")));
        None
    })
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
