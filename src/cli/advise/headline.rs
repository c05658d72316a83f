//! The advice itself.

use super::advice::{Advice, share, short, small};
use crate::advise::{Case, Choice, Cost, Little, SMALL_SHARE};
use crate::guest::GuestPages;
use crate::technique::NATIVE;
use crate::words::capital;

impl Advice<'_> {
    /// What to do, and what that gains.
    pub(super) fn headline(&self) -> String {
        let starting = match self.study.is_starting() {
            true => {
                " The trace has not settled: its second half still touches new memory, so only its walks are judged."
            }
            false => "",
        };
        let advice = if self.choice.is_small { self.no_problem() } else { self.pages() };
        advice + starting + &self.short_run() + &self.little()
    }

    /// That translation takes little time, and what takes some.
    fn no_problem(&self) -> String {
        let Choice { best, plain, other, by_whole, .. } = self.choice;
        let translation = |case: &Case| share(self.judged(case).translation());
        let native = self.study.plain().map(|case| format!("{} without virtualization and ", translation(case)));
        let mut said = format!(
            "Translation is not your problem. Of the program's time in the steady state it takes {}{} with {}, both with 4K \
             pages; less than {} is not worth tuning.",
            native.unwrap_or_default(),
            translation(plain),
            best.technique.title,
            small(),
        );
        let cost = self.judged(plain);
        if cost.share(cost.kernel) >= SMALL_SHARE {
            said += &format!(
                " The guest's kernel takes {} with faults and page-table updates, as it does without virtualization.",
                share(cost.share(cost.kernel)),
            );
        }
        if let Some(other) = other.filter(|_| !by_whole) {
            said += &format!(
                " With {} the program would take {}× as long.",
                other.technique.title,
                factor(self.judged(other).time() / self.judged(best).time()),
            );
        }
        let [first, chosen] = [plain, best].map(|case| self.study.touched_first(case));
        said + &match best.pages == plain.pages {
            true => " Keep 4K pages: no others are worth it over the whole run either.".into(),
            false if cost.is_near(self.judged(best)) => format!(
                " First touches do count: over the whole run paging takes {} of the time with {} and {} with {}. Take the latter, \
                 or have the VM's memory backed beforehand ({}).",
                self.whole_share(first),
                first.pages,
                self.whole_share(chosen),
                chosen.pages,
                self.whole_share(best),
            ),
            false => format!(
                " With {} all paging takes {} instead of {}.",
                best.pages,
                self.steady_share(best),
                self.steady_share(plain),
            ),
        }
    }

    /// Which pages to use, and what that gains.
    fn pages(&self) -> String {
        let Choice { best, plain, .. } = self.choice;
        let (guest, host) = self.chosen();
        let (least, same) = (self.judged(best), self.study.find(&NATIVE, (guest, host), false));
        let native =
            same.map(|case| format!("; without virtualization {}", self.steady_share(case))).unwrap_or_default();
        let gain = match best.pages == plain.pages {
            true => String::new(),
            false => format!(
                " With 4K pages in both it takes {}: the pages make the program {}.",
                self.steady_share(plain),
                self.gain(self.judged(plain), least),
            ),
        };
        let spared = match factor(least.time() / least.access) {
            one if one == "1.00" => " Nothing more can be gained.".into(),
            more => format!(" Were all of that spared too, it would be at most {more}× as fast."),
        };
        format!(
            "{} with {} in the guest and {} in the host. Paging then takes {} of the program's time in the steady \
             state{}{native}.{gain}{spared}",
            capital(best.technique.title),
            pages(guest),
            pages(GuestPages::One(host)),
            self.steady_share(best),
            self.doubt(best),
        )
    }

    /// How much less time a program takes, by whether it waits for its data where it walks: `1.1 to 5.7× as fast (…)`
    fn gain(&self, from: Cost, to: Cost) -> String {
        let with = |data: f64| factor((from.time() + data) / (to.time() + data));
        match (with(self.study.data_misses()), with(0.0)) {
            (low, high) if low == high => format!("{high}× as fast"),
            (low, high) => format!(
                "{low} to {high}× as fast (the less if what misses the TLB comes from memory, the more if from the first cache)"
            ),
        }
    }

    /// What suits a run that ends where the trace does.
    fn short_run(&self) -> String {
        let word = |short: &Case| {
            format!(
                " A run no longer than this trace does better with {}: paging takes {} of it, and {} with {}.",
                short.name(),
                self.whole_share(self.study.touched_first(short)),
                self.whole_share(self.study.touched_first(self.choice.best)),
                self.choice.best.name(),
            )
        };
        self.choice.short.map(word).unwrap_or_default()
    }

    /// How little so small a trace can tell.
    fn little(&self) -> String {
        match self.study.little() {
            None => "",
            Some(Little::FewAccesses) => {
                " This trace can tell little: so few accesses are less than a millisecond of a program. Ask again with a longer one."
            }
            Some(Little::SinglePage) => {
                " This trace can tell little: it touches a single page. Ask again with one of a program at its work."
            }
            // That is said already.
            Some(Little::FewPages) if self.study.is_starting() => "",
            Some(Little::FewPages) => {
                " This trace can tell little about larger inputs: it touches so few pages of 4 KiB that the TLB holds nearly all of \
                 them."
            }
        }
        .into()
    }
}

fn pages(pages: GuestPages) -> String {
    match pages {
        GuestPages::Thp => "transparent huge pages (thp)".into(),
        GuestPages::One(size) => format!("{size} pages"),
    }
}

/// How many times as fast or as much: what is gained beyond the first time has two digits.
fn factor(factor: f64) -> String {
    if factor < 1.995 {
        format!("{factor:.2}")
    } else if factor < 9.95 {
        format!("{factor:.1}")
    } else {
        short(factor)
    }
}
