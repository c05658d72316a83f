//! Laws that every row of results keeps, whatever the trace: held against a run by `--check`.
//!
//! *Source:* what each column means; the longest walks are those of Bhargava et al., ASPLOS 2008.

use crate::address::{Level, PageSize};
use crate::counts::{Counts, Event, Gauge};
use crate::engine::Cell;
use crate::error::{Error, Result};
use crate::outcome::Outcome;
use crate::prices::Price;
use crate::sweep::Sweep;
use crate::technique::{HostBacking, TableShape, Trap};

/// More broken laws than this are not spelled out.
const MOST_SPELLED: usize = 20;

/// A law: its words, and whether a row keeps it.
type Law = (&'static str, fn(&Sweep, &Outcome<'_>) -> bool);

/// Fails with every law that a row of the results breaks.
pub fn check(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Result<()> {
    let mut broken = Vec::new();
    for outcome in outcomes {
        let row = || outcome.row.values.iter().flatten().map(|text| &**text).collect::<Vec<_>>().join(" ");
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

/// The tables that the technique keeps.
fn table(outcome: &Outcome<'_>) -> TableShape {
    cell(outcome).machinery().table
}

/// References of a walk that no cache shortens, where the guest's leaves are as deep as they can be.
fn longest_walk(cell: &Cell) -> u64 {
    let depth = |levels: Level, leaf: PageSize| (levels.get() + 1 - leaf.leaf_level().get()) as u64;
    let machinery = cell.machinery();
    let first = depth(cell.guest_levels, cell.guest_pages.sizes()[0].min(machinery.leaves));
    match machinery.second {
        Some((pages, levels)) => (first + 1) * (depth(levels, pages) + 1) - 1,
        None => first,
    }
}

/// By how much walks that are estimated may be off from what goes with them: each estimate is rounded by itself.
fn rounding(sweep: &Sweep) -> u64 {
    if sweep.sample.is_some() { 2 } else { 0 }
}

const LAWS: [Law; 22] = [
    ("accesses = loads + stores + fetches", |_, it| {
        all(it, &[Event::Accesses]) == all(it, &[Event::Loads, Event::Stores, Event::Fetches])
    }),
    ("accesses = l1_hits + l2_hits + walks", |_, it| {
        all(it, &[Event::Accesses]) == all(it, &[Event::L1Hits, Event::L2Hits, Event::Walks])
    }),
    ("references by table = references by where they were found", |_, it| {
        all(it, &Event::TABLE_REFS) == all(it, &Event::FOUND_REFS)
    }),
    ("references by table = the sum of references by level", |_, it| {
        let Some(references) = &it.tally.references else { return true };
        let sum = |table| references.iter().filter(|it| it.table.event() == table).map(|it| it.count).sum::<u64>();
        Event::TABLE_REFS.into_iter().all(|table| sum(table) == all(it, &[table]))
    }),
    ("without caches every reference is in memory", |_, it| {
        cell(it).mmu.caches.is_some() || all(it, &[Event::RefsL1, Event::RefsL2, Event::RefsLlc]) == 0
    }),
    ("a walk makes at least one reference", |sweep, it| {
        all(it, &[Event::GuestRefs, Event::ShadowRefs]) + rounding(sweep) >= all(it, &[Event::Walks])
    }),
    ("no walk is longer than one without caches", |sweep, it| {
        all(it, &Event::TABLE_REFS) <= (all(it, &[Event::Walks]) + rounding(sweep)) * longest_walk(cell(it))
    }),
    ("a paging-structure cache shortens a walk once", |sweep, it| {
        all(it, &[Event::PscHits]) <= all(it, &[Event::Walks]) + rounding(sweep)
    }),
    ("a technique counts only what it can", |_, it| {
        let facts = cell(it).technique.facts();
        Event::ALL.into_iter().all(|event| facts.can_count(event) || all(it, &[event]) == 0)
    }),
    (
        "what traps is counted once for each of its causes, and more often only where processors are interrupted",
        |_, it| {
            let is_alone = all(it, &[Event::Shootdowns]) == 0;
            let counted = |trap: &Trap| (all(it, &[trap.event]), all(it, trap.causes));
            let mut traps = cell(it).technique.facts().traps.iter().map(counted);
            traps.all(|(traps, causes)| traps == causes || (!is_alone && traps > causes))
        },
    ),
    ("a row interrupts at least one processor, and at most all others", |_, it| {
        let (rounds, interrupted) = (all(it, &[Event::ShootdownRounds]), all(it, &[Event::Shootdowns]));
        (rounds..=rounds * u64::from(cell(it).turns.cpus - 1)).contains(&interrupted)
    }),
    ("an interrupt takes one exit, or two where it is not posted", |_, it| {
        let (exits, interrupted) = (all(it, &[Event::ExitIpi]), all(it, &[Event::Shootdowns]));
        let each = if cell(it).posted_interrupts { 1 } else { 2 };
        exits == if cell(it).technique.facts().can_count(Event::ExitIpi) { each * interrupted } else { 0 }
    }),
    ("vm_exits = the sum of exit_*", |_, it| all(it, &[Event::VmExits]) == all(it, &Event::EXITS)),
    ("hypercalls = the sum of hypercall_*", |_, it| all(it, &[Event::Hypercalls]) == all(it, &Event::HYPERCALLS)),
    ("a preallocated host never faults", |_, it| {
        table(it).backing() != Some(HostBacking::Prealloc) || all(it, &[Event::HostFaults]) == 0
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
        gauges[Gauge::ShadowTables]
            == if matches!(table(it), TableShape::Shadow(_)) { gauges[Gauge::GuestTables] } else { 0 }
    }),
    ("each VM has a host table under ept", |_, it| {
        let is_nested = matches!(table(it), TableShape::Host(_));
        it.tally.gauges[Gauge::HostTables] == if is_nested { cell(it).turns.vms.into() } else { 0 }
    }),
    ("the bill is the sum of counts times prices", |sweep, it| {
        let prices = sweep.sheets[it.row.sheet].1.iter();
        let times = |price: Price| (all(it, &[price.event]) / price.per) as f64;
        let sum: f64 = prices.map(|(price, cycles)| cycles.to_f64() * times(price)).sum();
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
        |it| &mut it.counts[Event::NestedTlbHits],
        |it| &mut it.counts[Event::PvBounces],
        |it| &mut it.counts[Event::ShootdownRounds],
        |it| &mut it.counts[Event::ExitIpi],
        |it| &mut it.counts[Event::ExitCr3],
        |it| &mut it.counts[Event::HypercallPin],
        |it| &mut it.counts[Event::HostFaults],
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
        let open = || -> Result<Box<dyn Source>> { Ok(Box::new(MemorySource::new(rows.clone()))) };
        let (tallies, _) = Plan::new(sweep.cells()).run(&open, "rows", Watch::Intervals(3), |_, _| {}).unwrap();
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

    #[test]
    fn a_preallocated_host_never_faults_under_either_technique_that_has_a_host() {
        let sweep = Sweep::parse(Path::new("sweep.toml"), SWEEP).unwrap();
        let catches = |mut outcome: Outcome<'_>| {
            outcome.tally.counts[Event::HostFaults] += 1;
            let broken = check(&sweep, &[outcome]);
            broken.is_err_and(|broken| broken.to_string().contains("a preallocated host never faults"))
        };
        for name in ["shadow", "ept"] {
            let of = outcomes(&sweep).into_iter().filter(|it| it.technique().name == name);
            let (ready, others): (Vec<_>, Vec<_>) =
                of.partition(|it| it.row.values.iter().flatten().any(|value| &**value == "prealloc"));
            assert!(!ready.is_empty() && ready.into_iter().all(catches), "{name}");
            assert!(!others.is_empty() && !others.into_iter().any(catches), "{name}");
        }
    }
}
