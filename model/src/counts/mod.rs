//! What happened: one number per event, and the page-table memory that it took.
//!
//! Counts say which price an event is charged, never how much that is; `prices` does. The names here are the columns of the results, in their order.

mod columns;
mod events;

pub(crate) use columns::columns;
pub use events::{CHARGED, Event};

use events::BEFORE_GAUGES;
use std::ops::{AddAssign, Index, IndexMut};

columns! {
    /// A level of memory use: it is sampled after each row, and does not add up.
    Gauge {
        PeakGuestNodes "peak_guest_nodes" "Most guest page-table nodes alive after any row (4096 bytes each).",
        PeakShadowNodes "peak_shadow_nodes" "Most shadow page-table nodes alive after any row.",
        PeakHostNodes "peak_host_nodes" "Most host page-table nodes alive after any row.",
        PeakTotalNodes "peak_total_nodes" "Most page-table nodes of all kinds alive after any row.",
        EndGuestNodes "end_guest_nodes" "Guest page-table nodes alive at the end.",
        EndShadowNodes "end_shadow_nodes" "Shadow page-table nodes alive at the end.",
        EndHostNodes "end_host_nodes" "Host page-table nodes alive at the end.",
        GuestTables "guest_tables" "Guest page tables (roots) alive at the end.",
        ShadowTables "shadow_tables" "Shadow page tables (roots) alive at the end.",
        HostTables "host_tables" "Host page tables (roots) alive at the end.",
        PeakMappedBytes "peak_mapped_bytes" "Most bytes mapped by guest leaves after any row; a shared frame counts once per mapping.",
        TouchedBytes "touched_bytes" "4096 times the distinct (process, 4 KiB page) pairs accessed.",
    }
}

/// What a run measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    Event(Event),
    Gauge(Gauge),
}

impl Measure {
    /// Every one, in the order of the results.
    pub const ALL: [Measure; Event::ALL.len() - count(Kind::Basis) + Gauge::ALL.len()] = {
        let (mut all, mut at) = ([Measure::Event(Event::Accesses); _], 0);
        while at < all.len() {
            let gauge = at.wrapping_sub(BEFORE_GAUGES);
            all[at] = if gauge < Gauge::ALL.len() {
                Measure::Gauge(Gauge::ALL[gauge])
            } else if at < BEFORE_GAUGES {
                Measure::Event(Event::ALL[at])
            } else {
                Measure::Event(Event::ALL[at - Gauge::ALL.len()])
            };
            at += 1;
        }
        all
    };

    /// The name in results.
    pub const fn name(self) -> &'static str {
        match self {
            Measure::Event(event) => event.name(),
            Measure::Gauge(gauge) => gauge.name(),
        }
    }

    /// What it means, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Measure::Event(event) => event.meaning(),
            Measure::Gauge(gauge) => gauge.meaning(),
        }
    }

    /// What a run came to.
    pub fn of(self, counts: &Counts, gauges: &Gauges) -> u64 {
        match self {
            Measure::Event(event) => counts[event],
            Measure::Gauge(gauge) => gauges[gauge],
        }
    }
}

/// What sort of thing an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The trace alone decides it.
    Trace,
    /// Where an access was translated.
    Tlb,
    /// A walk's reference, by the table that it reads.
    Table,
    /// A walk's reference, by where it was found.
    Found,
    /// What shortened a walk.
    Shortcut,
    /// The guest's kernel did it, whatever the technique.
    Guest,
    /// The host did it.
    Host,
    /// What keeps shadow tables in step with the guest's.
    Shadow,
    /// A VM exit, by its reason.
    Exit,
    /// The sum of those.
    Exits,
    /// What hypercalls and faults ask of the VMM beside the round trip.
    Request,
    /// A hypercall, by what it asks for.
    Hypercall,
    /// The sum of those.
    Hypercalls,
    /// What a price is charged for beside a column that says as much: it has no column.
    Basis,
}

/// Parts of the bill, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The accesses alone: what a machine would take that translates for free.
    Ideal,
    Tlb,
    Walk,
    Faults,
    Exits,
    Hypercalls,
    Upkeep,
    Host,
}

/// One price: its name in a sheet, the event that it is charged for, and the part of the bill where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    pub name: &'static str,
    pub event: Event,
    pub part: Part,
    /// For so many of the event.
    pub per: u64,
}

impl Event {
    /// Reasons for a VM exit.
    pub const EXITS: [Event; count(Kind::Exit)] = of_kind(Kind::Exit);
    /// Kinds of hypercall.
    pub const HYPERCALLS: [Event; count(Kind::Hypercall)] = of_kind(Kind::Hypercall);
    /// Walk references by table.
    pub const TABLE_REFS: [Event; count(Kind::Table)] = of_kind(Kind::Table);
    /// Walk references by where they were found, nearest first.
    pub const FOUND_REFS: [Event; count(Kind::Found)] = of_kind(Kind::Found);

    /// The events that a sum adds up; none for others.
    pub const fn summed(self) -> &'static [Event] {
        match self.kind() {
            Kind::Exits => &Event::EXITS,
            Kind::Hypercalls => &Event::HYPERCALLS,
            Kind::Trace | Kind::Tlb | Kind::Table | Kind::Found | Kind::Shortcut | Kind::Guest | Kind::Host => &[],
            Kind::Shadow | Kind::Exit | Kind::Hypercall | Kind::Request | Kind::Basis => &[],
        }
    }

    /// Those that have a column, in order.
    pub fn columns() -> impl Iterator<Item = Event> {
        Event::ALL.into_iter().filter(|event| event.kind() != Kind::Basis)
    }

    /// Those of one kind, in column order.
    pub fn of(kind: Kind) -> impl Iterator<Item = Event> {
        Event::ALL.into_iter().filter(move |event| event.kind() == kind)
    }
}

/// Events of a kind.
const fn count(kind: Kind) -> usize {
    let (mut at, mut found) = (0, 0);
    while at < Event::ALL.len() {
        found += (Event::ALL[at].kind() as u8 == kind as u8) as usize;
        at += 1;
    }
    found
}

/// All events of a kind, of which there are `N`, in column order.
const fn of_kind<const N: usize>(kind: Kind) -> [Event; N] {
    let (mut at, mut found, mut events) = (0, 0, [Event::Accesses; N]);
    while at < Event::ALL.len() {
        if Event::ALL[at].kind() as u8 == kind as u8 {
            events[found] = Event::ALL[at];
            found += 1;
        }
        at += 1;
    }
    events
}

/// How often each [`Event`] happened. Adding is commutative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts([u64; Event::ALL.len()]);

/// The value of each [`Gauge`] at the end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gauges([u64; Gauge::ALL.len()]);

impl Default for Counts {
    fn default() -> Counts {
        Counts([0; Event::ALL.len()])
    }
}

impl Default for Gauges {
    fn default() -> Gauges {
        Gauges([0; Gauge::ALL.len()])
    }
}

impl Index<Event> for Counts {
    type Output = u64;
    fn index(&self, event: Event) -> &u64 {
        &self.0[event as usize]
    }
}

impl IndexMut<Event> for Counts {
    fn index_mut(&mut self, event: Event) -> &mut u64 {
        &mut self.0[event as usize]
    }
}

impl Index<Gauge> for Gauges {
    type Output = u64;
    fn index(&self, gauge: Gauge) -> &u64 {
        &self.0[gauge as usize]
    }
}

impl IndexMut<Gauge> for Gauges {
    fn index_mut(&mut self, gauge: Gauge) -> &mut u64 {
        &mut self.0[gauge as usize]
    }
}

impl AddAssign<&Counts> for Counts {
    fn add_assign(&mut self, other: &Counts) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine += theirs;
        }
    }
}

impl Counts {
    /// What happened since `before`, an earlier state of the same run.
    pub fn since(&self, before: &Counts) -> Counts {
        let mut counts = *self;
        counts.0.iter_mut().zip(&before.0).for_each(|(now, then)| *now -= then);
        counts
    }

    /// The sum of some events.
    pub fn sum(&self, events: &[Event]) -> u64 {
        events.iter().map(|&event| self[event]).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_column_has_its_own_name() {
        let names = Measure::ALL.map(Measure::name);
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), Measure::ALL.len());
    }

    #[test]
    fn exits_and_hypercalls_are_those_named_so() {
        let named = |prefix| Event::ALL.into_iter().filter(move |e| e.name().starts_with(prefix)).collect::<Vec<_>>();
        assert_eq!(named("exit_"), Event::EXITS);
        assert_eq!(named("hypercall_"), Event::HYPERCALLS);
        assert!(Event::of(Kind::Exit).eq(Event::EXITS));
    }

    #[test]
    fn adding_is_commutative() {
        let (mut a, mut b) = (Counts::default(), Counts::default());
        a[Event::Walks] = 1;
        b[Event::Loads] = 2;
        let (mut ab, mut ba) = (a, b);
        ab += &b;
        ba += &a;
        assert_eq!(ab, ba);
        assert_eq!((ab[Event::Walks], ab[Event::Loads]), (1, 2));
    }
}
