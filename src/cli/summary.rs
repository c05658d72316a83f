//! The short table at the end of a run, and what to beware of.

use crate::numerals::percent;
use crate::outcome::Outcome;
use crate::sweep::Sweep;
use crate::warnings::Warning;
use crate::words::counted;
use std::collections::BTreeSet;

/// Lowest and highest.
type Range = (f64, f64);

/// Overhead by technique and page sizes, a column per trace; a range where other axes make it vary.
pub fn summary(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> String {
    let traces: Vec<&str> = sweep.traces.iter().map(|trace| trace.name.as_str()).collect();
    let mut lines: Vec<(String, Vec<Option<Range>>)> = Vec::new();
    for outcome in outcomes {
        let label = label(sweep, outcome);
        let Some(overhead) = outcome.bill.overhead() else { continue };
        let at = lines.iter().position(|(known, _)| *known == label).unwrap_or_else(|| {
            lines.push((label, vec![None; traces.len()]));
            lines.len() - 1
        });
        let Some(trace) = traces.iter().position(|name| *name == outcome.trace) else { continue };
        let (low, high) = lines[at].1[trace].unwrap_or((overhead, overhead));
        lines[at].1[trace] = Some((low.min(overhead), high.max(overhead)));
    }
    let mut rows =
        vec![std::iter::once("overhead".to_string()).chain(traces.iter().map(|it| it.to_string())).collect()];
    for (label, cells) in lines {
        rows.push(std::iter::once(label).chain(cells.into_iter().map(range)).collect::<Vec<_>>());
    }
    align(&rows)
}

/// Technique and page sizes.
pub fn label(sweep: &Sweep, outcome: &Outcome<'_>) -> String {
    let value = |name: &str| {
        let i = sweep.columns.iter().position(|column| column.name == name)?;
        outcome.row.values[i].as_deref()
    };
    let pages = match (value("guest_pages"), value("host_pages")) {
        (Some(guest), Some(host)) => format!("{guest} on {host}"),
        (Some(guest), None) => guest.to_string(),
        _ => String::new(),
    };
    format!("{:7} {pages}", value("technique").unwrap_or_default())
}

/// Each warning that any row has: its name, on how many rows of which traces, and its meaning.
pub fn cautions(outcomes: &[Outcome<'_>]) -> Vec<String> {
    let caution = |warning: Warning| {
        let rows: Vec<_> = outcomes.iter().filter(|it| it.tally.warnings.contains(&warning)).collect();
        let traces: BTreeSet<&str> = rows.iter().map(|it| it.trace).collect();
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

/// The first column to the left, the others to the right.
fn align(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |i: usize| rows.iter().filter_map(|row| row.get(i)).map(|text| text.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(i, (text, &w))| if i == 0 { format!("{text:w$}") } else { format!("{text:>w$}") });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_string() + "\n"
    };
    rows.iter().map(line).collect()
}
