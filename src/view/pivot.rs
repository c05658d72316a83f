//! Results turned: some axes down, some across, one value where they meet.

use super::{Head, View, varying};
use crate::error::{Defect, Result};
use crate::results::{ColumnKind, Results, Value};
use std::collections::BTreeMap;

/// What stands for several rows that fall into one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    Mean,
    Min,
    Max,
    First,
}

impl Aggregate {
    pub const ALL: [Aggregate; 4] = [Aggregate::Mean, Aggregate::Min, Aggregate::Max, Aggregate::First];

    /// The word for it on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Aggregate::Mean => "mean",
            Aggregate::Min => "min",
            Aggregate::Max => "max",
            Aggregate::First => "first",
        }
    }

    /// One value for several, those that are nothing left out.
    fn of(self, values: &[Value]) -> Value {
        let mut some = values.iter().filter(|value| **value != Value::None);
        let found = match self {
            Aggregate::First => values.first(),
            Aggregate::Min => some.min_by(|a, b| a.order(b)),
            Aggregate::Max => some.max_by(|a, b| a.order(b)),
            Aggregate::Mean => {
                let numbers: Vec<f64> = some.by_ref().filter_map(Value::number).collect();
                let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
                return if numbers.is_empty() { Value::None } else { Value::Number(mean) };
            }
        };
        found.cloned().unwrap_or(Value::None)
    }
}

/// Which columns go where.
#[derive(Clone, Debug)]
pub struct Pivot {
    /// Columns whose values name a row.
    pub rows: Vec<usize>,
    /// Columns whose values name a column; none: the value itself does.
    pub columns: Vec<usize>,
    pub value: usize,
    /// `None`: several rows in one cell are an error.
    pub aggregate: Option<Aggregate>,
}

/// Turns some rows of results; rows and columns stand in the order in which their values first occur.
///
/// # Errors
/// A [`Defect`] where several rows fall into one cell and nothing says which counts, and where a mean of words is asked for.
pub fn pivot(results: &Results, rows: &[usize], pivot: &Pivot) -> Result<View> {
    let (mut down, mut across) = (Keys::default(), Keys::default());
    let mut cells: Vec<Vec<Vec<usize>>> = Vec::new();
    for &row in rows {
        let key =
            |columns: &[usize]| columns.iter().map(|&column| results.value(row, column)).collect::<Result<Vec<_>>>();
        let (i, j) = (down.place(key(&pivot.rows)?), across.place(key(&pivot.columns)?));
        cells.resize(down.list.len(), Vec::new());
        if cells[i].len() <= j {
            cells[i].resize(j + 1, Vec::new());
        }
        cells[i][j].push(row);
    }
    let kind = results.kind(pivot.value);
    let value_name = &results.names()[pivot.value];
    let heads = pivot.rows.iter().map(|&column| Head { name: results.names()[column].clone(), kind: ColumnKind::Axis });
    let across_heads = across.list.iter().map(|values| Head { name: heading(values, value_name), kind });
    let mut view = View { heads: heads.chain(across_heads).collect(), rows: Vec::new() };
    for (key, line) in down.list.into_iter().zip(cells) {
        let mut shown = key;
        for j in 0..across.list.len() {
            shown.push(cell(results, line.get(j).map_or(&[], Vec::as_slice), pivot)?);
        }
        view.rows.push(shown);
    }
    Ok(view)
}

/// Keys in the order in which they first occurred.
#[derive(Default)]
struct Keys {
    list: Vec<Vec<Value>>,
    places: BTreeMap<Vec<String>, usize>,
}

impl Keys {
    /// Where a key stands, itself included from now on.
    fn place(&mut self, key: Vec<Value>) -> usize {
        let texts = key.iter().map(Value::to_string).collect();
        *self.places.entry(texts).or_insert_with(|| {
            self.list.push(key);
            self.list.len() - 1
        })
    }
}

fn heading(values: &[Value], value_name: &str) -> String {
    let word = |value: &Value| if *value == Value::None { "-".into() } else { value.to_string() };
    if values.is_empty() { value_name.into() } else { values.iter().map(word).collect::<Vec<_>>().join(" ") }
}

fn cell(results: &Results, rows: &[usize], pivot: &Pivot) -> Result<Value> {
    let values = rows.iter().map(|&row| results.value(row, pivot.value)).collect::<Result<Vec<_>>>()?;
    let name = &results.names()[pivot.value];
    match (&values[..], pivot.aggregate) {
        ([], _) => Ok(Value::None),
        ([value], _) => Ok(value.clone()),
        (_, Some(Aggregate::Mean)) if values.iter().any(|value| matches!(value, Value::Text(_))) => {
            let found = format!("`{name}` holds words, which have no mean");
            Err(Defect::new("command line", "--agg mean", found).expected("min, max or first").into())
        }
        (_, Some(aggregate)) => Ok(aggregate.of(&values)),
        (_, None) => Err(ambiguous(results, rows, pivot)?.into()),
    }
}

/// Which axes part the rows of one cell, and what to do about it.
fn ambiguous(results: &Results, rows: &[usize], pivot: &Pivot) -> Result<Defect> {
    let mut apart = Vec::new();
    let mut remedy = Vec::new();
    for axis in varying(results, rows)? {
        let name = &results.names()[axis];
        let values = results.distinct(rows, axis)?;
        let words: Vec<String> = values.iter().map(Value::to_string).collect();
        apart.push(format!("`{name}` ({})", words.join(", ")));
        remedy.push(format!("--where '{name} = {}'", words.first().cloned().unwrap_or_default()));
    }
    let first = rows.first().copied().unwrap_or_default();
    let mut at = Vec::new();
    for &column in pivot.rows.iter().chain(&pivot.columns) {
        at.push(format!("{} {}", results.names()[column], results.value(first, column)?));
    }
    let found =
        format!("{} rows fall into one cell ({}); they differ in {}", rows.len(), at.join(", "), apart.join(", "));
    Ok(Defect::new(&results.file, "", found)
        .expected("one row in each cell")
        .remedy(format!("{}, or name it in --rows or --cols, or give --agg", remedy.join(" "))))
}
