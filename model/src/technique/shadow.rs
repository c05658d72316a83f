//! Shadow paging.
//!
//! *Models:* every change of the guest's tables traps; the processor walks a shadow of them, in one dimension.
//! *Does not model:* what `shadow` does not.
//! *Source:* Adams and Agesen, "A comparison of software and hardware techniques for x86 virtualization", ASPLOS 2006.

use super::facts::trap;
use super::key::{HOST_PAGES, Takes};
use super::{Facts, Key, Machinery, Shape, TableShape, Technique};
use crate::address::PageSize;
use crate::counts::{Counts, Event};
use crate::guest::{Guest, GuestShape};
use crate::shadow::{Fill, OnSwitch, ShadowShape};
use crate::walk::Table;

static FILL: Key = Key {
    name: "shadow.fill",
    meaning: "Whether the exit that maps a page fills the shadow entry (eager) or a hidden fault does (lazy).",
    default: "eager",
    takes: Takes::Words(&["eager", "lazy"]),
};

static ON_SWITCH: Key = Key {
    name: "shadow.on_switch",
    meaning: "Whether a shadow table is kept or dropped when its process is switched away from.",
    default: "keep",
    takes: Takes::Words(&["keep", "drop"]),
};

/// What is true of it on every machine.
pub static FACTS: Facts = Facts {
    name: "shadow",
    title: "shadow paging",
    meaning: "The VMM keeps a shadow of each guest table and traps the guest's writes.",
    walks: &[Table::Shadow],
    traps: &[
        trap(Event::ExitPageFault, &[Event::GuestFaults, Event::CowFaults]),
        trap(Event::ExitPtWrite, &[Event::PteWrites]),
        trap(Event::ExitDirty, &[Event::FirstWrites]),
        trap(Event::ExitCr3, &[Event::Switches]),
        trap(Event::ExitInvlpg, &[Event::Invalidations, Event::FullFlushes]),
        trap(Event::ExitIpi, &[Event::Shootdowns]),
    ],
    also: &[Event::ExitHiddenFault],
    keys: &[&HOST_PAGES, &FILL, &ON_SWITCH],
    read: |settings| {
        Technique::Shadow(Shadow {
            host_pages: settings.pages(&HOST_PAGES),
            fill: settings.word(&FILL, [Fill::Eager, Fill::Lazy]),
            on_switch: settings.word(&ON_SWITCH, [OnSwitch::Keep, OnSwitch::Drop]),
        })
    },
};

/// Shadow paging on one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shadow {
    pub host_pages: PageSize,
    pub fill: Fill,
    pub on_switch: OnSwitch,
}

impl Shape for Shadow {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn machinery(&self, guest: &GuestShape) -> Machinery {
        let Shadow { host_pages, fill, on_switch } = *self;
        Machinery {
            largest: host_pages,
            leaves: host_pages,
            table: TableShape::Shadow(ShadowShape { host_pages, levels: guest.levels, fill, on_switch }),
            flushes: on_switch == OnSwitch::Drop,
            second: None,
            host_pages: Some(host_pages),
        }
    }

    /// Each processor that is interrupted flushes for itself, which traps too.
    fn counts(&self, guest: &Guest) -> Counts {
        let mut counts = Counts::default();
        counts[Event::ExitInvlpg] = guest.flushes_elsewhere();
        counts
    }
}
