//! The table of section 4: what each technique does about each guest event. One function per line of the table.

use super::config::Technique::{Ept, Native, Pv, Shadow};
use super::machine::{Machine, Pid};

impl Machine<'_> {
    /// "guest fault | – | `exit_page_fault` 1, with `shadow.bypass` none | – | `pv_bounces` 1, `hypercall_iret` 1"
    /// "cow fault | – | `exit_page_fault` 1 | – | `pv_bounces` 1, `hypercall_iret` 1"
    /// "A guest fault on a page that is not mapped goes straight to the guest" where faults bypass the VMM.
    pub fn guest_or_cow_fault_happens(&mut self, is_mapped: bool) {
        match self.config.technique {
            Native | Ept => {}
            Shadow if self.config.shadow_bypass && !is_mapped => {}
            Shadow => self.count("exit_page_fault", 1),
            Pv => {
                self.count("pv_bounces", 1);
                self.count("hypercall_iret", 1);
            }
        }
    }

    /// "PTE write | – | `exit_pt_write` 1 each, under lazy `shadow.sync` to some entries none | – | `mmu_updates` 1 each", to an entry
    /// of a node of this level. Says whether it trapped.
    pub fn pte_write(&mut self, pid: Pid, level: u32, address: u64) -> bool {
        self.count("pte_writes", 1);
        self.row_pte_writes += 1;
        match self.config.technique {
            Native | Ept => {}
            Shadow => {
                let traps = self.traps(pid, level, address);
                self.count("exit_pt_write", traps as u64);
                return traps;
            }
            Pv => self.count("mmu_updates", 1),
        }
        false
    }

    /// "one row's PTE writes together, w > 0 | – | – | – | `hypercall_mmu_update` ceil(w / batch)"
    pub fn row_of_pte_writes_ends(&mut self) {
        if self.config.technique == Pv {
            self.count("hypercall_mmu_update", self.row_pte_writes.div_ceil(self.config.pv_batch));
        }
    }

    /// "node allocated (root included) | – | – | – | `hypercall_pin` 1"
    pub fn node_was_allocated(&mut self) {
        if self.config.technique == Pv {
            self.count("hypercall_pin", 1);
        }
    }

    /// "first write | – | `exit_dirty` 1 | – | –"
    pub fn first_write_happens(&mut self) {
        if self.config.technique == Shadow {
            self.count("exit_dirty", 1);
        }
    }

    /// "switch | – | `exit_cr3` 1 | – | `hypercall_cr3` 1"
    pub fn switch_happens(&mut self) {
        match self.config.technique {
            Native | Ept => {}
            Shadow => self.count("exit_cr3", 1),
            Pv => self.count("hypercall_cr3", 1),
        }
    }

    /// "invalidation, full flush | – | `exit_invlpg` 1 each | – | `hypercall_invlpg` 1 each"
    pub fn flush_instructions(&mut self, pid: Pid, n: u64) {
        self.others_flush_too(pid, n);
        match self.config.technique {
            Native | Ept => {}
            Shadow => self.count("exit_invlpg", n),
            Pv => self.count("hypercall_invlpg", n),
        }
    }

    /// "host fault | – | – | `exit_ept_violation` 1 | –"
    pub fn host_fault_happens(&mut self) {
        self.count("exit_ept_violation", 1);
    }
}
