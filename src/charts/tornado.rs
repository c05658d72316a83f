//! Which assumed prices the overhead of one cell hangs on.

use super::overhead_unit::OverheadUnit;
use super::page::Heading;
use super::rows::{Row, Rows};
use super::style::SURFACES;
use super::swings::{Swing, Swings};
use crate::error::{Error, Result};
use crate::numerals::per;
use crate::outcome::{Outcome, stretches};
use crate::prices::Move;
use crate::sweep::Sweep;
use crate::sweep::worth_a_word;
use crate::technique::{Facts, NATIVE};
use crate::words::counted;
use std::collections::BTreeMap;

/// More bars than this are not read.
const MOST_BARS: usize = 12;
/// Bars that are shorter than this share of the longest have no length to be seen, nor a number of their own.
const LEAST_BAR: f64 = 0.02;
const TRACE: &str = "trace";

/// The overhead of one cell as each price moves, the widest move first; nothing where no price moves it.
///
/// The cell is the first that has the values of the sweep's `output.tornado`, column by column. Where that is empty, it is the one
/// that moves most, of the virtual techniques if any of those moves.
pub fn prepare(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Result<Option<Swings>> {
    let rows = rows(sweep, outcomes);
    let chosen = match &sweep.output.tornado {
        none if none.is_empty() => widest(&rows),
        cell => Some(matching(&rows, cell)?),
    };
    Ok(chosen.and_then(|chosen| swings(&rows, chosen)))
}

/// What each assumed price does to each row that it was charged to.
fn rows<'a>(sweep: &'a Sweep, outcomes: &'a [Outcome<'a>]) -> Rows<'a, Move> {
    let stretches = stretches(sweep, outcomes.iter());
    let moves = |outcome: &'a Outcome<'a>| {
        let counts = outcome.stretch(stretches[0]).map(|(counts, _)| counts);
        let moves = counts.map(|counts| sweep.sheets[outcome.row.sheet].1.sensitivity(counts));
        moves.into_iter().flatten().map(move |shown| Row { outcome, shown })
    };
    Rows::each(sweep, outcomes.iter().flat_map(moves))
}

fn swings(rows: &Rows<'_, Move>, chosen: Row<'_, Move>) -> Option<Swings> {
    let middle = rows.overhead(&chosen)?;
    let values = rows.axes().into_iter().map(|axis| (axis, rows.value(&chosen, axis)));
    let words = [(TRACE, chosen.outcome.trace)].into_iter().chain(values);
    let words = words.filter(|(axis, value)| worth_a_word(axis, value)).map(|(axis, value)| format!("{axis} {value}"));
    let mut held: Vec<String> = words.collect();
    let mine = rows.that(|row| std::ptr::eq(row.outcome, chosen.outcome)).kept;
    let swing = |row: &Row<'_, Move>| swing(rows, row);
    let longest = mine.iter().map(swing).fold(0.0, f64::max);
    let mut moving: Vec<_> = mine.iter().filter(|row| swing(row) > LEAST_BAR * longest).collect();
    if longest <= 1e-9 * middle {
        return None;
    }
    moving.sort_by(|a, b| swing(b).total_cmp(&swing(a)));
    held.extend(rows.stretch());
    held.push("each price is moved alone".into());
    let left_out = mine.len() - moving.len().min(MOST_BARS);
    held.extend((left_out > 0).then(|| format!("left out: {} with a smaller move", counted(left_out, "price"))));
    let bars: Vec<Swing> = moving.into_iter().take(MOST_BARS).map(|row| bar(&row.shown)).collect();
    let ends = bars.iter().flat_map(|bar| bar.ends).flatten();
    let unit = OverheadUnit::up_to(ends.fold(middle, f64::max));
    let mut swings = Swings {
        heading: Heading { title: "How far does each assumed price move the overhead?".into(), held },
        panel: chosen.outcome.trace.into(),
        axis: unit.axis.into(),
        suffix: unit.suffix,
        middle,
        sides: [("price halved", SURFACES[0]), ("price doubled", SURFACES[3])],
        bars,
    };
    swings.multiply(unit.factor);
    Some(swings)
}

fn bar(it: &Move) -> Swing {
    let cycles = it.cycles.to_f64().to_string();
    Swing { price: it.price.name.into(), cycles, per: per(it.price.per), ends: [it.halved, it.doubled] }
}

/// How far apart the overheads of a row are.
fn swing(rows: &Rows<'_, Move>, row: &Row<'_, Move>) -> f64 {
    let values = || [rows.overhead(row), row.shown.halved, row.shown.doubled].into_iter().flatten();
    let least = values().fold(f64::INFINITY, f64::min);
    values().fold(0.0, |most, value| f64::max(most, value - least))
}

/// A row of the cell that moves most.
fn widest<'a>(all: &Rows<'a, Move>) -> Option<Row<'a, Move>> {
    let is_virtual = |technique: &'static Facts| technique != &NATIVE;
    let most = |rows: &Rows<'a, Move>| {
        let mut most = (0.0, None);
        for row in &rows.kept {
            let swing = swing(rows, row);
            if swing > most.0 && rows.overhead(row).is_some() {
                most = (swing, Some(*row));
            }
        }
        most.1
    };
    most(&all.that(|row| is_virtual(row.outcome.technique()))).or_else(|| most(all))
}

/// The first row with these values.
fn matching<'a>(all: &Rows<'a, Move>, cell: &BTreeMap<String, String>) -> Result<Row<'a, Move>> {
    let wanted = || cell.iter().map(|(column, value)| format!("{column} {value}")).collect::<Vec<_>>().join(", ");
    let failed = |cause: String| Error::failed(format!("find the cell {}", wanted()), cause);
    let mut rows = all.clone();
    for (column, value) in cell {
        rows = if column == TRACE { rows.of(value) } else { rows.with(column, value) };
    }
    rows.kept.first().copied().ok_or_else(|| failed("the results have no such row".into()))
}
