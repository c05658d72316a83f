//! Do replacement policies do what is published of them?

use proptest::prelude::*;
use std::collections::BTreeSet;
use vmmu_model::arrays::{AnyArray, Array, Geometry, Policy};
use vmmu_model::chance::Chance;

/// An array of one set.
fn array(policy: Policy, ways: usize) -> AnyArray {
    AnyArray::new(Geometry::try_new(ways, ways).unwrap().with_policy(policy).unwrap())
}

fn misses(policy: Policy, ways: usize, tags: impl IntoIterator<Item = u64>) -> usize {
    let mut array = array(policy, ways);
    tags.into_iter().filter(|tag| !array.touch(0, *tag)).count()
}

fn random_tags(bound: u64) -> impl Iterator<Item = u64> {
    let mut chance = Chance::new(bound);
    std::iter::repeat_with(move || chance.below(bound))
}

/// Those of these tags that an array holds.
fn held(array: &AnyArray, mut tags: BTreeSet<u64>) -> BTreeSet<u64> {
    tags.retain(|tag| array.clone().touch(0, *tag));
    tags
}

/// Belady, Nelson and Shedler, "An anomaly in space-time characteristics of certain programs running in a paging machine",
/// Communications of the ACM, 1969.
#[test]
fn under_fifo_four_ways_miss_more_than_three() {
    let tags = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5];
    assert_eq!([3, 4].map(|ways| misses(Policy::Fifo, ways, tags)), [9, 10]);
    assert_eq!([3, 4].map(|ways| misses(Policy::Lru, ways, tags)), [10, 8]);
}

#[test]
fn a_loop_over_one_page_more_than_there_are_ways_never_hits_under_lru_and_fifo() {
    for ways in [1, 2, 4, 8, 16] {
        let looped = |policy| misses(policy, ways, (0..1000).map(|i| i % (ways as u64 + 1)));
        assert_eq!([Policy::Lru, Policy::Fifo].map(looped), [1000; 2], "{ways}");
        let others = [Policy::Random { seed: 1 }, Policy::TreePlru, Policy::Nru].map(looped);
        assert!(ways < 4 || others.iter().all(|misses| *misses < 1000), "{ways}: {others:?}");
    }
}

#[test]
fn what_fits_misses_once_under_every_policy() {
    for (policy, ways) in Policy::ALL.into_iter().flat_map(|policy| [1, 4, 32].map(|ways| (policy, ways))) {
        assert_eq!(misses(policy, ways, random_tags(ways as u64).take(1000)), ways, "{policy:?}");
    }
}

/// One way leaves nothing to choose, and of two all but fifo and random let go of the one that was not touched last.
#[test]
fn few_ways_make_policies_equal() {
    for (ways, policies) in [(1, &Policy::ALL[..]), (2, &[Policy::TreePlru, Policy::Nru])] {
        for policy in policies {
            let (mut lru, mut other) = (array(Policy::Lru, ways), array(*policy, ways));
            for (i, tag) in random_tags(4).take(5000).enumerate() {
                if i % 7 == 0 {
                    lru.remove(0, tag);
                    other.remove(0, tag);
                } else {
                    assert_eq!(lru.touch(0, tag), other.touch(0, tag), "{policy:?} of {ways}");
                }
            }
        }
    }
}

/// Reineke, Grund, Berg and Wilhelm, "Timing predictability of cache replacement policies", Real-Time Systems, 2007: the most tags
/// touched last that are there for sure, and how many touches of different tags leave nothing else; `None` where chance decides.
fn bounds(policy: Policy, ways: usize) -> (usize, Option<usize>) {
    let levels = ways.ilog2() as usize;
    match policy {
        Policy::Lru => (ways, Some(ways)),
        Policy::Fifo => (1, Some(2 * ways - 1)),
        Policy::Random { .. } => (1, None),
        Policy::TreePlru => (levels + 1, Some(ways / 2 * levels + 1)),
        Policy::Nru => (2, Some(2 * ways - 2)),
    }
}

proptest! {
    #[test]
    fn what_was_touched_last_stays_and_what_was_not_touched_for_long_goes(
        ways in prop::sample::select(vec![2usize, 4, 8]),
        before in prop::collection::vec(0..32u64, 100),
        after in Just(Vec::from_iter(0..32u64)).prop_shuffle(),
    ) {
        for policy in Policy::ALL {
            let (stay, go) = bounds(policy, ways);
            let mut array = array(policy, ways);
            before.iter().for_each(|tag| _ = array.touch(0, *tag));
            for touched in 1..=after.len() {
                array.touch(0, after[touched - 1]);
                let latest = BTreeSet::from_iter(after[touched.saturating_sub(stay)..touched].iter().copied());
                prop_assert_eq!(held(&array, latest.clone()), latest, "{:?} of {}", policy, ways);
                let older = BTreeSet::from_iter(after[touched..].iter().copied());
                prop_assert!(go.is_none_or(|go| touched < go) || held(&array, older).is_empty(), "{policy:?} of {ways}");
            }
        }
    }
}
