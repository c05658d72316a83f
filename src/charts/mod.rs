//! Figures of the results, as SVG and PNG with their numbers as CSV: what is shown is gathered first (`overhead`, `tlb`,
//! `exit_cost`, `footprint`, `page_sizes`, `references`, `phases`, `tornado`, `break_even`), then laid out (`bars`, `lines`,
//! `maps`, `walk_grids` and `swings` on a `page`), and only then drawn (`paint`), twice from one layout.

mod across;
mod bars;
mod break_even;
mod drawing;
mod exit_cost;
mod figure;
mod figure_table;
mod footprint;
mod letters;
mod lines;
mod maps;
mod overhead;
mod overhead_unit;
mod page;
mod page_sizes;
mod paint;
mod phases;
mod picture;
mod references;
mod rows;
mod scale;
mod series;
mod shades;
mod stack;
mod style;
mod swings;
mod tlb;
mod tornado;
mod walk_grids;

pub use crate::sweep::Chart;
pub use break_even::crossing;
pub use drawing::Drawing;

use crate::error::{Error, Result};
use crate::outcome::{Outcome, RunTable};
use crate::sweep::Sweep;
use figure::Figure;
use rows::Rows;

/// The charts that a sweep names, or else those that its results allow, each laid out once.
///
/// A chart that joins traces is among them only if it is named: that misleads where traces are unrelated. `tables` are those that
/// the run leaves: a chart shows nothing that none of them holds.
pub fn drawings(sweep: &Sweep, outcomes: &[Outcome<'_>], tables: &[RunTable]) -> Vec<Result<Drawing>> {
    let named = sweep.output.charts.as_ref();
    let drawing = |chart: Chart| match named {
        Some(named) => named.contains(&chart).then(|| chart.drawing(sweep, outcomes, tables)),
        None if chart.joins_traces() => None,
        None => match chart.figures(sweep, outcomes, tables) {
            Ok(none) if none.is_empty() => None,
            // A cell that is not there is worth a failure that says so.
            figures => Some(figures.and_then(|figures| Drawing::new(chart, figures))),
        },
    };
    Chart::ALL.into_iter().filter_map(drawing).collect()
}

impl Chart {
    /// Lays the chart out.
    ///
    /// Results with more traces than a picture holds get one picture each, `NAME-TRACE`; several axes of TLB entries get
    /// figures of their own, `tlb-ARRAY`.
    ///
    /// # Errors
    /// [`Error::Failed`] where the results do not have what it shows.
    pub fn drawing(self, sweep: &Sweep, outcomes: &[Outcome<'_>], tables: &[RunTable]) -> Result<Drawing> {
        let figures = self.figures(sweep, outcomes, tables)?;
        if figures.is_empty() {
            return Err(self.failed(format!("the results do not have what it shows: {}", self.meaning())));
        }
        Drawing::new(self, figures)
    }

    fn joins_traces(self) -> bool {
        match self {
            Chart::BreakEven => true,
            Chart::Overhead
            | Chart::Tlb
            | Chart::ExitCost
            | Chart::Footprint
            | Chart::PageSizes
            | Chart::References
            | Chart::Phases
            | Chart::Tornado => false,
        }
    }

    /// What the chart shows, each figure with the ending of its files' names; nothing where the results do not have it.
    fn figures(self, sweep: &Sweep, outcomes: &[Outcome<'_>], tables: &[RunTable]) -> Result<Vec<(String, Figure)>> {
        let results = Rows::all(sweep, outcomes);
        let has = |table| tables.contains(&table);
        let figure = match self {
            Chart::Overhead => overhead::prepare(&results).map(Figure::Bars),
            Chart::ExitCost => exit_cost::prepare(&results).map(Figure::Lines),
            Chart::Footprint => footprint::prepare(&results).map(Figure::Bars),
            Chart::PageSizes => page_sizes::prepare(&results).map(Figure::Maps),
            Chart::BreakEven => break_even::prepare(&results).map(Figure::Lines),
            Chart::Phases => phases::prepare(sweep, outcomes).map(Figure::Lines),
            Chart::References if !has(RunTable::References) => None,
            Chart::References => references::prepare(sweep, outcomes).map(Figure::Grids),
            Chart::Tornado if !has(RunTable::Sensitivity) => None,
            Chart::Tornado => {
                let swings = tornado::prepare(sweep, outcomes).map_err(|cause| self.failed(cause))?;
                swings.map(Figure::Swings)
            }
            Chart::Tlb => {
                let figures = tlb::prepare(&results);
                let several = figures.len() > 1;
                let ending = |array: String| if several { array } else { String::new() };
                return Ok(figures.into_iter().map(|(array, lines)| (ending(array), Figure::Lines(lines))).collect());
            }
        };
        Ok(figure.map(|figure| (String::new(), figure)).into_iter().collect())
    }

    fn failed(self, cause: impl std::fmt::Display) -> Error {
        Error::failed(format!("draw the chart `{}`", self.name()), cause)
    }
}
