//! How sure advice is, and what it cannot know.

use super::advice::{Advice, bracketed, range};
use crate::address::PageSize;
use crate::advise::{Case, NEAR, Scope};
use crate::numerals::percent;
use crate::prices::{Cycles, Price};
use crate::technique::PV;
use crate::words::counted;

impl Advice<'_> {
    /// Whether the choice stands, and what it rests on.
    pub(super) fn sureness(&self) -> Vec<String> {
        let choice = &self.choice;
        let mut said = Vec::new();
        if let Some(other) = choice.other {
            let word = match (choice.holds, choice.holds_anyway) {
                (_, true) => "holds even with every assumed price of the one doubled and of the other halved",
                ([true, true], _) => {
                    "holds with all assumed prices halved or doubled together, not if they err against each other"
                }
                ([false, true], _) => "does not hold with all assumed prices halved",
                ([true, false], _) => "does not hold with all assumed prices doubled",
                ([false, false], _) => "does not hold with all assumed prices halved, nor with all doubled",
            };
            let overhead = |case: &Case| {
                let judged = self.study.beyond(&case.settled, Scope::Judged);
                format!("{} with {}{}", case.name(), percent(judged[0]), bracketed(range(judged, percent)))
            };
            let judged = [choice.best, other].map(|case| self.study.beyond(&case.settled, Scope::Judged)[0]);
            if judged == [0.0; 2] {
                said.push("Neither technique adds a cycle here, whatever prices are assumed.".into());
            } else {
                said.push(format!("{} before {}: this {word}.", overhead(choice.best), overhead(other)));
            }
            if (judged[0] - judged[1]).abs() < NEAR {
                said.push(format!(
                    "The two are within {}: either will do, and {} asks for less.",
                    percent(NEAR),
                    choice.best.name()
                ));
            }
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
        let charge =
            |(price, cycles): (Price, Cycles)| (price, cycles, cycles.to_f64() * case.settled[price.event] as f64);
        let charged = self.study.prices.iter().map(charge).filter(|it| Scope::Judged.holds(it.0.part));
        let mut charged: Vec<(Price, Cycles, f64)> = charged.collect();
        charged.sort_by(|a, b| b.2.total_cmp(&a.2));
        let all: f64 = charged.iter().map(|it| it.2).sum();
        let word = |(price, cycles, sum): &(Price, Cycles, f64)| {
            let confidence = self.study.confidence(*price).map(|it| format!(", {}", it.name()));
            let share = 100.0 * sum / all;
            format!("{} {share:.0} % ({}{})", price.name, counted(cycles, "cycle"), confidence.unwrap_or_default())
        };
        let three: Vec<String> =
            charged.iter().take(3).filter(|it| it.2 >= 0.005 * all && it.2 > 0.0).map(word).collect();
        (!three.is_empty()).then(|| format!("Of what {} adds: {}.", case.name(), three.join(", ")))
    }

    /// What no trace can tell.
    pub(super) fn unknown(&self) -> Vec<String> {
        let best = self.choice.best;
        let pv = self.study.find(&PV, (best.pages.guest, PageSize::Size4K), false);
        let pv = pv.map(|case| {
            let overhead = percent(self.study.beyond(&case.settled, Scope::Judged)[0]);
            format!(
                "Whether the guest may be paravirtual: {} would add {overhead}, but needs a kernel made for it.",
                case.name()
            )
        });
        let nested = (!self.study.has_nested_paging()).then(|| {
            "How nested paging would do: this processor has none, and its figures for ept are made up.".into()
        });
        let always = [
            "What else the processor does meanwhile: cycles are added up, though a real one hides part of each walk.",
            "What a fault on a huge page takes to clear it: the guest's own work for faults is left out of what is judged.",
            "What an access takes: 1 cycle on the ideal machine. Where yours take 3, overheads are a third of these.",
            "What was not recorded: the kernel, other processes, other VMs, and what the program does with other input.",
            "Whether guest and host find 2M of free memory in a row when they want a huge page.",
        ];
        nested.into_iter().chain(always.map(String::from)).chain(pv).collect()
    }
}
