//! `analyze reproduce`: every sweep of a folder again, held against the tables that are kept beside them.

use super::output::{print, warn};
use super::paths::folder;
use super::sweep::SweepArguments;
use crate::error::{Defect, Error, Result};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};

/// Run every sweep of a folder, and hold its results and figures against those that are kept
#[derive(Debug, Args)]
pub struct ReproduceArguments {
    /// Folder of sweep files, each with the results that it should give: NAME.toml, NAME.csv
    #[arg(default_value = "analysis", value_name = "DIR")]
    folder: PathBuf,
    /// Folder of the figures that they should give, as DIR/NAME/*.svg
    #[arg(long, default_value = "plots", value_name = "DIR")]
    figures: PathBuf,
    /// Folder for all results, as DIR/NAME
    #[arg(long, default_value = "out", value_name = "DIR", value_parser = folder())]
    out: PathBuf,
    /// Keep the new results and figures as those that should be given
    #[arg(long)]
    accept: bool,
}

impl ReproduceArguments {
    pub fn run(self) -> Result<()> {
        let mut moved = Vec::new();
        for config in self.sweeps()? {
            let name = config.file_stem().unwrap_or_default();
            let (out, figures) = (self.out.join(name), self.figures.join(name));
            let mut pairs = vec![(out.join("results.csv"), config.with_extension("csv"))];
            let charts = SweepArguments::checked(&config, &out).run(&config)?;
            pairs.extend(charts.into_iter().filter(|path| is_figure(path)).map(|figure| {
                let kept = figures.join(figure.file_name().unwrap_or_default());
                (figure, kept)
            }));
            let verdict = if self.accept {
                pairs.iter().try_for_each(|(found, kept)| copy(found, kept))?;
                "kept"
            } else {
                let before = moved.len();
                for (found, kept) in &pairs {
                    moved.extend(differs(found, kept)?);
                }
                moved.extend(
                    others(&figures, &pairs).map(|figure| format!("{} is not drawn any more", figure.display())),
                );
                if moved.len() == before { "as before" } else { "moved" }
            };
            print(|out| writeln!(out, "{}: {verdict}", config.display()))?;
        }
        moved.iter().for_each(warn);
        if moved.is_empty() {
            return Ok(());
        }
        let count = moved.len();
        let cause = format!("tables and figures that moved: {count}; if they should have, --accept keeps the new ones");
        Err(Error::failed("reproduce the results", cause))
    }

    fn sweeps(&self) -> Result<Vec<PathBuf>> {
        let failed = |cause: std::io::Error| {
            let found = format!("cannot be read: {cause}");
            let remedy = "run this in a checkout of the sources, or name a folder of your own";
            Defect::new(&self.folder, "", found).expected("a folder of sweep files").remedy(remedy)
        };
        let entries = fs::read_dir(&self.folder).map_err(failed)?;
        let paths =
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let mut sweeps: Vec<_> =
            paths.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect();
        sweeps.sort();
        if sweeps.is_empty() {
            return Err(Defect::new(&self.folder, "", "no sweep file").expected("NAME.toml").into());
        }
        Ok(sweeps)
    }
}

fn is_figure(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "svg")
}

/// The figures in a folder that are none of those drawn, in the order of their names.
fn others(folder: &Path, pairs: &[(PathBuf, PathBuf)]) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut others: Vec<PathBuf> =
        entries.filter(|path| is_figure(path) && !pairs.iter().any(|(_, kept)| kept == path)).collect();
    others.sort();
    others.into_iter()
}

/// Where two files part; `None` where they are equal.
fn differs(found: &Path, kept: &Path) -> Result<Option<String>> {
    let read = |path: &Path| {
        fs::read_to_string(path).map_err(|cause| Error::failed(format!("read {}", path.display()), cause))
    };
    if !kept.exists() {
        return Ok(Some(format!("{} is missing", kept.display())));
    }
    let (found_text, kept_text) = (read(found)?, read(kept)?);
    let place = || {
        let lines = found_text.lines().zip(kept_text.lines());
        let same = lines.take_while(|(found, kept)| found == kept).count();
        format!("{}, line {}: {} differs", kept.display(), same + 1, found.display())
    };
    Ok((found_text != kept_text).then(place))
}

/// Copies a file over another, aside first.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let failed = |cause: std::io::Error| Error::failed(format!("copy {} to {}", from.display(), to.display()), cause);
    let folder = to.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let aside = crate::aside::create(folder, "").map_err(failed)?;
    fs::copy(from, aside.path()).map_err(failed)?;
    aside.persist(to).map(|_| ()).map_err(|cause| failed(cause.error))
}
