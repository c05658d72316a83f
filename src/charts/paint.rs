//! A picture, drawn: as SVG and as PNG.

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontTransform, RGBColor, ShapeStyle, TextStyle};

use super::picture::{Align, FACE_HEIGHT, Picture, Point, Shape, Text, font};
use super::style::PAPER;
use crate::error::{Error, Result};

/// Plotters draws in whole pixels, so pictures are drawn this many times larger and then brought back to size.
const FINE: usize = 3;

/// How a backend takes a text: what it calls the size, and how far above the baseline it wants the anchor, in units of the true size.
struct Lettering {
    size: f64,
    rise: f64,
}

/// Plotters' SVG divides the size by 1.24 and writes `dy="0.76em"`.
const SVG: Lettering = Lettering { size: 1.24, rise: 0.76 };
/// Plotters' `ab_glyph` bitmap puts the baseline half the face's height below the anchor.
const PNG: Lettering = Lettering { size: FACE_HEIGHT, rise: FACE_HEIGHT / 2.0 };

/// The picture as the text of an SVG file.
pub fn svg(picture: &Picture) -> Result<String> {
    let mut drawn = String::new();
    let (width, height) = fine_size(picture);
    let mut backend = SVGBackend::with_string(&mut drawn, (width, height));
    paint(picture, &mut backend, &SVG)?;
    drop(backend);
    let fine = format!(r#"width="{width}" height="{height}""#);
    let true_size = format!(r#"width="{}" height="{}""#, width / FINE as u32, height / FINE as u32);
    Ok(drawn.replacen(&fine, &true_size, 1))
}

/// The picture as the bytes of a PNG file.
pub fn png(picture: &Picture) -> Result<Vec<u8>> {
    let (width, height) = fine_size(picture);
    let mut fine = vec![0; width as usize * height as usize * 3];
    paint(picture, &mut BitMapBackend::with_buffer(&mut fine, (width, height)), &PNG)?;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width / FINE as u32, height / FINE as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&averaged(&fine, width as usize)).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

fn failed(cause: impl std::fmt::Display) -> Error {
    Error::failed("draw a chart", cause)
}

fn fine_size(picture: &Picture) -> (u32, u32) {
    let fine = |length: f64| length.ceil() as u32 * FINE as u32;
    (fine(picture.width), fine(picture.height))
}

/// Each pixel is the mean of the fine ones that it covers: smooth edges for everything at once.
fn averaged(fine: &[u8], width: usize) -> Vec<u8> {
    let coarse = width / FINE;
    let mut pixels = Vec::with_capacity(fine.len() / (FINE * FINE));
    for rows in fine.chunks_exact(width * 3 * FINE) {
        for at in 0..coarse * 3 {
            let (pixel, channel) = (at / 3, at % 3);
            let sum: usize = (0..FINE * FINE)
                .map(|i| usize::from(rows[((i / FINE) * width + pixel * FINE + i % FINE) * 3 + channel]))
                .sum();
            pixels.push((sum / (FINE * FINE)) as u8);
        }
    }
    pixels
}

fn paint<B: DrawingBackend>(picture: &Picture, backend: &mut B, lettering: &Lettering) -> Result<()> {
    let size = fine_size(picture);
    backend.draw_rect((0, 0), (size.0 as i32, size.1 as i32), &filled(PAPER), true).map_err(failed)?;
    for shape in &picture.shapes {
        match shape {
            Shape::Rectangle(area, colour) => {
                backend.draw_rect(fine((area.left, area.top)), fine((area.right, area.bottom)), &filled(*colour), true)
            }
            Shape::Line { from, to, width, colour } => {
                let stroke = (width * FINE as f64).round().max(1.0) as u32;
                backend.draw_line(fine(*from), fine(*to), &filled(*colour).stroke_width(stroke))
            }
            Shape::Polygon(corners, colour) => {
                backend.fill_polygon(corners.iter().map(|&corner| fine(corner)), &filled(*colour))
            }
            Shape::Text(text) => backend.draw_text(&text.words, &lettered(text, lettering), anchor(text, lettering)),
        }
        .map_err(failed)?;
    }
    backend.present().map_err(failed)
}

fn fine((x, y): Point) -> (i32, i32) {
    ((x * FINE as f64).round() as i32, (y * FINE as f64).round() as i32)
}

fn filled(colour: RGBColor) -> ShapeStyle {
    colour.filled()
}

fn lettered<'a>(text: &'a Text, lettering: &Lettering) -> TextStyle<'a> {
    let horizontal = match text.align {
        Align::Left => HPos::Left,
        Align::Centre => HPos::Center,
        Align::Right => HPos::Right,
    };
    let font = font(text.size * FINE as f64 * lettering.size, text.bold).transform(if text.upwards {
        FontTransform::Rotate270
    } else {
        FontTransform::None
    });
    TextStyle::from(font).color(&text.colour).pos(Pos::new(horizontal, VPos::Top))
}

fn anchor(text: &Text, lettering: &Lettering) -> (i32, i32) {
    let (x, y) = text.at;
    let rise = lettering.rise * text.size;
    fine(if text.upwards { (x - rise, y) } else { (x, y - rise) })
}
