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
    /// Whether the technique is the same with every assumed price halved, and with every one doubled.
    pub holds: [bool; 2],
    /// Whether the steady state keeps it even if the assumed prices of the best are doubled and those of the other halved.
    pub holds_anyway: bool,
    /// Whether translating takes a small share of the time, natively and with the technique, even with 4K pages in guest and host.
    pub is_small: bool,
}

/// Chooses among shadow and nested paging; `None` if the study has neither.
pub fn choose<'a>(study: &'a Study<'_>) -> Option<Choice<'a>> {
    let [stated, halved, doubled] = study.sheets();
    let candidates: Vec<&Case> = study.cases.iter().filter(|case| is_candidate(study, case)).collect();
    let best = pick(study, &candidates, &stated)?;
    let others: Vec<&Case> = candidates.iter().copied().filter(|case| case.technique != best.technique).collect();
    let same = |sheet| pick(study, &candidates, sheet).is_some_and(|case| case.technique == best.technique);
    let steady = |case: &Case, sheet| Cost::new(sheet, &case.steady);
    let plain = study.find(best.technique, (SMALL, PageSize::Size4K), false)?;
    let is_small = |case: &Case| steady(case, &stated).translation() < SMALL_SHARE;
    Some(Choice {
        best,
        plain,
        other: pick(study, &others, &stated),
        holds: [same(&halved), same(&doubled)],
        holds_anyway: others.iter().all(|rival| steady(best, &doubled).is_near(steady(rival, &halved))),
        is_small: is_small(plain) && study.plain().is_none_or(is_small),
    })
}

fn is_candidate(study: &Study<'_>, case: &Case) -> bool {
    let technique = case.technique == &SHADOW || case.technique == &EPT && study.has_nested_paging();
    // 2M pages throughout are a bound: few programs can ask for them, and none gets them for small mappings.
    !case.lazy && technique && case.pages.guest != LARGE
}

/// Those that are near the least in the steady state; of these, those that are over the whole run; of these, the one that asks for
/// least.
fn pick<'a>(study: &Study<'_>, cases: &[&'a Case], sheet: &Prices) -> Option<&'a Case> {
    let steady = |case: &Case| Cost::new(sheet, &case.steady);
    let whole = |case: &Case| Cost::new(sheet, &study.touched_first(case).whole);
    let near = near(&near(cases, steady), whole);
    near.into_iter().min_by(|a, b| trouble(a).cmp(&trouble(b)).then(whole(a).time().total_cmp(&whole(b).time())))
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
