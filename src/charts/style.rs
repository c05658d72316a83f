//! The one style of every figure: its sizes, its colours, its marks.
//!
//! Lengths are pixels of the finished PNG. A picture is at most [`WIDTH`] wide unless its bars need more: printed over both columns of
//! a paper (7 inches) that is 200 pixels to the inch, so that text of 20 pixels is 7 points high; one of [`LEAST_WIDTH`] has the same
//! in one column (3.5 inches).

use crate::prices::Part;
use plotters::style::{BLACK, RGBColor};

/// The face that the PNG is drawn with, and what a browser falls back on. It is also the name under which the face is registered.
pub const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

pub const WIDTH: f64 = 1400.0;
pub const LEAST_WIDTH: f64 = 700.0;
pub const MARGIN: f64 = 24.0;
/// Between panels.
pub const GUTTER: f64 = 36.0;
pub const ROWS_OF_PANELS: usize = 3;
pub const PANELS_ACROSS: usize = 3;

pub const TITLE: f64 = 28.0;
pub const TEXT: f64 = 20.0;
pub const SMALL: f64 = 17.0;
/// From one line of text to the next, in units of its size.
pub const LEADING: f64 = 1.4;

/// Left of the plot: the axis' name and its numbers.
pub const AXIS_LEFT: f64 = 112.0;
/// Right of the plot: the numbers of a second axis and its name.
pub const AXIS_RIGHT: f64 = 108.0;
pub const PLOT_HEIGHT: f64 = 260.0;
/// Of each plot, where a panel has two, and the room between them.
pub const HALF_HEIGHT: f64 = 165.0;
pub const BETWEEN_HALVES: f64 = 38.0;
pub const TICKS: f64 = 5.0;

/// Room for the first stack of a cell: the least holds `thp` and a number set upright, the most keeps a lone bar from becoming a wall.
const BAR_ROOM: (f64, f64) = (38.0, 84.0);
/// Room for each further one.
const STACK_ROOM: (f64, f64) = (16.0, 36.0);

/// The least and the most room for the bar of a cell, which has so many stacks.
pub fn bar_room(stacks: usize) -> (f64, f64) {
    let further = stacks.saturating_sub(1) as f64;
    (BAR_ROOM.0 + further * STACK_ROOM.0, BAR_ROOM.1 + further * STACK_ROOM.1)
}

pub const BAR_SHARE: f64 = 0.74;
pub const BETWEEN_GROUPS: f64 = 22.0;

/// The narrowest and the widest plot of lines.
pub const LINE_PLOT: (f64, f64) = (300.0, 540.0);
pub const STROKE: f64 = 2.5;
/// The radius of a mark, at most.
pub const MARK: f64 = 8.5;
pub const HATCH: f64 = 9.0;

pub const INK: RGBColor = BLACK;
pub const QUIET: RGBColor = RGBColor(90, 90, 90);
pub const GRID: RGBColor = RGBColor(222, 222, 222);
pub const PAPER: RGBColor = RGBColor(255, 255, 255);

// Okabe and Ito's colours, which the colour-blind can tell apart.
const ORANGE: RGBColor = RGBColor(230, 159, 0);
const SKY: RGBColor = RGBColor(86, 180, 233);
const GREEN: RGBColor = RGBColor(0, 158, 115);
const YELLOW: RGBColor = RGBColor(240, 228, 66);
const BLUE: RGBColor = RGBColor(0, 114, 178);
const VERMILLION: RGBColor = RGBColor(213, 94, 0);
const PURPLE: RGBColor = RGBColor(204, 121, 167);

/// What a surface is covered with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surface {
    pub colour: RGBColor,
    pub hatch: Hatch,
}

/// White lines over the colour, so that greys of one lightness differ in print.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hatch {
    Plain,
    Rising,
    Falling,
    Crossed,
    Level,
}

/// For the parts of a stack, from the bottom up: light and dark take turns, so that neighbours differ in grey as well.
pub const SURFACES: [Surface; 7] = [
    Surface { colour: SKY, hatch: Hatch::Plain },
    Surface { colour: BLUE, hatch: Hatch::Plain },
    Surface { colour: YELLOW, hatch: Hatch::Plain },
    Surface { colour: VERMILLION, hatch: Hatch::Rising },
    Surface { colour: ORANGE, hatch: Hatch::Falling },
    Surface { colour: GREEN, hatch: Hatch::Crossed },
    Surface { colour: PURPLE, hatch: Hatch::Level },
];

/// For what is said of whole stacks: neither colour nor hatching.
pub const GREY: Surface = Surface { colour: QUIET, hatch: Hatch::Plain };

impl Surface {
    /// The same, lighter.
    pub fn pale(self) -> Surface {
        let RGBColor(red, green, blue) = self.colour;
        let [red, green, blue] = [red, green, blue].map(|channel| 255 - (255 - channel) / 5 * 2);
        Surface { colour: RGBColor(red, green, blue), hatch: self.hatch }
    }
}

/// What a part of the bill is called where it is drawn, and its surface; `None` for the ideal, which others are measured by.
pub const fn of_part(part: Part) -> Option<(&'static str, Surface)> {
    match part {
        Part::Ideal => None,
        Part::Tlb => Some(("L2 TLB hits", SURFACES[0])),
        Part::Walk => Some(("page walks", SURFACES[1])),
        Part::Faults => Some(("guest faults", SURFACES[2])),
        Part::Exits => Some(("VM exits", SURFACES[3])),
        Part::Hypercalls => Some(("hypercalls", SURFACES[4])),
        Part::Upkeep => Some(("guest upkeep", SURFACES[5])),
        Part::Host => Some(("host backing", SURFACES[6])),
    }
}

/// For lines; yellow is left out, for it is lost on white paper.
pub const STROKES: [RGBColor; 7] = [INK, VERMILLION, BLUE, ORANGE, GREEN, PURPLE, SKY];

/// Lengths drawn and left blank, in turn, for each stroke.
pub const DASHES: [&[f64]; 4] = [&[], &[14.0, 6.0], &[5.0, 5.0], &[16.0, 5.0, 4.0, 5.0]];

/// Marks on a line: corners, by how much of a turn the first is away from the top, and a radius at which all look equally large.
pub const MARKS: [(u32, f64, f64); 6] =
    [(24, 0.0, 6.0), (4, 0.125, 7.0), (3, 0.0, 8.5), (4, 0.0, 8.0), (3, 0.5, 8.5), (5, 0.5, 7.0)];

/// Of one hue, from the least value to the greatest; even in lightness.
pub const SHADES: [RGBColor; 3] = [RGBColor(239, 245, 252), RGBColor(107, 174, 214), RGBColor(8, 48, 107)];
