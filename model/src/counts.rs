//! What happened: one number per event, and the page-table memory that it took.
//!
//! Counts say nothing of cost; `prices` does. The names here are the columns of the results, in their order.

use std::ops::{AddAssign, Index, IndexMut};

/// Declares a closed list of names in the results: the enum, its order, its names and its dictionary in one place.
macro_rules! columns {
    ($(#[$doc:meta])* $list:ident { $($variant:ident $name:literal $meaning:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $list { $(#[doc = $meaning] $variant,)* }

        impl $list {
            /// Every one, in order.
            pub const ALL: [$list; [$($name),*].len()] = [$($list::$variant),*];

            /// The name in results.
            pub const fn name(self) -> &'static str {
                match self { $($list::$variant => $name,)* }
            }

            /// What it means, in one sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $($list::$variant => $meaning,)* }
            }
        }
    };
}

pub(crate) use columns;

columns! {
    /// Something that happens a number of times during a run.
    Event {
        Accesses "accesses" "Loads, stores and fetches in the trace.",
        Loads "loads" "Accesses that load.",
        Stores "stores" "Accesses that store.",
        Fetches "fetches" "Accesses that fetch an instruction.",
        L1Hits "l1_hits" "Accesses translated by the first-level TLB.",
        L2Hits "l2_hits" "Accesses translated by the second-level TLB.",
        Walks "walks" "Accesses that missed every TLB and walked the tables.",
        GuestRefs "guest_refs" "Walk references to guest page-table entries.",
        ShadowRefs "shadow_refs" "Walk references to shadow page-table entries.",
        HostRefs "host_refs" "Walk references to host (EPT/NPT) page-table entries.",
        RefsL1 "refs_l1" "Walk references found in the first-level data cache.",
        RefsL2 "refs_l2" "Walk references found in the second-level cache.",
        RefsLlc "refs_llc" "Walk references found in the last-level cache.",
        RefsDram "refs_dram" "Walk references found in memory.",
        PscHits "psc_hits" "Walks that a guest or shadow paging-structure cache shortened.",
        HostPscHits "host_psc_hits" "Host walks that a host paging-structure cache shortened.",
        NestedTlbHits "nested_tlb_hits" "gPA translations found in the nested TLB.",
        NestedTlbMisses "nested_tlb_misses" "gPA translations that missed the nested TLB; 0 where there is none.",
        GuestFaults "guest_faults" "Page faults on pages that the guest had not mapped.",
        CowFaults "cow_faults" "Stores to copy-on-write pages.",
        FirstWrites "first_writes" "First stores to clean pages: the dirty bit is set.",
        PteWrites "pte_writes" "Page-table entries written by the guest's kernel.",
        Invalidations "invalidations" "Single translations invalidated by the guest's kernel.",
        FullFlushes "full_flushes" "Flushes of all translations of one process.",
        Switches "switches" "Switches from one process to another in one VM.",
        VmSwitches "vm_switches" "Switches from one VM to another.",
        HostFaults "host_faults" "Host pages backed on first use by the guest (ept).",
        ExitPageFault "exit_page_fault" "Exits for guest page faults (shadow).",
        ExitPtWrite "exit_pt_write" "Exits for writes to guest page tables (shadow).",
        ExitHiddenFault "exit_hidden_fault" "Exits for pages that the guest maps and the shadow table lacks (shadow).",
        ExitDirty "exit_dirty" "Exits to set a dirty bit (shadow).",
        ExitCr3 "exit_cr3" "Exits for CR3 writes (shadow).",
        ExitInvlpg "exit_invlpg" "Exits for invalidations and flushes (shadow).",
        ExitEptViolation "exit_ept_violation" "Exits for host pages not backed yet (ept).",
        VmExits "vm_exits" "All VM exits: the sum of the exit_* columns.",
        MmuUpdates "mmu_updates" "Page-table entries that the VMM checked and wrote (pv).",
        PvBounces "pv_bounces" "Faults delivered to the guest through the VMM (pv).",
        HypercallMmuUpdate "hypercall_mmu_update" "Hypercalls that carry batches of page-table updates (pv).",
        HypercallIret "hypercall_iret" "Hypercalls that return from a fault (pv).",
        HypercallPin "hypercall_pin" "Hypercalls that pin a new page-table node (pv).",
        HypercallCr3 "hypercall_cr3" "Hypercalls that switch address spaces (pv).",
        HypercallInvlpg "hypercall_invlpg" "Hypercalls for invalidations and flushes (pv).",
        Hypercalls "hypercalls" "All hypercalls: the sum of the hypercall_* columns.",
    }
}

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

impl Event {
    /// Reasons for a VM exit, in column order.
    pub const EXITS: [Event; 7] = [
        Event::ExitPageFault,
        Event::ExitPtWrite,
        Event::ExitHiddenFault,
        Event::ExitDirty,
        Event::ExitCr3,
        Event::ExitInvlpg,
        Event::ExitEptViolation,
    ];

    /// Kinds of hypercall, in column order.
    pub const HYPERCALLS: [Event; 5] = [
        Event::HypercallMmuUpdate,
        Event::HypercallIret,
        Event::HypercallPin,
        Event::HypercallCr3,
        Event::HypercallInvlpg,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_column_has_its_own_name() {
        let names: Vec<_> = Event::ALL.map(Event::name).into_iter().chain(Gauge::ALL.map(Gauge::name)).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    #[test]
    fn exits_and_hypercalls_are_those_named_so() {
        let named = |prefix| Event::ALL.into_iter().filter(move |e| e.name().starts_with(prefix)).collect::<Vec<_>>();
        assert_eq!(named("exit_"), Event::EXITS);
        assert_eq!(named("hypercall_"), Event::HYPERCALLS);
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
