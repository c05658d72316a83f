//! What address translation costs under native, shadow, nested (EPT/NPT) and paravirtual paging.
//!
//! The program `analyze` is this library with a command line. What every count means is fixed in `docs/model.md` of the repository.
//!
//! # A trace simulated from code
//!
//! This replays a trace through the cells of a sweep, and reads the results as a data frame:
//!
//! ```
//! use std::path::Path;
//! use vmmu::engine::{Plan, Watch};
//! use vmmu::outcome::{Outcome, results};
//! use vmmu::sweep::Sweep;
//!
//! # fn main() -> vmmu::error::Result<()> {
//! let sweep = Sweep::parse(
//!     Path::new("sweep.toml"),
//!     r#"
//!     traces = [{ synthetic = "uniform", footprint = "1M", accesses = 5_000 }]
//!     [sweep]
//!     technique = ["native", "ept"]
//!     cpu = "nehalem"
//!     "#,
//! )?;
//! let trace = &sweep.traces[0];
//! let (plan, open) = (Plan::new(sweep.cells()), || trace.open());
//! let (tallies, _) = plan.run(&open, &trace.name, Watch::Whole, |_rows, _accesses| {})?;
//! let rows = sweep.rows.iter().zip(tallies);
//! let outcomes = rows.map(|(row, tally)| Outcome::new(&sweep, trace, row, tally)).collect::<Result<Vec<_>, _>>()?;
//! let frame = results(&sweep, &outcomes)?; // one row per cell, columns as in results.csv
//! assert_eq!(frame.height(), 2);
//! # Ok(())
//! # }
//! ```
//!
//! # A TLB of one's own
//!
//! [`engine::Machine`] runs one cell stage by stage: guest memory, a TLB, a technique. The TLB may be anything that implements
//! [`tlb::LookUp`]. How many walks does a victim TLB save, which keeps what the first level evicts?
//!
//! ```
//! use std::collections::VecDeque;
//! use std::path::Path;
//! use vmmu::address::Gva;
//! use vmmu::engine::Machine;
//! use vmmu::guest::{Flush, Place, Slot};
//! use vmmu::outcome::{Outcome, results};
//! use vmmu::sweep::Sweep;
//! use vmmu::tlb::{Found, LookUp};
//! use vmmu::trace::Op;
//!
//! /// 16 sets of 4 ways under LRU, and 16 victims of all of them, with process tags: a switch empties nothing.
//! #[derive(Default)]
//! struct WithVictims {
//!     sets: [VecDeque<(Slot, u64)>; 16],
//!     victims: VecDeque<(Slot, u64)>,
//! }
//!
//! impl LookUp for WithVictims {
//!     fn look_up(&mut self, _: Op, address: Gva, place: &Place) -> Found {
//!         let page = (place.slot, address.page(place.size));
//!         let set = &mut self.sets[(page.1 % 16) as usize];
//!         let way = set.iter().position(|held| *held == page);
//!         way.map(|way| set.remove(way));
//!         set.push_front(page);
//!         if way.is_some() {
//!             return Found::FirstLevel;
//!         }
//!         let victim = self.victims.iter().position(|held| *held == page);
//!         victim.map(|at| self.victims.remove(at));
//!         if set.len() > 4 {
//!             self.victims.extend(set.pop_back());
//!             self.victims.drain(..self.victims.len().saturating_sub(16));
//!         }
//!         if victim.is_some() { Found::SecondLevel } else { Found::Nowhere }
//!     }
//!     fn flush(&mut self, flush: &Flush) {
//!         let stays = |&(slot, page): &(Slot, u64)| match *flush {
//!             Flush::Turn { .. } | Flush::Switch { .. } => true,
//!             Flush::Leaf { slot: of, start, size, .. } => (slot, page) != (of, start.page(size)),
//!             Flush::Process { slot: of, .. } => slot != of,
//!         };
//!         self.sets.iter_mut().chain([&mut self.victims]).for_each(|held| held.retain(stays));
//!     }
//! }
//!
//! # fn main() -> vmmu::error::Result<()> {
//! let sweep = Sweep::parse(
//!     Path::new("sweep.toml"),
//!     r#"
//!     traces = [{ synthetic = "zipf", footprint = "2M", accesses = 20_000 }]
//!     [sweep]
//!     technique = "native"
//!     cpu = "nehalem"
//!     tlb.l1d."4K" = { entries = 64, ways = 4 }
//!     tlb.l2."4K+2M".entries = 0
//!     "#,
//! )?;
//! let (trace, row) = (&sweep.traces[0], &sweep.rows[0]);
//! let plain = Machine::new(&row.cell).run(&|| trace.open(), "plain")?;
//! let with_victims = Machine::new(&row.cell).with_tlb(WithVictims::default()).run(&|| trace.open(), "victims")?;
//! let outcomes = [Outcome::new(&sweep, trace, row, plain)?, Outcome::new(&sweep, trace, row, with_victims)?];
//! let frame = results(&sweep, &outcomes)?; // counts, and what they cost on Nehalem
//! let count = |column, row| frame.column(column).unwrap().u64().unwrap().get(row).unwrap();
//! assert_eq!(count("l1_hits", 0), count("l1_hits", 1), "the first level is the same");
//! assert_eq!(count("walks", 0), count("walks", 1) + count("l2_hits", 1), "a victim that is found again saves a walk");
//! assert!(count("l2_hits", 1) > 0);
//! # Ok(())
//! # }
//! ```
//!
//! # A technique of one's own
//!
//! A technique implements [`technique::Virtualize`]: it follows what the guest did, walks, and counts what trapped. This one is nested
//! paging whose hypervisor backs 64 KiB around each EPT violation. It leaves walks and tables to the built-in `ept`:
//!
//! ```
//! use std::collections::HashSet;
//! use std::path::Path;
//! use vmmu::counts::{Counts, Event, Gauges};
//! use vmmu::engine::Machine;
//! use vmmu::guest::{Guest, Step};
//! use vmmu::sweep::Sweep;
//! use vmmu::technique::Virtualize;
//! use vmmu::trace::Chunk;
//!
//! struct FaultAround<V> {
//!     ept: V,
//!     backed: HashSet<u64>,
//! }
//!
//! impl<V: Virtualize> Virtualize for FaultAround<V> {
//!     fn follow(&mut self, chunk: &Chunk, guest: &Guest) {
//!         let frames = guest.steps.iter().filter_map(|(_, step)| match *step {
//!             Step::Start { root: node, .. } | Step::Node { node } => Some(guest.tables().node(node).frame),
//!             Step::Frame { frame, .. } => Some(frame),
//!             _ => None,
//!         });
//!         self.backed.extend(frames.map(|frame| frame.get() >> 16));
//!         self.ept.follow(chunk, guest);
//!     }
//!     fn walk(&mut self, chunk: &Chunk, guest: &Guest, misses: &[u32]) {
//!         self.ept.walk(chunk, guest, misses);
//!     }
//!     fn outcome(&self, guest: &Guest) -> (Counts, Gauges) {
//!         let (mut counts, gauges) = self.ept.outcome(guest);
//!         counts[Event::ExitEptViolation] = self.backed.len() as u64;
//!         (counts, gauges)
//!     }
//! }
//!
//! # fn main() -> vmmu::error::Result<()> {
//! let sweep = Sweep::parse(
//!     Path::new("sweep.toml"),
//!     r#"
//!     traces = [{ synthetic = "sequential", footprint = "4M", accesses = 600_000 }]
//!     [sweep]
//!     technique = "ept"
//!     cpu = "nehalem"
//!     "#,
//! )?;
//! let (cell, prices, open) = (&sweep.rows[0].cell, &sweep.sheets[0].1, || sweep.traces[0].open());
//! let page_by_page = Machine::new(cell).run(&open, "page by page")?.counts;
//! let around = Machine::new(cell).with_technique(|ept| FaultAround { ept, backed: HashSet::new() });
//! let around = around.run(&open, "around")?.counts;
//! assert_eq!(page_by_page[Event::VmExits], 1029, "1024 pages of data and 5 of page tables");
//! assert_eq!(around[Event::VmExits], 65, "64 blocks of data and one of page tables");
//! assert!(prices.bill(&around)?.overhead() < prices.bill(&page_by_page)?.overhead());
//! # Ok(())
//! # }
//! ```
//!
//! A technique that walks in its own way implements [`walk::Walk`]; [`walk::Misses::replay`] then plays walks and flushes to it, in
//! program order.
//!
//! # The models
//!
//! Each of these pages lists what it models, what it does not model, and its source:
//!
//! | what | models |
//! | --- | --- |
//! | guest memory | [`guest`]: [accesses](guest::fault), [calls](guest::calls), [frames](guest::frames), [inferred ranges](guest::inferred) |
//! | TLBs | [`tlb`], and its [arrays] |
//! | walks | [`walk`]: [one-dimensional](walk::walker), [two-dimensional](walk::below), [paging-structure caches](walk::psc), [data caches](walk::caches) |
//! | techniques | [`native`](technique::native), [`shadow`](technique::shadow) with its [tables](shadow), [`ept`](technique::ept) with the [host's tables](backing), [`pv`](technique::pv) |
//! | cost | [`prices`] |
//! | samples of a trace | [`sampling`] |

// Nothing panics on what a user gives; tests may.
#![warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

pub mod advise;
mod aside;
pub mod bytes;
pub mod charts;
pub mod check;
pub mod cli;
pub mod compare;
mod files;
mod numerals;
pub mod outcome;
pub mod report;
pub mod results;
pub mod sampling;
pub mod sweep;
pub mod trace;
pub mod view;
mod words;

pub use vmmu_model::{
    address, arrays, backing, chance, counts, engine, error, guest, prices, shadow, tables, technique, tlb, walk,
};
