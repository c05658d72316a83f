//! Stacks of parts, one for each cell: what a figure of bars shows.

use super::page::Heading;
use super::style::Fill;
use super::table::{CELL, Rows, TRACE};
use crate::error::Result;

/// A figure of stacked bars, before it is laid out.
pub struct Bars {
    pub heading: Heading,
    /// The vertical axis, with its unit.
    pub axis: String,
    /// What follows the number above a bar.
    pub suffix: &'static str,
    /// The parts of every stack, from the bottom up.
    pub parts: Vec<(String, Fill)>,
    pub panels: Vec<Panel>,
}

/// The bars of one trace.
pub struct Panel {
    pub name: String,
    pub groups: Vec<Group>,
}

/// The bars of one technique.
pub struct Group {
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
pub fn panels(rows: &Rows<'_>, parts: impl Fn(usize) -> Result<Option<Vec<f64>>>) -> Result<Vec<Panel>> {
    let [technique, guest, host] = CELL;
    let mut panels = Vec::new();
    for trace in rows.distinct(TRACE)? {
        let rows = rows.with(TRACE, &trace)?;
        let mut groups = Vec::new();
        for name in rows.distinct(technique)? {
            let rows = rows.with(technique, &name)?;
            let bar = |&row: &usize| {
                Ok(Bar { guest: rows.text(row, guest)?, host: rows.text(row, host)?, parts: parts(row)? })
            };
            let bars = rows.kept.iter().map(bar).collect::<Result<_>>()?;
            groups.push(Group { name, bars });
        }
        panels.push(Panel { name: trace, groups });
    }
    Ok(panels)
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
