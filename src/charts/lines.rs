//! Lines with a mark at each value, one panel per trace.

use super::page::{self, Heading, Stroke, Swatch};
use super::picture::{Align, Area, Picture, Text, fitted, width};
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
    pub panels: Vec<Panel>,
}

/// The horizontal axis.
pub struct Across {
    pub name: String,
    pub ticks: Vec<(f64, String)>,
    /// The ticks are sizes, at distances by their logarithm, and not names at equal ones.
    pub sizes: bool,
}

/// The lines of one trace, one for each entry of the legend; a line may be empty.
pub struct Panel {
    pub name: String,
    pub lines: Vec<Vec<(f64, f64)>>,
}

/// The longest name of a tick that is set upright.
const UPRIGHT: f64 = 150.0;

impl Across {
    fn scale(&self) -> Scale {
        let low = self.ticks.iter().map(|tick| tick.0).fold(f64::INFINITY, f64::min);
        let high = self.ticks.iter().map(|tick| tick.0).fold(f64::NEG_INFINITY, f64::max);
        if self.sizes { Scale::doubling(low, high) } else { Scale::between(low - 0.3, high + 0.3) }
    }

    /// Draws the axis beneath a plot; returns where it ends.
    fn draw(&self, picture: &mut Picture, area: Area, place: impl Fn(f64) -> f64) -> Result<f64> {
        let room = area.width() / self.ticks.len() as f64 - 8.0;
        let mut widest = 0.0;
        for (_, name) in &self.ticks {
            widest = f64::max(widest, width(name, SMALL, false)?);
        }
        let upright = !self.sizes && widest > room;
        let mut free = f64::NEG_INFINITY;
        for (value, name) in &self.ticks {
            let x = place(*value);
            picture.line((x, area.bottom), (x, area.bottom + 6.0), 1.5, INK);
            let name = fitted(name, SMALL, false, if upright { UPRIGHT } else { area.width() })?;
            let length = width(&name, SMALL, false)?;
            let half = if upright { SMALL * 0.5 } else { length / 2.0 };
            let x = x.min(area.right + MARGIN - half);
            // A tick too near the one before it goes without its name.
            if x - half > free {
                picture.text(if upright {
                    Text::new((x + SMALL * 0.36, area.bottom + 12.0 + length), name, SMALL).upwards()
                } else {
                    Text::new((x, area.bottom + 8.0 + SMALL), name, SMALL).align(Align::Centre)
                });
                free = x + half + if upright { 0.0 } else { 8.0 };
            }
        }
        let y = area.bottom + 8.0 + if upright { widest.min(UPRIGHT) + 8.0 } else { SMALL * 1.2 } + SMALL * 1.1;
        let name = fitted(&self.name, SMALL, false, area.width() + AXIS_LEFT)?;
        picture.text(Text::new((area.middle(), y), name, SMALL).align(Align::Centre));
        Ok(y + SMALL * 0.4)
    }
}

impl Lines {
    /// The pictures that hold all panels, each with the name of its trace if it is the only one there.
    pub fn pictures(&self) -> Result<Vec<(String, Picture)>> {
        let capacity = page::capacity(self.panels.len(), LINE_PLOT.0);
        page::pages(&self.panels, capacity, |panel| &panel.name, |panels| self.lay_out(panels))
    }

    fn lay_out(&self, panels: &[Panel]) -> Result<Picture> {
        let across = page::across(panels.len(), LINE_PLOT.0);
        let plot = page::plot_width(across, LINE_PLOT);
        let mut picture = Picture { width: page::picture_width(across, plot), ..Picture::default() };
        let legend: Vec<_> = self.legend.iter().map(|(name, stroke)| (name.clone(), Swatch::Stroke(*stroke))).collect();
        let top = page::heading(&mut picture, &self.heading, &legend)?;
        page::panels(&mut picture, panels, top, plot, |picture, panel, corner| {
            self.panel(picture, panel, corner, plot)
        })?;
        Ok(picture)
    }

    fn panel(&self, picture: &mut Picture, panel: &Panel, (left, top): (f64, f64), plot: f64) -> Result<f64> {
        page::caption(picture, &panel.name, (left, top), plot)?;
        let top = top + TEXT * 1.6;
        let area = Area { left, top, right: left + plot, bottom: top + PLOT_HEIGHT };
        let scale = Scale::fitting(panel.lines.iter().flatten().map(|point| point.1));
        let name = if scale.is_logarithmic() { format!("{} (log)", self.axis) } else { self.axis.clone() };
        page::vertical_axis(picture, area, scale);
        page::axis_name(picture, &name, left, (top, area.bottom))?;
        let across = self.across.scale();
        let inset = MARK * 2.0;
        let place = |x: f64| area.left + inset + across.share(x) * (area.width() - 2.0 * inset);
        for (points, (_, stroke)) in panel.lines.iter().zip(&self.legend) {
            let points: Vec<_> =
                points.iter().map(|&(x, y)| (place(x), area.bottom - scale.share(y) * area.height())).collect();
            stroke.draw(picture, &points);
        }
        self.across.draw(picture, area, place)
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::Heading;
    use super::*;

    #[test]
    fn nothing_overlaps_and_nothing_leaves_the_picture() {
        super::super::picture::register_faces().unwrap();
        for (panels, ticks, sizes) in
            [(1, 2, true), (1, 40, true), (3, 6, true), (3, 6, false), (3, 60, false), (9, 2, false)]
        {
            let place = |i: usize| if sizes { (16 << i.min(40)) as f64 } else { i as f64 };
            let line = |n: usize| (0..ticks).map(|i| (place(i), (i * n) as f64)).collect();
            let name = |i: usize| if sizes { (16 << i.min(40)).to_string() } else { "sheet".repeat(1 + 4 * i) };
            let figure = Lines {
                heading: Heading { title: "What?".into(), held: vec!["cpu nehalem (first of 2)".into(); 12] },
                across: Across {
                    name: "entries of the TLB array l2.4K+2M".into(),
                    ticks: (0..ticks).map(|i| (place(i), name(i))).collect(),
                    sizes,
                },
                axis: "walks per 1000 accesses".into(),
                legend: (0..12).map(|n| ("native 4K/".repeat(1 + n), Stroke { colour: n, mark: n })).collect(),
                panels: (0..panels)
                    .map(|n| Panel { name: n.to_string(), lines: (0..12).map(line).collect() })
                    .collect(),
            };
            for (_, picture) in figure.pictures().unwrap() {
                picture.assert_legible();
            }
        }
    }
}
