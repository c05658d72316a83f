//! The rows that can be compared: one machine and price sheet, under every technique and page sizes.

use crate::outcome::Outcome;
use crate::sweep::Sweep;
use crate::technique::Facts;

/// The columns by which comparable rows differ.
const COMPARED: [&str; 3] = ["technique", "guest_pages", "host_pages"];

/// A row of the results that has an overhead.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    pub trace: &'a str,
    pub technique: &'static Facts,
    pub guest: &'a str,
    /// `None` for the techniques to which they mean nothing.
    pub host: Option<&'a str>,
    pub overhead: f64,
    /// All cycles over the ideal ones.
    pub cycles: f64,
    pub outcome: &'a Outcome<'a>,
}

impl Row<'_> {
    /// `shadow paging with 2M on 4K pages`
    pub fn label(&self) -> String {
        format!("{} with {} pages", self.technique.title, self.pages())
    }

    /// Whether it has the same technique and page sizes.
    pub fn is_like(&self, other: &Row<'_>) -> bool {
        (self.technique, self.guest, self.host) == (other.technique, other.guest, other.host)
    }

    /// `2M on 4K`
    pub fn pages(&self) -> String {
        match self.host {
            Some(host) => format!("{} on {host}", self.guest),
            None => self.guest.to_string(),
        }
    }
}

/// The first value of every other axis holds, as in the charts. Rows without an overhead are left out.
pub fn comparable<'a>(sweep: &Sweep, outcomes: &'a [Outcome<'a>]) -> Vec<Row<'a>> {
    let at = |name: &str| sweep.columns.iter().position(|column| column.name == name);
    let others: Vec<usize> =
        (0..sweep.columns.len()).filter(|&i| !COMPARED.contains(&sweep.columns[i].name.as_str())).collect();
    let Some(first) = outcomes.first() else { return Vec::new() };
    let like = |it: &&Outcome<'_>| others.iter().all(|&i| it.row.values[i] == first.row.values[i]);
    let row = |outcome: &'a Outcome<'a>| {
        let value = |name| at(name).and_then(|i| outcome.row.values[i].as_deref());
        let overhead = outcome.bill.overhead()?;
        Some(Row {
            trace: outcome.trace,
            technique: outcome.row.cell.technique.facts(),
            guest: value("guest_pages").unwrap_or_default(),
            host: value("host_pages"),
            overhead,
            cycles: 1.0 + overhead,
            outcome,
        })
    };
    outcomes.iter().filter(like).filter_map(row).collect()
}

/// The first value of every other axis that has several, in words; empty where there is none.
pub fn held(sweep: &Sweep) -> Vec<String> {
    let axis = |(i, name): (usize, &String)| {
        let first = sweep.rows.first()?.values[i].as_ref()?;
        let varies = sweep.rows.iter().any(|row| row.values[i].as_ref() != Some(first));
        (varies && !COMPARED.contains(&name.as_str())).then(|| format!("{name} {first}"))
    };
    sweep.columns.iter().map(|column| &column.name).enumerate().filter_map(axis).collect()
}

/// Values, each once, in their order.
pub fn distinct<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}
