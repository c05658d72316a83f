//! Values as shades: one hue from light to dark, the key to it, and squares with their value in them.

use plotters::style::RGBColor;

use super::picture::{Align, Area, Picture, Point, Text, width};
use super::scale::Scale;
use super::style::*;
use crate::error::Result;

/// The bar that explains the shades, at most.
const KEY: Point = (320.0, 18.0);

/// The shades with the values that they stand for. Returns where they end.
pub fn key(picture: &mut Picture, axis: &str, scale: Scale, top: f64) -> Result<f64> {
    /// So fine that no step shows.
    const STEPS: usize = 80;
    let name = if scale.is_logarithmic() { format!("{axis} (log)") } else { axis.to_string() };
    let left = MARGIN + width(&name, TEXT, false)? + 16.0;
    picture.text(Text::new((MARGIN, top + KEY.1 * 0.9), name, TEXT));
    let wide = KEY.0.min(picture.width - 2.0 * MARGIN - left);
    let at = |share: f64| left + share * wide;
    for step in 0..STEPS {
        let share = |step: usize| step as f64 / STEPS as f64;
        // Each reaches to the end, so that no seam shows.
        let area = Area { left: at(share(step)), top, right: at(1.0), bottom: top + KEY.1 };
        picture.fill(area, plain(shade(share(step) + 0.5 / STEPS as f64)));
    }
    let bottom = top + KEY.1;
    let mut free = f64::NEG_INFINITY;
    for (value, number) in scale.ticks(TICKS) {
        let (x, half) = (at(scale.share(value)), width(&number, SMALL, false)? / 2.0);
        picture.line((x, bottom), (x, bottom + 5.0), 1.5, INK);
        if x - half > free {
            picture.text(Text::new((x, bottom + 7.0 + SMALL), number, SMALL).align(Align::Centre));
            free = x + half + 8.0;
        }
    }
    Ok(bottom + SMALL * 2.7)
}

/// A square of a shade with words in it, its upper left corner and its size with the room to the next one given.
pub fn square(picture: &mut Picture, (left, top): Point, (wide, high): Point, shade: RGBColor, words: String) {
    let area = Area { left: left + 1.0, top: top + 1.0, right: left + wide - 1.0, bottom: top + high - 1.0 };
    picture.fill(area, plain(shade));
    let place = (area.middle(), top + high / 2.0 + SMALL * 0.36);
    picture.text(Text::new(place, words, SMALL).align(Align::Centre).colour(legible_on(shade)));
}

fn plain(colour: RGBColor) -> Surface {
    Surface { colour, hatch: Hatch::Plain }
}

/// From 0 to 1, one hue from light to dark.
pub fn shade(share: f64) -> RGBColor {
    let at = share.clamp(0.0, 1.0) * (SHADES.len() - 1) as f64;
    let below = (at as usize).min(SHADES.len() - 2);
    let mixed = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * (at - below as f64)) as u8;
    let (from, to) = (SHADES[below], SHADES[below + 1]);
    RGBColor(mixed(from.0, to.0), mixed(from.1, to.1), mixed(from.2, to.2))
}

/// Black or white, whichever has more contrast by the luminances of WCAG 2.
fn legible_on(RGBColor(red, green, blue): RGBColor) -> RGBColor {
    let linear = |channel: u8| (f64::from(channel) / 255.0).powf(2.2);
    let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    if luminance < 0.179 { PAPER } else { INK }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_turns_white_on_dark_shades() {
        assert_eq!((legible_on(shade(0.0)), legible_on(shade(0.5))), (INK, INK));
        assert_eq!(legible_on(shade(1.0)), PAPER);
    }
}
