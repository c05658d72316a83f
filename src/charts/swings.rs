//! Horizontal bars about one value: how far it moves to either side.

use super::figure_table::FigureTable;
use super::page::{self, Heading, Swatch};
use super::picture::{Align, Area, Picture, Text, fitted, width};
use super::scale::Scale;
use super::style::*;
use crate::error::Result;
use crate::words::counted;

/// A figure of swings, before it is laid out.
pub struct Swings {
    pub heading: Heading,
    /// What the numbers' table calls the one panel.
    pub panel: String,
    /// The horizontal axis, with its unit.
    pub axis: String,
    /// What follows a number in the plot.
    pub suffix: &'static str,
    /// The value that moves.
    pub middle: f64,
    pub sides: [(&'static str, Surface); 2],
    pub bars: Vec<Swing>,
}

/// What one price does.
pub struct Swing {
    pub price: String,
    pub cycles: String,
    /// What the cycles are for, as ` per 4 KiB`; empty for one event.
    pub per: String,
    /// Where the value goes on each side, if it is known.
    pub ends: [Option<f64>; 2],
}

const BAR: f64 = 30.0;
/// From one bar to the next: its two lines of text and the room between.
const ROW: f64 = 52.0;
const PLOT: f64 = 420.0;
/// The widest names of prices.
const NAMES: f64 = 420.0;

impl Swings {
    /// Changes the unit of every value.
    pub fn multiply(&mut self, factor: f64) {
        self.middle *= factor;
        self.bars.iter_mut().flat_map(|bar| &mut bar.ends).flatten().for_each(|end| *end *= factor);
    }

    /// A row for each side of each bar.
    pub fn numbers(&self) -> FigureTable {
        let mut numbers = FigureTable::new(&["panel", "series", "price", "cycles", &self.axis]);
        for bar in &self.bars {
            let sides = self.sides.iter().zip(bar.ends).map(|((name, _), end)| (*name, end));
            for (series, end) in [("as it stands", Some(self.middle))].into_iter().chain(sides) {
                let end = end.map_or(String::new(), |end| end.to_string());
                let names = [&self.panel, series, &bar.price, &bar.cycles].map(str::to_string);
                numbers.row(names.into_iter().chain([end]));
            }
        }
        numbers
    }

    pub fn picture(&self) -> Result<Picture> {
        let mut names = 0.0;
        for bar in &self.bars {
            names = f64::max(names, width(&bar.price, TEXT, false)?.max(width(&bar.note(), SMALL, false)?));
        }
        let left = MARGIN + names.min(NAMES) + 20.0;
        let mut picture = Picture { width: left + PLOT + MARGIN, ..Picture::default() };
        let legend = self.sides.map(|(name, fill)| (name.to_string(), Swatch::Surface(fill)));
        let top = page::heading(&mut picture, &self.heading, &legend)? + SMALL * LEADING;
        let bottom = top + ROW * self.bars.len() as f64 + 8.0;
        let area = Area { left, top, right: left + PLOT, bottom };
        let scale = self.scale()?;
        let place = |value: f64| area.left + scale.share(value) * area.width();
        picture.height = self.axis(&mut picture, area, scale)? + MARGIN;
        for (row, bar) in (0..).zip(&self.bars) {
            let y = top + 4.0 + (f64::from(row) + 0.5) * ROW;
            let right = area.left - 14.0;
            for (text, size, y, colour) in
                [(&bar.price, TEXT, y - 2.0, INK), (&bar.note(), SMALL, y + SMALL * 1.05, QUIET)]
            {
                let text = fitted(text, size, false, NAMES)?;
                picture.text(Text::new((right, y), text, size).align(Align::Right).colour(colour));
            }
            self.bar(&mut picture, bar, y, place);
        }
        picture.line((place(self.middle), area.top - 6.0), (place(self.middle), area.bottom), 2.0, INK);
        Ok(picture)
    }

    /// Both sides of a bar, each with its value at the end.
    fn bar(&self, picture: &mut Picture, bar: &Swing, y: f64, place: impl Fn(f64) -> f64) {
        let middle = place(self.middle);
        for (end, (_, fill)) in bar.ends.iter().zip(&self.sides) {
            let Some(value) = *end else { continue };
            let end = place(value);
            let area =
                Area { left: end.min(middle), top: y - BAR / 2.0, right: end.max(middle), bottom: y + BAR / 2.0 };
            picture.fill(area, *fill);
            if value != self.middle {
                let (x, align) = if value < self.middle { (end - 6.0, Align::Right) } else { (end + 6.0, Align::Left) };
                picture.text(Text::new((x, y + SMALL * 0.36), self.written(value), SMALL).align(align));
            }
        }
    }

    /// Values with room for the numbers beyond the outermost bars.
    fn scale(&self) -> Result<Scale> {
        let ends = || self.bars.iter().flat_map(|bar| bar.ends).flatten().chain([self.middle]);
        let (low, high) = (ends().fold(f64::INFINITY, f64::min), ends().fold(f64::NEG_INFINITY, f64::max));
        let room = width(&self.written(low), SMALL, false)?.max(width(&self.written(high), SMALL, false)?) + 12.0;
        let per_pixel = (high - low) / (PLOT - 2.0 * room);
        Ok(Scale::between(low - room * per_pixel, high + room * per_pixel))
    }

    /// A value with as many decimals as tell the bars apart.
    fn written(&self, value: f64) -> String {
        let ends = || self.bars.iter().flat_map(|bar| bar.ends).flatten().chain([self.middle]);
        let span = ends().fold(f64::NEG_INFINITY, f64::max) - ends().fold(f64::INFINITY, f64::min);
        let decimals = (2.0 - span.max(1e-5).log10().floor()).max(0.0) as usize;
        format!("{value:.decimals$}{}", self.suffix)
    }

    /// The numbers beneath the bars, a line up from each, and above them the value as it stands. Returns where the axis ends.
    fn axis(&self, picture: &mut Picture, area: Area, scale: Scale) -> Result<f64> {
        let place = |value: f64| area.left + scale.share(value) * area.width();
        let mut free = 0.0;
        // The room before the first bar may reach below 0, where no overhead is.
        for (value, number) in scale.ticks(TICKS).into_iter().filter(|tick| tick.0 >= 0.0) {
            let (x, half) = (place(value), width(&number, SMALL, false)? / 2.0);
            picture.line((x, area.top), (x, area.bottom), 1.0, GRID);
            if x - half > free && x + half < picture.width - MARGIN / 4.0 {
                picture.text(Text::new((x, area.bottom + 6.0 + SMALL), number, SMALL).align(Align::Centre));
                free = x + half + 8.0;
            }
        }
        picture.line((area.left, area.bottom), (area.right, area.bottom), 1.5, INK);
        let words = format!("as it stands: {}", self.written(self.middle));
        let half = width(&words, SMALL, false)? / 2.0;
        let x = place(self.middle).clamp(area.left + half, area.right - half);
        picture.text(Text::new((x, area.top - 13.0), words, SMALL).align(Align::Centre));
        let y = area.bottom + 6.0 + SMALL * 2.4;
        let name = fitted(&self.axis, SMALL, false, area.width())?;
        picture.text(Text::new((area.middle(), y), name, SMALL).align(Align::Centre));
        Ok(y + SMALL * 0.4)
    }
}

impl Swing {
    fn note(&self) -> String {
        counted(&self.cycles, "cycle") + &self.per
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_overlaps_and_nothing_leaves_the_picture() {
        super::super::picture::register_faces().unwrap();
        for (bars, middle, move_by) in [(1, 3.0, 0.5), (12, 85.0, 1.0), (12, 1e5, 0.9), (5, 40.0, 1e-7), (2, 1e-7, 0.5)]
        {
            let bar = |n: usize| Swing {
                price: "exit_work.ept_violation".repeat(1 + n % 3),
                cycles: "3700.123456789".into(),
                per: " per 4 KiB".into(),
                ends: [
                    (n != 4).then_some(middle * (1.0 - move_by / (2 + n) as f64)),
                    Some(middle * (1.0 + move_by / (1 + n) as f64)),
                ],
            };
            let figure = Swings {
                heading: Heading { title: "How far?".into(), held: vec!["cpu nehalem".into(); 9] },
                panel: "sort".into(),
                axis: "overhead, % of ideal cycles".into(),
                suffix: "%",
                middle,
                sides: [("price halved", SURFACES[0]), ("price doubled", SURFACES[3])],
                bars: (0..bars).map(bar).collect(),
            };
            figure.picture().unwrap().assert_legible();
        }
    }
}
