//! At which rate of page-table updates shadow and nested paging cost the same.
//!
//! With the same pages, per access, shadow paging costs W + u × c and nested paging N. N is what TLB hits beyond the first level and
//! walks take, W the same and the exits of switches, u the number of page-table updates, and c what one costs in exits. They meet at
//! u = (N − W) / c.

use super::cost::Cost;
use super::study::Case;
use crate::counts::{Counts, Event};
use crate::prices::{Part, Prices};

/// Both sides of the balance, for one pair of page sizes and one price sheet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flip {
    /// Cycles that nested paging takes to translate an access, in the steady state.
    pub nested: f64,
    /// The same for shadow paging, its exits for switches included.
    pub shadow: f64,
    /// Cycles that a page-table update costs shadow paging in exits other than for switches, on average over the whole trace.
    pub update: f64,
    /// Page-table updates per million accesses from which on nested paging wins; `None` if it wins at any rate, since shadow
    /// paging translates no cheaper, or if no update is known to cost anything.
    pub rate: Option<f64>,
}

impl Flip {
    /// `shadow` and `nested` have the same pages. Nothing is a number where the sheet lacks a price.
    pub fn new(shadow: &Case, nested: &Case, sheet: &Prices) -> Flip {
        let price = |event| sheet.iter().find(|(price, _)| price.event == event).map_or(0.0, |(_, it)| it.to_f64());
        let switch = price(Event::VmExits) + price(Event::ExitCr3);
        let switches = |counts: &Counts| switch * counts[Event::ExitCr3] as f64;
        let each =
            |counts: &Counts| Cost::new(sheet, counts).walks + switches(counts) / counts[Event::Accesses].max(1) as f64;
        let (nested, shadowed) = (each(&nested.steady), each(&shadow.steady));
        let exits = sheet.bill(&shadow.whole).map_or(f64::NAN, |bill| bill.part(Part::Exits).to_f64());
        let update = (exits - switches(&shadow.whole)) / shadow.whole[Event::PteWrites].max(1) as f64;
        let rate = (nested > shadowed && update > 0.0).then(|| 1e6 * (nested - shadowed) / update);
        Flip { nested, shadow: shadowed, update, rate }
    }
}

#[cfg(test)]
mod tests {
    use super::super::study::SMALL;
    use super::*;
    use crate::outcome::Pages;
    use crate::prices::{Cycles, PRICES};
    use crate::technique::NATIVE;

    /// A page-table update takes an exit of 1000 cycles, a switch one of 500, and a reference to memory 10.
    fn sheet() -> Prices {
        let cycles = |name: &str| match name {
            "access" => "1",
            "ref_dram" => "10",
            "vm_exit" => "400",
            "exit_work.pt_write" => "600",
            "exit_work.cr3" => "100",
            _ => "0",
        };
        let cycles = PRICES.map(|price| Cycles::parse(cycles(price.name)));
        Prices::new(cycles, [false; PRICES.len()])
    }

    fn case(events: &[(Event, u64)]) -> Case {
        let mut counts = Counts::default();
        counts[Event::Accesses] = 1000;
        events.iter().for_each(|&(event, n)| counts[event] = n);
        Case {
            technique: &NATIVE,
            pages: Pages { guest: SMALL, host: None },
            lazy: false,
            whole: counts,
            early: Counts::default(),
            steady: counts,
            mapped: 0,
            warnings: Vec::new(),
        }
    }

    /// Shadow paging with so many updates and switches; its walks take 1000 cycles.
    fn shadow(updates: u64, switches: u64) -> Case {
        case(&[
            (Event::RefsDram, 100),
            (Event::PteWrites, updates),
            (Event::ExitPtWrite, updates),
            (Event::ExitCr3, switches),
            (Event::VmExits, updates + switches),
        ])
    }

    #[test]
    fn at_the_rate_where_they_flip_both_cost_the_same() {
        let nested = case(&[(Event::RefsDram, 400)]);
        let flip = Flip::new(&shadow(2, 0), &nested, &sheet());
        assert_eq!((flip.nested, flip.shadow, flip.update), (4.0, 1.0, 1000.0));
        assert_eq!(flip.rate, Some(3000.0));
        let beyond = |case: &Case| sheet().bill(&case.whole).unwrap().overhead();
        assert_eq!(beyond(&shadow(3, 0)), beyond(&nested));
    }

    #[test]
    fn switches_are_no_updates() {
        let nested = case(&[(Event::RefsDram, 400)]);
        let flip = Flip::new(&shadow(2, 4), &nested, &sheet());
        assert_eq!((flip.shadow, flip.update, flip.rate), (3.0, 1000.0, Some(1000.0)));
        assert_eq!(Flip::new(&shadow(2, 6), &nested, &sheet()).rate, None, "dearer without any update");
    }
}
