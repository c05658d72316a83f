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
    /// What follows the number above a bar.
    pub suffix: &'static str,
    /// The parts of every stack, from the bottom up.
    pub parts: Vec<(String, Surface)>,
    pub panels: Vec<BarPanel>,
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
    /// One height for each part; nothing where the results have none.
    pub parts: Option<Vec<f64>>,
}

impl Bar {
    pub fn total(&self) -> f64 {
        self.parts.iter().flatten().sum()
    }
}

/// A panel for each trace and a bar for each row, of the height that `parts` reads from it.
pub fn panels<'a>(rows: &Rows<'a>, parts: impl Fn(&Row<'a>) -> Option<Vec<f64>>) -> Vec<BarPanel> {
    let bar = |row: &Row<'a>| {
        let pages = row.outcome.pages();
        let host = pages.host.map_or(String::new(), |size| size.to_string());
        Bar { guest: pages.guest.name().into(), host, parts: parts(row) }
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

    /// The tallest stack of all.
    pub fn tallest(&mut self) -> f64 {
        self.bars().map(|bar| bar.total()).fold(0.0, f64::max)
    }

    /// Changes the unit of every height.
    pub fn multiply(&mut self, factor: f64) {
        self.bars().flat_map(|bar| &mut bar.parts).flatten().for_each(|height| *height *= factor);
    }

    /// Leaves out the parts that no stack has.
    pub fn drop_absent_parts(&mut self) {
        for part in (0..self.parts.len()).rev() {
            if self.bars().flat_map(|bar| &bar.parts).all(|heights| heights[part] == 0.0) {
                self.parts.remove(part);
                self.bars().flat_map(|bar| &mut bar.parts).for_each(|heights| {
                    heights.remove(part);
                });
            }
        }
    }
}
