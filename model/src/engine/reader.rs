//! The rows of a trace, checked, a chunk at a time.

use super::Turns;
use super::batch::Batch;
use super::feed::Feed;
use crate::address::{Gva, Level};
use crate::error::{Defect, Error, Result};
use crate::program::{CHUNK_ROWS, Columns, Row, Source};

/// Reads a trace from its first row to its last: once if its copies take turns, or once for each.
pub struct Reader<'a> {
    feed: &'a Feed<'a>,
    source: Option<Box<dyn Source>>,
    /// Readings that have not ended.
    left: usize,
    /// Rows of this reading so far.
    before: u64,
    /// What the source gives at a time, where that is less than a chunk.
    some: Columns,
    /// The end or an error, behind rows that were read with it.
    ended: Option<Result<()>>,
}

impl<'a> Reader<'a> {
    pub fn new(feed: &'a Feed<'a>, turns: Turns) -> Reader<'a> {
        let left = if turns.quantum.is_some() { 1 } else { turns.owners().count() };
        Reader { feed, source: None, left, before: 0, some: turns.columns(), ended: None }
    }

    /// Fills the batch; without rows is what ends a reading.
    pub fn read(&mut self, batch: &mut Batch<Columns>) {
        while self.left > 0
            && let Some(columns) = batch.room()
        {
            match self.fill(columns) {
                Ok(()) => {
                    batch.add();
                    batch.ended = (self.left == 0).then_some(Ok(()));
                }
                Err(error) => (self.left, batch.ended) = (0, Some(Err(error))),
            }
        }
    }

    /// Replaces the content by the next rows, none at the end of a reading.
    fn fill(&mut self, columns: &mut Columns) -> Result<()> {
        let source = match &mut self.source {
            Some(source) => source,
            None => self.source.insert((self.feed.open)()?),
        };
        match self.ended.take() {
            Some(ended) => {
                columns.clear();
                ended?;
            }
            None => {
                source.fill_columns(columns)?;
                let is_short = |rows: usize| rows > 0 && rows + CHUNK_ROWS <= self.feed.chunk_rows;
                while self.ended.is_none() && is_short(columns.all().rows()) {
                    match source.fill_columns(&mut self.some) {
                        Ok(()) if self.some.all().rows() > 0 => columns.append(self.some.all()),
                        ended => self.ended = Some(ended),
                    }
                }
            }
        }
        self.check(columns)?;
        let rows = columns.all().rows();
        self.before += rows as u64;
        if rows == 0 {
            (self.source, self.before, self.left) = (None, 0, self.left - 1);
        }
        Ok(())
    }

    fn check(&self, columns: &Columns) -> Result<()> {
        let (rows, levels) = (columns.all(), self.feed.levels);
        if !Gva::are_canonical(rows.addresses, levels)
            && let Some(at) = rows.addresses.iter().position(|address| Gva::try_new(*address, levels).is_none())
        {
            let row = at + rows.calls().take_while(|(before, _)| *before <= at).count();
            return Err(self.unreachable(row, rows.addresses[at]));
        }
        match rows.calls().enumerate().find(|(_, (_, call))| !is_canonical(call, levels)) {
            Some((calls, (at, call))) => Err(self.unreachable(at + calls, call.address)),
            None => Ok(()),
        }
    }

    fn unreachable(&self, row: usize, address: u64) -> Error {
        let levels = self.feed.levels.get();
        let found = format!("address {address:#x} is not canonical for {levels} levels of paging");
        Defect::new(self.feed.name, format!("row {}", self.before + row as u64), found)
            .expected("bits 47 to 63 all equal")
            .remedy("set guest_levels = 5 if the trace is of a program that uses 57-bit addresses")
            .into()
    }
}

fn is_canonical(call: &Row, levels: Level) -> bool {
    if !call.op.is_range() {
        return true;
    }
    let last = call.address.wrapping_add(call.length.saturating_sub(1));
    Gva::try_new(call.address, levels).is_some() && Gva::try_new(last, levels).is_some()
}
