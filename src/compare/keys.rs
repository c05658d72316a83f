//! Which row is which.

use crate::error::{Defect, Result};
use crate::results::Results;
use std::collections::BTreeMap;

/// The axes that both have, in the old order.
pub fn shared_axes(old: &Results, new: &Results) -> Vec<String> {
    old.axes().iter().filter(|axis| new.axes().contains(axis)).cloned().collect()
}

/// Rows by the values of some axes.
pub struct Keyed {
    keys: Vec<Vec<String>>,
    rows: BTreeMap<Vec<String>, usize>,
}

impl Keyed {
    /// # Errors
    /// A [`Defect`] if two rows have the same values: of axes of their own, or of those that `other` shares.
    pub fn new(results: &Results, axes: &[String], other: &Results) -> Result<Keyed> {
        let columns = axes.iter().map(|axis| results.find(axis, "")).collect::<Result<Vec<_>>>()?;
        let (mut keys, mut rows) = (Vec::new(), BTreeMap::new());
        for row in 0..results.height() {
            let key: Vec<String> =
                columns.iter().map(|&column| Ok(results.value(row, column)?.to_string())).collect::<Result<_>>()?;
            if let Some(first) = rows.insert(key.clone(), row) {
                return Err(twice(results, axes, other, [first, row], &key).into());
            }
            keys.push(key);
        }
        Ok(Keyed { keys, rows })
    }

    /// Every key with its row, in the order of the rows.
    pub fn rows(&self) -> impl Iterator<Item = (&Vec<String>, usize)> {
        self.keys.iter().enumerate().map(|(row, key)| (key, row))
    }

    pub fn find(&self, key: &[String]) -> Option<usize> {
        self.rows.get(key).copied()
    }
}

fn twice(results: &Results, axes: &[String], other: &Results, rows: [usize; 2], key: &[String]) -> Defect {
    let values: Vec<String> =
        axes.iter().zip(key).filter(|(_, value)| !value.is_empty()).map(|(a, v)| format!("{a} {v}")).collect();
    let place = format!("rows {} and {}", rows[0] + 1, rows[1] + 1);
    let missing: Vec<String> =
        results.axes().iter().filter(|axis| !axes.contains(axis)).map(|axis| format!("`{axis}`")).collect();
    let defect = Defect::new(&results.file, place, format!("both are {}", values.join(", ")));
    if missing.is_empty() {
        return defect.expected("each combination of axes once").remedy("run the sweep again");
    }
    let missing = missing.join(", ");
    let file = other.file.display();
    defect
        .expected(format!("rows that differ in an axis of both; {file} has no {missing}"))
        .remedy(format!("compare sweeps over the same axes, or keep one value of {missing}"))
}
