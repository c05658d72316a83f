//! The twin's configurations in the program's terms.

use crate::twin;
use std::collections::BTreeMap;
use vmmu_model::address::{Level, PageSize};
use vmmu_model::counts::{Counts, Gauges, Measure};
use vmmu_model::engine::{Cell, Mmu, Plan, Tally, Turns, Warm, Watch};
use vmmu_model::error::Result;
use vmmu_model::guest::{FrameOrder, GuestPages};
use vmmu_model::program::{MemorySource, Row, Source};
use vmmu_model::technique::{Fill, HostBacking, HostShape, OnSwitch, Pv, Shadow, Sync, Technique};
use vmmu_model::tlb::{Geometry, Policy, SecondLevel, TlbShape};
use vmmu_model::walk::{CacheShape, DataPressure, PscShape, Table};

pub fn size(size: twin::PageSize) -> PageSize {
    match size {
        twin::PageSize::K4 => PageSize::Size4K,
        twin::PageSize::M2 => PageSize::Size2M,
        twin::PageSize::G1 => PageSize::Size1G,
    }
}

/// `None` where there is no such array.
fn geometry(of: twin::Geometry) -> Option<Geometry> {
    let policy = match of.policy {
        twin::Policy::Lru => Policy::Lru,
        twin::Policy::Fifo => Policy::Fifo,
        twin::Policy::Random { seed } => Policy::Random { seed },
        twin::Policy::TreePlru => Policy::TreePlru,
        twin::Policy::Nru => Policy::Nru,
    };
    Some(Geometry::try_new(of.entries, of.ways)?.with_policy(policy).unwrap())
}

fn technique(config: &twin::Config) -> Technique {
    let host_pages = size(config.host_pages);
    let host_backing = match config.host_backing {
        twin::Backing::Lazy => HostBacking::Lazy,
        twin::Backing::Prealloc => HostBacking::Prealloc,
    };
    match config.technique {
        twin::Technique::Native => Technique::Native,
        twin::Technique::Shadow => Technique::Shadow(Shadow {
            host_pages,
            host_backing,
            fill: match config.shadow_fill {
                twin::Fill::Eager => Fill::Eager,
                twin::Fill::Lazy => Fill::Lazy,
            },
            on_switch: match config.shadow_on_switch {
                twin::OnSwitch::Keep => OnSwitch::Keep,
                twin::OnSwitch::Drop => OnSwitch::Drop,
            },
            sync: match config.shadow_sync {
                twin::Sync::Traced => Sync::Traced,
                twin::Sync::Lazy => Sync::Lazy,
            },
            bypass: config.shadow_bypass,
        }),
        twin::Technique::Ept => Technique::Ept(HostShape {
            pages: host_pages,
            levels: Level::new(config.host_levels as u8),
            backing: host_backing,
        }),
        twin::Technique::Pv => Technique::Pv(Pv { batch: config.pv_batch }),
    }
}

/// The cell of a configuration.
pub fn cell(config: &twin::Config) -> Cell {
    let l2 = config.l2.iter().filter_map(|(sizes, array)| {
        Some(SecondLevel { sizes: sizes.iter().copied().map(size).collect(), geometry: geometry(*array)? })
    });
    Cell {
        turns: Turns {
            vms: config.vms as u32,
            copies: config.copies as u32,
            quantum: config.quantum.map(|rows| rows as u64),
            cpus: config.cpus as u32,
        },
        technique: technique(config),
        guest_pages: match config.guest_pages {
            twin::GuestPages::One(pages) => GuestPages::One(size(pages)),
            twin::GuestPages::Thp => GuestPages::Thp,
        },
        frames: FrameOrder::Contiguous,
        posted_interrupts: config.posted_interrupts,
        // The twin knows map rows only.
        infer_ranges: false,
        guest_levels: Level::new(config.guest_levels as u8),
        warm: Warm::Accesses(config.warm),
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
                levels: levels.map(|level| geometry(level).unwrap()),
                pressure: match config.data_pressure {
                    twin::Pressure::None => DataPressure::None,
                    twin::Pressure::Walked => DataPressure::Walked,
                    twin::Pressure::All => DataPressure::All,
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

/// The references that there are, as the twin has them: by column, the level of the guest node translated, and their own level.
pub fn by_place(tally: &Tally) -> BTreeMap<(&'static str, Option<u32>, u32), u64> {
    let level = |level: Level| level.get() as u32;
    let references = tally.references.iter().flatten().filter(|it| it.count > 0);
    let node = |table| if let Table::Host(node) = table { node.map(level) } else { None };
    references.map(|it| ((it.table.event().name(), node(it.table), level(it.level)), it.count)).collect()
}

/// A value by the name of its column.
pub fn value((counts, gauges): &(Counts, Gauges), column: &str) -> u64 {
    let measure = Measure::ALL.into_iter().find(|measure| measure.name() == column);
    measure.unwrap_or_else(|| panic!("no column {column}")).of(counts, gauges)
}
