//! A trace moved to other addresses, or under other process ids.

use super::Named;
use super::renumber::SHOWN;
use crate::error::{Defect, Result};
use crate::trace::check::{self, Unsound};
use crate::trace::{Op, Row, Source};
use std::collections::{BTreeSet, HashMap};

/// A trace whose addresses are moved by an offset and whose processes are renamed.
pub struct Rebase {
    trace: Named,
    /// Bytes, a multiple of 4096.
    offset: i64,
    /// New ids by old ones; others stay.
    ids: HashMap<u32, u32>,
    /// The old id of each process that is alive in the result.
    owners: HashMap<u32, u32>,
    /// Every old id.
    seen: BTreeSet<u32>,
    last: Option<(u32, u32)>,
    rows: u64,
}

impl Rebase {
    pub fn new(trace: Named, offset: i64, ids: HashMap<u32, u32>) -> Rebase {
        Rebase { trace, offset, ids, owners: HashMap::new(), seen: BTreeSet::new(), last: None, rows: 0 }
    }

    fn take(&mut self, row: &mut Row) -> Result<(), Unsound> {
        match row.op {
            Op::Load | Op::Store | Op::Fetch | Op::Map | Op::Unmap | Op::Protect => self.shift(row)?,
            Op::Fork | Op::Exit => {}
        }
        let old = row.process;
        row.process = match self.last {
            Some((last, new)) if last == old => new,
            _ => self.id(old)?,
        };
        self.last = Some((old, row.process));
        if let (Op::Fork, Ok(child)) = (row.op, u32::try_from(row.length)) {
            row.length = self.id(child)?.into();
        }
        if row.op == Op::Exit {
            self.owners.remove(&row.process);
            self.last = None;
        }
        check::row(row)
    }

    fn shift(&self, row: &mut Row) -> Result<(), Unsound> {
        let moved = row.address.checked_add_signed(self.offset);
        let moved = moved.filter(|address| (address ^ row.address) >> 63 == 0);
        row.address = moved.ok_or_else(|| Unsound {
            found: format!("{} of address {:#x}, moved by {}", row.op.name(), row.address, self.offset),
            expected: "an address that stays in its half of the address space",
        })?;
        Ok(())
    }

    fn id(&mut self, old: u32) -> Result<u32, Unsound> {
        self.seen.insert(old);
        let new = self.ids.get(&old).copied().unwrap_or(old);
        let owner = *self.owners.entry(new).or_insert(old);
        if owner == old {
            return Ok(new);
        }
        Err(Unsound {
            found: format!("processes {owner} and {old} would both be {new}"),
            expected: "an id of its own for each process",
        })
    }

    /// Whether every process that was to be renamed was there.
    fn refuse_absent(&self) -> Result<()> {
        let absent = self.ids.keys().filter(|id| !self.seen.contains(id)).min();
        let Some(absent) = absent else { return Ok(()) };
        let seen = self.seen.iter().take(SHOWN).map(u32::to_string).collect::<Vec<_>>().join(", ");
        let more =
            if self.seen.len() > SHOWN { format!(" and {} more", self.seen.len() - SHOWN) } else { String::new() };
        Err(Defect::new(&self.trace.name, "", format!("no process {absent} to rename"))
            .expected(format!("a process of the trace: {seen}{more}"))
            .into())
    }
}

impl Source for Rebase {
    fn fill(&mut self, rows: &mut Vec<Row>) -> Result<()> {
        self.trace.source.fill(rows)?;
        if rows.is_empty() {
            self.refuse_absent()?;
        }
        for row in rows.iter_mut() {
            self.take(row).map_err(|Unsound { found, expected }| {
                Defect::new(&self.trace.name, format!("row {}", self.rows), found).expected(expected)
            })?;
            self.rows += 1;
        }
        Ok(())
    }

    fn expected_rows(&self) -> Option<u64> {
        self.trace.source.expected_rows()
    }

    fn times(&self) -> Option<&[u64]> {
        self.trace.source.times()
    }
}
