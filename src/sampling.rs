//! Counts of a whole run, estimated from periodic windows of it.
//!
//! *Models:* a beginning that is counted whole, and for the rest the ratio estimator: what the windows hold per access, times
//! all accesses, with a 95 % confidence interval from how much the windows differ.
//! *Does not model:* periods in the trace that keep step with the windows; what a warm-up is too short to bring into the caches.
//! *Source:* Cochran, *Sampling Techniques*, third edition, sections 2.11 and 6.4; the t quantile by Abramowitz and Stegun 26.7.5;
//! rare events by Byar's approximation of the Poisson limits (Breslow and Day, *Statistical Methods in Cancer Research* II, 1987).

use crate::counts::{Counts, Event, Kind};
use std::cmp::Reverse;

/// What happens in TLBs and walks, and is therefore estimated; all else is counted whole.
pub fn estimable() -> impl Iterator<Item = Event> {
    Event::ALL.into_iter().filter(|event| match event.kind() {
        Kind::Tlb | Kind::Table | Kind::Found | Kind::Shortcut => true,
        Kind::Trace
        | Kind::Guest
        | Kind::Host
        | Kind::Shadow
        | Kind::Basis
        | Kind::Exit
        | Kind::Hypercall
        | Kind::Request
        | Kind::Exits
        | Kind::Hypercalls => false,
    })
}

/// Something that is estimated: its value for the whole run, and how far off it is at most in 95 of 100 cases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub value: f64,
    /// Infinite where fewer than two windows tell.
    pub half_width: f64,
}

/// The estimate of `of` over `accesses`: the first of `counted` is the beginning, the others are windows of the rest.
pub fn estimate(counted: &[Counts], accesses: u64, of: impl Fn(&Counts) -> f64) -> Estimate {
    let Some((beginning, windows)) = counted.split_first() else {
        return Estimate { value: 0.0, half_width: f64::INFINITY };
    };
    let rest = accesses - beginning[Event::Accesses];
    if rest == 0 {
        return Estimate { value: of(beginning), half_width: 0.0 };
    }
    if windows.is_empty() {
        let scale = accesses as f64 / beginning[Event::Accesses] as f64;
        return Estimate { value: of(beginning) * scale, half_width: f64::INFINITY };
    }
    let lengths: Vec<f64> = windows.iter().map(|counts| counts[Event::Accesses] as f64).collect();
    let values: Vec<f64> = windows.iter().map(&of).collect();
    let (sampled, seen, n) = (lengths.iter().sum::<f64>(), values.iter().sum::<f64>(), windows.len() as f64);
    let scale = rest as f64 / sampled;
    let ratio = seen / sampled;
    let squares: f64 = values.iter().zip(&lengths).map(|(value, length)| (value - ratio * length).powi(2)).sum();
    let error = (squares / (n - 1.0) * n).sqrt();
    // What is rare may be missed by every window: then it is the law of rare events that bounds it.
    let half_width = if n > 1.0 { (t95(n - 1.0) * error).max(poisson975(seen) - seen) * scale } else { f64::INFINITY };
    Estimate { value: of(beginning) + seen * scale, half_width }
}

/// Replaces what is estimated in the counts of a run by its estimate; sums that hold for counts hold for it.
pub fn estimated(counted: &[Counts], whole: &Counts) -> Counts {
    let accesses = whole[Event::Accesses];
    let mut counts = *whole;
    for event in estimable() {
        counts[event] = estimate(counted, accesses, |counts| counts[event] as f64).value.round() as u64;
    }
    // Each is rounded by itself: the sum is the one that is kept, and the greatest part takes what is over.
    keep_sum(&mut counts, [Event::L1Hits, Event::L2Hits, Event::Walks], accesses);
    let references = counts.sum(&Event::TABLE_REFS);
    keep_sum(&mut counts, Event::FOUND_REFS, references);
    counts
}

/// Makes parts add up to a sum from which rounding has led them away by a few.
fn keep_sum<const N: usize>(counts: &mut Counts, mut parts: [Event; N], sum: u64) {
    parts.sort_by_key(|part| Reverse(counts[*part]));
    counts[parts[0]] += sum.saturating_sub(counts.sum(&parts));
    for part in parts {
        counts[part] -= counts[part].min(counts.sum(&parts) - sum);
    }
}

/// The mean of a Poisson variable that is as small as `seen`, or smaller, in 2.5 of 100 cases (Byar's approximation).
fn poisson975(seen: f64) -> f64 {
    let above = seen + 1.0;
    above * (1.0 - 1.0 / (9.0 * above) + 1.96 / (3.0 * above.sqrt())).powi(3)
}

/// The 97.5 % quantile of Student's t with so many degrees of freedom.
fn t95(degrees: f64) -> f64 {
    let z: f64 = 1.959_963_984_540_054;
    let terms = [
        (z.powi(3) + z) / 4.0,
        (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0,
        (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0,
    ];
    z + terms.iter().zip(1..).map(|(term, power)| term / degrees.powi(power)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(accesses: u64, walks: u64) -> Counts {
        let mut counts = Counts::default();
        counts[Event::Accesses] = accesses;
        counts[Event::Walks] = walks;
        counts
    }

    #[test]
    fn windows_alike_leave_no_doubt_and_a_single_one_leaves_all() {
        let walks = |counts: &Counts| counts[Event::Walks] as f64;
        let beginning = window(100, 70);
        let alike = [[beginning].as_slice(), &[window(100, 5); 4]].concat();
        let alike = estimate(&alike, 1100, walks);
        assert_eq!(alike.value, 70.0 + 50.0);
        assert!((alike.half_width - 2.5 * (poisson975(20.0) - 20.0)).abs() < 1e-9, "none but that of counting");
        assert_eq!(estimate(&[beginning, window(100, 5)], 1000, walks).half_width, f64::INFINITY);
        assert_eq!(estimate(&[beginning], 100, walks), Estimate { value: 70.0, half_width: 0.0 });
        assert_eq!(
            estimate(&[beginning], 110, walks),
            Estimate { value: 77.0, half_width: f64::INFINITY },
            "no window"
        );
    }

    #[test]
    fn the_interval_is_that_of_the_mean() {
        // Two windows of 4 and 6: mean 5, standard error 1, twelve times that to either side.
        let windows = [window(0, 0), window(100, 4), window(100, 6)];
        let of = estimate(&windows, 100, |counts| counts[Event::Walks] as f64);
        assert_eq!(of.value, 5.0);
        assert!((of.half_width - t95(1.0)).abs() < 1e-12);
    }

    #[test]
    fn rounding_moves_nothing_to_where_nothing_is() {
        // Without caches every reference is in memory; and every access walks.
        let window = |walks: u64| {
            let mut counts = window(walks, walks);
            counts[Event::GuestRefs] = 4 * walks;
            counts[Event::HostRefs] = 20 * walks;
            counts[Event::RefsDram] = 24 * walks;
            counts
        };
        for walks in 1..50 {
            let counted = [window(7), window(walks), window(walks + 3)];
            let whole = window(7 + 13 * walks);
            let estimated = estimated(&counted, &whole);
            assert_eq!(estimated[Event::Accesses], estimated.sum(&[Event::L1Hits, Event::L2Hits, Event::Walks]));
            assert_eq!(estimated[Event::RefsDram], estimated.sum(&Event::TABLE_REFS));
            assert_eq!(estimated.sum(&[Event::L1Hits, Event::L2Hits, Event::RefsL1, Event::RefsL2, Event::RefsLlc]), 0);
        }
    }

    #[test]
    fn what_was_never_seen_may_still_be_there() {
        let of = estimate(&[[window(0, 0)].as_slice(), &[window(100, 0); 8]].concat(), 1600, |counts| {
            counts[Event::Walks] as f64
        });
        assert_eq!(of.value, 0.0);
        assert!((of.half_width / 2.0 - 3.689).abs() < 0.05, "the exact limit of 0 seen is 3.689: {}", of.half_width);
    }

    #[test]
    fn quantiles_agree_with_the_tables() {
        for (degrees, quantile) in [(4.0, 2.776), (9.0, 2.262), (30.0, 2.042), (1e9, 1.960)] {
            assert!((t95(degrees) - quantile).abs() < 0.01, "{degrees}: {}", t95(degrees));
        }
    }
}
