//! Figures of the results, as SVG and PNG with their numbers as CSV: what is shown is gathered first (`overhead`, `tlb`,
//! `exit_cost`, `footprint`, `page_sizes`, `references`, `phases`, `tornado`, `break_even`), then laid out (`bars`, `lines`,
//! `maps`, `grids` and `swings` on a `page`), and only then drawn (`paint`), twice from one layout.

mod across;
mod bars;
mod break_even;
mod exit_cost;
mod figure;
mod files;
mod footprint;
mod grids;
mod lines;
mod maps;
mod numbers;
mod overhead;
mod page;
mod page_sizes;
mod paint;
mod phases;
mod picture;
mod references;
mod scale;
mod series;
mod shades;
mod stack;
mod style;
mod swings;
mod table;
mod tlb;
mod tornado;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use polars::prelude::DataFrame;

use crate::error::{Error, Result};
pub use break_even::crossing;
use figure::Figure;

/// What charts are drawn from.
#[derive(Clone, Copy, Debug)]
pub struct Frames<'a> {
    pub results: &'a DataFrame,
    /// The results of each interval of the trace: `interval` and `first_access` follow the axes.
    pub intervals: Option<&'a DataFrame>,
    /// Overheads with each assumed price halved and doubled: `price` follows the axes.
    pub sensitivity: Option<&'a DataFrame>,
    /// References by `table`, `stop` and `level`, which follow the axes.
    pub references: Option<&'a DataFrame>,
    /// The cell that [`Chart::Tornado`] shows, as values of columns; where it is empty, the cell whose overhead moves most.
    pub cell: &'a BTreeMap<String, String>,
}

impl<'a> Frames<'a> {
    /// The results alone.
    pub fn of(results: &'a DataFrame) -> Frames<'a> {
        static ANY: BTreeMap<String, String> = BTreeMap::new();
        Frames { results, intervals: None, sensitivity: None, references: None, cell: &ANY }
    }
}

/// A figure that can be drawn from the results of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chart {
    Overhead,
    Tlb,
    ExitCost,
    Footprint,
    PageSizes,
    References,
    Phases,
    Tornado,
    BreakEven,
}

impl Chart {
    /// Every chart, in the order in which they are drawn.
    pub const ALL: [Chart; 9] = [
        Chart::Overhead,
        Chart::Tlb,
        Chart::ExitCost,
        Chart::Footprint,
        Chart::PageSizes,
        Chart::References,
        Chart::Phases,
        Chart::Tornado,
        Chart::BreakEven,
    ];

    /// The word for it in a sweep file, and the beginning of its files' names.
    pub const fn name(self) -> &'static str {
        match self {
            Chart::Overhead => "overhead",
            Chart::Tlb => "tlb",
            Chart::ExitCost => "exit-cost",
            Chart::Footprint => "footprint",
            Chart::PageSizes => "page-sizes",
            Chart::References => "references",
            Chart::Phases => "phases",
            Chart::Tornado => "tornado",
            Chart::BreakEven => "break-even",
        }
    }

    /// The chart of a name.
    pub fn by_name(name: &str) -> Option<Chart> {
        Chart::ALL.into_iter().find(|chart| chart.name() == name)
    }

    /// Removes the charts in a folder that are not among these files: an earlier run's.
    pub fn remove_others(dir: &Path, drawn: &[PathBuf]) -> Result<()> {
        let Ok(entries) = fs::read_dir(dir) else { return Ok(()) };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| !drawn.contains(path)) {
            let (stem, ending) = (path.file_stem().unwrap_or_default(), path.extension().unwrap_or_default());
            let named = |chart: &Chart| {
                let rest = stem.to_str().and_then(|stem| stem.strip_prefix(chart.name()));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            };
            if ["svg", "png", "csv"].iter().any(|known| ending == *known) && Chart::ALL.iter().any(named) {
                let failed = |cause| Error::failed(format!("remove {} of an earlier run", path.display()), cause);
                fs::remove_file(&path).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// What it shows, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Chart::Overhead => "The bill's parts over the ideal cycles, by technique and page sizes.",
            Chart::Tlb => "Walks per thousand accesses over the entries of a TLB array; needs an axis of entries.",
            Chart::ExitCost => "Overhead over the price sheets; needs an axis of prices.",
            Chart::Footprint => "Memory of guest, shadow and host page tables, by technique and page sizes.",
            Chart::PageSizes => "Overhead over guest and host page sizes; needs an axis of each.",
            Chart::References => {
                "References per walk by level, in two dimensions by what is translated; needs their table, which samples lack."
            }
            Chart::Phases => "Overhead over the course of the trace; needs intervals.",
            Chart::Tornado => "Overhead of one cell with each assumed price halved and doubled; needs the sensitivity.",
            Chart::BreakEven => {
                "Overhead over the rate of page-table updates; needs traces that are one workload at several rates."
            }
        }
    }

    /// Whether the frames allow the chart. One that must be named never fits by itself: [`Chart::BreakEven`] joins traces,
    /// which misleads where they are unrelated.
    pub fn fits(self, frames: &Frames<'_>) -> bool {
        match self {
            Chart::BreakEven => false,
            // A cell that is not there is worth a failure that says so.
            Chart::Tornado => self.figures(frames).map_or(frames.sensitivity.is_some(), |figures| !figures.is_empty()),
            _ => self.figures(frames).is_ok_and(|figures| !figures.is_empty()),
        }
    }

    /// Draws `NAME.svg` and `NAME.png` into a folder, which is made if it is missing, with the numbers in `NAME.csv`; returns
    /// their paths.
    ///
    /// Results with more traces than a picture holds get one picture each, `NAME-TRACE`; several axes of TLB entries get
    /// figures of their own, `tlb-ARRAY`.
    pub fn draw(self, frames: &Frames<'_>, dir: &Path) -> Result<Vec<PathBuf>> {
        files::write(self.name(), &self.some_figures(frames)?, dir).map_err(|cause| self.failed(cause))
    }

    /// The same pictures as the texts of SVG files, each with the name that its file has before `.svg`.
    pub fn svgs(self, frames: &Frames<'_>) -> Result<Vec<(String, String)>> {
        files::svgs(self.name(), &self.some_figures(frames)?).map_err(|cause| self.failed(cause))
    }

    /// What the chart shows; fails where the frames do not have it.
    fn some_figures(self, frames: &Frames<'_>) -> Result<Vec<(String, Figure)>> {
        picture::register_faces()?;
        let figures = self.figures(frames).map_err(|cause| self.failed(cause))?;
        if figures.is_empty() {
            return Err(self.failed(format!("the results do not have what it shows: {}", self.meaning())));
        }
        Ok(figures)
    }

    fn failed(self, cause: impl Display) -> Error {
        Error::failed(format!("draw the chart `{}`", self.name()), cause)
    }

    /// What the chart shows, each figure with the ending of its files' names; nothing where the frames do not have it.
    fn figures(self, frames: &Frames<'_>) -> Result<Vec<(String, Figure)>> {
        let results = frames.results;
        let figure = match self {
            Chart::Overhead => overhead::prepare(results)?.map(Figure::Bars),
            Chart::ExitCost => exit_cost::prepare(results)?.map(Figure::Lines),
            Chart::Footprint => footprint::prepare(results)?.map(Figure::Bars),
            Chart::PageSizes => page_sizes::prepare(results)?.map(Figure::Maps),
            Chart::BreakEven => break_even::prepare(results)?.map(Figure::Lines),
            Chart::References => match frames.references {
                Some(references) => references::prepare(references)?.map(Figure::Grids),
                None => None,
            },
            Chart::Phases => match frames.intervals {
                Some(intervals) => phases::prepare(intervals)?.map(Figure::Lines),
                None => None,
            },
            Chart::Tornado => match frames.sensitivity {
                Some(sensitivity) => tornado::prepare(sensitivity, frames.cell)?.map(Figure::Swings),
                None => None,
            },
            Chart::Tlb => {
                let figures = tlb::prepare(results)?;
                let several = figures.len() > 1;
                let ending = |array: String| if several { array } else { String::new() };
                return Ok(figures.into_iter().map(|(array, lines)| (ending(array), Figure::Lines(lines))).collect());
            }
        };
        Ok(figure.map(|figure| (String::new(), figure)).into_iter().collect())
    }
}
