//! The horizontal axis of a plot of lines.

use super::picture::{Align, Area, Picture, Text, elided, width, wrapped};
use super::scale::Scale;
use super::style::*;
use crate::error::Result;

/// The horizontal axis.
pub struct Across {
    pub name: String,
    pub ticks: Ticks,
}

/// What is marked along it.
pub enum Ticks {
    /// Names at 0, 1, 2 and so on.
    Names(Vec<String>),
    /// Sizes, ascending, at distances by their logarithm.
    Sizes(Vec<(f64, String)>),
    /// Round numbers along one scale for all panels.
    Round(Scale),
    /// Round numbers from 0 to where the lines of each panel end.
    FromZero,
}

/// The axis of one panel.
pub struct Axis {
    name: String,
    scale: Scale,
    ticks: Vec<(f64, String)>,
    /// Names may be read upwards where they are long.
    names: bool,
}

/// The longest name of a tick that is set upright.
const UPRIGHT: f64 = 150.0;

/// Units of large numbers, and up to where each is used.
const UNITS: [(f64, &str, f64); 4] =
    [(1.0, "", 1e4), (1e3, "thousand ", 1e7), (1e6, "million ", 1e10), (1e9, "billion ", f64::INFINITY)];

impl Across {
    /// Writes all names anew.
    pub fn reword(&mut self, word: fn(&str) -> String) {
        self.name = word(&self.name);
        if let Ticks::Names(names) = &mut self.ticks {
            names.iter_mut().for_each(|name| *name = word(name));
        }
    }

    /// A value as a reader knows it.
    pub fn written(&self, value: f64) -> String {
        match &self.ticks {
            Ticks::Names(words) => words.get(value as usize).cloned().unwrap_or_default(),
            Ticks::Sizes(_) | Ticks::Round(_) | Ticks::FromZero => value.to_string(),
        }
    }

    /// The axis beneath lines that end here at most.
    pub fn axis(&self, end: f64) -> Axis {
        let (name, names) = (self.name.clone(), false);
        match &self.ticks {
            Ticks::Names(words) => {
                let ticks = words.iter().enumerate().map(|(n, word)| (n as f64, word.clone())).collect();
                Axis { name, scale: Scale::between(-0.3, words.len() as f64 - 0.7), ticks, names: true }
            }
            Ticks::Sizes(ticks) => {
                let end = |tick: Option<&(f64, String)>| tick.map_or(1.0, |tick| tick.0);
                Axis {
                    name,
                    scale: Scale::doubling(end(ticks.first()), end(ticks.last())),
                    ticks: ticks.clone(),
                    names,
                }
            }
            Ticks::Round(scale) => Axis {
                name: if scale.is_logarithmic() { name + " (log)" } else { name },
                scale: *scale,
                ticks: scale.ticks(TICKS),
                names,
            },
            Ticks::FromZero => {
                let (unit, word, _) = UNITS.into_iter().find(|unit| end < unit.2).unwrap_or(UNITS[0]);
                let ticks = Scale::from_zero(end / unit).ticks(TICKS);
                let ticks = ticks.into_iter().map(|(value, number)| (value * unit, number)).collect();
                Axis { name: word.to_string() + &name, scale: Scale::from_zero(end), ticks, names }
            }
        }
    }
}

impl Axis {
    /// Where a value stands over a plot. Marks at either end stay inside.
    pub fn place(&self, area: Area, value: f64) -> f64 {
        let inset = MARK * 2.0;
        area.left + inset + self.scale.share(value) * (area.width() - 2.0 * inset)
    }

    /// Draws the axis beneath a plot; returns where it ends.
    pub fn draw(&self, picture: &mut Picture, area: Area) -> Result<f64> {
        let room = area.width() / self.ticks.len() as f64 - 8.0;
        let mut widest = 0.0;
        for (_, name) in &self.ticks {
            widest = f64::max(widest, width(name, SMALL, false)?);
        }
        let upright = self.names && widest > room;
        let mut free = f64::NEG_INFINITY;
        for (value, name) in &self.ticks {
            let x = self.place(area, *value);
            picture.line((x, area.bottom), (x, area.bottom + 6.0), 1.5, INK);
            let name = elided(name, SMALL, false, if upright { UPRIGHT } else { area.width() })?;
            let length = width(&name, SMALL, false)?;
            let half = if upright { SMALL * 0.5 } else { length / 2.0 };
            let x = x.min(area.right + MARGIN - 1.0 - half);
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
        let lines = wrapped(&self.name, SMALL, false, area.width())?;
        let end = y + (lines.len() - 1) as f64 * SMALL * LEADING;
        for (n, line) in lines.into_iter().enumerate() {
            let y = y + n as f64 * SMALL * LEADING;
            picture.text(Text::new((area.middle(), y), line, SMALL).align(Align::Centre));
        }
        Ok(end + SMALL * 0.4)
    }
}
