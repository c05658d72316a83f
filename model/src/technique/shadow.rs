//! Shadow paging.
//!
//! *Models:* changes of the guest's tables trap, each of them or only the first until the next flush; the processor walks a shadow of
//! them, in one dimension; faults go to the guest through the VMM, or straight.
//! *Does not model:* what `shadow` does not.
//! *Source:* Adams and Agesen, "A comparison of software and hardware techniques for x86 virtualization", ASPLOS 2006.

use super::facts::trap;
use super::key::{HOST_BACKING, HOST_PAGES, Takes};
use super::{Facts, Key, Machinery, Shape, TableShape, Technique};
use crate::address::PageSize;
use crate::backing::HostBacking;
use crate::counts::{Counts, Event};
use crate::guest::{Guest, GuestShape};
use crate::shadow::{Fill, OnSwitch, ShadowShape, Sync};
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

static SYNC: Key = Key {
    name: "shadow.sync",
    meaning: "Whether each write to a guest table traps (traced), or a table goes out of sync at the first (lazy), as under KVM.",
    default: "traced",
    takes: Takes::Words(&["traced", "lazy"]),
};

static BYPASS: Key = Key {
    name: "shadow.bypass",
    meaning: "Whether faults on pages that the guest has not mapped go straight to the guest, without an exit.",
    default: "false",
    takes: Takes::Truth,
};

/// What is true of it on every machine.
pub static FACTS: Facts = Facts {
    name: "shadow",
    title: "shadow paging",
    meaning: "The VMM keeps a shadow of each guest table and traps the guest's writes.",
    walks: &[Table::Shadow],
    traps: &[
        trap(Event::ExitDirty, &[Event::FirstWrites]),
        trap(Event::ExitCr3, &[Event::Switches]),
        trap(Event::ExitInvlpg, &[Event::Invalidations, Event::FullFlushes]),
        trap(Event::ExitIpi, &[Event::Shootdowns]),
    ],
    also: &[
        Event::HostFaults,
        Event::HostClearedBytes,
        Event::ExitPageFault,
        Event::ExitPtWrite,
        Event::ExitHiddenFault,
        Event::Unsyncs,
        Event::Resyncs,
    ],
    keys: &[&HOST_PAGES, &HOST_BACKING, &FILL, &ON_SWITCH, &SYNC, &BYPASS],
    read: |settings| {
        Technique::Shadow(Shadow {
            host_pages: settings.pages(&HOST_PAGES),
            host_backing: settings.word(&HOST_BACKING, [HostBacking::Lazy, HostBacking::Prealloc]),
            fill: settings.word(&FILL, [Fill::Eager, Fill::Lazy]),
            on_switch: settings.word(&ON_SWITCH, [OnSwitch::Keep, OnSwitch::Drop]),
            sync: settings.word(&SYNC, [Sync::Traced, Sync::Lazy]),
            bypass: settings.truth(&BYPASS),
        })
    },
};

/// Shadow paging on one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shadow {
    pub host_pages: PageSize,
    pub host_backing: HostBacking,
    pub fill: Fill,
    pub on_switch: OnSwitch,
    pub sync: Sync,
    /// Faults on pages that are not mapped go straight to the guest.
    pub bypass: bool,
}

impl Shape for Shadow {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn machinery(&self, guest: &GuestShape) -> Machinery {
        let Shadow { host_pages, host_backing, fill, on_switch, sync, .. } = *self;
        let shape = ShadowShape { host_pages, host_backing, levels: guest.levels, fill, on_switch, sync };
        Machinery {
            largest: host_pages,
            leaves: host_pages,
            table: TableShape::Shadow(shape),
            flushes: on_switch == OnSwitch::Drop,
            asks_writes: sync == Sync::Lazy,
            second: None,
            host_pages: Some(host_pages),
        }
    }

    fn counts(&self, guest: &Guest) -> Counts {
        let (mut counts, happened) = (Counts::default(), guest.counts());
        counts[Event::ExitPageFault] = happened[Event::CowFaults];
        if !self.bypass {
            counts[Event::ExitPageFault] += happened[Event::GuestFaults];
        }
        if self.sync == Sync::Traced {
            counts[Event::ExitPtWrite] = happened[Event::PteWrites];
        }
        // Each processor that is interrupted flushes for itself, which traps too.
        counts[Event::ExitInvlpg] = guest.flushes_elsewhere();
        counts
    }
}
