//! The events: one row for each, from which every list of them follows.

use super::columns::{columns, events};
use super::{Kind, Part, Price};

/// Bytes that `clear_page` and `copy_page` are for.
const PAGE: u64 = 4096;

events! {
    before_gauges {
        Trace Accesses "accesses" [Ideal "access"] "Loads, stores and fetches in the trace.",
        Trace Loads "loads" [] "Accesses that load.",
        Trace Stores "stores" [] "Accesses that store.",
        Trace Fetches "fetches" [] "Accesses that fetch an instruction.",
        Tlb L1Hits "l1_hits" [] "Accesses translated by the first-level TLB.",
        Tlb L2Hits "l2_hits" [Tlb "l2_tlb_hit"] "Accesses translated by the second-level TLB.",
        Tlb Walks "walks" [] "Accesses that missed every TLB and walked the tables.",
        Table GuestRefs "guest_refs" [] "Walk references to guest page-table entries.",
        Table ShadowRefs "shadow_refs" [] "Walk references to shadow page-table entries.",
        Table HostRefs "host_refs" [] "Walk references to host (EPT/NPT) page-table entries.",
        Found RefsL1 "refs_l1" [Walk "ref_l1"] "Walk references found in the first-level data cache.",
        Found RefsL2 "refs_l2" [Walk "ref_l2"] "Walk references found in the second-level cache.",
        Found RefsLlc "refs_llc" [Walk "ref_llc"] "Walk references found in the last-level cache.",
        Found RefsDram "refs_dram" [Walk "ref_dram"] "Walk references found in memory.",
        Shortcut PscHits "psc_hits" [] "Walks that a guest or shadow paging-structure cache shortened.",
        Shortcut HostPscHits "host_psc_hits" [] "Host walks that a host paging-structure cache shortened.",
        Shortcut NestedTlbHits "nested_tlb_hits" [] "gPA translations found in the nested TLB.",
        Shortcut NestedTlbMisses "nested_tlb_misses" [] "gPA translations that missed the nested TLB; 0 where there is none.",
        Guest GuestFaults "guest_faults" [Faults "guest_fault"] "Page faults on pages that the guest had not mapped.",
        Guest CowFaults "cow_faults" [Faults "cow_fault"] "Stores to copy-on-write pages.",
        Guest FirstWrites "first_writes" [Faults "first_write"] "First stores to clean pages: the dirty bit is set.",
        Guest PteWrites "pte_writes" [Upkeep "pte_write"] "Page-table entries written by the guest's kernel.",
        Guest Invalidations "invalidations" [Upkeep "invalidation"] "Single translations invalidated by the guest's kernel.",
        Guest FullFlushes "full_flushes" [Upkeep "full_flush"] "Flushes of all translations of one process.",
        Guest Switches "switches" [Upkeep "switch"] "Switches from one process to another in one VM.",
        Guest VmSwitches "vm_switches" [Upkeep "vm_switch"] "Switches from one VM to another.",
        Host HostFaults "host_faults" [Host "host_fault"] "Host pages backed on first use by the guest (shadow, ept).",
        Exit ExitPageFault "exit_page_fault" [Exits "exit_work.page_fault"] "Exits for guest page faults (shadow).",
        Exit ExitPtWrite "exit_pt_write" [Exits "exit_work.pt_write"] "Exits for writes to guest page tables (shadow).",
        Exit ExitHiddenFault "exit_hidden_fault" [Exits "exit_work.hidden_fault"]
            "Exits for pages that the guest maps and the shadow table lacks (shadow).",
        Exit ExitDirty "exit_dirty" [Exits "exit_work.dirty"] "Exits to set a dirty bit (shadow).",
        Exit ExitCr3 "exit_cr3" [Exits "exit_work.cr3"] "Exits for CR3 writes (shadow).",
        Exit ExitInvlpg "exit_invlpg" [Exits "exit_work.invlpg"] "Exits for invalidations and flushes (shadow).",
        Exit ExitEptViolation "exit_ept_violation" [Exits "exit_work.ept_violation"] "Exits for host pages not backed yet (ept).",
        Exits VmExits "vm_exits" [Exits "vm_exit"] "All VM exits: the sum of the exit_* columns.",
        Request MmuUpdates "mmu_updates" [Hypercalls "mmu_update"] "Page-table entries that the VMM checked and wrote (pv).",
        Request PvBounces "pv_bounces" [Hypercalls "pv_bounce"] "Faults delivered to the guest through the VMM (pv).",
        Hypercall HypercallMmuUpdate "hypercall_mmu_update" [] "Hypercalls that carry batches of page-table updates (pv).",
        Hypercall HypercallIret "hypercall_iret" [] "Hypercalls that return from a fault (pv).",
        Hypercall HypercallPin "hypercall_pin" [] "Hypercalls that pin a new page-table node (pv).",
        Hypercall HypercallCr3 "hypercall_cr3" [] "Hypercalls that switch address spaces (pv).",
        Hypercall HypercallInvlpg "hypercall_invlpg" [] "Hypercalls for invalidations and flushes (pv).",
        Hypercalls Hypercalls "hypercalls" [Hypercalls "hypercall"] "All hypercalls: the sum of the hypercall_* columns.",
    }
    after_gauges {
        Guest ClearedBytes "cleared_bytes" [Faults "clear_page" per PAGE] "Bytes of data frames that the guest cleared.",
        Guest CopiedBytes "copied_bytes" [Faults "copy_page" per PAGE] "Bytes of data frames that the guest copied on write.",
        Guest Forks "forks" [Upkeep "fork"] "Processes forked.",
        Guest ProcessExits "process_exits" [Upkeep "process_exit"] "Processes that exited.",
        Shadow Unsyncs "unsyncs" [] "Guest page-table nodes that went out of sync with their shadow (shadow).",
        Shadow Resyncs "resyncs" [Exits "resync"] "Guest page-table nodes that came back in sync (shadow).",
        Guest ShootdownRounds "shootdown_rounds" [] "Rows whose invalidations or flushes interrupt other processors.",
        Guest Shootdowns "shootdowns" [Upkeep "ipi"] "Processors that are interrupted to invalidate or flush what they hold.",
        Exit ExitIpi "exit_ipi" [Exits "exit_work.ipi"] "Exits to interrupt other processors, and of those (ept, shadow).",
        Basis HostClearedBytes "host_cleared_bytes" [Host "clear_page" per PAGE] "Bytes of host pages that the host cleared.",
    }
}
