//! The cell to choose.

use super::study::{Case, LARGE, SMALL, Scope, Study, beyond};
use crate::address::PageSize;
use crate::prices::Prices;
use crate::technique::{EPT, SHADOW};

/// Cells whose overheads are this near are as good as one another: the simplest is chosen.
pub const NEAR: f64 = 0.01;

/// What to choose, and what that rests on.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    pub best: &'a Case,
    /// The best case of the other technique.
    pub other: Option<&'a Case>,
    /// Whether the technique is the same with every assumed price halved, and with every one doubled.
    pub holds: [bool; 2],
    /// Whether it is even if the assumed prices of the best are doubled and those of the other halved.
    pub holds_anyway: bool,
}

/// Chooses among shadow and nested paging; `None` if the study has neither.
pub fn choose<'a>(study: &'a Study<'_>) -> Option<Choice<'a>> {
    let [stated, halved, doubled] = study.sheets();
    let candidates: Vec<&Case> = study.cases.iter().filter(|case| is_candidate(study, case)).collect();
    let best = simplest(&candidates, &stated)?;
    let others: Vec<&Case> = candidates.iter().copied().filter(|case| case.technique != best.technique).collect();
    let other = simplest(&others, &stated);
    let same = |sheet: &Prices| simplest(&candidates, sheet).is_some_and(|case| case.technique == best.technique);
    let rival = lowest(&others, &halved);
    let holds_anyway = rival.is_none_or(|rival| overhead(best, &doubled) <= overhead(rival, &halved) + NEAR);
    Some(Choice { best, other, holds: [same(&halved), same(&doubled)], holds_anyway })
}

fn is_candidate(study: &Study<'_>, case: &Case) -> bool {
    let technique = case.technique == &SHADOW || case.technique == &EPT && study.has_nested_paging();
    // 2M pages throughout are a bound: few programs can ask for them, and none gets them for small mappings.
    !case.lazy && technique && case.pages.guest != LARGE
}

fn overhead(case: &Case, sheet: &Prices) -> f64 {
    beyond(sheet, &case.settled, Scope::Judged)
}

fn lowest<'a>(cases: &[&'a Case], sheet: &Prices) -> Option<&'a Case> {
    cases.iter().copied().min_by(|a, b| overhead(a, sheet).total_cmp(&overhead(b, sheet)))
}

/// The case that asks for least among those that are near the lowest overhead.
fn simplest<'a>(cases: &[&'a Case], sheet: &Prices) -> Option<&'a Case> {
    let bound = overhead(lowest(cases, sheet)?, sheet) + NEAR;
    let near = cases.iter().copied().filter(|case| overhead(case, sheet) <= bound);
    near.min_by(|a, b| trouble(a).cmp(&trouble(b)).then(overhead(a, sheet).total_cmp(&overhead(b, sheet))))
}

/// What a case asks for: huge pages in guest and host, a VMM that still shadows.
fn trouble(case: &Case) -> usize {
    let (guest, host) = (case.pages.guest != SMALL, case.pages.host != Some(PageSize::Size4K));
    2 * usize::from(guest) + 2 * usize::from(host) + usize::from(case.technique == &SHADOW)
}
