//! Results looked at: some of their rows and columns, in another order, or turned so that one axis runs across.

mod condition;
mod order;
mod pivot;

pub use condition::Condition;
pub use order::SortKey;
pub use pivot::{Aggregate, Pivot, pivot};

use crate::error::Result;
use crate::results::{ColumnKind, Results, Value};

/// A table made from results, as it is to be shown.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub heads: Vec<Head>,
    pub rows: Vec<Vec<Value>>,
}

/// A column of a [`View`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub name: String,
    pub kind: ColumnKind,
}

impl Head {
    fn of(results: &Results, column: usize) -> Head {
        Head { name: results.names()[column].clone(), kind: results.kind(column) }
    }
}

/// The rows for which every condition holds, in order.
pub fn filter(results: &Results, conditions: &[Condition]) -> Result<Vec<usize>> {
    let bound = conditions.iter().map(|it| it.bind(results)).collect::<Result<Vec<_>>>()?;
    let mut kept = Vec::new();
    for row in 0..results.height() {
        let mut holds = true;
        for condition in &bound {
            holds &= condition.holds(row)?;
        }
        if holds {
            kept.push(row);
        }
    }
    Ok(kept)
}

/// Some rows and columns as they are.
pub fn select(results: &Results, rows: &[usize], columns: &[usize]) -> Result<View> {
    let heads = columns.iter().map(|&column| Head::of(results, column)).collect();
    let line = |&row: &usize| columns.iter().map(|&column| results.value(row, column)).collect::<Result<Vec<_>>>();
    Ok(View { heads, rows: rows.iter().map(line).collect::<Result<_>>()? })
}

/// The axes with more than one value in these rows.
pub fn varying(results: &Results, rows: &[usize]) -> Result<Vec<usize>> {
    let mut varying = Vec::new();
    for axis in 0..results.axes().len() {
        if results.distinct(rows, axis)?.len() > 1 {
            varying.push(axis);
        }
    }
    Ok(varying)
}
