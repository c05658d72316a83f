//! A figure of any kind, gathered and not yet laid out.

use super::figure_table::FigureTable;
use super::lines::Lines;
use super::maps::Maps;
use super::picture::Picture;
use super::stack::Bars;
use super::swings::Swings;
use super::walk_grids::WalkGrids;
use crate::error::Result;

pub enum Figure {
    Bars(Bars),
    Grids(WalkGrids),
    Lines(Lines),
    Maps(Maps),
    Swings(Swings),
}

impl Figure {
    /// Its pictures, each with the name of the trace if it shows one of several.
    pub fn pictures(&self) -> Result<Vec<(String, Picture)>> {
        match self {
            Figure::Bars(bars) => bars.pictures(),
            Figure::Grids(grids) => Ok(vec![(String::new(), grids.picture()?)]),
            Figure::Lines(lines) => lines.pictures(),
            Figure::Maps(maps) => maps.pictures(),
            Figure::Swings(swings) => Ok(vec![(String::new(), swings.picture()?)]),
        }
    }

    /// Writes all names that it shows anew.
    pub fn reword(&mut self, word: fn(&str) -> String) {
        match self {
            Figure::Bars(bars) => bars.reword(word),
            Figure::Grids(grids) => grids.reword(word),
            Figure::Lines(lines) => lines.reword(word),
            Figure::Maps(maps) => maps.reword(word),
            Figure::Swings(swings) => swings.heading.reword(word),
        }
    }

    /// All that it shows, in numbers.
    pub fn numbers(&self) -> FigureTable {
        match self {
            Figure::Bars(bars) => bars.numbers(),
            Figure::Grids(grids) => grids.numbers(),
            Figure::Lines(lines) => lines.numbers(),
            Figure::Maps(maps) => maps.numbers(),
            Figure::Swings(swings) => swings.numbers(),
        }
    }
}
