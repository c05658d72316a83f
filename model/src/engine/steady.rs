//! Counts of the steady state: what happened after the warm-up of each copy of the trace.

use super::Open;
use crate::counts::Counts;
use crate::error::Result;
use crate::program::Columns;

/// One cell's.
#[derive(Clone, Debug)]
pub struct Steady {
    /// Accesses of each copy that are warm-up.
    pub warm: u64,
    /// The counts when the stretch that is steady now began.
    since: Option<Counts>,
    /// Of the stretches before it.
    counts: Counts,
}

impl Steady {
    pub fn new(warm: u64) -> Steady {
        Steady { warm, since: None, counts: Counts::default() }
    }

    /// Whether a stretch ends or begins before an access of this number in its copy.
    pub fn changes(&self, access: u64) -> bool {
        (access >= self.warm) != self.since.is_some()
    }

    /// It does, with these counts.
    pub fn change(&mut self, now: Counts) {
        match self.since.take() {
            Some(since) => self.counts += &now.since(&since),
            None => self.since = Some(now),
        }
    }

    /// What the steady state came to, with these counts at the end.
    pub fn end(&self, now: &Counts) -> Counts {
        let mut counts = self.counts;
        self.since.iter().for_each(|since| counts += &now.since(since));
        counts
    }
}

/// The accesses of a trace.
pub fn accesses(open: &Open<'_>) -> Result<u64> {
    let mut source = open()?;
    if let Some(accesses) = source.expected_accesses() {
        return Ok(accesses);
    }
    let (mut columns, mut accesses) = (Columns::default(), 0);
    loop {
        source.fill_columns(&mut columns)?;
        accesses += columns.ops.len() as u64;
        if columns.all().rows() == 0 {
            return Ok(accesses);
        }
    }
}
