//! A picture: shapes at places, not yet drawn.

use plotters::style::{FontDesc, FontFamily, FontStyle, RGBColor, register_font};

use super::letters::{is_ours, letters};
use super::style::{FAMILY, HATCH, Hatch, INK, PAPER, Surface};
use crate::error::{Error, Result};

/// What fits a pixel of the PNG, in units of the text's size: `ab_glyph` scales a face by its ascent plus descent.
pub const FACE_HEIGHT: f64 = 2384.0 / 2048.0;

pub type Point = (f64, f64);

/// A rectangle, from its upper left corner to its lower right one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Align {
    Left,
    Centre,
    Right,
}

/// A line of text: `at` is on its baseline, or on the rotated baseline where it reads upwards.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    pub at: Point,
    pub words: String,
    pub size: f64,
    pub colour: RGBColor,
    pub align: Align,
    pub bold: bool,
    pub upwards: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Rectangle(Area, RGBColor),
    Line { from: Point, to: Point, width: f64, colour: RGBColor },
    Polygon(Vec<Point>, RGBColor),
    Text(Text),
}

/// Shapes in the order in which they cover each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    pub width: f64,
    pub height: f64,
    pub shapes: Vec<Shape>,
}

impl Area {
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub fn middle(&self) -> f64 {
        (self.left + self.right) / 2.0
    }
}

impl Text {
    /// Black, from the left.
    pub fn new(at: Point, words: impl Into<String>, size: f64) -> Text {
        Text { at, words: words.into(), size, colour: INK, align: Align::Left, bold: false, upwards: false }
    }

    pub fn colour(mut self, colour: RGBColor) -> Text {
        self.colour = colour;
        self
    }

    pub fn align(mut self, align: Align) -> Text {
        self.align = align;
        self
    }

    pub fn bold(mut self) -> Text {
        self.bold = true;
        self
    }

    pub fn upwards(mut self) -> Text {
        self.upwards = true;
        self
    }
}

impl Picture {
    pub fn text(&mut self, text: Text) {
        self.shapes.push(Shape::Text(text));
    }

    pub fn line(&mut self, from: Point, to: Point, width: f64, colour: RGBColor) {
        self.shapes.push(Shape::Line { from, to, width, colour });
    }

    pub fn polygon(&mut self, corners: Vec<Point>, colour: RGBColor) {
        self.shapes.push(Shape::Polygon(corners, colour));
    }

    /// Covers an area with a colour and its hatching.
    pub fn fill(&mut self, area: Area, surface: Surface) {
        self.shapes.push(Shape::Rectangle(area, surface.colour));
        // A strip thinner than the hatching would be left a dotted line.
        if area.height() < HATCH {
            return;
        }
        let slopes: &[f64] = match surface.hatch {
            Hatch::Plain => &[],
            Hatch::Rising => &[1.0],
            Hatch::Falling => &[-1.0],
            Hatch::Crossed => &[1.0, -1.0],
            Hatch::Level => return self.level(area),
        };
        slopes.iter().for_each(|&slope| self.hatch(area, slope));
    }

    /// Level lines at every multiple of the spacing.
    fn level(&mut self, area: Area) {
        let mut y = (area.top / HATCH).ceil() * HATCH;
        while y < area.bottom {
            self.line((area.left, y), (area.right, y), 1.5, PAPER);
            y += HATCH;
        }
    }

    /// Lines `x + slope·y = c` for every multiple `c` of the spacing, clipped to the area; one raster for the whole picture.
    fn hatch(&mut self, area: Area, slope: f64) {
        let (low, high) = if slope > 0.0 { (area.top, area.bottom) } else { (-area.bottom, -area.top) };
        let mut c = ((area.left + low) / HATCH).ceil() * HATCH;
        while c < area.right + high {
            let (left, right) = (area.left.max(c - high), area.right.min(c - low));
            self.line((left, (c - left) * slope), (right, (c - right) * slope), 1.5, PAPER);
            c += HATCH;
        }
    }
}

/// Makes the program's own face known to plotters. It may be done again.
pub fn register_faces() -> Result<()> {
    for (style, face) in [(FontStyle::Normal, dejavu::sans::regular()), (FontStyle::Bold, dejavu::sans::bold())] {
        register_font(FAMILY, style, face)
            .map_err(|_| Error::failed("load the font of the charts", "it is not an OpenType face"))?;
    }
    Ok(())
}

/// The program's own face in a size and weight, as plotters counts sizes.
pub fn font(size: f64, bold: bool) -> FontDesc<'static> {
    // `FontDesc::style` would keep the glyphs of the weight that it had before.
    FontDesc::new(FontFamily::Name(FAMILY), size, if bold { FontStyle::Bold } else { FontStyle::Normal })
}

/// How wide a text is when it is drawn; a letter that only the reader's fonts have is taken to be as wide as they are high.
pub fn width(words: &str, size: f64, bold: bool) -> Result<f64> {
    /// Plotters measures in whole pixels, so measure it large.
    const LARGE: f64 = 100.0;
    let font = font(LARGE * FACE_HEIGHT, bold);
    let (own, others): (String, String) = words.chars().partition(|&c| is_ours(c));
    let (width, _) =
        font.box_size(&own).map_err(|cause| Error::failed(format!("measure the text `{words}`"), cause))?;
    Ok(f64::from(width) * size / LARGE + others.chars().count() as f64 * size)
}

/// The text, or as much of its beginning as fits followed by `…`.
pub fn fitted(words: &str, size: f64, bold: bool, room: f64) -> Result<String> {
    let mut kept: Vec<char> = words.chars().collect();
    let mut shown = words.to_string();
    while width(&shown, size, bold)? > room && kept.pop().is_some() {
        shown = kept.iter().chain(&['…']).collect();
    }
    Ok(shown)
}

/// The text, or as much of both its ends as fits around `…`: names often differ in their last letters.
pub fn elided(words: &str, size: f64, bold: bool, room: f64) -> Result<String> {
    let letters = letters(words);
    let (mut kept, mut shown) = (letters.len(), words.to_string());
    while kept > 0 && width(&shown, size, bold)? > room {
        kept -= 1;
        let (start, end) = letters.split_at(kept.div_ceil(2));
        shown = [&start.concat(), "…", &end[end.len() - kept / 2..].concat()].concat();
    }
    Ok(shown)
}

/// The words of a text in lines that fit; a word that is too long for a line goes on in the next.
pub fn wrapped(text: &str, size: f64, bold: bool, room: f64) -> Result<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match (longer, lines.last_mut()) {
            (Some(longer), Some(line)) if width(&longer, size, bold)? <= room => *line = longer,
            _ => lines.extend(pieces(word, size, bold, room)?),
        }
    }
    Ok(lines)
}

/// A word in pieces that fit.
fn pieces(word: &str, size: f64, bold: bool, room: f64) -> Result<Vec<String>> {
    if width(word, size, bold)? <= room {
        return Ok(vec![word.into()]);
    }
    let mut pieces = vec![String::new()];
    for letter in word.chars() {
        let longer = pieces.last().map(|piece| format!("{piece}{letter}")).unwrap_or_default();
        match pieces.last_mut() {
            Some(piece) if piece.is_empty() || width(&longer, size, bold)? <= room => *piece = longer,
            _ => pieces.push(letter.into()),
        }
    }
    Ok(pieces)
}

#[cfg(test)]
impl Picture {
    /// No two texts share a place, and every shape is inside the picture.
    pub fn assert_legible(&self) {
        let texts: Vec<&Text> = self
            .shapes
            .iter()
            .filter_map(|shape| if let Shape::Text(text) = shape { Some(text) } else { None })
            .collect();
        for (n, text) in texts.iter().enumerate() {
            let here = text.extent();
            let inside = here.left >= 0.0 && here.top >= 0.0 && here.right <= self.width && here.bottom <= self.height;
            assert!(inside, "`{}` leaves the picture: {here:?}", text.words);
            for other in &texts[..n] {
                let there = other.extent();
                let apart = here.right <= there.left
                    || there.right <= here.left
                    || here.bottom <= there.top
                    || there.bottom <= here.top;
                assert!(apart, "`{}` overlaps `{}`: {here:?} {there:?}", text.words, other.words);
            }
        }
        for shape in &self.shapes {
            let points = match shape {
                Shape::Rectangle(area, _) => vec![(area.left, area.top), (area.right, area.bottom)],
                Shape::Line { from, to, .. } => vec![*from, *to],
                Shape::Polygon(corners, _) => corners.clone(),
                Shape::Text(text) => vec![text.at],
            };
            let inside = |&(x, y): &Point| (0.0..=self.width).contains(&x) && (0.0..=self.height).contains(&y);
            assert!(points.iter().all(inside), "{shape:?} leaves the picture");
        }
    }
}

#[cfg(test)]
impl Text {
    /// The place that the letters take.
    fn extent(&self) -> Area {
        let width = width(&self.words, self.size, self.bold).unwrap();
        let start = match self.align {
            Align::Left => 0.0,
            Align::Centre => -width / 2.0,
            Align::Right => -width,
        };
        let (x, y) = self.at;
        let (up, down) = (0.76 * self.size, 0.2 * self.size);
        if self.upwards {
            Area { left: x - up, top: y - start - width, right: x + down, bottom: y - start }
        } else {
            Area { left: x + start, top: y - up, right: x + start + width, bottom: y + down }
        }
    }
}
