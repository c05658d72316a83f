//! How sure advice is, and what it cannot know.

use super::advice::{Advice, bracketed, short, small};
use crate::address::PageSize;
use crate::advise::Case;
use crate::counts::Event;
use crate::prices::{Cycles, PRICES, Part, Price};
use crate::technique::PV;
use crate::words::counted;

impl Advice<'_> {
    /// Whether the choice stands, and what it rests on.
    pub(super) fn sureness(&self) -> Vec<String> {
        let choice = &self.choice;
        let mut said = Vec::new();
        if let Some(other) = choice.other {
            let word = match (choice.holds, choice.holds_anyway) {
                ([true, true], true) => {
                    "The choice of the technique holds even with every assumed price of the one doubled and of the other halved."
                }
                ([true, true], false) => {
                    "The choice of the technique holds with all assumed prices halved or doubled together, not if they err \
                     against each other."
                }
                ([false, true], _) => "The technique would be the other with all assumed prices halved.",
                ([true, false], _) => "The technique would be the other with all assumed prices doubled.",
                ([false, false], _) => {
                    "The technique would be the other with all assumed prices halved, or all doubled."
                }
            };
            said.push(format!(
                "In the steady state {} takes {} of the program's time{}, {} {}{}.",
                choice.best.name(),
                self.steady_share(choice.best),
                self.doubt(choice.best),
                other.name(),
                self.steady_share(other),
                self.doubt(other),
            ));
            let whole = |case| self.whole_share(self.study.touched_first(case));
            let decided = format!(
                "the whole run decides: {} takes {} there, {} {}. ",
                choice.best.name(),
                whole(choice.best),
                other.name(),
                whole(other),
            );
            said.push(match (choice.by_whole, self.study.is_starting()) {
                (true, true) => format!("The trace has not settled, so {decided}{word}"),
                (true, false) => format!("That is within {} of the time, so {decided}{word}", small()),
                (false, _) => word.into(),
            });
        }
        for case in [Some(choice.best), choice.other].into_iter().flatten() {
            said.extend(self.dearest(case));
        }
        said.extend(
            choice
                .best
                .warnings
                .iter()
                .map(|warning| format!("{} is marked `{}`: {}", choice.best.name(), warning.name(), warning.meaning())),
        );
        said
    }

    /// The prices that most of a bill comes from, and how sure they are.
    fn dearest(&self, case: &Case) -> Option<String> {
        let charge = |(price, cycles): (Price, Cycles)| (price, cycles, price.charged(cycles, &case.steady).to_f64());
        let is_judged = |part| match self.study.is_starting() {
            true => matches!(part, Part::Tlb | Part::Walk),
            false => part != Part::Ideal,
        };
        let charged = self.study.prices.iter().map(charge).filter(|it| is_judged(it.0.part));
        let mut charged: Vec<(Price, Cycles, f64)> = charged.collect();
        charged.sort_by(|a, b| b.2.total_cmp(&a.2));
        let all: f64 = charged.iter().map(|it| it.2).sum();
        let word = |(price, cycles, sum): &(Price, Cycles, f64)| {
            let share = 100.0 * sum / all;
            format!("{} {share:.0} % ({}{})", price.name, counted(cycles, "cycle"), self.confidence(*price, ", "))
        };
        let three: Vec<String> =
            charged.iter().take(3).filter(|it| it.2 >= 0.005 * all && it.2 > 0.0).map(word).collect();
        (!three.is_empty()).then(|| format!("Of what {} adds: {}.", case.name(), three.join(", ")))
    }

    /// `, assumed`
    fn confidence(&self, price: Price, before: &str) -> String {
        self.study.confidence(price).map(|it| format!("{before}{}", it.name())).unwrap_or_default()
    }

    /// `2.7 cycles (assumed)`: what an access takes without paging.
    pub(super) fn access(&self) -> String {
        let price = PRICES.into_iter().find(|price| price.event == Event::Accesses);
        let of = |price| Some(counted(self.study.prices.get(price)?, "cycle") + &bracketed(self.confidence(price, "")));
        price.and_then(of).unwrap_or_else(|| "nothing".into())
    }

    /// What no trace can tell.
    pub(super) fn unknown(&self) -> Vec<String> {
        let best = self.choice.best;
        let pv = self.study.find(&PV, (best.pages.guest, PageSize::Size4K), false);
        let pv = pv.map(|case| {
            format!(
                "Whether the guest may be paravirtual: {} would take {} over the whole run, but needs a kernel made for it.",
                case.name(),
                self.whole_share(case)
            )
        });
        let nested = (!self.study.has_nested_paging()).then(|| {
            "How nested paging would do: this processor has none, and its figures for ept are made up.".into()
        });
        let access = format!(
            "What an access of your program takes without paging, instructions and cache misses included: here {}. If it takes {}, \
             shares of time are up to twice as small; cycles per access stay.",
            self.access(),
            short(2.0 * self.study.cost(&best.steady).access),
        );
        let always = [
            "What else the processor does meanwhile: cycles are added up, though a real one hides part of each walk.",
            "What was touched before the trace began: a page's first touch in the trace counts as the first of all.",
            "What was not recorded: the kernel, other processes, other VMs, and what the program does with other input.",
            "Whether guest and host find 2M of free memory in a row when they want a huge page.",
        ];
        nested.into_iter().chain([access]).chain(always.map(String::from)).chain(pv).collect()
    }
}
