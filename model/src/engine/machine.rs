//! One machine by itself, whose TLB and technique may be one's own.

use super::cell::Cell;
use super::feed::{Decoded, Feed};
use super::group::Group;
use super::passes::BuiltIn;
use super::seen::Seen;
use super::{Open, Tally, Turns, Watch, check_processes, infer, total};
use crate::counts::{Counts, Gauge};
use crate::error::Result;
use crate::program::{CHUNK_ROWS, Strip};
use crate::technique::Virtualize;
use crate::tlb::{LookUp, TwoLevels, look_up};
use std::sync::Arc;

/// Guest memory, a TLB and a technique, run stage by stage. With the built-in ones it counts what a [`Plan`](super::Plan) of its
/// cell counts, more slowly: it shares nothing, and asks the TLB for every access.
pub struct Machine<T, V> {
    turns: Turns,
    group: Group,
    tlb: T,
    technique: V,
}

impl Machine<TwoLevels, BuiltIn> {
    /// The machine of a cell.
    pub fn new(cell: &Cell) -> Machine<TwoLevels, BuiltIn> {
        let mut group = Group::new(cell);
        let planned = group.place(cell);
        let tlb = TwoLevels::new(&group.first_levels.list[0].key, &group.tlbs.list[0].arrays);
        let technique = BuiltIn::new(planned, &group);
        Machine { turns: cell.turns, group, tlb, technique }
    }
}

impl<T: LookUp + Send, V: Virtualize + Send> Machine<T, V> {
    /// The same machine with another TLB.
    pub fn with_tlb<U: LookUp>(self, tlb: U) -> Machine<U, V> {
        Machine { turns: self.turns, group: self.group, tlb, technique: self.technique }
    }

    /// The same machine with another technique, which may be made of the one it has.
    pub fn with_technique<W: Virtualize>(self, other: impl FnOnce(V) -> W) -> Machine<T, W> {
        Machine { turns: self.turns, group: self.group, tlb: self.tlb, technique: other(self.technique) }
    }

    /// Replays a trace, whose name is for errors. The tally has no evidence, intervals and references by level. Fails as
    /// [`Plan::run`](super::Plan::run) does.
    pub fn run(mut self, open: &Open<'_>, name: &str) -> Result<Tally> {
        let shape = self.group.guest;
        let inferred = if shape.infer_ranges { infer::inferred(open)?.map(Arc::new) } else { None };
        let (mut guest, mut seen, mut hits) = (self.group.guest_memory(inferred), Seen::default(), Counts::default());
        let (levels, watch) = (shape.levels, Watch::Whole);
        let feed = Feed {
            open,
            name,
            levels,
            chunk_rows: CHUNK_ROWS,
            strip: Strip::none(),
            every_address: true,
            watch,
            warm: Vec::new(),
        };
        let mut replay = |part: &Decoded| {
            seen.add(part);
            guest.replay_in_parts(&part.chunk, |guest, chunk| {
                self.technique.follow(chunk, guest);
                let flushes = self.technique.flushes().unwrap_or(&guest.flushes);
                let misses = look_up(&mut self.tlb, chunk, guest, flushes, &mut hits);
                self.technique.walk(chunk, guest, &misses);
            });
            check_processes(&guest, name)
        };
        feed.run(self.turns, |parts| parts.iter().try_for_each(&mut replay))?;
        seen.check(name)?;
        let (virtualized, mut gauges) = self.technique.outcome(&guest);
        gauges[Gauge::TouchedBytes] = seen.touched_bytes(self.turns);
        let counts = total([&seen.counts(), guest.counts(), &hits, &virtualized]);
        Ok(Tally { counts, gauges, steady: None, evidence: None, intervals: Vec::new(), references: None })
    }
}
