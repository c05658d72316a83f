//! Patterns of address-space calls and processes: churn, forkwait, switch.

use super::emit::{BASE, Emit, PROCESS, Pattern, WORD};
use super::workload::Synthetic;
use crate::chance::Chance;

const PAGE: u64 = 4096;

/// Maps a region, touches its pages in turn, unmaps it, and goes on with the next region of the footprint.
struct Churn {
    chance: Chance,
    stores: f64,
    region: u64,
    regions: u64,
    touches: u64,
    now: u64,
    touched: u64,
}

pub fn churn(of: &Synthetic) -> Box<dyn Pattern> {
    Box::new(Churn {
        chance: Chance::new(of.seed),
        stores: of.stores,
        region: of.region,
        regions: of.footprint / of.region,
        touches: of.touches,
        now: 0,
        touched: 0,
    })
}

impl Pattern for Churn {
    fn step(&mut self, out: &mut Emit) {
        let start = BASE + self.now * self.region;
        if self.touched == 0 {
            out.map(PROCESS, start, self.region);
        }
        let page = self.touched % (self.region / PAGE);
        let store = self.chance.happens(self.stores);
        out.load_or_store(store, PROCESS, start + page * PAGE + self.chance.below(PAGE / WORD) * WORD);
        self.touched += 1;
        if self.touched == self.touches {
            out.unmap(PROCESS, start, self.region);
            self.touched = 0;
            self.now = (self.now + 1) % self.regions;
        }
    }
}

/// A parent that writes every page once, then forks again and again; each child touches random pages and exits, then
/// the parent touches as many.
struct ForkWait {
    chance: Chance,
    stores: f64,
    pages: u64,
    touches: u64,
    /// Pages that the parent has written so far.
    written: u64,
    child: u32,
    /// Touches of this round: first the child's, then the parent's.
    touched: u64,
}

pub fn fork_wait(of: &Synthetic) -> Box<dyn Pattern> {
    Box::new(ForkWait {
        chance: Chance::new(of.seed),
        stores: of.stores,
        pages: of.footprint / PAGE,
        touches: of.touches,
        written: 0,
        child: PROCESS,
        touched: 0,
    })
}

impl Pattern for ForkWait {
    fn step(&mut self, out: &mut Emit) {
        if self.written < self.pages {
            if self.written == 0 {
                out.map(PROCESS, BASE, self.pages * PAGE);
            }
            out.store(PROCESS, BASE + self.written * PAGE);
            self.written += 1;
            return;
        }
        if self.touched == 0 {
            // Like a kernel's process ids: counted up, and from the start again after the last.
            self.child = self.child.checked_add(1).unwrap_or(PROCESS + 1);
            out.fork(PROCESS, self.child);
        }
        let process = if self.touched < self.touches { self.child } else { PROCESS };
        let store = self.chance.happens(self.stores);
        out.load_or_store(store, process, BASE + self.chance.below(self.pages) * PAGE);
        self.touched += 1;
        if self.touched == self.touches {
            out.exit(self.child);
        }
        self.touched %= 2 * self.touches;
    }
}

/// Processes in turn, each for `quantum` accesses to random words of its own part of the footprint.
struct Switch {
    chance: Chance,
    stores: f64,
    part: u64,
    processes: u64,
    quantum: u64,
    done: u64,
}

pub fn switch(of: &Synthetic) -> Box<dyn Pattern> {
    Box::new(Switch {
        chance: Chance::new(of.seed),
        stores: of.stores,
        part: of.footprint / of.processes / PAGE * PAGE,
        processes: of.processes,
        quantum: of.quantum,
        done: 0,
    })
}

impl Pattern for Switch {
    fn step(&mut self, out: &mut Emit) {
        let turn = self.done / self.quantum;
        let process = PROCESS + (turn % self.processes) as u32;
        if turn < self.processes && self.done.is_multiple_of(self.quantum) {
            out.map(process, BASE, self.part);
        }
        let store = self.chance.happens(self.stores);
        out.load_or_store(store, process, BASE + self.chance.below(self.part / WORD) * WORD);
        self.done += 1;
    }
}
