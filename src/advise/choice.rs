//! The cell to choose.

use super::cost::{Cost, SMALL_SHARE};
use super::study::{Case, LARGE, SMALL, Study};
use crate::address::PageSize;
use crate::prices::Prices;
use crate::technique::{EPT, SHADOW};

/// What to choose, and what that rests on.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    pub best: &'a Case,
    /// The same technique with 4K pages in guest and host.
    pub plain: &'a Case,
    /// The best case of the other technique.
    pub other: Option<&'a Case>,
    /// What is best over the whole run alone, where that is better than the best by more than a small share.
    pub short: Option<&'a Case>,
    /// Whether the technique is the same with every assumed price halved, and with every one doubled.
    pub holds: [bool; 2],
    /// Whether it is even if the assumed prices of the best are doubled and those of the other halved.
    pub holds_anyway: bool,
    /// Whether the whole run decides between the techniques: the steady state does not tell them apart, or the trace has none.
    pub by_whole: bool,
    /// Whether translating takes a small share of the time, natively and with the technique, even with 4K pages in guest and host.
    pub is_small: bool,
}

/// Chooses among shadow and nested paging; `None` if the study has neither.
pub fn choose<'a>(study: &'a Study<'_>) -> Option<Choice<'a>> {
    let [stated, halved, doubled] = study.sheets();
    let candidates: Vec<&Case> = study.cases.iter().filter(|case| is_candidate(study, case)).collect();
    let (best, other) = decide(study, &candidates, &stated)?;
    let same = |sheet| decide(study, &candidates, sheet).is_some_and(|(case, _)| case.technique == best.technique);
    let steady = |case: &Case| study.judged(&stated, case);
    let whole = |case: &Case| study.run(&stated, case);
    let plain = study.find(best.technique, (SMALL, PageSize::Size4K), false)?;
    let short = near(&candidates, whole).into_iter().min_by_key(|case| trouble(case));
    let is_tie = |other: &Case| steady(other).is_near(steady(best)) && steady(best).is_near(steady(other));
    let by_whole = study.is_starting() || other.is_some_and(is_tie);
    let holds_anyway = |rival: &Case| match by_whole {
        true => study.run(&doubled, best).is_near(study.run(&halved, rival)),
        false => study.judged(&doubled, best).is_near(study.judged(&halved, rival)),
    };
    let is_small = |case: &Case| steady(case).translation() < SMALL_SHARE;
    Some(Choice {
        best,
        plain,
        other,
        short: short.filter(|short| !whole(best).is_near(whole(short))),
        holds: [same(&halved), same(&doubled)],
        holds_anyway: other.is_none_or(holds_anyway),
        by_whole,
        is_small: is_small(plain) && study.plain().is_none_or(is_small),
    })
}

/// The best case, and the best of the other technique.
fn decide<'a>(study: &Study<'_>, cases: &[&'a Case], sheet: &Prices) -> Option<(&'a Case, Option<&'a Case>)> {
    let whole = |case: &Case| study.run(sheet, case);
    // Of those that are near the least in the steady state those that are so over the whole run, of these the simplest.
    let pick = |cases: &[&'a Case]| {
        let steady = near(cases, |case| study.judged(sheet, case));
        near(&steady, whole).into_iter().min_by_key(|case| trouble(case))
    };
    let of = |technique| cases.iter().copied().filter(|case| case.technique == technique).collect::<Vec<_>>();
    let each: Vec<&Case> = [&EPT, &SHADOW].into_iter().filter_map(|technique| pick(&of(technique))).collect();
    // Walks alone favour shadow paging, whose exits nobody could tell from those of a start.
    let best = if study.is_starting() { near(&each, whole).first().copied() } else { pick(&each) }?;
    Some((best, each.into_iter().find(|case| case.technique != best.technique)))
}

fn is_candidate(study: &Study<'_>, case: &Case) -> bool {
    let technique = case.technique == &SHADOW || case.technique == &EPT && study.has_nested_paging();
    // 2M pages throughout are a bound: few programs can ask for them, and none gets them for small mappings.
    !case.lazy && technique && case.pages.guest != LARGE
}

/// The cases that are as good as the one with the least cost.
fn near<'a>(cases: &[&'a Case], cost: impl Fn(&Case) -> Cost) -> Vec<&'a Case> {
    let least = cases.iter().map(|case| cost(case)).min_by(|a, b| a.time().total_cmp(&b.time()));
    cases.iter().copied().filter(|case| least.is_some_and(|least| cost(case).is_near(least))).collect()
}

/// What a case asks for: huge pages in guest and host, a VMM that still shadows.
fn trouble(case: &Case) -> usize {
    let (guest, host) = (case.pages.guest != SMALL, case.pages.host != Some(PageSize::Size4K));
    2 * usize::from(guest) + 2 * usize::from(host) + usize::from(case.technique == &SHADOW)
}
