//! The short tables at the end of a run, and what to beware of.

use super::grid::{Grid, Side};
use super::terminal::width;
use crate::numerals::{short, spaced};
use crate::outcome::Outcome;
use crate::outcome::Warning;
use crate::sweep::Sweep;
use crate::words::{counted, one_line};
use std::collections::BTreeSet;

/// Lowest and highest.
type Range = (f64, f64);

/// A value of the whole of a row, or of its steady state.
type Value = fn(&Outcome<'_>, bool) -> Option<f64>;

/// What is told of each row, a table each: its unit, and the value.
const TOLD: [(&str, Value); 2] = [
    ("cycles added per access", |it, steady| it.added_per_access(steady)),
    ("% of all cycles", |it, steady| Some(100.0 * it.stretch(steady)?.1.share()?)),
];

/// What translation adds, by technique and page sizes, of the whole and the steady state of each trace; a range where other axes
/// make it vary. Traces that the terminal has no room for beside the others come below.
pub fn summary(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> String {
    let traces: Vec<&str> = sweep.traces.iter().map(|trace| trace.name.as_str()).collect();
    let stretches: &[(&str, bool)] = match outcomes.iter().any(|it| it.steady.is_some()) {
        _ if sweep.output.steady => &[("steady", true)],
        true => &[("whole", false), ("steady", true)],
        // A sampled run has no other.
        false => &[("whole", false)],
    };
    let table =
        |(unit, value): (&str, Value)| table(unit, &traces, stretches, &lines(&traces, stretches, outcomes, value));
    TOLD.map(table).join("\n")
}

/// The label of each line, and a range for each stretch of each trace.
type Lines = Vec<(String, Vec<Option<Range>>)>;

fn lines(traces: &[&str], stretches: &[(&str, bool)], outcomes: &[Outcome<'_>], value: Value) -> Lines {
    let mut lines: Lines = Vec::new();
    for outcome in outcomes {
        let label = label(outcome);
        let Some(trace) = traces.iter().position(|name| *name == outcome.trace) else { continue };
        let at = lines.iter().position(|(known, _)| *known == label).unwrap_or_else(|| {
            lines.push((label, vec![None; traces.len() * stretches.len()]));
            lines.len() - 1
        });
        for (i, (_, steady)) in stretches.iter().enumerate() {
            let Some(value) = value(outcome, *steady) else { continue };
            let cell = &mut lines[at].1[trace * stretches.len() + i];
            let (low, high) = cell.unwrap_or((value, value));
            *cell = Some((low.min(value), high.max(value)));
        }
    }
    lines
}

fn table(unit: &str, traces: &[&str], stretches: &[(&str, bool)], lines: &Lines) -> String {
    let each = stretches.len();
    let grid = |from: usize, to: usize| {
        let heads = traces[from..to].iter().flat_map(|trace| {
            // Over the first of its columns.
            let mut above = one_line(trace).into_owned();
            let head =
                |(stretch, _): &(&str, bool)| (format!("{}\n{stretch}", std::mem::take(&mut above)), Side::Right);
            stretches.iter().map(head).collect::<Vec<_>>()
        });
        let mut grid = Grid::new(std::iter::once((unit.to_string(), Side::Left)).chain(heads));
        for (label, cells) in lines {
            let cells = cells[from * each..to * each].iter().copied().map(range);
            grid.add(std::iter::once(label.clone()).chain(cells));
        }
        grid
    };
    let (mut blocks, mut shown) = (Vec::new(), 0);
    while shown < traces.len() {
        let (_, left_out) = grid(shown, traces.len()).text(width());
        let fit = traces.len() - left_out.len().div_ceil(each);
        // Where there is no room for even one, all stand there.
        let (to, width) = if fit > shown { (fit, width()) } else { (traces.len(), None) };
        blocks.push(grid(shown, to).text(width).0);
        shown = to;
    }
    blocks.join("\n")
}

/// Technique and page sizes.
pub fn label(outcome: &Outcome<'_>) -> String {
    format!("{:7} {}", outcome.technique().name, outcome.pages())
}

/// Each warning that any row has: its name, on how many rows of which traces, and its meaning.
pub fn cautions(outcomes: &[Outcome<'_>]) -> Vec<String> {
    let caution = |warning: Warning| {
        let rows: Vec<_> = outcomes.iter().filter(|it| it.warnings.contains(&warning)).collect();
        let traces: BTreeSet<_> = rows.iter().map(|it| one_line(it.trace)).collect();
        let traces = traces.into_iter().collect::<Vec<_>>().join(", ");
        let (name, meaning) = (warning.name(), warning.meaning());
        let counted = format!("{name}, on {} of {} ({traces}): {meaning}", rows.len(), counted(outcomes.len(), "row"));
        (!rows.is_empty()).then_some(counted)
    };
    Warning::ALL.into_iter().filter_map(caution).collect()
}

fn range(range: Option<Range>) -> String {
    match range.map(|(low, high)| (spaced(short(low)), spaced(short(high)))) {
        None => "-".into(),
        Some((low, high)) if low == high => low,
        Some((low, high)) => format!("{low} to {high}"),
    }
}
