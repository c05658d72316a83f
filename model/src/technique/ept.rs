//! Nested paging (EPT, NPT).
//!
//! *Models:* two-dimensional walks of the guest's and the host's table; a violation for each host page that is backed.
//! *Does not model:* what `backing` does not.
//! *Source:* Intel SDM volume 3C, on VMX support for address translation; Bhargava et al., ASPLOS 2008.

use super::facts::trap;
use super::key::{HOST_BACKING, HOST_LEVELS, HOST_PAGES};
use super::{Facts, Machinery, Shape, TableShape, Technique};
use crate::address::PageSize;
use crate::backing::{HostBacking, HostShape};
use crate::counts::Event;
use crate::guest::GuestShape;
use crate::walk::Table;

/// What is true of it on every machine.
pub static FACTS: Facts = Facts {
    name: "ept",
    title: "nested paging (ept)",
    meaning: "Nested paging: the hardware walks the guest's and the host's table (EPT, NPT).",
    walks: &[Table::Guest, Table::Host(None)],
    traps: &[trap(Event::ExitEptViolation, &[Event::HostFaults]), trap(Event::ExitIpi, &[Event::Shootdowns])],
    also: &[Event::HostFaults],
    keys: &[&HOST_PAGES, &HOST_LEVELS, &HOST_BACKING],
    read: |settings| {
        let backing = settings.word(&HOST_BACKING, [HostBacking::Lazy, HostBacking::Prealloc]);
        let (pages, levels) = (settings.pages(&HOST_PAGES), settings.levels(&HOST_LEVELS));
        Technique::Ept(HostShape { pages, levels, backing })
    },
};

impl Shape for HostShape {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn machinery(&self, _: &GuestShape) -> Machinery {
        Machinery {
            largest: self.pages,
            leaves: PageSize::Size1G,
            table: TableShape::Host(*self),
            flushes: false,
            second: Some((self.pages, self.levels)),
            host_pages: Some(self.pages),
        }
    }
}
