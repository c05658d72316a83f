//! Lines with marks, one panel per trace.

use super::across::Across;
use super::figure_table::FigureTable;
use super::page::{self, Heading, Stroke, Swatch};
use super::picture::{Area, Picture, Point, Text, fitted, width};
use super::scale::Scale;
use super::style::*;
use crate::error::Result;

/// A figure of lines, before it is laid out.
pub struct Lines {
    pub heading: Heading,
    pub across: Across,
    /// The vertical axis, with its unit.
    pub axis: String,
    pub legend: Vec<(String, Stroke)>,
    pub panels: Vec<LinePanel>,
}

/// The lines of one trace, one for each entry of the legend; a line may be empty.
pub struct LinePanel {
    pub name: String,
    pub lines: Vec<Vec<(f64, f64)>>,
    /// Values along the horizontal axis with what is said of them, ascending.
    pub notes: Vec<(f64, String)>,
    /// Where the horizontal axis ends at least, if it begins at 0.
    pub end: f64,
}

/// Lines of more points have only a few marks.
const MANY_POINTS: usize = 24;
const FEW_MARKS: usize = 5;

/// One vertical axis for all panels, so that they compare.
pub fn scale(panels: &[LinePanel]) -> Scale {
    let points = panels.iter().flat_map(|panel| panel.lines.iter().flatten());
    Scale::fitting(points.map(|point| point.1))
}

impl Lines {
    /// Writes all names anew.
    pub fn reword(&mut self, word: fn(&str) -> String) {
        self.heading.reword(word);
        self.across.reword(word);
        self.legend.iter_mut().for_each(|(name, _)| *name = word(name));
        for panel in &mut self.panels {
            panel.name = word(&panel.name);
            panel.notes.iter_mut().for_each(|(_, note)| *note = word(note));
        }
    }

    /// The pictures that hold all panels, each with the name of its trace if it is the only one there.
    pub fn pictures(&self) -> Result<Vec<(String, Picture)>> {
        let capacity = page::capacity(self.panels.len(), LINE_PLOT.0);
        page::pages(&self.panels, capacity, |panel| &panel.name, |panels| self.lay_out(panels))
    }

    /// A row for each point.
    pub fn numbers(&self) -> FigureTable {
        let mut numbers = FigureTable::new(&["panel", "series", &self.across.name, &self.axis]);
        for panel in &self.panels {
            for (points, (name, _)) in panel.lines.iter().zip(&self.legend) {
                for (x, y) in points {
                    numbers.row([panel.name.clone(), name.clone(), self.across.written(*x), y.to_string()]);
                }
            }
        }
        numbers
    }

    fn lay_out(&self, panels: &[LinePanel]) -> Result<Picture> {
        let across = page::across(panels.len(), LINE_PLOT.0);
        let plot = page::plot_width(across, LINE_PLOT);
        let mut picture = Picture { width: page::picture_width(across, plot), ..Picture::default() };
        let legend: Vec<_> = self.legend.iter().map(|(name, stroke)| (name.clone(), Swatch::Stroke(*stroke))).collect();
        let top = page::heading(&mut picture, &self.heading, &legend)?;
        let scale = scale(&self.panels);
        page::panels(&mut picture, panels, top, plot, |picture, panel, corner| {
            self.panel(picture, panel, corner, (plot, scale))
        })?;
        Ok(picture)
    }

    /// One panel, whose plot is so wide, with this vertical axis.
    fn panel(
        &self,
        picture: &mut Picture,
        panel: &LinePanel,
        (left, top): Point,
        (plot, scale): (f64, Scale),
    ) -> Result<f64> {
        page::caption(picture, &panel.name, (left, top), plot)?;
        let top = top + TEXT * 1.6 + panel.notes.len() as f64 * SMALL * LEADING;
        let area = Area { left, top, right: left + plot, bottom: top + PLOT_HEIGHT };
        let name = if scale.is_logarithmic() { format!("{} (log)", self.axis) } else { self.axis.clone() };
        page::vertical_axis(picture, area, scale);
        page::axis_name(picture, &name, left - AXIS_LEFT + SMALL, (top, area.bottom))?;
        let axis = self.across.axis(panel.end());
        panel.note(picture, area, |x| axis.place(area, x))?;
        let place = |&(x, y): &(f64, f64)| (axis.place(area, x), area.bottom - scale.share(y) * area.height());
        let lines: Vec<Vec<Point>> = panel.lines.iter().map(|line| line.iter().map(place).collect()).collect();
        for (points, (_, stroke)) in lines.iter().zip(&self.legend) {
            stroke.line(picture, points);
        }
        // Above all lines, so that none hides what another is.
        for (n, (points, (_, stroke))) in lines.iter().zip(&self.legend).enumerate() {
            stroke.marks(picture, &marked(points, n as f64 / lines.len() as f64));
        }
        axis.draw(picture, area)
    }
}

/// All points, or a few of many; `turn` from 0 to 1 keeps the marks of different lines apart.
fn marked(points: &[Point], turn: f64) -> Vec<Point> {
    if points.len() <= MANY_POINTS {
        return points.to_vec();
    }
    let apart = points.len() as f64 / FEW_MARKS as f64;
    let at = |n: usize| ((n as f64 + 0.1 + 0.8 * turn) * apart) as usize;
    (0..FEW_MARKS).filter_map(|n| points.get(at(n)).copied()).collect()
}

impl LinePanel {
    /// Where its lines end along the horizontal axis.
    fn end(&self) -> f64 {
        self.lines.iter().flatten().map(|point| point.0).fold(self.end, f64::max)
    }

    /// An upright line at each value that something is said of, with the words in a row of their own above the plot.
    fn note(&self, picture: &mut Picture, area: Area, place: impl Fn(f64) -> f64) -> Result<()> {
        let rows = (0..self.notes.len()).rev().map(|n| area.top - 10.0 - n as f64 * SMALL * LEADING);
        for ((x, words), row) in self.notes.iter().zip(rows) {
            let x = place(*x);
            let words = fitted(words, SMALL, false, area.width())?;
            let length = width(&words, SMALL, false)?;
            let left = (x + 6.0).min(area.right - length);
            // Words beside their line, unless the plot ends there.
            let end = if left > x { row - SMALL * 0.7 } else { row + SMALL * 0.3 };
            picture.line((x, end), (x, area.bottom), 1.5, QUIET);
            let behind = Area { left, top: row - SMALL * 0.8, right: left + length, bottom: row + SMALL * 0.25 };
            picture.fill(behind, Surface { colour: PAPER, hatch: Hatch::Plain });
            picture.text(Text::new((left, row), words, SMALL));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::across::Ticks;
    use super::*;

    fn figure(panels: usize, points: usize, ticks: Ticks, notes: usize) -> Lines {
        let place = |i: usize| if matches!(ticks, Ticks::Sizes(_)) { (16u64 << i.min(40)) as f64 } else { i as f64 };
        let line = |n: usize| (0..points).map(|i| (place(i), (i * n) as f64)).collect();
        let note = |n: usize| (place(n * points / 9), format!("shadow = ept {}", "4K/4K ".repeat(n + 1)));
        Lines {
            heading: Heading { title: "What?".into(), held: vec!["cpu nehalem (first of 2)".into(); 12] },
            axis: "walks per 1000 accesses".into(),
            legend: (0..12).map(|n| ("native 4K/".repeat(1 + n), Stroke { colour: n, mark: n })).collect(),
            panels: (0..panels)
                .map(|n| LinePanel {
                    name: n.to_string(),
                    lines: (0..12).map(line).collect(),
                    notes: (0..notes).map(note).collect(),
                    end: 0.0,
                })
                .collect(),
            across: Across { name: "entries of the TLB array l2.4K+2M".into(), ticks },
        }
    }

    #[test]
    fn nothing_overlaps_and_nothing_leaves_the_picture() {
        super::super::picture::register_faces().unwrap();
        let sizes = |n: usize| (0..n).map(|i| ((16u64 << i.min(40)) as f64, (16u64 << i.min(40)).to_string()));
        let names = |n: usize| (0..n).map(|i| "sheet".repeat(1 + 4 * i));
        for figure in [
            figure(1, 2, Ticks::Sizes(sizes(2).collect()), 0),
            figure(1, 40, Ticks::Sizes(sizes(40).collect()), 0),
            figure(3, 6, Ticks::Sizes(sizes(6).collect()), 3),
            figure(3, 6, Ticks::Names(names(6).collect()), 0),
            figure(3, 60, Ticks::Names(names(60).collect()), 0),
            figure(9, 2, Ticks::Names(names(2).collect()), 0),
            figure(4, 500, Ticks::FromZero, 0),
            figure(1, 2, Ticks::FromZero, 8),
            figure(1, 90, Ticks::Round(Scale::from_zero(90.0)), 9),
        ] {
            for (_, picture) in figure.pictures().unwrap() {
                picture.assert_legible();
            }
        }
    }

    #[test]
    fn many_points_have_few_marks_and_those_of_two_lines_are_apart() {
        let points: Vec<Point> = (0..500).map(|x| (f64::from(x), 0.0)).collect();
        let [first, second] = [0.0, 0.5].map(|turn| marked(&points, turn));
        assert_eq!((first.len(), second.len()), (FEW_MARKS, FEW_MARKS));
        assert!(first.iter().all(|point| !second.contains(point)));
        assert_eq!(marked(&points[..MANY_POINTS], 0.5).len(), MANY_POINTS);
    }
}
