//! What a case costs beside the program's own work.

use crate::counts::{Counts, Event};
use crate::prices::{Bill, Part, Prices};

/// A share of the program's time that is not worth tuning for: less than this is in doubt anyway.
pub const SMALL_SHARE: f64 = 0.02;

/// Cycles per access. Not numbers where the sheet lacks a price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// The program's own, without paging.
    pub access: f64,
    /// TLB hits beyond the first level, and walks.
    pub walks: f64,
    /// VM exits and hypercalls.
    pub exits: f64,
    /// What the guest's kernel and the host do: faults, clearing, page-table updates, backing.
    pub kernel: f64,
}

impl Cost {
    pub fn new(sheet: &Prices, counts: &Counts) -> Cost {
        let bill = sheet.bill(counts);
        let accesses = counts[Event::Accesses].max(1) as f64;
        let of = |parts: &[Part]| {
            let cycles = |bill: &Bill| parts.iter().map(|part| bill.part(*part).to_f64()).sum();
            bill.as_ref().map_or(f64::NAN, cycles) / accesses
        };
        Cost {
            access: of(&[Part::Ideal]),
            walks: of(&[Part::Tlb, Part::Walk]),
            exits: of(&[Part::Exits, Part::Hypercalls]),
            kernel: of(&[Part::Faults, Part::Upkeep, Part::Host]),
        }
    }

    /// All that is added to the program's own cycles.
    pub fn added(self) -> f64 {
        self.walks + self.exits + self.kernel
    }

    pub fn time(self) -> f64 {
        self.access + self.added()
    }

    /// A part of the cycles as a share of the program's time; 0 where nothing takes time.
    pub fn share(self, cycles: f64) -> f64 {
        if cycles == 0.0 { 0.0 } else { cycles / self.time() }
    }

    /// The share of the program's time that translating takes, the VMM's part in it included.
    pub fn translation(self) -> f64 {
        self.share(self.walks + self.exits)
    }

    /// Whether it is as good as another of the same program.
    pub fn is_near(self, least: Cost) -> bool {
        self.time() <= least.time() * (1.0 + SMALL_SHARE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_time_bounds_what_can_be_gained() {
        let cost = Cost { access: 3.0, walks: 0.5, exits: 0.25, kernel: 0.25 };
        let share = cost.share(cost.added());
        assert_eq!((share, cost.translation()), (0.25, 0.1875));
        assert_eq!(cost.time() / cost.access, 1.0 / (1.0 - share));
    }

    #[test]
    fn where_nothing_is_added_nothing_takes_a_share() {
        let free = Cost { access: 0.0, walks: 0.0, exits: 0.0, kernel: 0.0 };
        assert_eq!((free.share(free.added()), free.is_near(free)), (0.0, true));
    }
}
