//! Where rows of every format go: checked, split at page boundaries, or dropped.

use crate::trace::check::{self, Sequence, Unsound};
use crate::trace::{Op, Row};

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

/// Takes the rows that a format finds: drops, checks and splits them.
pub struct RowBuffer {
    pub rows: Vec<Row>,
    /// The time of each, or none.
    times: Vec<u64>,
    /// Whether rows have times, once the first one was there.
    timed: Option<bool>,
    sequence: Sequence,
    only: Only,
    /// Accesses that crossed a 4 KiB boundary and became two rows or more.
    pub split: u64,
    /// Fetches dropped.
    pub dropped: u64,
}

impl RowBuffer {
    pub fn new(only: Only) -> RowBuffer {
        let (rows, times, sequence) = Default::default();
        RowBuffer { rows, times, timed: None, sequence, only, split: 0, dropped: 0 }
    }

    /// The times of the rows, if they have any.
    pub fn times(&self) -> Option<&[u64]> {
        self.timed.filter(|timed| *timed).map(|_| &*self.times)
    }

    pub fn clear(&mut self) {
        self.rows.clear();
        self.times.clear();
    }

    /// Takes the next row with its time in nanoseconds, if its format knows one.
    ///
    /// # Errors
    /// What is unsound about it, or that only some rows have times.
    pub fn push_at(&mut self, row: Row, time: Option<u64>) -> Result<(), Unsound> {
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
    pub fn push(&mut self, row: Row) -> Result<(), Unsound> {
        check::row(&row)?;
        if row.op.is_access() && row.length == 0 {
            return Err(Unsound {
                found: format!("{} of 0 bytes", row.op.name()),
                expected: "an access of at least 1 byte",
            });
        }
        if !self.sequence.continues(row.process) || !row.op.is_access() {
            self.sequence.check(&row)?;
        }
        if row.op == Op::Fetch && self.only == Only::Data {
            self.dropped += 1;
        } else if check::crosses_page(&row) {
            return self.push_split(row);
        } else {
            self.rows.push(row);
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
