//! Process ids that are free, given out in order.

use crate::trace::check::Unsound;
use crate::trace::{Op, Row};
use std::collections::HashMap;

/// The ids not yet given out, from 1.
#[derive(Debug)]
pub struct Free(Option<u32>);

impl Default for Free {
    fn default() -> Free {
        Free(Some(1))
    }
}

impl Free {
    fn take(&mut self) -> Result<u32, Unsound> {
        let id = self.0.ok_or_else(|| Unsound {
            found: "more than 2^32 processes in all".into(),
            expected: "no more than there are ids",
        })?;
        self.0 = id.checked_add(1);
        Ok(id)
    }
}

/// How many ids a message or a note names.
pub const SHOWN: usize = 8;

/// New ids for the processes of one trace. A process that ended gives its number up, so that only those alive are held.
#[derive(Debug, Default)]
pub struct Renumber {
    ids: HashMap<u32, u32>,
    last: Option<(u32, u32)>,
    /// The first ids, old and new, and how many there were.
    first: Vec<(u32, u32)>,
    count: u64,
}

impl Renumber {
    /// Gives a row's process, and that of a child, their new ids.
    pub fn rename(&mut self, row: &mut Row, free: &mut Free) -> Result<(), Unsound> {
        let old = row.process;
        row.process = match self.last {
            Some((last, new)) if last == old => new,
            _ => self.id(old, free)?,
        };
        self.last = Some((old, row.process));
        match row.op {
            // A child beyond 32 bits is unsound, and stays so.
            Op::Fork => {
                if let Ok(child) = u32::try_from(row.length) {
                    row.length = self.id(child, free)?.into();
                }
            }
            Op::Exit => {
                self.ids.remove(&old);
                self.last = None;
            }
            Op::Load | Op::Store | Op::Fetch | Op::Map | Op::Unmap | Op::Protect => {}
        }
        Ok(())
    }

    fn id(&mut self, old: u32, free: &mut Free) -> Result<u32, Unsound> {
        if let Some(&new) = self.ids.get(&old) {
            return Ok(new);
        }
        let new = free.take()?;
        self.ids.insert(old, new);
        self.count += 1;
        if self.first.len() < SHOWN {
            self.first.push((old, new));
        }
        Ok(new)
    }

    /// Which process became which, as `7 is 1, 8 is 2`, the first few.
    pub fn shown(&self) -> String {
        let mut parts: Vec<String> = self.first.iter().map(|(old, new)| format!("{old} is {new}")).collect();
        if self.count > SHOWN as u64 {
            parts.push(format!("and {} more", self.count - SHOWN as u64));
        }
        parts.join(", ")
    }
}
