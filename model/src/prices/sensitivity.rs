//! How far an overhead rests on prices that are assumed.

use super::{Cycles, PRICES, Part, Price, Prices};
use crate::counts::Counts;

/// What an assumed price does to an overhead. Overheads are `None` where an access is free.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Move {
    pub price: Price,
    pub cycles: Cycles,
    /// With half the price.
    pub halved: Option<f64>,
    /// With twice the price.
    pub doubled: Option<f64>,
}

impl Prices {
    /// The share of the cycles beyond the ideal that assumed prices make up; `None` where there are none, or where the sheet lacks
    /// a price.
    pub fn assumed_share(&self, counts: &Counts) -> Option<f64> {
        let bill = self.bill(counts).ok()?;
        let all = bill.cycles().0 - bill.part(Part::Ideal).0;
        let assumed = self.numbered().filter(|(i, price, _)| self.assumed[*i] && price.part != Part::Ideal);
        let assumed: u128 = assumed.map(|(_, price, cycles)| (cycles * counts[price.event]).0).sum();
        (all > 0).then(|| assumed as f64 / all as f64)
    }

    /// The overhead with each assumed price halved and doubled, in the order of [`PRICES`]; prices that nothing was charged
    /// for are left out.
    pub fn sensitivity(&self, counts: &Counts) -> Vec<Move> {
        let charged =
            |(i, price, cycles): &(usize, Price, Cycles)| self.assumed[*i] && cycles.0 > 0 && counts[price.event] > 0;
        let moved = |(i, price, cycles)| Move {
            price,
            cycles,
            halved: self.overhead_with(counts, i, 1, 2),
            doubled: self.overhead_with(counts, i, 2, 1),
        };
        self.numbered().filter(charged).map(moved).collect()
    }

    /// The sheet with every assumed price times `numerator` / `denominator`, rounded down; what an access takes on the ideal
    /// machine is a unit and stays.
    pub fn with_assumed(&self, numerator: u128, denominator: u128) -> Prices {
        let mut prices = *self;
        for ((cycles, assumed), price) in prices.cycles.iter_mut().zip(self.assumed).zip(PRICES) {
            if assumed && price.part != Part::Ideal {
                *cycles = cycles.map(|cycles| Cycles(cycles.0 * numerator / denominator));
            }
        }
        prices
    }

    /// The overhead where one price is `numerator` / `denominator` of what it is, rounded once; `None` where an access is free, or
    /// where the sheet lacks a price.
    fn overhead_with(&self, counts: &Counts, one: usize, numerator: u128, denominator: u128) -> Option<f64> {
        self.bill(counts).ok()?;
        let (mut ideal, mut beyond) = (0u128, 0u128);
        for (i, price, cycles) in self.numbered() {
            let factor = if i == one { numerator } else { denominator };
            let sum = if price.part == Part::Ideal { &mut ideal } else { &mut beyond };
            *sum += counts[price.event] as u128 * cycles.0 * factor;
        }
        (ideal > 0).then(|| beyond as f64 / ideal as f64)
    }

    /// Each price of the sheet, with its place in [`PRICES`].
    fn numbered(&self) -> impl Iterator<Item = (usize, Price, Cycles)> {
        let each = PRICES.into_iter().zip(self.cycles).enumerate();
        each.filter_map(|(i, (price, cycles))| Some((i, price, cycles?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::Event;

    /// 100 accesses at 1 cycle, 10 L2 hits at 7 (known), 2 exits at 100 (assumed).
    fn example() -> (Prices, Counts) {
        let cycles = |name: &str| match name {
            "access" => "1",
            "l2_tlb_hit" => "7",
            "vm_exit" => "100",
            _ => "5",
        };
        let mut counts = Counts::default();
        counts[Event::Accesses] = 100;
        counts[Event::L2Hits] = 10;
        counts[Event::VmExits] = 2;
        let assumed = PRICES.map(|price| ["access", "vm_exit", "switch"].contains(&price.name));
        (Prices::new(PRICES.map(|price| Cycles::parse(cycles(price.name))), assumed), counts)
    }

    #[test]
    fn the_assumed_share_is_of_what_is_beyond_the_ideal() {
        let (prices, counts) = example();
        assert_eq!(prices.assumed_share(&counts), Some(200.0 / 270.0));
        assert_eq!(prices.assumed_share(&Counts::default()), None);
    }

    #[test]
    fn all_assumed_prices_move_together_but_for_the_unit() {
        let (prices, counts) = example();
        let overhead =
            |numerator, denominator| prices.with_assumed(numerator, denominator).bill(&counts).unwrap().overhead();
        assert_eq!((overhead(1, 2), overhead(2, 1)), (Some(1.7), Some(4.7)));
        assert_eq!(prices.with_assumed(1, 1), prices);
    }

    #[test]
    fn halving_and_doubling_move_the_overhead_by_what_the_price_is_charged_for() {
        let (prices, counts) = example();
        let moves = prices.sensitivity(&counts);
        let found: Vec<_> = moves.iter().map(|it| (it.price.name, it.halved, it.doubled)).collect();
        let wanted = [("access", Some(5.4), Some(1.35)), ("vm_exit", Some(1.7), Some(4.7))];
        assert_eq!(found, wanted, "switch was charged for nothing");
    }
}
