//! Where rows of every format go: checked, split at page boundaries, or dropped.

use super::text::Line;
use crate::trace::check::{self, Sequence, Unsound};
use crate::trace::{Op, Row};
use std::collections::BTreeMap;

/// Longest access, in bytes: above what any instruction moves, so that a wrong length does not become a million rows.
const MOST_BYTES: u64 = 1 << 16;
const PAGE_BYTES: u64 = 4096;

/// The length of a load or store whose format records none: 8 bytes, but none on a page that its address is not on,
/// since nothing says that it was touched.
pub fn assumed_length(address: u64) -> u64 {
    (PAGE_BYTES - address % PAGE_BYTES).min(8)
}

/// Which accesses to keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Only {
    Data,
    #[default]
    All,
}

impl Only {
    pub const ALL: [Only; 2] = [Only::Data, Only::All];

    pub const fn name(self) -> &'static str {
        match self {
            Only::Data => "data",
            Only::All => "all",
        }
    }

    /// What is kept, in a phrase.
    pub const fn meaning(self) -> &'static str {
        match self {
            Only::Data => "Loads and stores; instruction fetches are dropped",
            Only::All => "Every access",
        }
    }
}

/// What the user says of the rows, where the format leaves it open.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choices {
    pub only: Only,
    /// What an access is of which nothing says whether it is a load or a store.
    pub op: Option<Op>,
    /// Whether the top byte of an address is a tag, and so a copy of bit 55 in its place.
    pub strip_tags: bool,
    /// Whether what is left out otherwise is an error.
    pub strict: bool,
}

/// Takes the rows that a format finds: drops, checks and splits them.
pub struct RowBuffer {
    pub rows: Vec<Row>,
    /// The time of each, or none.
    times: Vec<u64>,
    /// Whether rows have times, once the first one was there.
    timed: Option<bool>,
    sequence: Sequence,
    choices: Choices,
    /// Whether rows are taken unseen, to find out whether a format fits.
    glance: bool,
    /// Accesses that crossed a 4 KiB boundary and became two rows or more.
    pub split: u64,
    /// Fetches dropped.
    pub dropped: u64,
    /// What else was left out, and how often.
    pub left_out: BTreeMap<&'static str, u64>,
    /// Addresses as those of a kernel whose top byte was cleared.
    pub cleared: u64,
}

impl RowBuffer {
    pub fn new(choices: Choices) -> RowBuffer {
        let (rows, times, sequence, left_out) = Default::default();
        let (glance, timed, split, dropped, cleared) = (false, None, 0, 0, 0);
        RowBuffer { rows, times, timed, sequence, choices, glance, split, dropped, left_out, cleared }
    }

    /// One that takes every row as it is: whether a line is one of a format does not hang on its numbers.
    pub fn glance() -> RowBuffer {
        RowBuffer { glance: true, ..RowBuffer::new(Choices::default()) }
    }

    /// The times of the rows, if they have any.
    pub fn times(&self) -> Option<&[u64]> {
        self.timed.filter(|timed| *timed).map(|_| &*self.times)
    }

    /// What was left out and what looks odd, for the metadata.
    pub fn found(&self) -> Vec<(&'static str, String)> {
        let left_out = self.left_out.iter().map(|(what, count)| format!("{count} × {what}")).collect::<Vec<_>>();
        let left_out = (!left_out.is_empty()).then(|| ("left_out", left_out.join("; ")));
        let cleared = (self.cleared > 0).then(|| {
            let said = "an address as a kernel's whose top byte was cleared; --strip-tags mends it";
            ("cleared_tags", format!("{} × {said}", self.cleared))
        });
        left_out.into_iter().chain(cleared).collect()
    }

    pub fn clear(&mut self) {
        self.rows.clear();
        self.times.clear();
    }

    /// Takes what a line says.
    ///
    /// # Errors
    /// What is unsound about it, or was asked not to be left out.
    pub fn take(&mut self, line: Line) -> Result<(), Unsound> {
        match line {
            Line::Row(row) => self.push(row),
            Line::At(row, time) => self.push_at(row, time),
            Line::Guessed(row, time) => self.push_at(Row { op: self.choices.op.unwrap_or(row.op), ..row }, time),
            Line::Untold(row, time) => match self.choices.op {
                Some(op) => self.push_at(Row { op, ..row }, time),
                None if self.glance => self.push(row),
                None => Err(Unsound {
                    found: "nothing that says whether this is a load or a store".to_string(),
                    expected: "--op load or --op store, which says it for all such lines",
                }),
            },
            Line::LeftOut(what) => self.leave_out(what),
            Line::Remark => Ok(()),
        }
    }

    fn leave_out(&mut self, what: &'static str) -> Result<(), Unsound> {
        if self.choices.strict {
            return Err(Unsound { found: what.to_string(), expected: "accesses only, or no --strict" });
        }
        *self.left_out.entry(what).or_default() += 1;
        Ok(())
    }

    /// Takes the next row with its time in nanoseconds, if its format knows one.
    ///
    /// # Errors
    /// What is unsound about it, or that only some rows have times.
    pub fn push_at(&mut self, row: Row, time: Option<u64>) -> Result<(), Unsound> {
        if self.glance {
            return self.push(row);
        }
        if *self.timed.get_or_insert(time.is_some()) != time.is_some() {
            let found = if time.is_some() { "a time, and none before" } else { "no time, and times before" };
            return Err(Unsound { found: found.to_string(), expected: "a time for every row, or for none" });
        }
        self.push(row)?;
        if let Some(time) = time {
            self.times.resize(self.rows.len(), time);
        }
        Ok(())
    }

    /// Takes the next row.
    ///
    /// # Errors
    /// What is unsound about it.
    pub fn push(&mut self, mut row: Row) -> Result<(), Unsound> {
        if self.glance {
            self.rows.push(row);
            return Ok(());
        }
        if row.op.is_access() {
            if row.length == 0 {
                return self.leave_out("an access of 0 bytes");
            }
            self.settle_top_byte(&mut row)?;
        }
        check::row(&row)?;
        if !self.sequence.continues(row.process) || !row.op.is_access() {
            self.sequence.check(&row)?;
        }
        if row.op == Op::Fetch && self.choices.only == Only::Data {
            self.dropped += 1;
        } else if check::crosses_page(&row) {
            return self.push_split(row);
        } else {
            self.rows.push(row);
        }
        Ok(())
    }

    /// Strips a tag, if asked to, or says that there is one.
    fn settle_top_byte(&mut self, row: &mut Row) -> Result<(), Unsound> {
        if self.choices.strip_tags {
            row.address = ((row.address << 8) as i64 >> 8) as u64;
        } else if !check::is_canonical(row.address) {
            return Err(Unsound {
                found: format!("{} of address {:#x}, which no page table can map", row.op.name(), row.address),
                expected: "bits 56 to 63 all equal; --strip-tags makes them so where the top byte is a tag",
            });
        } else if row.address >> 47 == 0x1ff {
            self.cleared += 1;
        }
        Ok(())
    }

    fn push_split(&mut self, mut row: Row) -> Result<(), Unsound> {
        if row.length > MOST_BYTES {
            return Err(Unsound {
                found: format!("an access of {} bytes", row.length),
                expected: "an access of at most 65536 bytes",
            });
        }
        let last = row.address.checked_add(row.length - 1);
        if !last.is_some_and(check::is_canonical) {
            return Err(Unsound {
                found: format!("an access of {} bytes at {:#x}", row.length, row.address),
                expected: "an access that ends where page tables reach",
            });
        }
        self.split += 1;
        while row.length > 0 {
            let here = row.length.min(PAGE_BYTES - row.address % PAGE_BYTES);
            self.rows.push(Row { length: here, ..row });
            row.length -= here;
            row.address = row.address.wrapping_add(here);
        }
        Ok(())
    }
}
