//! Walks as grids: guest nodes and the data across, in the order in which they are reached, and down the host entries that
//! translate them, with the guest's own entries last. Walks of one dimension have the last row alone.

use super::figure_table::FigureTable;
use super::page::{self, Heading};
use super::picture::{Align, Picture, Point, Text, wrapped};
use super::scale::Scale;
use super::shades::{self, shade};
use super::style::*;
use crate::address::Level;
use crate::error::Result;

/// A figure of grids, before it is laid out.
pub struct WalkGrids {
    pub heading: Heading,
    /// What the shades mean.
    pub axis: String,
    pub grids: Vec<WalkGrid>,
}

/// The walks of one cell over one trace, or of several cells that walk alike.
pub struct WalkGrid {
    pub trace: String,
    pub name: String,
    /// Values from 0 to 1.
    pub squares: Vec<(Square, f64)>,
}

/// An entry that a walk reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Square {
    /// The level of the guest node that is reached or, in one dimension, of the entry; `None`: the data.
    pub stop: Option<Level>,
    /// The level of the host's entry that translates the stop; `None`: it is the stop's own entry.
    pub host: Option<Level>,
}

const SIDE: Point = (58.0, 40.0);
/// Room for `references per walk` and the names of grids, however few stops there are.
const LEAST_PLOT: f64 = 5.0 * SIDE.0;

impl WalkGrid {
    pub fn is_nested(&self) -> bool {
        self.squares.iter().any(|(square, _)| square.host.is_some())
    }

    /// The stops across and the host levels down, each from the root on.
    fn ends(&self) -> (Vec<Option<Level>>, Vec<Option<Level>>) {
        let descending = |of: fn(&Square) -> Option<Level>| {
            let mut levels: Vec<_> = self.squares.iter().map(|(square, _)| of(square)).collect();
            levels.sort_by(|a, b| b.cmp(a));
            levels.dedup();
            levels
        };
        (descending(|square| square.stop), descending(|square| square.host))
    }

    fn stop(&self, stop: Option<Level>) -> String {
        match stop {
            None => "data".into(),
            Some(level) if self.is_nested() => format!("gL{}", level.get()),
            Some(level) => format!("L{}", level.get()),
        }
    }

    fn width(&self) -> f64 {
        self.ends().0.len() as f64 * SIDE.0
    }
}

impl WalkGrids {
    /// Writes all names anew.
    pub fn reword(&mut self, word: fn(&str) -> String) {
        self.heading.reword(word);
        for grid in &mut self.grids {
            grid.trace = word(&grid.trace);
            grid.name = word(&grid.name);
        }
    }

    /// A row for each square.
    pub fn numbers(&self) -> FigureTable {
        let mut numbers = FigureTable::new(&["panel", "series", "stop", "entry", &self.axis]);
        for grid in &self.grids {
            for (square, value) in grid.squares.iter().rev() {
                let stop = grid.stop(square.stop);
                let entry = square.host.map_or(stop.clone(), |level| format!("hL{}", level.get()));
                numbers.row([grid.trace.clone(), grid.name.clone(), stop, entry, value.to_string()]);
            }
        }
        numbers
    }

    pub fn picture(&self) -> Result<Picture> {
        let plot = self.grids.iter().map(WalkGrid::width).fold(LEAST_PLOT, f64::max);
        let across = page::across(self.grids.len(), plot);
        let mut picture = Picture { width: page::picture_width(across, plot), ..Picture::default() };
        let top = page::heading(&mut picture, &self.heading, &[])?;
        let top = shades::key(&mut picture, &self.axis, Scale::from_zero(1.0), top)?;
        let traces = self.grids.iter().any(|grid| grid.trace != self.grids[0].trace);
        page::panels(&mut picture, &self.grids, top, plot, |picture, grid, (left, top)| {
            if traces {
                page::caption(picture, &grid.trace, (left, top), plot)?;
            }
            let top = top + if traces { TEXT * 1.4 } else { 0.0 };
            self.grid(picture, grid, (left, top), plot)
        })?;
        Ok(picture)
    }

    /// Names of the stops, the squares, and the grid's name with the sum of its squares. Returns where it ends.
    fn grid(&self, picture: &mut Picture, grid: &WalkGrid, (left, top): Point, plot: f64) -> Result<f64> {
        let (stops, hosts) = grid.ends();
        let top = top + SMALL * 1.5;
        let place = |column: usize, row: usize| (left + column as f64 * SIDE.0, top + row as f64 * SIDE.1);
        for (column, &stop) in stops.iter().enumerate() {
            let (x, y) = place(column, 0);
            let text = Text::new((x + SIDE.0 / 2.0, y - SMALL * 0.4), grid.stop(stop), SMALL);
            picture.text(text.align(Align::Centre));
        }
        for (row, &host) in hosts.iter().enumerate().filter(|_| grid.is_nested()) {
            let (x, y) = place(0, row);
            let name = host.map_or("guest".into(), |level| format!("hL{}", level.get()));
            picture.text(Text::new((x - 8.0, y + SIDE.1 / 2.0 + SMALL * 0.36), name, SMALL).align(Align::Right));
        }
        for (square, value) in &grid.squares {
            let column = stops.iter().position(|stop| *stop == square.stop).unwrap_or_default();
            let row = hosts.iter().position(|host| *host == square.host).unwrap_or_default();
            shades::square(picture, place(column, row), SIDE, shade(*value), written(*value));
        }
        let (_, bottom) = place(0, hosts.len());
        let rule = bottom + SMALL * 0.5;
        picture.line((left, rule), (left + grid.width(), rule), 1.5, QUIET);
        let mut y = rule;
        for line in wrapped(&grid.name, TEXT, false, plot)? {
            y += TEXT * 1.2;
            picture.text(Text::new((left, y), line, TEXT));
        }
        y += SMALL * LEADING;
        let sum: f64 = grid.squares.iter().map(|(_, value)| value).sum();
        picture.text(Text::new((left, y), format!("{sum:.2} references per walk"), SMALL).colour(QUIET));
        Ok(y + SMALL * 0.4)
    }
}

/// A share as it stands in a square: never and always without decimals, and what is seldom is not never.
fn written(value: f64) -> String {
    match value {
        0.0 | 1.0 => value.to_string(),
        seldom if seldom < 0.005 => "<0.01".into(),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every place that a walk of so many levels reads.
    fn squares(guest: u8, host: u8) -> Vec<(Square, f64)> {
        let level = |level: u8| (level > 0).then(|| Level::new(level));
        let square = |stop, host| (Square { stop: level(stop), host: level(host) }, f64::from(stop * host % 7) / 6.0);
        let of = |stop: u8| (if stop == 0 { 1 } else { 0 }..=host).map(move |host| square(stop, host));
        (if host == 0 { 1 } else { 0 }..=guest).flat_map(of).collect()
    }

    #[test]
    fn nothing_overlaps_and_nothing_leaves_the_picture() {
        super::super::picture::register_faces().unwrap();
        for (grids, guest, host) in [(1, 4, 4), (1, 1, 0), (15, 5, 5), (15, 2, 2), (2, 4, 0), (7, 3, 5)] {
            for length in [1, 9] {
                let grid = |n: u8| WalkGrid {
                    trace: "trace".repeat(length + n as usize),
                    name: "native, pv 4K; shadow 4K/4K (a.rather.long.axis 3)".repeat(length),
                    squares: squares(guest, if n % 4 == 3 { 0 } else { host }),
                };
                let heading = Heading { title: "Where?".repeat(length), held: vec!["cpu nehalem".into(); 9] };
                let grids = (0..grids).map(grid).collect();
                WalkGrids { heading, axis: "references per walk".into(), grids }.picture().unwrap().assert_legible();
            }
        }
    }
}
