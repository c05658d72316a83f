//! The oracle's configurations in the program's terms.
#![allow(dead_code)]

use crate::oracle;
use std::collections::BTreeMap;
use vmmu::address::{Level, PageSize};
use vmmu::counts::{Counts, Event, Gauge, Gauges};
use vmmu::engine::{Cell, Mmu, Plan, Tally, Turns, Watch};
use vmmu::error::Result;
use vmmu::guest::{FrameOrder, GuestPages};
use vmmu::technique::{Fill, HostBacking, OnSwitch, ShadowPolicy, Technique};
use vmmu::tlb::{Geometry, SecondLevel, TlbShape};
use vmmu::trace::{MemorySource, Row, Source};
use vmmu::walk::{CacheShape, DataPressure, LINE_BYTES, PscShape, Table};

pub fn size(size: oracle::PageSize) -> PageSize {
    match size {
        oracle::PageSize::K4 => PageSize::Size4K,
        oracle::PageSize::M2 => PageSize::Size2M,
        oracle::PageSize::G1 => PageSize::Size1G,
    }
}

fn geometry(of: oracle::Geometry) -> Option<Geometry> {
    Geometry::try_new(of.entries, of.ways)
}

/// The cell of a configuration.
pub fn cell(config: &oracle::Config) -> Cell {
    let l2 = config.l2.iter().filter_map(|(sizes, array)| {
        Some(SecondLevel { sizes: sizes.iter().copied().map(size).collect(), geometry: geometry(*array)? })
    });
    Cell {
        turns: Turns {
            vms: config.vms as u32,
            copies: config.copies as u32,
            quantum: config.quantum.map(|rows| rows as u64),
        },
        technique: match config.technique {
            oracle::Technique::Native => Technique::Native,
            oracle::Technique::Shadow => Technique::Shadow,
            oracle::Technique::Ept => Technique::Ept,
            oracle::Technique::Pv => Technique::Pv,
        },
        guest_pages: match config.guest_pages {
            oracle::GuestPages::One(pages) => GuestPages::One(size(pages)),
            oracle::GuestPages::Thp => GuestPages::Thp,
        },
        frames: FrameOrder::Contiguous,
        // The oracle knows map rows only.
        infer_ranges: false,
        host_pages: size(config.host_pages),
        guest_levels: Level::new(config.guest_levels as u8),
        host_levels: Level::new(config.host_levels as u8),
        host_backing: match config.host_backing {
            oracle::Backing::Lazy => HostBacking::Lazy,
            oracle::Backing::Prealloc => HostBacking::Prealloc,
        },
        shadow: ShadowPolicy {
            fill: match config.shadow_fill {
                oracle::Fill::Eager => Fill::Eager,
                oracle::Fill::Lazy => Fill::Lazy,
            },
            on_switch: match config.shadow_on_switch {
                oracle::OnSwitch::Keep => OnSwitch::Keep,
                oracle::OnSwitch::Drop => OnSwitch::Drop,
            },
        },
        pv_batch: config.pv_batch,
        mmu: Mmu {
            tags: config.tags,
            tlb: TlbShape {
                l1d: config.l1d.map(|array| array.and_then(geometry)),
                l1i: config.l1i.map(|array| array.and_then(geometry)),
                l2: l2.collect(),
            },
            psc: PscShape(config.psc.map(geometry)),
            host_psc: PscShape(config.host_psc.map(geometry)),
            nested_tlb: config.nested_tlb.and_then(geometry),
            caches: config.caches.map(|levels| CacheShape {
                levels: levels.map(|cache| Geometry { entries: cache.bytes / LINE_BYTES as usize, ways: cache.ways }),
                pressure: match config.data_pressure {
                    oracle::Pressure::None => DataPressure::None,
                    oracle::Pressure::Walked => DataPressure::Walked,
                    oracle::Pressure::All => DataPressure::All,
                },
            }),
        },
    }
}

/// Runs cells together, in chunks of so many rows.
pub fn run(rows: &[Row], cells: &[Cell], chunk: usize) -> Vec<(Counts, Gauges)> {
    tallies(rows, cells, chunk, None).into_iter().map(|tally| (tally.counts, tally.gauges)).collect()
}

/// The same with all that a run tells, and with counts taken after every so many accesses.
pub fn tallies(rows: &[Row], cells: &[Cell], chunk: usize, interval: Option<u64>) -> Vec<Tally> {
    let open = || -> Result<Box<dyn Source>> { Ok(Box::new(MemorySource::new(rows.to_vec()).in_chunks_of(chunk))) };
    Plan::new(cells).run(&open, "rows", interval.map_or(Watch::Whole, Watch::Intervals), |_, _| {}).unwrap().0
}

/// The references that there are, as the oracle has them: by column, the level of the guest node translated, and their own level.
pub fn by_place(tally: &Tally) -> BTreeMap<(&'static str, Option<u32>, u32), u64> {
    let level = |level: Level| level.get() as u32;
    let references = tally.references.iter().flatten().filter(|it| it.count > 0);
    let node = |table| if let Table::Host(node) = table { node.map(level) } else { None };
    references.map(|it| ((it.table.event().name(), node(it.table), level(it.level)), it.count)).collect()
}

/// A value by the name of its column.
pub fn value((counts, gauges): &(Counts, Gauges), column: &str) -> u64 {
    let event = Event::ALL.into_iter().find(|event| event.name() == column).map(|event| counts[event]);
    let gauge = || Gauge::ALL.into_iter().find(|gauge| gauge.name() == column).map(|gauge| gauges[gauge]);
    event.or_else(gauge).unwrap_or_else(|| panic!("no column {column}"))
}
