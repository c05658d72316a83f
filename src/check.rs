//! Laws that every row of results keeps, whatever the trace: held against a run by `--check`.
//!
//! *Source:* what each column means; the longest walks are those of Bhargava et al., ASPLOS 2008.

use crate::address::PageSize;
use crate::counts::{Counts, Event, Gauge};
use crate::engine::Cell;
use crate::error::{Error, Result};
use crate::guest::GuestPages;
use crate::outcome::Outcome;
use crate::sweep::{Sweep, can_count};
use crate::technique::{HostBacking, Technique};

/// More broken laws than this are not spelled out.
const MOST_SPELLED: usize = 20;

/// A law: its words, and whether a row keeps it.
type Law = (&'static str, fn(&Sweep, &Outcome<'_>) -> bool);

/// Fails with every law that a row of the results breaks.
pub fn check(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Result<()> {
    let mut broken = Vec::new();
    for outcome in outcomes {
        let row = || outcome.row.values.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
        let laws = LAWS.iter().filter(|(_, holds)| !holds(sweep, outcome));
        broken.extend(laws.map(|(law, _)| format!("{} {}: {law}", outcome.trace, row())));
    }
    if broken.is_empty() {
        return Ok(());
    }
    let more = broken.len().saturating_sub(MOST_SPELLED);
    broken.truncate(MOST_SPELLED);
    if more > 0 {
        broken.push(format!("and {more} more"));
    }
    let cause = format!("these laws are broken, which is a bug of this program:\n  {}", broken.join("\n  "));
    Err(Error::failed("vouch for the results", cause))
}

fn sum(intervals: &[Counts]) -> Counts {
    intervals.iter().fold(Counts::default(), |mut sum, counts| {
        sum += counts;
        sum
    })
}

fn cell<'a>(outcome: &'a Outcome<'_>) -> &'a Cell {
    &outcome.row.cell
}

/// The sum of some events.
fn all(outcome: &Outcome<'_>, events: &[Event]) -> u64 {
    outcome.tally.counts.sum(events)
}

fn is(outcome: &Outcome<'_>, technique: Technique) -> bool {
    cell(outcome).technique == technique
}

/// References of a walk that no cache shortens, where the guest's leaves are as deep as they can be.
fn longest_walk(cell: &Cell) -> u64 {
    let depth = |levels: u64, leaf: PageSize| levels + 1 - leaf.leaf_level().get() as u64;
    let smallest = match cell.guest_pages {
        GuestPages::One(size) => size,
        GuestPages::Thp => PageSize::Size4K,
    };
    let levels = cell.guest_levels.get() as u64;
    match cell.technique {
        Technique::Native | Technique::Pv => depth(levels, smallest),
        Technique::Shadow => depth(levels, smallest.min(cell.host_pages)),
        Technique::Ept => {
            let host = depth(cell.host_levels.get() as u64, cell.host_pages);
            (depth(levels, smallest) + 1) * (host + 1) - 1
        }
    }
}

const LAWS: [Law; 25] = [
    ("accesses = loads + stores + fetches", |_, it| {
        all(it, &[Event::Accesses]) == all(it, &[Event::Loads, Event::Stores, Event::Fetches])
    }),
    ("accesses = l1_hits + l2_hits + walks", |_, it| {
        all(it, &[Event::Accesses]) == all(it, &[Event::L1Hits, Event::L2Hits, Event::Walks])
    }),
    ("references by table = references by where they were found", |_, it| {
        all(it, &[Event::GuestRefs, Event::ShadowRefs, Event::HostRefs])
            == all(it, &[Event::RefsL1, Event::RefsL2, Event::RefsLlc, Event::RefsDram])
    }),
    ("references by table = the sum of references by level", |_, it| {
        let Some(references) = &it.tally.references else { return true };
        let sum = |table| references.iter().filter(|it| it.table.event() == table).map(|it| it.count).sum::<u64>();
        [Event::GuestRefs, Event::ShadowRefs, Event::HostRefs].into_iter().all(|table| sum(table) == all(it, &[table]))
    }),
    ("without caches every reference is in memory", |_, it| {
        cell(it).mmu.caches.is_some() || all(it, &[Event::RefsL1, Event::RefsL2, Event::RefsLlc]) == 0
    }),
    ("a walk makes at least one reference", |_, it| {
        all(it, &[Event::GuestRefs, Event::ShadowRefs]) >= all(it, &[Event::Walks])
    }),
    ("no walk is longer than one without caches", |_, it| {
        all(it, &[Event::GuestRefs, Event::ShadowRefs, Event::HostRefs])
            <= all(it, &[Event::Walks]) * longest_walk(cell(it))
    }),
    ("a paging-structure cache shortens a walk once", |_, it| all(it, &[Event::PscHits]) <= all(it, &[Event::Walks])),
    ("only shadow paging walks shadow tables, and nothing else", |_, it| {
        if is(it, Technique::Shadow) { all(it, &[Event::GuestRefs]) == 0 } else { all(it, &[Event::ShadowRefs]) == 0 }
    }),
    ("only ept walks in two dimensions", |_, it| {
        let events = [Event::HostRefs, Event::HostPscHits, Event::NestedTlbHits, Event::NestedTlbMisses];
        is(it, Technique::Ept) || all(it, &events) == 0
    }),
    ("vm_exits = the sum of exit_*", |_, it| all(it, &[Event::VmExits]) == all(it, &Event::EXITS)),
    ("hypercalls = the sum of hypercall_*", |_, it| all(it, &[Event::Hypercalls]) == all(it, &Event::HYPERCALLS)),
    ("native paging traps nothing", |_, it| {
        !is(it, Technique::Native)
            || all(it, &[Event::VmExits, Event::Hypercalls, Event::MmuUpdates, Event::PvBounces]) == 0
    }),
    ("only pv makes hypercalls, and it never exits", |_, it| {
        let asks = [Event::Hypercalls, Event::MmuUpdates, Event::PvBounces];
        if is(it, Technique::Pv) { all(it, &[Event::VmExits]) == 0 } else { all(it, &asks) == 0 }
    }),
    ("a technique counts only what it can count", |_, it| {
        Event::ALL.into_iter().all(|event| can_count(cell(it).technique, event) || all(it, &[event]) == 0)
    }),
    ("ept exits for host faults only", |_, it| {
        !is(it, Technique::Ept) || all(it, &[Event::VmExits]) == all(it, &[Event::HostFaults])
    }),
    ("a preallocated host never faults", |_, it| {
        cell(it).host_backing == HostBacking::Lazy || all(it, &[Event::HostFaults]) == 0
    }),
    ("shadow paging traps each PTE write, switch and invalidation", |_, it| {
        let traps = [Event::ExitPtWrite, Event::ExitCr3, Event::ExitInvlpg, Event::ExitDirty];
        let causes = [Event::PteWrites, Event::Switches, Event::Invalidations, Event::FullFlushes, Event::FirstWrites];
        !is(it, Technique::Shadow) || all(it, &traps) == all(it, &causes)
    }),
    ("each fault that the guest sees writes a PTE", |_, it| {
        all(it, &[Event::PteWrites]) >= all(it, &[Event::GuestFaults, Event::CowFaults])
    }),
    ("memory at the end is no more than at the peak", |_, it| {
        let gauges = &it.tally.gauges;
        gauges[Gauge::EndGuestNodes] <= gauges[Gauge::PeakGuestNodes]
            && gauges[Gauge::EndShadowNodes] <= gauges[Gauge::PeakShadowNodes]
            && gauges[Gauge::EndHostNodes] <= gauges[Gauge::PeakHostNodes]
    }),
    ("the peak of all tables is at most the sum of their peaks", |_, it| {
        let gauges = &it.tally.gauges;
        let peaks = [Gauge::PeakGuestNodes, Gauge::PeakShadowNodes, Gauge::PeakHostNodes].map(|peak| gauges[peak]);
        gauges[Gauge::PeakTotalNodes] <= peaks.iter().sum()
    }),
    ("each process has a guest table, and a shadow table under shadow paging", |_, it| {
        let gauges = &it.tally.gauges;
        gauges[Gauge::ShadowTables] == if is(it, Technique::Shadow) { gauges[Gauge::GuestTables] } else { 0 }
    }),
    ("each VM has a host table under ept", |_, it| {
        it.tally.gauges[Gauge::HostTables] == if is(it, Technique::Ept) { cell(it).turns.vms.into() } else { 0 }
    }),
    ("the bill is the sum of counts times prices", |sweep, it| {
        let prices = sweep.sheets[it.row.sheet].1.iter();
        let sum: f64 = prices.map(|(price, cycles)| cycles.to_f64() * all(it, &[price.event]) as f64).sum();
        let cycles = it.bill.cycles().to_f64();
        (sum - cycles).abs() <= cycles * 1e-12
    }),
    ("intervals add up to the whole", |sweep, it| {
        sweep.interval.is_none() || sum(&it.tally.intervals) == it.tally.counts
    }),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Plan, Tally, Watch};
    use crate::trace::{MemorySource, Op, Row, Source};
    use std::path::Path;

    const SWEEP: &str = "
        traces = [{ synthetic = \"sequential\" }]
        [sweep]
        technique = [\"native\", \"shadow\", \"ept\", \"pv\"]
        guest_pages = [\"4K\", \"thp\"]
        host_backing = [\"lazy\", \"prealloc\"]
        cpu = [\"nehalem\", \"bare\"]
        prices = \"nehalem\"
        interval = 3
        [cpu.bare]
        tlb.l1d.4K = { entries = 4, ways = 4 }
    ";

    /// For each law, a number that breaks it if it is another.
    const TAMPERED: [fn(&mut Tally) -> &mut u64; LAWS.len()] = [
        |it| &mut it.counts[Event::Loads],
        |it| &mut it.counts[Event::L1Hits],
        |it| &mut it.counts[Event::HostRefs],
        |it| &mut it.references.as_mut().unwrap()[0].count,
        |it| &mut it.counts[Event::RefsLlc],
        |it| &mut it.counts[Event::Walks],
        |it| &mut it.counts[Event::GuestRefs],
        |it| &mut it.counts[Event::PscHits],
        |it| &mut it.counts[Event::ShadowRefs],
        |it| &mut it.counts[Event::NestedTlbHits],
        |it| &mut it.counts[Event::ExitCr3],
        |it| &mut it.counts[Event::HypercallPin],
        |it| &mut it.counts[Event::MmuUpdates],
        |it| &mut it.counts[Event::PvBounces],
        |it| &mut it.counts[Event::HypercallPin],
        |it| &mut it.counts[Event::VmExits],
        |it| &mut it.counts[Event::HostFaults],
        |it| &mut it.counts[Event::ExitInvlpg],
        |it| &mut it.counts[Event::CowFaults],
        |it| &mut it.gauges[Gauge::EndHostNodes],
        |it| &mut it.gauges[Gauge::PeakTotalNodes],
        |it| &mut it.gauges[Gauge::ShadowTables],
        |it| &mut it.gauges[Gauge::HostTables],
        |it| &mut it.counts[Event::L2Hits],
        |it| &mut it.intervals[0][Event::FirstWrites],
    ];

    fn outcomes(sweep: &Sweep) -> Vec<Outcome<'_>> {
        let row = |op, address| Row { op, address, length: 8, process: 1, thread: 0 };
        let rows: Vec<Row> = (0..20).map(|i| row(if i % 3 == 0 { Op::Store } else { Op::Load }, i << 14)).collect();
        let cells: Vec<Cell> = sweep.rows.iter().map(|row| row.cell.clone()).collect();
        let open = || -> Result<Box<dyn Source>> { Ok(Box::new(MemorySource::new(rows.clone()))) };
        let (tallies, _) = Plan::new(&cells).run(&open, "rows", Watch::Intervals(3), |_, _| {}).unwrap();
        let rows = sweep.rows.iter().zip(tallies);
        rows.map(|(row, tally)| Outcome::new(sweep, &sweep.traces[0], row, tally).unwrap()).collect()
    }

    #[test]
    fn sound_results_keep_every_law_and_each_law_catches_a_wrong_number() {
        let sweep = Sweep::parse(Path::new("sweep.toml"), SWEEP).unwrap();
        let outcomes = outcomes(&sweep);
        assert!(check(&sweep, &outcomes).is_ok());
        for ((law, _), tampered) in LAWS.into_iter().zip(TAMPERED) {
            let catches = |outcome: &Outcome<'_>| {
                let mut outcome = outcome.clone();
                *tampered(&mut outcome.tally) += 1_000_000;
                check(&sweep, &[outcome]).is_err_and(|error| error.to_string().contains(law))
            };
            assert!(outcomes.iter().any(catches), "{law}");
        }
    }
}
