//! From settings to a cell, or to what is wrong with its geometry.

use super::array::Array;
use super::{CACHES, PSC_LEVELS, Settings};
use crate::address::PageSize;
use crate::engine::{Cell, Mmu};
use crate::guest::{FrameOrder, MOST_PROCESSES};
use crate::technique::{OnSwitch, Shadow, Technique};
use crate::tlb::{SecondLevel, TlbShape};
use crate::walk::{CacheShape, PscShape};

impl Settings {
    /// The cell; faults of its geometry otherwise.
    pub fn cell(&self) -> Result<Cell, Vec<String>> {
        let mut faults = Vec::new();
        // Of a million rows, none asks for the names of arrays that are sound.
        let mut geometry = |array: Array, name: &dyn Fn() -> String| {
            array.geometry(name).unwrap_or_else(|fault| {
                faults.push(fault);
                None
            })
        };
        let mut first_level = |arrays: &[Array; 3], name: &str| {
            PageSize::ALL.map(|size| geometry(arrays[size as usize], &|| format!("tlb.{name}.{size}")))
        };
        let (l1d, l1i) = (first_level(&self.l1d, "l1d"), first_level(&self.l1i, "l1i"));
        let mut l2 = Vec::new();
        for (sizes, array) in &self.l2 {
            let names = || sizes.iter().map(|size| size.name()).collect::<Vec<_>>().join("+");
            let held = geometry(*array, &|| format!("tlb.l2.{}", names()));
            l2.extend(held.map(|geometry| SecondLevel { sizes: sizes.clone(), geometry }));
        }
        let mut psc = |arrays: [Array; 4], name: &str| {
            let mut levels = PSC_LEVELS.into_iter().zip(arrays);
            PscShape(arrays.map(|_| {
                let (level, array) = levels.next()?;
                geometry(array, &|| format!("{name}.{level}"))
            }))
        };
        let [psc, host_psc] = [psc(self.psc, "psc"), psc(self.host_psc.unwrap_or(self.psc), "host_psc")];
        let caches = self.caches.map(|arrays| {
            let mut levels = CACHES.into_iter().zip(arrays);
            arrays.map(|_| {
                let (level, array) = levels.next()?;
                geometry(array, &|| format!("caches.{level}"))
            })
        });
        let nested_tlb = geometry(self.nested_tlb, &|| "nested_tlb".into());
        let caches = match caches {
            Some([Some(l1), Some(l2), Some(llc)]) => {
                Some(CacheShape { levels: [l1, l2, llc], pressure: self.data_pressure })
            }
            Some(_) => {
                faults.push("caches: not all of l1, l2 and llc have a size and ways".into());
                None
            }
            None => None,
        };
        let mmu = Mmu { tags: self.tags, tlb: TlbShape { l1d, l1i, l2 }, psc, host_psc, nested_tlb, caches };
        let machines = self.turns.owners().count();
        if machines >= MOST_PROCESSES {
            faults.push(format!(
                "vms: {machines} copies in all, each with a process, where at most {MOST_PROCESSES} fit"
            ));
        }
        let technique = self.technique.map_or(Technique::Native, |facts| (facts.read)(&self.of_technique));
        let drops = matches!(technique, Technique::Shadow(Shadow { on_switch: OnSwitch::Drop, .. }));
        if drops && self.turns.cpus > 1 {
            faults
                .push(format!("shadow.on_switch: \"drop\" with cpus = {}, which share shadow tables", self.turns.cpus));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Cell {
            turns: self.turns,
            technique,
            guest_pages: self.guest_pages,
            infer_ranges: self.infer_ranges,
            frames: if self.frames_scattered {
                FrameOrder::Scattered { seed: self.frames_seed, pool: self.frames_pool }
            } else {
                FrameOrder::Contiguous
            },
            guest_levels: self.guest_levels,
            mmu,
            warm: self.warm,
            posted_interrupts: self.posted_interrupts,
        })
    }
}
