//! A comparison in words and a table.

use super::shown::Shown;
use crate::cli::grid::{Grid, Side, markdown as escaped};
use crate::cli::numbers::{change, pages};
use crate::cli::terminal::{width, wrapped};
use crate::compare::{Course, Difference, Metric, Move, OneSided};
use crate::numerals::{percent, short, spaced};
use crate::outcome::CELL;
use crate::sweep::worth_a_word;
use crate::words::{counted, one_line};

/// Names in a list before the rest is only counted.
const NAMED: usize = 5;

/// For a terminal.
pub fn plain(shown: &Shown<'_>) -> String {
    let mut text = wrapped(&format!("old: {}, {}", shown.names[0], counted(shown.comparison.rows.old, "row")), "  ");
    text += &wrapped(&format!("new: {}, {}", shown.names[1], counted(shown.comparison.rows.new, "row")), "  ");
    if let Some(grid) = grid(shown) {
        let (table, left_out) = grid.text(width());
        text += &format!("\n{table}");
        if !left_out.is_empty() {
            text += &wrapped(&format!("left out, for want of room: {}", left_out.join(", ")), "  ");
        }
        text += "\n";
    }
    text + &notes(shown).iter().map(|note| wrapped(note, "  ")).collect::<String>()
}

/// For a pull request.
pub fn markdown(shown: &Shown<'_>) -> String {
    let regressions = shown.comparison.regressions();
    let verdict = match (regressions.is_empty(), shown.comparison.differences.is_empty()) {
        (false, _) => format!("**Regression**: {}", regressions.join(", ")),
        (true, false) => "**No regression**".into(),
        (true, true) => "**The same**".into(),
    };
    let [old, new] = shown.names.each_ref().map(|name| name.replace('`', "'"));
    let mut text = format!("{verdict}\n\n`{new}` against `{old}`\n\n");
    if let Some(grid) = grid(shown) {
        text += &format!("{}\n", grid.markdown());
    }
    text + &notes(shown).iter().map(|note| format!("- {}\n", escaped(note))).collect::<String>()
}

/// The rows that differ, the worst first, each with the metric that moved most; nothing where none does.
fn grid(shown: &Shown<'_>) -> Option<Grid> {
    let it = shown.comparison;
    let mut rows: Vec<(&Difference, usize)> = it.differences.iter().map(|row| (row, worst(row))).collect();
    rows.sort_by(|(a, i), (b, k)| rise(&b.moves[*k]).total_cmp(&rise(&a.moves[*i])));
    let varies = |i: usize| rows.iter().any(|(row, _)| row.key[i] != rows[0].0.key[i]);
    let other = |i: &usize| {
        let name = it.axes[*i].as_str();
        name == "trace" || (!CELL.contains(&name) && varies(*i))
    };
    let others: Vec<usize> = (0..it.axes.len()).filter(other).collect();
    let mut heads: Vec<(String, Side)> = others.iter().map(|&i| (it.axes[i].clone(), Side::Left)).collect();
    heads.insert(heads.len().min(1), ("cell".into(), Side::Left));
    heads.push(("metric".into(), Side::Left));
    heads.extend(["old", "new", "change"].map(|name| (name.into(), Side::Right)));
    heads.extend(["counts", "most of it"].map(|name| (name.into(), Side::Left)));
    let mut grid = Grid::new(heads);
    for &(row, worst) in rows.iter().take(shown.most) {
        let mut words: Vec<String> = others.iter().map(|&i| row.key[i].clone()).collect();
        words.insert(words.len().min(1), cell(&it.axes, &row.key));
        let (metric, values) = (&it.judgement.gates[worst].metric, row.moves[worst].values);
        words.push(metric.to_string());
        words.extend([number(metric, values.old), number(metric, values.new)]);
        words.push(values.old.zip(values.new).map_or("-".into(), |(old, new)| change(old, new)));
        words.push(match &row.counts[..] {
            [] => "same".into(),
            [one] => one.name.clone(),
            [first, rest @ ..] => format!("{} and {} more", first.name, rest.len()),
        });
        words.push(row.most.as_ref().map_or("-".into(), |(part, _)| part.clone()));
        grid.add(words);
    }
    (!rows.is_empty()).then_some(grid)
}

/// The metric of a row that became worse most, or else moved most.
fn worst(row: &Difference) -> usize {
    let is_worse = row.moves.iter().any(|it| it.course.is_worse());
    let weight = |it: &Move| match it.course.is_beyond() {
        false => f64::NEG_INFINITY,
        true if is_worse => rise(it),
        true => -rise(it),
    };
    // Of equals the first.
    (0..row.moves.len()).rev().max_by(|&a, &b| weight(&row.moves[a]).total_cmp(&weight(&row.moves[b]))).unwrap_or(0)
}

/// By what share of the old a metric rose; one that a side lacks is the worst.
fn rise(it: &Move) -> f64 {
    match (it.values.old, it.values.new) {
        (old, new) if old == new => 0.0,
        (Some(old), Some(new)) => (new - old) / old.abs(),
        _ => f64::INFINITY,
    }
}

fn number(metric: &Metric, value: Option<f64>) -> String {
    match value {
        None => "-".into(),
        Some(share) if metric.is_share() => percent(share),
        Some(number) => spaced(short(number)),
    }
}

/// `ept 4K on 2M`.
fn cell(axes: &[String], key: &[String]) -> String {
    let value = |name: &str| {
        let at = axes.iter().position(|axis| axis == name)?;
        Some(key[at].as_str()).filter(|value| !value.is_empty())
    };
    let [technique, guest, host] = CELL.map(value);
    format!("{} {}", technique.unwrap_or_default(), pages(guest.unwrap_or_default(), host)).trim().to_string()
}

/// What the table does not say.
fn notes(shown: &Shown<'_>) -> Vec<String> {
    let it = shown.comparison;
    let matched = format!("{} {} in both", counted(it.matched, "row"), if it.matched == 1 { "is" } else { "are" });
    let mut notes = vec![match it.differences.len() {
        0 => format!("{matched}, and none differs by more than it may"),
        _ => {
            let gates = it.judgement.gates.iter().enumerate().map(|(i, gate)| {
                let (risen, fallen) = (it.count(i, Course::Risen), it.count(i, Course::Fallen));
                format!("{} rose in {risen} and fell in {fallen} by more than {}", gate.metric, gate.tolerance)
            });
            let counts = it.differences.iter().filter(|row| !row.counts.is_empty()).count();
            format!("{matched}; {}; counts differ in {counts}", gates.collect::<Vec<_>>().join("; "))
        }
    }];
    if it.differences.len() > shown.most {
        let more = it.differences.len() - shown.most;
        notes.push(format!("{more} more {}: --all shows all", if more == 1 { "row differs" } else { "rows differ" }));
    }
    for (side, only) in [("old", &it.only.old), ("new", &it.only.new)] {
        notes.extend(one_sided(side, only, &it.axes));
    }
    if !shown.inputs.is_empty() {
        let word = |text: &String| if text.is_empty() { "nothing".into() } else { text.clone() };
        let each = shown.inputs.iter().map(|(name, old, new)| format!("{name}: {} -> {}", word(old), word(new)));
        notes.push(format!("inputs that differ: {}", list(each.collect(), "; ")));
    }
    notes.iter().map(|note| one_line(note).into_owned()).collect()
}

fn one_sided(side: &str, only: &OneSided, axes: &[String]) -> Vec<String> {
    let mut notes = Vec::new();
    if !only.axes.is_empty() {
        let list = list(only.axes.clone(), ", ");
        notes.push(format!("axes only in the {side}: {list}; rows are matched without them"));
    }
    if !only.columns.is_empty() {
        notes.push(format!("columns only in the {side}: {}", list(only.columns.clone(), ", ")));
    }
    if !only.rows.is_empty() {
        let words = |key: &Vec<String>| {
            let others = axes.iter().zip(key).filter(|(axis, _)| !CELL.contains(&axis.as_str()) && *axis != "trace");
            let others =
                others.filter(|(axis, value)| worth_a_word(axis, value)).map(|(axis, value)| format!("{axis} {value}"));
            let trace = axes.iter().position(|axis| axis == "trace").map(|at| key[at].clone());
            trace.into_iter().chain([cell(axes, key)]).chain(others).collect::<Vec<_>>().join(", ")
        };
        let rows = only.rows.iter().map(words).collect();
        notes.push(format!("rows only in the {side}: {}: {}", only.rows.len(), list(rows, "; ")));
    }
    notes
}

/// The first of a list, and how many more.
fn list(words: Vec<String>, between: &str) -> String {
    let more = words.len().saturating_sub(NAMED);
    let named = words.iter().take(NAMED).cloned().collect::<Vec<_>>().join(between);
    if more == 0 { named } else { format!("{named}{between}and {more} more") }
}
