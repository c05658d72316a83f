//! What advice is told from, and how its numbers are told.

use crate::address::PageSize;
use crate::advise::{Case, Choice, Cost, SMALL_SHARE, Study};
use crate::cli::output::grouped;
use crate::guest::GuestPages;
use crate::outcome::Pages;
use crate::trace::summary::Summary;
use std::path::Path;

/// Everything that advice is told from.
pub struct Advice<'a> {
    pub trace: &'a Path,
    pub cpu: String,
    pub summary: &'a Summary,
    /// Bytes of aligned 2M that small steps made whole.
    pub grown: u64,
    pub study: &'a Study<'a>,
    pub choice: Choice<'a>,
    pub out: Option<&'a Path>,
}

impl Advice<'_> {
    /// The pages of guest and host that are advised.
    pub(super) fn chosen(&self) -> (GuestPages, PageSize) {
        let Pages { guest, host } = self.choice.best.pages;
        (guest, host.unwrap_or(PageSize::Size4K))
    }

    /// What a case costs in its steady state.
    pub(super) fn judged(&self, case: &Case) -> Cost {
        self.study.judged(&self.study.prices, case)
    }

    /// The share of the program's time that it adds there.
    pub(super) fn steady_share(&self, case: &Case) -> String {
        share(added(self.judged(case)))
    }

    /// How far assumed prices move that: ` (0.7 % to 2.5 % …)`
    pub(super) fn doubt(&self, case: &Case) -> String {
        let shares = self.study.sheets().map(|sheet| added(self.study.judged(&sheet, case)));
        bracketed(range(shares, share))
    }

    /// The share of the program's time that a case adds over the whole run.
    pub(super) fn whole_share(&self, case: &Case) -> String {
        share(added(self.study.cost(&case.whole)))
    }
}

/// The share of the program's time that is added to it.
pub fn added(cost: Cost) -> f64 {
    cost.share(cost.added())
}

/// `1.2 to 3.4 …`, if assumptions move a number.
pub fn range([stated, a, b]: [f64; 3], word: fn(f64) -> String) -> String {
    let (low, high) = (word(a.min(b)), word(a.max(b)));
    if low == high && low == word(stated) {
        return String::new();
    }
    format!("{low} to {high} with assumed prices halved or doubled")
}

/// ` (…)`, where there is something.
pub fn bracketed(text: String) -> String {
    if text.is_empty() { text } else { format!(" ({text})") }
}

/// Two digits: no more is sure of anything here.
pub fn short(number: f64) -> String {
    match number {
        0.0 => "0".into(),
        number if number < 0.01 => "<0.01".into(),
        number if number < 0.995 => format!("{number:.2}"),
        number if number < 9.95 => format!("{number:.1}"),
        number => {
            let unit = 10_f64.powi(number.log10() as i32 - 1);
            grouped(((number / unit).round() * unit) as u64)
        }
    }
}

/// A share of the program's time in percent, without the sign.
pub fn percents(share: f64) -> String {
    match 100.0 * share {
        0.0 => "0".into(),
        percents if percents < 0.1 => "<0.1".into(),
        percents if percents < 9.95 => format!("{percents:.1}"),
        percents => format!("{percents:.0}"),
    }
}

/// The same with it.
pub fn share(share: f64) -> String {
    percents(share) + " %"
}

/// The share that is not worth a word.
pub fn small() -> String {
    format!("{:.0} %", 100.0 * SMALL_SHARE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_two_digits_and_none_is_nothing_that_is_something() {
        let texts = [0.0, 0.00064, 0.036, 0.999, 8.21, 9.96, 99.9, 126.0, 12_899.0].map(short);
        assert_eq!(texts, ["0", "<0.01", "0.04", "1.0", "8.2", "10", "100", "130", "13_000"]);
        assert_eq!([0.0, 0.0001, 0.0134, 0.256].map(share), ["0 %", "<0.1 %", "1.3 %", "26 %"]);
    }
}
