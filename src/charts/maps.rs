//! Heat maps, one for each technique, in a row for each trace: guest pages down, host pages across.

use super::figure_table::FigureTable;
use super::page::{self, Heading};
use super::picture::{Align, Picture, Point, Text, width};
use super::scale::{Scale, written};
use super::shades::{self, shade};
use super::style::*;
use crate::error::Result;

/// A figure of maps, before it is laid out.
pub struct Maps {
    pub heading: Heading,
    /// What the shades mean, with the unit.
    pub axis: String,
    /// What follows the number in a cell.
    pub suffix: &'static str,
    /// Guest pages of the rows of every map.
    pub guests: Vec<String>,
    pub panels: Vec<MapPanel>,
}

/// The maps of one trace.
pub struct MapPanel {
    pub name: String,
    pub maps: Vec<Map>,
}

/// One technique.
pub struct Map {
    pub name: String,
    /// Host pages of the columns; one empty name where the technique has none.
    pub hosts: Vec<String>,
    /// Values by guest pages and host pages; nothing where the results have none.
    pub cells: Vec<Vec<Option<f64>>>,
}

const TILE: Point = (84.0, 50.0);
const BETWEEN_MAPS: f64 = 26.0;
/// The highest that all panels of a picture are together.
const MOST_HEIGHT: f64 = 1300.0;

impl Maps {
    /// Writes all names anew.
    pub fn reword(&mut self, word: fn(&str) -> String) {
        self.heading.reword(word);
        self.panels.iter_mut().for_each(|panel| panel.name = word(&panel.name));
    }

    /// The pictures that hold all panels, each with the name of its trace if it is the only one there.
    pub fn pictures(&self) -> Result<Vec<(String, Picture)>> {
        let across = page::across(self.panels.len(), self.plot_width()?);
        let high = TEXT * 4.0 + SMALL * 3.0 + GUTTER + self.guests.len() as f64 * TILE.1;
        let capacity = across * ((MOST_HEIGHT / high) as usize).max(1);
        page::pages(&self.panels, capacity, |panel| &panel.name, |panels| self.lay_out(panels))
    }

    /// A row for each cell.
    pub fn numbers(&self) -> FigureTable {
        let mut numbers = FigureTable::new(&["panel", "series", "guest page", "host page", &self.axis]);
        for (panel, map) in self.panels.iter().flat_map(|panel| panel.maps.iter().map(move |map| (panel, map))) {
            for (guest, cells) in self.guests.iter().zip(&map.cells) {
                for (host, cell) in map.hosts.iter().zip(cells) {
                    let value = cell.map_or(String::new(), |value| value.to_string());
                    numbers.row([panel.name.clone(), map.name.clone(), guest.clone(), host.clone(), value]);
                }
            }
        }
        numbers
    }

    /// One scale for the whole figure, so that shades of two traces compare.
    fn scale(&self) -> Scale {
        let maps = self.panels.iter().flat_map(|panel| &panel.maps);
        Scale::fitting(maps.flat_map(|map| map.cells.iter().flatten()).flatten().copied())
    }

    fn plot_width(&self) -> Result<f64> {
        self.panels.iter().try_fold(0.0, |widest: f64, panel| Ok(widest.max(panel.width()?)))
    }

    fn lay_out(&self, panels: &[MapPanel]) -> Result<Picture> {
        let plot = self.plot_width()?;
        let across = page::across(panels.len(), plot);
        let mut picture = Picture { width: page::picture_width(across, plot), ..Picture::default() };
        let top = page::heading(&mut picture, &self.heading, &[])?;
        let scale = self.scale();
        let top = shades::key(&mut picture, &self.axis, scale, top)?;
        page::panels(&mut picture, panels, top, plot, |picture, panel, corner| {
            self.panel(picture, panel, corner, scale)
        })?;
        Ok(picture)
    }

    fn panel(&self, picture: &mut Picture, panel: &MapPanel, (left, top): Point, scale: Scale) -> Result<f64> {
        page::caption(picture, &panel.name, (left, top), panel.width()?)?;
        let top = top + TEXT * 1.6;
        let bottom = top + self.guests.len() as f64 * TILE.1;
        page::axis_name(picture, "guest page", left - AXIS_LEFT + SMALL, (top, bottom))?;
        for (row, guest) in (0..).zip(&self.guests) {
            let y = top + (f64::from(row) + 0.5) * TILE.1 + TEXT * 0.36;
            picture.text(Text::new((left - 10.0, y), guest.clone(), TEXT).align(Align::Right));
        }
        let hosts = bottom + SMALL * 1.3;
        picture.text(Text::new((left - 10.0, hosts), "host page", SMALL).align(Align::Right).colour(QUIET));
        let mut x = left;
        for map in &panel.maps {
            let wide = map.hosts.len() as f64 * TILE.0;
            let room = map.width()?;
            self.map(picture, map, (x + (room - wide) / 2.0, top), scale);
            let rule = hosts + SMALL * 0.55;
            picture.line((x + (room - wide) / 2.0, rule), (x + (room + wide) / 2.0, rule), 1.5, QUIET);
            picture.text(Text::new((x + room / 2.0, rule + TEXT), map.name.clone(), TEXT).align(Align::Centre));
            x += room + BETWEEN_MAPS;
        }
        Ok(hosts + SMALL * 0.55 + TEXT * 1.3)
    }

    fn map(&self, picture: &mut Picture, map: &Map, (left, top): Point, scale: Scale) {
        for (row, cells) in (0..).zip(&map.cells) {
            for (column, cell) in (0..).zip(cells) {
                let (left, top) = (left + f64::from(column) * TILE.0, top + f64::from(row) * TILE.1);
                let (shade, words) = match *cell {
                    Some(value) => (shade(scale.share(value)), written(value) + self.suffix),
                    None => (PAPER, "–".into()),
                };
                shades::square(picture, (left, top), TILE, shade, words);
            }
        }
        let bottom = top + self.guests.len() as f64 * TILE.1 + SMALL * 1.3;
        for (column, host) in (0..).zip(&map.hosts) {
            let host = if host.is_empty() { "–" } else { host };
            let x = left + (f64::from(column) + 0.5) * TILE.0;
            picture.text(Text::new((x, bottom), host, SMALL).align(Align::Centre));
        }
    }
}

impl MapPanel {
    fn width(&self) -> Result<f64> {
        let gaps = BETWEEN_MAPS * self.maps.len().saturating_sub(1) as f64;
        self.maps.iter().try_fold(gaps, |sum, map| Ok(sum + map.width()?))
    }
}

impl Map {
    fn width(&self) -> Result<f64> {
        Ok((self.hosts.len() as f64 * TILE.0).max(width(&self.name, TEXT, false)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_overlaps_and_nothing_leaves_the_picture() {
        super::super::picture::register_faces().unwrap();
        for (panels, guests, hosts) in [(1, 2, 2), (4, 2, 2), (9, 4, 4), (2, 4, 1)] {
            for highest in [0.0, 0.0001, 0.4, 99.0, 123_456.0] {
                let value = |n: usize| (n % 5 != 4).then_some(highest / (1 + n * n) as f64);
                let columns = |n: usize| if n == 1 { hosts } else { 1 };
                let map = |n: usize| Map {
                    name: ["native", "shadow", "a technique of a long name"][n].into(),
                    hosts: (0..columns(n)).map(|n| ["", "4K", "2M", "1G"][n].into()).collect(),
                    cells: (0..guests).map(|g| (0..columns(n)).map(|h| value(g + h)).collect()).collect(),
                };
                let figure = Maps {
                    heading: Heading { title: "Which?".into(), held: vec!["cpu nehalem".into(); 9] },
                    axis: "overhead, × ideal cycles".into(),
                    suffix: "×",
                    guests: (0..guests).map(|n| ["4K", "2M", "1G", "thp"][n].into()).collect(),
                    panels: (0..panels)
                        .map(|n| MapPanel { name: "trace".repeat(20 + n), maps: (0..3).map(map).collect() })
                        .collect(),
                };
                for (_, picture) in figure.pictures().unwrap() {
                    picture.assert_legible();
                }
            }
        }
    }
}
