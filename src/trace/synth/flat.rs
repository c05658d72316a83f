//! Patterns over one mapping of one process: sequential, strided, uniform, zipf, pointer-chase.

use super::emit::{BASE, Emit, PROCESS, Pattern, WORD};
use super::random::Zipf;
use super::workload::Synthetic;
use crate::chance::{Chance, Permutation};

/// Bytes of a node in a pointer chase: one cache line.
pub const NODE: u64 = 64;
const PAGE: u64 = 4096;

/// Maps the footprint, then loads or stores wherever `next` says.
struct Flat<F> {
    next: F,
    chance: Chance,
    stores: f64,
    footprint: u64,
    mapped: bool,
}

impl<F: FnMut(&mut Chance) -> u64 + Send> Pattern for Flat<F> {
    fn step(&mut self, out: &mut Emit) {
        if !self.mapped {
            out.map(PROCESS, BASE, self.footprint);
            self.mapped = true;
        }
        let offset = (self.next)(&mut self.chance);
        let store = self.chance.happens(self.stores);
        out.load_or_store(store, PROCESS, BASE + offset);
    }
}

fn flat(of: &Synthetic, chance: Chance, next: impl FnMut(&mut Chance) -> u64 + Send + 'static) -> Box<dyn Pattern> {
    Box::new(Flat { next, chance, stores: of.stores, footprint: of.footprint, mapped: false })
}

/// Word after word, from the start again at the end.
pub fn sequential(of: &Synthetic) -> Box<dyn Pattern> {
    strided(&Synthetic { stride: WORD, ..of.clone() })
}

/// Every `stride` bytes, modulo the footprint.
pub fn strided(of: &Synthetic) -> Box<dyn Pattern> {
    let (stride, footprint) = (of.stride % of.footprint, of.footprint);
    let mut offset = 0;
    flat(of, Chance::new(of.seed), move |_| {
        let now = offset;
        offset += stride;
        if offset >= footprint {
            offset -= footprint;
        }
        now
    })
}

/// Words by popularity: page of rank r with a probability proportional to r^-skew, any word in it; popular pages lie
/// anywhere.
pub fn zipf(of: &Synthetic) -> Box<dyn Pattern> {
    let mut chance = Chance::new(of.seed);
    let pages = of.footprint / PAGE;
    let (ranks, places) = (Zipf::new(pages, of.skew), Permutation::new(pages, &mut chance));
    flat(of, chance, move |chance| {
        let page = places.at(ranks.rank(chance) - 1);
        page * PAGE + chance.below(PAGE / WORD) * WORD
    })
}

/// One cycle through all nodes of the footprint in random order, again and again.
pub fn pointer_chase(of: &Synthetic) -> Box<dyn Pattern> {
    let mut chance = Chance::new(of.seed);
    let nodes = of.footprint / NODE;
    let order = Permutation::new(nodes, &mut chance);
    let mut index = 0;
    flat(of, chance, move |_| {
        let node = order.at(index);
        index = (index + 1) % nodes;
        node * NODE
    })
}

/// GUPS: reads a random word, then writes it. Where `stores` is not one half, the rarer of the two is left out at
/// random.
struct Updates {
    chance: Chance,
    footprint: u64,
    reads: f64,
    writes: f64,
    mapped: bool,
}

impl Pattern for Updates {
    fn step(&mut self, out: &mut Emit) {
        if !self.mapped {
            out.map(PROCESS, BASE, self.footprint);
            self.mapped = true;
        }
        let address = BASE + self.chance.below(self.footprint / WORD) * WORD;
        if self.chance.happens(self.reads) {
            out.load(PROCESS, address);
        }
        if self.chance.happens(self.writes) {
            out.store(PROCESS, address);
        }
    }
}

pub fn uniform(of: &Synthetic) -> Box<dyn Pattern> {
    let (loads, stores) = (1.0 - of.stores, of.stores);
    Box::new(Updates {
        chance: Chance::new(of.seed),
        footprint: of.footprint,
        reads: if stores > 0.5 { loads / stores } else { 1.0 },
        writes: if stores < 0.5 { stores / loads } else { 1.0 },
        mapped: false,
    })
}
