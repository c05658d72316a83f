//! What a trace alone decides, whatever machine it runs on.

use super::Turns;
use super::feed::Decoded;
use crate::address::PageSize;
use crate::counts::{Counts, Event};
use crate::error::{Defect, Result};
use crate::program::{Op, Owner, Touched};

#[derive(Default)]
pub struct Seen {
    ops: [u64; Op::ALL.len()],
    /// Of one copy: every other touches the same.
    pub touched: Touched,
    /// All addresses, or-ed.
    pub address_bits: u64,
}

impl Seen {
    pub fn add(&mut self, part: &Decoded) {
        for (sum, n) in self.ops.iter_mut().zip(part.ops) {
            *sum += n;
        }
        if part.chunk.owner == Owner::default() {
            for run in &part.chunk.runs {
                self.touched.touch(run.process, run.address.page(PageSize::Size4K));
            }
            self.address_bits |= part.address_bits;
        }
    }

    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        counts[Event::Loads] = self.ops[Op::Load as usize];
        counts[Event::Stores] = self.ops[Op::Store as usize];
        counts[Event::Fetches] = self.ops[Op::Fetch as usize];
        counts[Event::Accesses] = counts.sum(&[Event::Loads, Event::Stores, Event::Fetches]);
        counts
    }

    /// By all copies.
    pub fn touched_bytes(&self, turns: Turns) -> u64 {
        self.touched.bytes() * turns.owners().count() as u64
    }

    /// Fails if the trace, whose name this is, held no access.
    pub fn check(&self, name: &str) -> Result<()> {
        if self.counts()[Event::Accesses] > 0 {
            return Ok(());
        }
        Err(Defect::new(name, "", "the trace holds no load, store or fetch").expected("at least one").into())
    }
}
