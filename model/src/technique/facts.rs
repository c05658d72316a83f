//! What is true of a technique on every machine, as data.

use super::{Key, Settings, Technique};
use crate::counts::{Counts, Event, Kind};
use crate::walk::Table;

/// What is true of a technique whatever the machine: its words, its tables, its traps and its keys.
#[derive(Debug)]
pub struct Facts {
    /// In sweeps and results.
    pub name: &'static str,
    /// In a sentence.
    pub title: &'static str,
    /// What it does, in one sentence.
    pub meaning: &'static str,
    /// The tables that a walk reads, dimension by dimension.
    pub walks: &'static [Table],
    pub traps: &'static [Trap],
    /// What it counts beside what its traps say.
    pub also: &'static [Event],
    /// Keys of a sweep that mean something to it and not to every technique.
    pub keys: &'static [&'static Key],
    /// The technique with these settings.
    pub read: fn(&Settings) -> Technique,
}

/// What the VMM sees of what happens: one of `event` for each of `causes`.
#[derive(Debug)]
pub struct Trap {
    pub event: Event,
    pub causes: &'static [Event],
}

/// One line of a table of traps.
pub(super) const fn trap(event: Event, causes: &'static [Event]) -> Trap {
    Trap { event, causes }
}

/// Of two techniques, which differ in their names.
impl PartialEq for Facts {
    fn eq(&self, other: &Facts) -> bool {
        self.name == other.name
    }
}

impl Eq for Facts {}

impl Facts {
    /// Whether a key means something to the technique.
    pub fn heeds(&self, key: &Key) -> bool {
        self.keys.iter().any(|known| known.name == key.name)
    }

    /// Whether walks have a second dimension.
    pub fn is_nested(&self) -> bool {
        self.walks.len() > 1
    }

    /// Whether the technique can ever count an event.
    pub fn can_count(&self, event: Event) -> bool {
        let own = |event| self.also.contains(&event) || self.traps.iter().any(|trap| trap.event == event);
        match event.kind() {
            Kind::Trace | Kind::Tlb | Kind::Found | Kind::Guest => true,
            Kind::Table => self.walks.iter().any(|table| table.event() == event),
            Kind::Shortcut => event == Event::PscHits || self.is_nested(),
            Kind::Host | Kind::Shadow | Kind::Basis | Kind::Exit | Kind::Hypercall | Kind::Request => own(event),
            Kind::Exits | Kind::Hypercalls => event.summed().iter().any(|event| own(*event)),
        }
    }

    /// What traps where this happened.
    pub(super) fn trapped(&self, happened: &Counts) -> Counts {
        let mut counts = Counts::default();
        self.traps.iter().for_each(|trap| counts[trap.event] += happened.sum(trap.causes));
        counts
    }
}
