//! Stacks of parts, one for each cell: what a figure of bars shows.

use super::page::Heading;
use super::rows::{Row, Rows};
use super::style::Surface;
use crate::technique::Facts;

/// A figure of stacked bars, before it is laid out.
pub struct Bars {
    pub heading: Heading,
    /// The vertical axis, with its unit.
    pub axis: String,
    /// The same heights in another unit.
    pub second: Option<SecondAxis>,
    /// What the stacks of every bar stand for, side by side.
    pub stretches: Vec<Stretch>,
    /// The parts of every stack, from the bottom up.
    pub parts: Vec<(String, Surface)>,
    pub panels: Vec<BarPanel>,
}

/// Another reading of a vertical axis.
pub struct SecondAxis {
    pub name: String,
    /// What follows a number.
    pub suffix: &'static str,
    /// From a height to its number.
    pub factor: f64,
}

/// What one of the stacks of a bar stands for.
pub struct Stretch {
    /// Its word in the numbers; empty where none is needed.
    pub word: &'static str,
    /// What a reader is told.
    pub name: String,
    pub pale: bool,
}

/// The bars of one trace.
pub struct BarPanel {
    pub name: String,
    pub groups: Vec<BarGroup>,
}

/// The bars of one technique.
pub struct BarGroup {
    pub name: String,
    pub bars: Vec<Bar>,
}

/// One cell.
pub struct Bar {
    pub guest: String,
    pub host: String,
    /// For each stretch one height for each part; nothing where the results have none.
    pub stacks: Vec<Option<Vec<f64>>>,
}

impl Stretch {
    /// The one stretch of bars that are one stack.
    pub fn only() -> Vec<Stretch> {
        vec![Stretch { word: "", name: String::new(), pale: false }]
    }
}

impl Bar {
    /// The height of each stack.
    pub fn totals(&self) -> impl Iterator<Item = f64> {
        self.stacks.iter().map(|parts| parts.iter().flatten().sum())
    }
}

/// A panel for each trace and a bar for each row, of the stacks that are read from it.
pub fn panels<'a>(rows: &Rows<'a>, stacks: impl Fn(&Row<'a>) -> Vec<Option<Vec<f64>>>) -> Vec<BarPanel> {
    let bar = |row: &Row<'a>| {
        let pages = row.outcome.pages();
        let host = pages.host.map_or(String::new(), |size| size.to_string());
        Bar { guest: pages.guest.name().into(), host, stacks: stacks(row) }
    };
    let group = |rows: &Rows<'a>, technique: &'static Facts| BarGroup {
        name: technique.name.into(),
        bars: rows.that(|row| row.outcome.technique() == technique).kept.iter().map(bar).collect(),
    };
    let panel = |trace: &str| {
        let rows = rows.of(trace);
        let techniques = rows.distinct_by(|row| row.outcome.technique());
        BarPanel { name: trace.into(), groups: techniques.into_iter().map(|it| group(&rows, it)).collect() }
    };
    rows.traces().into_iter().map(panel).collect()
}

impl Bars {
    fn bars(&mut self) -> impl Iterator<Item = &mut Bar> {
        self.panels.iter_mut().flat_map(|panel| &mut panel.groups).flat_map(|group| &mut group.bars)
    }

    fn heights(&mut self) -> impl Iterator<Item = &mut Vec<f64>> {
        self.bars().flat_map(|bar| &mut bar.stacks).flatten()
    }

    /// The tallest stack of all.
    pub fn tallest(&mut self) -> f64 {
        self.bars().flat_map(|bar| bar.totals()).fold(0.0, f64::max)
    }

    /// Changes the unit of every height.
    pub fn multiply(&mut self, factor: f64) {
        self.heights().flatten().for_each(|height| *height *= factor);
    }

    /// Leaves out the parts that no stack has.
    pub fn drop_absent_parts(&mut self) {
        for part in (0..self.parts.len()).rev() {
            if self.heights().all(|heights| heights[part] == 0.0) {
                self.parts.remove(part);
                self.heights().for_each(|heights| {
                    heights.remove(part);
                });
            }
        }
    }
}
