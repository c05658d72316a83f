//! The short table at the end of a run, and what to beware of.

use super::grid::{Grid, Side};
use super::output::one_line;
use super::terminal::width;
use crate::numerals::percent;
use crate::outcome::Outcome;
use crate::outcome::Warning;
use crate::sweep::Sweep;
use crate::words::counted;
use std::collections::BTreeSet;

/// Lowest and highest.
type Range = (f64, f64);

/// Overhead by technique and page sizes, a column per trace; a range where other axes make it vary. Traces that
/// the terminal has no room for beside the others come below.
pub fn summary(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> String {
    let traces: Vec<&str> = sweep.traces.iter().map(|trace| trace.name.as_str()).collect();
    let mut lines: Vec<(String, Vec<Option<Range>>)> = Vec::new();
    for outcome in outcomes {
        let label = label(outcome);
        let Some(overhead) = outcome.bill.overhead() else { continue };
        let at = lines.iter().position(|(known, _)| *known == label).unwrap_or_else(|| {
            lines.push((label, vec![None; traces.len()]));
            lines.len() - 1
        });
        let Some(trace) = traces.iter().position(|name| *name == outcome.trace) else { continue };
        let (low, high) = lines[at].1[trace].unwrap_or((overhead, overhead));
        lines[at].1[trace] = Some((low.min(overhead), high.max(overhead)));
    }
    let (mut text, mut shown) = (String::new(), 0);
    while shown < traces.len() {
        let heads = traces[shown..].iter().map(|name| (name.to_string(), Side::Right));
        let mut grid = Grid::new(std::iter::once(("overhead".into(), Side::Left)).chain(heads));
        for (label, cells) in &lines {
            grid.add(std::iter::once(label.clone()).chain(cells[shown..].iter().copied().map(range)));
        }
        let (block, left_out) = grid.text(width());
        let fits = left_out.len() < traces.len() - shown;
        // Where there is no room for even one, all stand there.
        let (block, left) = if fits { (block, left_out.len()) } else { (grid.text(None).0, 0) };
        text += if shown > 0 { "\n" } else { "" };
        text += &block;
        shown = traces.len() - left;
    }
    text
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
    match range {
        None => "-".into(),
        Some((low, high)) if percent(low) == percent(high) => percent(low),
        Some((low, high)) => format!("{} to {}", percent(low), percent(high)),
    }
}
