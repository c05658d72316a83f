//! What address translation costs under native, shadow, nested (EPT/NPT) and paravirtual paging.
//!
//! The program `analyze` is this library with a command line. From code, a trace is replayed through the cells of a sweep and read as
//! a data frame:
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
//! let cells: Vec<_> = sweep.rows.iter().map(|row| row.cell.clone()).collect();
//! let trace = &sweep.traces[0];
//! let (tallies, _) = Plan::new(&cells).run(&|| trace.open(), &trace.name, Watch::Whole, |_rows, _accesses| {})?;
//! let outcomes: Vec<_> =
//!     sweep.rows.iter().zip(tallies).map(|(row, tally)| Outcome::new(&sweep, trace, row, tally)).collect();
//! let frame = results(&sweep, &outcomes)?; // one row per cell, columns as in results.csv
//! assert_eq!(frame.height(), 2);
//! # Ok(())
//! # }
//! ```
//!
//! The stages can be used by themselves. A walker of one's own sees what the TLBs miss, by the trait [`walk::Walk`]; this one counts
//! how many walks read a guest table that lies on another page than the walk before:
//!
//! ```
//! use vmmu::address::{Level, PageSize};
//! use vmmu::guest::{Flush, FrameOrder, Guest, GuestPages, GuestShape};
//! use vmmu::tlb::{FirstLevel, FlushSchedule, Geometry, Tlb, TlbShape};
//! use vmmu::trace::{Chunk, Columns, Op, Row};
//! use vmmu::walk::{Caches, Miss, Misses, Walk};
//!
//! #[derive(Default)]
//! struct Moves {
//!     last: Option<u32>,
//!     moves: u64,
//! }
//!
//! impl Walk for Moves {
//!     fn caches(&mut self) -> Option<&mut Caches> {
//!         None
//!     }
//!     fn flush(&mut self, _: &Flush) {}
//!     fn walk(&mut self, _: &Misses<'_>, miss: &Miss<'_>) {
//!         self.moves += (self.last != Some(miss.place.node)) as u64;
//!         self.last = Some(miss.place.node);
//!     }
//! }
//!
//! let load = |address| Row { op: Op::Load, address, length: 8, process: 1, thread: 0 };
//! let mut chunk = Chunk::default();
//! chunk.collapse(Columns::of(&[0x1000, 0x2000, 0x40_0000, 0x1000].map(load)).all());
//!
//! let (size, schedule) = (PageSize::Size4K, FlushSchedule { tags: true, drop_on_switch: false });
//! let (pages, levels, frames) = (GuestPages::One(size), Level::new(4), FrameOrder::Contiguous);
//! let mut guest = Guest::new(GuestShape { pages, levels, frames, infer_ranges: false }, None);
//! let shape = TlbShape { l1d: [Geometry::try_new(2, 2), None, None], ..TlbShape::default() };
//! let key = shape.first(&[size], size, schedule);
//! let (mut first, mut tlb) = (FirstLevel::new(&key), Tlb::new(&key, &shape.second(&[size], size)));
//!
//! guest.replay(&chunk);
//! first.replay(&chunk.runs, &guest.places, &guest.flushes);
//! tlb.replay(&first, &chunk.runs, &guest.places, &guest.flushes);
//! let (places, flushes, misses) = (&guest.places, &guest.flushes, &tlb.misses);
//! let mut moves = Moves::default();
//! Misses { chunk: &chunk, places, flushes, misses, guest: guest.tables(), behind: None }.replay(&mut moves);
//! assert_eq!((tlb.misses.len(), moves.moves), (4, 3), "the third page evicts the first from two entries");
//! ```
//!
//! Every file of a model opens with what it models, what it does not, and its source.

// Nothing panics on what a user gives; tests may.
#![warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

pub mod address;
pub mod advise;
mod aside;
pub mod bytes;
mod chance;
pub mod charts;
pub mod check;
pub mod cli;
pub mod compare;
pub mod counts;
pub mod engine;
pub mod error;
pub mod guest;
mod numerals;
pub mod outcome;
pub mod prices;
pub mod report;
pub mod results;
pub mod sampling;
pub mod sweep;
pub mod technique;
pub mod tlb;
pub mod trace;
pub mod view;
pub mod walk;
pub mod warnings;
mod words;
