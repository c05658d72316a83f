//! Stacked bars, grouped by technique, with the page sizes in rows beneath them; a bar may be several stacks side by side.
//!
//! The axis starts at 0 and is linear: a stack on a logarithmic axis lies. Where a few bars dwarf the rest, the panel has
//! two plots, one of everything and one enlarged, in which the tall bars are visibly cut.

use super::figure_table::FigureTable;
use super::page::{self, Swatch};
use super::picture::{Align, Area, Picture, Point, Text, width, wrapped};
use super::scale::{Scale, written};
use super::stack::{Bar, BarGroup, BarPanel, Bars};
use super::style::*;
use crate::error::Result;

/// Where a bar stands.
#[derive(Clone, Copy)]
struct Spot<'a> {
    bar: &'a Bar,
    middle: f64,
    width: f64,
    /// For the number above it, which may be wider where the neighbours are far.
    room: f64,
}

/// Where a stack stands.
struct Stack<'a> {
    parts: Option<&'a [f64]>,
    pale: bool,
    total: f64,
    middle: f64,
    width: f64,
    room: f64,
}

impl Bars {
    /// Writes all names anew.
    pub fn reword(&mut self, word: fn(&str) -> String) {
        self.heading.reword(word);
        self.panels.iter_mut().for_each(|panel| panel.name = word(&panel.name));
    }

    /// The pictures that hold all panels, each with the name of its trace if it is the only one there.
    pub fn pictures(&self) -> Result<Vec<(String, Picture)>> {
        let capacity = page::capacity(self.panels.len(), self.least_plot(&self.panels)?);
        page::pages(&self.panels, capacity, |panel| &panel.name, |panels| self.lay_out(panels))
    }

    /// A row for each part of each bar.
    pub fn numbers(&self) -> FigureTable {
        let worded = self.stretches.iter().any(|stretch| !stretch.word.is_empty());
        let cell = ["panel", "series", "guest page", "host page"].into_iter();
        let columns: Vec<_> = cell.chain(worded.then_some("stretch")).chain(["part", &self.axis]).collect();
        let mut numbers = FigureTable::new(&columns);
        for (panel, group) in self.panels.iter().flat_map(|panel| panel.groups.iter().map(move |group| (panel, group)))
        {
            let stacks = |bar| self.stretches.iter().enumerate().map(move |it| (bar, it));
            for (bar, (at, stretch)) in group.bars.iter().flat_map(stacks) {
                for (n, (part, _)) in self.parts.iter().enumerate() {
                    let height = bar.stacks[at].as_ref().map_or(String::new(), |parts| parts[n].to_string());
                    let cell = [&panel.name, &group.name, &bar.guest, &bar.host].map(String::as_str).into_iter();
                    let fields = cell.chain(worded.then_some(stretch.word)).chain([part.as_str(), &height]);
                    numbers.row(fields.map(String::from));
                }
            }
        }
        numbers
    }

    fn lay_out(&self, panels: &[BarPanel]) -> Result<Picture> {
        let least = self.least_plot(panels)?;
        let most_bars = panels.iter().map(BarPanel::bar_count).max().unwrap_or(0) as f64;
        let room = bar_room(self.stretches.len());
        let most = least + most_bars * (room.1 - room.0);
        let across = page::across(panels.len(), least);
        let plot = page::plot_width(across, (least, most));
        let mut picture = Picture { width: page::picture_width(across, plot), ..Picture::default() };
        let parts = self.parts.iter().map(|(name, fill)| (name.clone(), Swatch::Surface(*fill)));
        let told_apart = self.stretches.iter().filter(|_| self.stretches.len() > 1);
        let stretches = told_apart.map(|it| (it.name.clone(), Swatch::Surface(shaded(GREY, it.pale))));
        let legend: Vec<_> = parts.chain(stretches).collect();
        let top = page::heading(&mut picture, &self.heading, &legend)?;
        let halved = panels.iter().any(|panel| panel.cut().is_some());
        let between = BETWEEN_HALVES + (enlarged(plot - self.right())?.len() - 1) as f64 * SMALL * LEADING;
        let high = if halved { 2.0 * HALF_HEIGHT + between } else { PLOT_HEIGHT };
        page::panels(&mut picture, panels, top, plot, |picture, panel, corner| {
            self.panel(picture, panel, corner, (plot, high))
        })?;
        Ok(picture)
    }

    /// One panel, whose plot or plots are so wide and so high together.
    fn panel(&self, picture: &mut Picture, panel: &BarPanel, (left, top): Point, (wide, high): Point) -> Result<f64> {
        let wide = wide - self.right();
        // A long name of the second axis stands beside the caption.
        page::caption(picture, &panel.name, (left, top), wide + (self.right() - 2.0 * SMALL).max(0.0))?;
        let spots = panel.spots(left, wide, self.stretches.len())?;
        let stacks: Vec<Stack<'_>> = spots.iter().flat_map(|spot| self.stacks(spot)).collect();
        let tallest = stacks.iter().map(|stack| stack.total).fold(0.0, f64::max);
        let top = top + TEXT * 1.6;
        let whole = Area { left, top, right: left + wide, bottom: top + high };
        if let Some(cut) = panel.cut() {
            let upper = Area { bottom: top + HALF_HEIGHT, ..whole };
            let lower = Area { top: whole.bottom - HALF_HEIGHT, ..whole };
            self.plot(picture, upper, &stacks, tallest, |total| total > cut)?;
            let lines = enlarged(wide)?;
            let first = lower.top - SMALL * (0.6 + (lines.len() - 1) as f64 * LEADING);
            for (n, line) in (0..).zip(lines) {
                let y = first + f64::from(n) * SMALL * LEADING;
                picture.text(Text::new((left, y), line, SMALL).colour(QUIET));
            }
            self.plot(picture, lower, &stacks, cut, |total| total <= cut)?;
        } else {
            self.plot(picture, whole, &stacks, tallest, |_| true)?;
        }
        page::axis_name(picture, &self.axis, left - AXIS_LEFT + SMALL, (top, whole.bottom))?;
        if let Some(second) = &self.second {
            page::axis_name(picture, &second.name, whole.right + AXIS_RIGHT - SMALL * 0.3, (top, whole.bottom))?;
        }
        panel.names(picture, &spots, left, whole.bottom)
    }

    /// Bars up to a height, with the totals of some above them.
    fn plot(
        &self,
        picture: &mut Picture,
        area: Area,
        stacks: &[Stack<'_>],
        highest: f64,
        named: impl Fn(f64) -> bool,
    ) -> Result<()> {
        let label = |stack: &Stack<'_>| stack.parts.map_or("n/a".into(), |_| written(stack.total));
        let (mut widest, mut upright) = (0.0, false);
        for stack in stacks.iter().filter(|stack| named(stack.total)) {
            let width = width(&label(stack), SMALL, false)?;
            widest = f64::max(widest, width);
            upright |= width > stack.room - 3.0;
        }
        let headroom = 10.0 + if upright { widest } else { SMALL };
        let highest = if highest > 0.0 { highest } else { 1.0 };
        let scale = Scale::from_zero(highest * area.height() / (area.height() - headroom));
        page::vertical_axis(picture, area, scale);
        if let Some(second) = &self.second {
            page::second_axis(picture, area, scale.times(second.factor), second.suffix);
        }
        for stack in stacks {
            let top = self.stack(picture, area, scale, stack);
            if named(stack.total) {
                let text = if upright {
                    Text::new((stack.middle + SMALL * 0.36, top - 6.0), label(stack), SMALL).upwards()
                } else {
                    Text::new((stack.middle, top - 6.0), label(stack), SMALL).align(Align::Centre)
                };
                picture.text(text);
            }
        }
        Ok(())
    }

    /// The stacks of a bar, side by side.
    fn stacks<'a>(&self, spot: &Spot<'a>) -> Vec<Stack<'a>> {
        let all = self.stretches.len() as f64;
        let (width, room) = (spot.width * BAR_SHARE / all, spot.room * if all > 1.0 { BAR_SHARE / all } else { 1.0 });
        let left = spot.middle - width * all / 2.0;
        let stack = |(n, parts): (usize, &'a Option<Vec<f64>>)| Stack {
            parts: parts.as_deref(),
            pale: self.stretches[n].pale,
            total: parts.iter().flatten().sum(),
            middle: left + (n as f64 + 0.5) * width,
            width,
            room,
        };
        spot.bar.stacks.iter().enumerate().map(stack).collect()
    }

    /// One stack, cut where it leaves the plot. Returns where it ends.
    fn stack(&self, picture: &mut Picture, area: Area, scale: Scale, stack: &Stack<'_>) -> f64 {
        let (left, right) = (stack.middle - stack.width / 2.0, stack.middle + stack.width / 2.0);
        let (mut sum, mut bottom) = (0.0, area.bottom);
        for (height, (_, fill)) in stack.parts.into_iter().flatten().zip(&self.parts) {
            sum += height;
            let top = (area.bottom - scale.share(sum) * area.height()).max(area.top);
            if top < bottom {
                picture.fill(Area { left, top, right, bottom }, shaded(*fill, stack.pale));
                if bottom - top > 4.0 && bottom < area.bottom {
                    picture.line((left, bottom), (right, bottom), 1.0, PAPER);
                }
            }
            bottom = top;
        }
        if scale.share(sum) > 1.0 {
            tear(picture, left, right, area.top + 14.0);
        }
        bottom
    }

    /// The least width at which the bars of every panel stand apart, what stands right of them included.
    fn least_plot(&self, panels: &[BarPanel]) -> Result<f64> {
        let stacks = self.stretches.len();
        panels.iter().try_fold(0.0, |least: f64, panel| Ok(least.max(panel.least_width(stacks)? + self.right())))
    }

    fn right(&self) -> f64 {
        if self.second.is_some() { AXIS_RIGHT } else { 0.0 }
    }
}

fn shaded(surface: Surface, pale: bool) -> Surface {
    if pale { surface.pale() } else { surface }
}

/// What is said of the lower one of two plots, in lines as wide as it is.
fn enlarged(wide: f64) -> Result<Vec<String>> {
    wrapped("enlarged: the tall bars are cut", SMALL, false, wide)
}

/// A torn edge across a bar: it goes on beyond the plot.
fn tear(picture: &mut Picture, left: f64, right: f64, y: f64) {
    const TOOTH: f64 = 5.0;
    let teeth = ((right - left) / TOOTH).ceil() as usize;
    let corner = |n: usize, rise: f64| {
        let x = (left + n as f64 * TOOTH).min(right);
        (x, y - rise + if n.is_multiple_of(2) { 2.5 } else { -2.5 })
    };
    for (rise, width, colour) in [(0.0, 6.0, PAPER), (3.5, 1.2, INK), (-3.5, 1.2, INK)] {
        for n in 0..teeth {
            picture.line(corner(n, rise), corner(n + 1, rise), width, colour);
        }
    }
}

impl BarPanel {
    /// Where to cut, if the bars in the middle would be less than an eighth of the tallest one.
    fn cut(&self) -> Option<f64> {
        let bars = self.groups.iter().flat_map(|group| &group.bars);
        let mut totals: Vec<f64> = bars.flat_map(Bar::totals).filter(|&total| total > 0.0).collect();
        totals.sort_by(f64::total_cmp);
        let tallest = *totals.last()?;
        let median = totals[(totals.len() - 1) / 2];
        let low = totals.into_iter().filter(|&total| total <= 4.0 * median).fold(median, f64::max);
        (tallest > 8.0 * median).then_some(low)
    }

    fn bar_count(&self) -> usize {
        self.groups.iter().map(|group| group.bars.len()).sum()
    }

    fn least_width(&self, stacks: usize) -> Result<f64> {
        let gaps = BETWEEN_GROUPS * self.groups.len() as f64;
        self.groups.iter().try_fold(gaps, |sum, group| Ok(sum + group.least_width(stacks)?))
    }

    /// Spreads the bars over the width of the plot.
    fn spots(&self, left: f64, plot: f64, stacks: usize) -> Result<Vec<Spot<'_>>> {
        let (least, most) = bar_room(stacks);
        let extra = (plot - self.least_width(stacks)?) / (self.bar_count() as f64).max(1.0);
        let extra = extra.clamp(0.0, most - least);
        let mut spots = Vec::new();
        let mut x = left + BETWEEN_GROUPS / 2.0;
        for group in &self.groups {
            let bars = group.bars.len() as f64;
            let room = group.least_width(stacks)? + bars * extra;
            let width = least + extra;
            let first = x + (room - bars * width) / 2.0 + width / 2.0;
            let room_above = if bars > 1.0 { width } else { room };
            spots.extend((0..).zip(&group.bars).map(|(n, bar)| Spot {
                bar,
                middle: first + f64::from(n) * width,
                width,
                room: room_above,
            }));
            x += room + BETWEEN_GROUPS;
        }
        Ok(spots)
    }

    /// Guest pages, host pages and technique beneath the bars. Returns where the panel ends.
    fn names(&self, picture: &mut Picture, spots: &[Spot<'_>], left: f64, bottom: f64) -> Result<f64> {
        let (guest, host) = (bottom + SMALL * 1.35, bottom + SMALL * 2.55);
        for (y, name) in [(guest, "guest page"), (host, "host page")] {
            picture.text(Text::new((left - 8.0, y), name, SMALL).align(Align::Right).colour(QUIET));
        }
        for spot in spots {
            for (y, pages) in [(guest, &spot.bar.guest), (host, &spot.bar.host)] {
                let pages = if pages.is_empty() { "–" } else { pages };
                picture.text(Text::new((spot.middle, y), pages, SMALL).align(Align::Centre));
            }
        }
        let rule = host + SMALL * 0.55;
        let mut spots = spots.iter();
        for group in &self.groups {
            let here: Vec<_> = spots.by_ref().take(group.bars.len()).collect();
            if let (Some(first), Some(last)) = (here.first(), here.last()) {
                let (from, to) = (first.middle - first.width / 2.0 + 3.0, last.middle + last.width / 2.0 - 3.0);
                picture.line((from, rule), (to, rule), 1.5, QUIET);
                picture
                    .text(Text::new(((from + to) / 2.0, rule + TEXT), group.name.clone(), TEXT).align(Align::Centre));
            }
        }
        Ok(rule + TEXT * 1.3)
    }
}

impl BarGroup {
    fn least_width(&self, stacks: usize) -> Result<f64> {
        Ok((self.bars.len() as f64 * bar_room(stacks).0).max(width(&self.name, TEXT, false)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::Heading;
    use super::super::stack::{SecondAxis, Stretch};
    use super::*;

    fn panel(name: &str, (groups, bars, stacks): (usize, usize, usize), tallest: f64) -> BarPanel {
        let bar = |n: usize| Bar {
            guest: ["4K", "2M", "thp"][n % 3].into(),
            host: ["", "1G"][n % 2].into(),
            stacks: (0..stacks)
                .map(|s| (n % 7 != 6).then(|| vec![tallest / (1 + n * n + s) as f64, 0.01 * n as f64]))
                .collect(),
        };
        let group = |n: usize| BarGroup {
            name: ["native", "shadow", "ept", "pv"][n % 4].into(),
            bars: (0..bars).map(|i| bar(i + n)).collect(),
        };
        BarPanel { name: name.into(), groups: (0..groups).map(group).collect() }
    }

    #[test]
    fn nothing_overlaps_and_nothing_leaves_the_picture() {
        let name = "a-trace-with-a-name-that-is-longer-than-any-panel-is-wide-".repeat(4);
        let counts = [(1, 1, 1), (1, 4, 10), (3, 4, 3), (6, 2, 1), (9, 4, 1), (2, 3, 6)];
        for ((panels, groups, bars), stacks) in counts.into_iter().flat_map(|it| [(it, 1), (it, 2)]) {
            for tallest in [0.0, 0.4, 90.0, 123_456.0] {
                let stretch = |n: usize| Stretch { word: "whole", name: name[..30].into(), pale: n == 0 };
                let figure = Bars {
                    heading: Heading { title: name.clone(), held: vec![name[..60].into(); 5] },
                    axis: name.clone(),
                    second: (stacks > 1).then(|| SecondAxis { name: name.clone(), suffix: "%", factor: 0.37 }),
                    stretches: (0..stacks).map(stretch).collect(),
                    parts: (0..2).map(|n| (name[n..40].into(), SURFACES[n])).collect(),
                    panels: (0..panels).map(|_| panel(&name, (groups, bars, stacks), tallest)).collect(),
                };
                super::super::picture::register_faces().unwrap();
                for (_, picture) in figure.pictures().unwrap() {
                    picture.assert_legible();
                }
            }
        }
    }
}
