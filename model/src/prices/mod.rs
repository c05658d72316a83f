//! What each event costs, and the bill.
//!
//! *Models:* cycles = Σ count × price, with prices as exact decimals, so that a sum is exact and rounded once when shown.
//! *Does not model:* overlap of walks with other work, out-of-order execution, contention.
//! *Source:* the price sheets name the source of every number.

mod sensitivity;

pub use sensitivity::Move;

pub use crate::counts::{Part, Price};

use crate::counts::{CHARGED, Counts, Kind};
use crate::error::{Error, Result};

impl Part {
    /// Every one, in the order of the bill.
    pub const ALL: [Part; 8] =
        [Part::Ideal, Part::Tlb, Part::Walk, Part::Faults, Part::Exits, Part::Hypercalls, Part::Upkeep, Part::Host];

    /// Its column in results.
    pub const fn name(self) -> &'static str {
        match self {
            Part::Ideal => "ideal_cycles",
            Part::Tlb => "cycles_tlb",
            Part::Walk => "cycles_walk",
            Part::Faults => "cycles_faults",
            Part::Host => "cycles_host",
            Part::Exits => "cycles_exits",
            Part::Hypercalls => "cycles_hypercalls",
            Part::Upkeep => "cycles_upkeep",
        }
    }

    /// What it means, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Part::Ideal => "Cycles of a machine that translates for free: the accesses alone.",
            Part::Tlb => "Cycles of second-level TLB hits.",
            Part::Walk => "Cycles of walk references, by where they were found.",
            Part::Faults => {
                "Cycles of the guest kernel's page faults: the faults, clearing, copying, and first writes."
            }
            Part::Host => "Cycles in which the host backs memory: it finds a page, accounts, clears and maps it.",
            Part::Exits => {
                "Cycles of VM exits: the round trip and the VMM's work, nodes brought back in sync included."
            }
            Part::Hypercalls => "Cycles of hypercalls, of the updates that they carry and of bounced faults.",
            Part::Upkeep => {
                "Cycles of page-table writes, invalidations, flushes, switches, forks and exits of processes."
            }
        }
    }
}

impl Price {
    /// What it comes to, where this happened. Bytes come in whole pages.
    pub fn charged(self, cycles: Cycles, counts: &Counts) -> Cycles {
        let happened = counts[self.event];
        cycles * if self.per == 1 { happened } else { happened / self.per }
    }
}

/// Every price of a sheet, in the order of the bill: part by part, the round trip before the work that it is for.
pub const PRICES: [Price; CHARGED.len()] = in_order();

const fn in_order() -> [Price; CHARGED.len()] {
    let (mut sorted, mut done) = ([CHARGED[0]; CHARGED.len()], 0);
    let mut turn = 0;
    while turn < 2 * Part::ALL.len() {
        let mut at = 0;
        while at < CHARGED.len() {
            let price = CHARGED[at];
            let sums_first = 1 - matches!(price.event.kind(), Kind::Exits | Kind::Hypercalls) as usize;
            if 2 * price.part as usize + sums_first == turn {
                sorted[done] = price;
                done += 1;
            }
            at += 1;
        }
        turn += 1;
    }
    sorted
}

/// A number of cycles of at least 0 with up to nine decimals, held exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cycles(u128);

impl std::ops::Mul<u64> for Cycles {
    type Output = Cycles;
    fn mul(self, count: u64) -> Cycles {
        Cycles(self.0 * u128::from(count))
    }
}

/// 10^-9 cycles are the unit.
const DECIMALS: usize = 9;

impl Cycles {
    /// Reads a decimal such as `1009`, `0.25` or `1_000`; `None` unless it is at least 0, below 10^9 and has at most nine
    /// decimals.
    pub fn parse(text: &str) -> Option<Cycles> {
        let text = text.replace('_', "");
        let text = text.strip_prefix('+').unwrap_or(&text);
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let decimals = decimals.trim_end_matches('0');
        if whole.is_empty() || whole.len() > DECIMALS || decimals.len() > DECIMALS {
            return None;
        }
        if !whole.bytes().chain(decimals.bytes()).all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        format!("{whole}{decimals:0<DECIMALS$}").parse().ok().map(Cycles)
    }

    /// The nearest double.
    pub fn to_f64(self) -> f64 {
        // A decimal text is the one form that is sure to be rounded once.
        self.to_string().parse().unwrap_or(f64::INFINITY)
    }
}

impl std::fmt::Display for Cycles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = 10u128.pow(DECIMALS as u32);
        let decimals = format!("{:0DECIMALS$}", self.0 % unit);
        let decimals = decimals.trim_end_matches('0');
        let point = if decimals.is_empty() { "" } else { "." };
        write!(f, "{}{point}{decimals}", self.0 / unit)
    }
}

/// How sure a number of a processor is, as its file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Measured on that processor.
    Measured,
    /// Read in the source that is named.
    Published,
    /// From memory, not read again.
    Recalled,
    /// Chosen, or carried over from another processor.
    Assumed,
}

impl Confidence {
    /// Every one with its word, surest first.
    pub const ALL: [(&str, Confidence); 4] = [
        ("measured", Confidence::Measured),
        ("published", Confidence::Published),
        ("recalled", Confidence::Recalled),
        ("assumed", Confidence::Assumed),
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        Confidence::ALL.iter().find(|(_, it)| *it == self).map_or("", |(word, _)| word)
    }

    /// `None` unless it is one of the words of price sheets: measured, published, recalled, assumed.
    pub fn by_name(word: &str) -> Option<Confidence> {
        Confidence::ALL.into_iter().find(|(name, _)| *name == word).map(|(_, confidence)| confidence)
    }
}

/// A price sheet: cycles by [`PRICES`], as far as it has them, and which of them are only assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    cycles: [Option<Cycles>; PRICES.len()],
    assumed: [bool; PRICES.len()],
}

/// A sheet without prices.
impl Default for Prices {
    fn default() -> Prices {
        Prices { cycles: [None; PRICES.len()], assumed: [false; PRICES.len()] }
    }
}

impl Prices {
    /// Cycles, `None` for a price that the sheet lacks, and whether they are only assumed, in the order of [`PRICES`].
    pub fn new(cycles: [Option<Cycles>; PRICES.len()], assumed: [bool; PRICES.len()]) -> Prices {
        Prices { cycles, assumed }
    }

    /// Each price of the sheet with its cycles.
    pub fn iter(&self) -> impl Iterator<Item = (Price, Cycles)> {
        PRICES.into_iter().zip(self.cycles).filter_map(|(price, cycles)| Some((price, cycles?)))
    }

    /// What a price is; `None` if the sheet lacks it.
    pub fn get(&self, price: Price) -> Option<Cycles> {
        self.iter().find(|(known, _)| *known == price).map(|(_, cycles)| cycles)
    }

    /// Whether a price is only assumed.
    pub fn assumes(&self, price: Price) -> bool {
        PRICES.iter().zip(self.assumed).any(|(known, assumed)| *known == price && assumed)
    }

    /// The sheet with other cycles for the price of a name, whatever it is charged for. Left as it is if there is no such price.
    pub fn with(mut self, name: &str, cycles: Cycles, is_assumed: bool) -> Prices {
        for (i, _) in PRICES.iter().enumerate().filter(|(_, price)| price.name == name) {
            (self.cycles[i], self.assumed[i]) = (Some(cycles), is_assumed);
        }
        self
    }

    /// Prices what happened.
    ///
    /// # Errors
    /// Something happened whose price the sheet lacks.
    pub fn bill(&self, counts: &Counts) -> Result<Bill> {
        let mut parts = [Cycles::default(); Part::ALL.len()];
        // One list for all bills: a constant would be copied for each.
        static LIST: [Price; PRICES.len()] = PRICES;
        for (price, cycles) in LIST.iter().zip(&self.cycles) {
            match cycles {
                Some(cycles) => parts[price.part as usize].0 += price.charged(*cycles, counts).0,
                None if counts[price.event] == 0 => {}
                None => {
                    let happened = format!("price {} {}", counts[price.event], price.event.name());
                    return Err(Error::failed(happened, format!("the sheet has no price `{}`", price.name)));
                }
            }
        }
        Ok(Bill(parts))
    }
}

/// Cycles by part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bill([Cycles; Part::ALL.len()]);

impl Bill {
    /// The cycles of one part.
    pub fn part(&self, part: Part) -> Cycles {
        self.0[part as usize]
    }

    /// The sum of all parts, the ideal included.
    pub fn cycles(&self) -> Cycles {
        Cycles(self.0.iter().map(|part| part.0).sum())
    }

    /// Everything beyond the ideal.
    pub fn added(&self) -> Cycles {
        Cycles(self.cycles().0 - self.part(Part::Ideal).0)
    }

    /// Everything beyond the ideal over the ideal; `None` where an access is free.
    pub fn overhead(&self) -> Option<f64> {
        let ideal = self.part(Part::Ideal).0;
        (ideal > 0).then(|| self.added().0 as f64 / ideal as f64)
    }

    /// The share of all cycles that are beyond the ideal; `None` where there are none at all.
    pub fn share(&self) -> Option<f64> {
        let cycles = self.cycles().0;
        (cycles > 0).then(|| self.added().0 as f64 / cycles as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::Event;

    fn sheet(of: impl Fn(&str) -> &'static str) -> Prices {
        Prices::new(PRICES.map(|price| Cycles::parse(of(price.name))), [false; PRICES.len()])
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(Cycles::parse("0.1").unwrap().0, 100_000_000);
        assert_eq!(Cycles::parse("1_009").unwrap().to_f64(), 1009.0);
        for bad in ["-1", "", ".", "1e3", "inf", "nan", "0.1234567891", "1234567890"] {
            assert_eq!(Cycles::parse(bad), None, "{bad}");
        }
        let mut counts = Counts::default();
        counts[Event::Walks] = 1;
        counts[Event::RefsDram] = 3;
        let bill = sheet(|name| if name == "ref_dram" { "0.1" } else { "0" }).bill(&counts).unwrap();
        assert_eq!(bill.part(Part::Walk).to_f64(), 0.3, "not 0.30000000000000004");
        assert_eq!(bill.overhead(), None);
    }

    #[test]
    fn the_parts_add_up_and_an_exit_costs_its_round_trip_and_its_work() {
        let mut counts = Counts::default();
        counts[Event::Accesses] = 100;
        counts[Event::ExitPtWrite] = 2;
        counts[Event::VmExits] = 2;
        let bill = sheet(|name| match name {
            "access" => "1",
            "vm_exit" => "1009",
            "exit_work.pt_write" => "3700",
            _ => "0",
        })
        .bill(&counts)
        .unwrap();
        assert_eq!(bill.part(Part::Exits).to_f64(), 2.0 * (1009.0 + 3700.0));
        assert_eq!(bill.cycles().to_f64(), 100.0 + bill.part(Part::Exits).to_f64());
        assert_eq!((bill.added(), bill.overhead()), (bill.part(Part::Exits), Some(94.18)));
        assert_eq!(bill.share(), Some(9418.0 / 9518.0));
    }

    #[test]
    fn one_price_can_be_another() {
        let sheet = sheet(|_| "1").with("vm_exit", Cycles::parse("500").unwrap(), true);
        let other: Vec<_> = sheet.iter().filter(|(_, cycles)| cycles.to_f64() != 1.0).map(|it| it.0.name).collect();
        assert_eq!(other, ["vm_exit"]);
        assert!(PRICES.iter().all(|price| sheet.assumes(*price) == (price.name == "vm_exit")));
    }

    #[test]
    fn a_price_that_a_sheet_lacks_is_never_nothing() {
        let lacking = sheet(|name| if name == "vm_exit" { "none" } else { "1" });
        assert_eq!(lacking.iter().count(), PRICES.len() - 1);
        let mut counts = Counts::default();
        counts[Event::Accesses] = 2;
        assert_eq!(lacking.bill(&counts).unwrap().cycles().to_f64(), 2.0, "nothing exited");
        counts[Event::VmExits] = 3;
        assert!(
            lacking
                .bill(&counts)
                .unwrap_err()
                .to_string()
                .contains("price 3 vm_exits: the sheet has no price `vm_exit`")
        );
    }
}
