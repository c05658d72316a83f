//! What all figures share: the heading with its legend, panels side by side, and the frame of a plot.

use super::picture::{Align, Area, Picture, Point, Text, elided, fitted, width, wrapped};
use super::scale::Scale;
use super::style::*;
use crate::error::Result;
use plotters::style::RGBColor;

/// What is said above the panels.
#[derive(Clone, Debug)]
pub struct Heading {
    /// What the figure answers.
    pub title: String,
    /// What is held fixed; the pieces are kept whole where the line is broken.
    pub held: Vec<String>,
}

/// How a line looks: an index into the colours and dashes, and one into the marks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    pub colour: usize,
    pub mark: usize,
}

impl Heading {
    /// Writes all that may hold a name anew.
    pub fn reword(&mut self, word: fn(&str) -> String) {
        self.held.iter_mut().for_each(|held| *held = word(held));
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Swatch {
    Surface(Surface),
    Stroke(Stroke),
}

const SWATCH: f64 = 30.0;
const STROKE_SWATCH: f64 = 54.0;

impl Stroke {
    /// A line through points, dashed.
    pub fn line(self, picture: &mut Picture, points: &[Point]) {
        let colour = STROKES[self.colour % STROKES.len()];
        let dashes = DASHES[self.colour % DASHES.len()];
        let mut walked = 0.0;
        for pair in points.windows(2) {
            dashed(picture, pair[0], pair[1], (dashes, walked), colour);
            walked += (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1);
        }
    }

    /// A mark on each point.
    pub fn marks(self, picture: &mut Picture, points: &[Point]) {
        let colour = STROKES[self.colour % STROKES.len()];
        for &point in points {
            // A white rim keeps a mark legible where lines cross.
            picture.polygon(self.corners(point, 1.5), PAPER);
            picture.polygon(self.corners(point, 0.0), colour);
        }
    }

    fn corners(self, (x, y): Point, rim: f64) -> Vec<Point> {
        let (corners, turn, radius) = MARKS[self.mark % MARKS.len()];
        let radius = radius + rim;
        let angle = |n: u32| (f64::from(n) / f64::from(corners) + turn) * std::f64::consts::TAU;
        (0..corners).map(|n| (x + radius * angle(n).sin(), y - radius * angle(n).cos())).collect()
    }
}

/// A straight piece of a dashed line, of which so much is drawn already: dashes go on around corners.
fn dashed(picture: &mut Picture, from: Point, to: Point, (dashes, walked): (&[f64], f64), colour: RGBColor) {
    if dashes.is_empty() {
        return picture.line(from, to, STROKE, colour);
    }
    let length = (to.0 - from.0).hypot(to.1 - from.1);
    let along = |at: f64| (from.0 + (to.0 - from.0) * at / length, from.1 + (to.1 - from.1) * at / length);
    let mut at = -(walked % dashes.iter().sum::<f64>());
    for (i, dash) in dashes.iter().cycle().enumerate() {
        if at >= length {
            break;
        }
        if i.is_multiple_of(2) && at + dash > 0.0 {
            picture.line(along(at.max(0.0)), along((at + dash).min(length)), STROKE, colour);
        }
        at += dash;
    }
}

/// Draws title, subtitle and legend across the picture; returns where the panels may begin.
pub fn heading(picture: &mut Picture, heading: &Heading, legend: &[(String, Swatch)]) -> Result<f64> {
    let room = picture.width - 2.0 * MARGIN;
    let mut y = MARGIN - TITLE * (LEADING - 0.8);
    for line in wrapped(&heading.title, TITLE, true, room)? {
        y += TITLE * LEADING;
        picture.text(Text::new((MARGIN, y), line, TITLE).bold());
    }
    for line in broken(&heading.held, room)? {
        y += TEXT * LEADING;
        picture.text(Text::new((MARGIN, y), line, TEXT).colour(QUIET));
    }
    if !legend.is_empty() {
        y += TEXT * 2.0;
    }
    let mut x = MARGIN;
    for (name, swatch) in legend {
        let swatch_width = match swatch {
            Swatch::Surface(_) => SWATCH,
            Swatch::Stroke(_) => STROKE_SWATCH,
        };
        let lines = wrapped(name, TEXT, false, room - swatch_width - 8.0)?;
        let widths = lines.iter().map(|line| width(line, TEXT, false)).collect::<Result<Vec<_>>>()?;
        let entry = swatch_width + 8.0 + widths.into_iter().fold(0.0, f64::max);
        if x > MARGIN && x + entry > picture.width - MARGIN {
            (x, y) = (MARGIN, y + TEXT * 1.6);
        }
        match swatch {
            Swatch::Surface(fill) => {
                picture.fill(Area { left: x, top: y - TEXT * 0.82, right: x + SWATCH, bottom: y + TEXT * 0.1 }, *fill);
            }
            Swatch::Stroke(stroke) => {
                let (middle, end) = (y - TEXT * 0.36, x + STROKE_SWATCH);
                stroke.line(picture, &[(x, middle), (end, middle)]);
                stroke.marks(picture, &[((x + end) / 2.0, middle)]);
            }
        }
        let start = x + swatch_width + 8.0;
        // Nothing stands beside a name of several lines.
        x = if lines.len() > 1 { picture.width } else { x + entry + 28.0 };
        for (n, line) in lines.into_iter().enumerate() {
            y += if n > 0 { TEXT * LEADING } else { 0.0 };
            picture.text(Text::new((start, y), line, TEXT));
        }
    }
    Ok(y + TEXT * 1.2)
}

/// Pieces joined by dots, broken into lines that fit.
fn broken(pieces: &[String], room: f64) -> Result<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        if let Some(line) = lines.last_mut() {
            let longer = format!("{line} · {piece}");
            if width(&longer, TEXT, false)? <= room {
                *line = longer;
                continue;
            }
        }
        lines.extend(wrapped(piece, TEXT, false, room)?);
    }
    Ok(lines)
}

/// How many panels of this least width stand side by side.
pub fn across(panels: usize, plot: f64) -> usize {
    let fit = (WIDTH - 2.0 * MARGIN + GUTTER) / (AXIS_LEFT + plot + GUTTER);
    let most = (fit as usize).clamp(1, PANELS_ACROSS);
    // Rows as even as can be: four panels are two rows of two.
    panels.div_ceil(panels.div_ceil(most).max(1)).max(1)
}

/// How many panels of this least width one picture holds.
pub fn capacity(panels: usize, plot: f64) -> usize {
    across(panels, plot) * ROWS_OF_PANELS
}

/// How wide each plot is when so many stand side by side.
pub fn plot_width(across: usize, (least, most): (f64, f64)) -> f64 {
    let across = across as f64;
    ((WIDTH - 2.0 * MARGIN - GUTTER * (across - 1.0)) / across - AXIS_LEFT).min(most).max(least)
}

/// The width of a picture with so many plots side by side.
pub fn picture_width(across: usize, plot: f64) -> f64 {
    let across = across as f64;
    (2.0 * MARGIN + across * (AXIS_LEFT + plot) + (across - 1.0) * GUTTER).max(LEAST_WIDTH)
}

/// All panels in one picture, or one picture for each, which is then named after its panel.
pub fn pages<P>(
    panels: &[P],
    capacity: usize,
    name: impl Fn(&P) -> &str,
    lay_out: impl Fn(&[P]) -> Result<Picture>,
) -> Result<Vec<(String, Picture)>> {
    if panels.len() <= capacity {
        return Ok(vec![(String::new(), lay_out(panels)?)]);
    }
    panels.chunks(1).map(|alone| Ok((name(&alone[0]).to_string(), lay_out(alone)?))).collect()
}

/// Places panels row by row; `panel` draws one with the upper left corner of its plot at a point, and returns where it ended.
pub fn panels<P>(
    picture: &mut Picture,
    items: &[P],
    top: f64,
    plot: f64,
    mut panel: impl FnMut(&mut Picture, &P, (f64, f64)) -> Result<f64>,
) -> Result<()> {
    let mut y = top;
    for row in items.chunks(across(items.len(), plot)) {
        let mut bottom = y;
        for (column, item) in row.iter().enumerate() {
            let left = MARGIN + AXIS_LEFT + column as f64 * (AXIS_LEFT + plot + GUTTER);
            bottom = bottom.max(panel(picture, item, (left, y))?);
        }
        y = bottom + GUTTER;
    }
    picture.height = y - GUTTER + MARGIN;
    Ok(())
}

/// The name of a panel above its plot.
pub fn caption(picture: &mut Picture, name: &str, (left, top): (f64, f64), room: f64) -> Result<()> {
    picture.text(Text::new((left, top + TEXT), elided(name, TEXT, true, room)?, TEXT).bold());
    Ok(())
}

/// The numbers of the vertical axis, and a line across the plot at each.
pub fn vertical_axis(picture: &mut Picture, area: Area, scale: Scale) {
    for (value, number) in scale.ticks(TICKS) {
        let y = area.bottom - scale.share(value) * area.height();
        picture.line((area.left, y), (area.right, y), 1.0, GRID);
        picture.text(Text::new((area.left - 8.0, y + SMALL * 0.36), number, SMALL).align(Align::Right));
    }
    picture.line((area.left, area.bottom), (area.right, area.bottom), 1.5, INK);
}

/// The numbers of a second axis, right of the plot, with what follows each.
pub fn second_axis(picture: &mut Picture, area: Area, scale: Scale, suffix: &str) {
    for (value, number) in scale.ticks(TICKS) {
        let y = area.bottom - scale.share(value) * area.height();
        // Inside: outside it would read as the sign of the number.
        picture.line((area.right - 6.0, y), (area.right, y), 1.5, INK);
        picture.text(Text::new((area.right + 8.0, y + SMALL * 0.36), number + suffix, SMALL));
    }
    picture.line((area.right, area.top), (area.right, area.bottom), 1.0, QUIET);
}

/// The name of a vertical axis, read upwards at `x` beside the plot or plots from `top` to `bottom`; a long one goes on beside the
/// caption.
pub fn axis_name(picture: &mut Picture, name: &str, x: f64, (top, bottom): (f64, f64)) -> Result<()> {
    let name = fitted(name, SMALL, false, bottom - top + TEXT * 1.6)?;
    let middle = ((top + bottom) / 2.0).min(bottom - width(&name, SMALL, false)? / 2.0);
    picture.text(Text::new((x, middle), name, SMALL).align(Align::Centre).upwards());
    Ok(())
}
