//! Set-associative arrays of any policy.

use super::listed::Listed;
use super::placed::{Choice, Placed};
use super::{Array, Geometry, Lru, Policy};
use crate::chance::SplitMix;

/// Ways up to which looking at each is faster than a table, and moving them than a list.
pub const FEW_WAYS: usize = 64;

/// An array of any policy: a branch for each touch slower than [`Lru`].
#[derive(Clone, Debug, PartialEq)]
pub enum AnyArray {
    Lru(Lru),
    /// The same of many ways.
    Listed(Listed),
    /// Touched by what it lacks only, the most recent entry of a set is the last that came.
    Fifo(Lru),
    FifoListed(Listed),
    Placed(Placed),
}

impl AnyArray {
    /// As [`Lru::touch`]; if the tag was not there and its set is full, the one goes that the policy says.
    pub fn touch(&mut self, number: u64, tag: u64) -> bool {
        match self {
            AnyArray::Lru(array) => array.touch(number, tag),
            AnyArray::Listed(array) => array.touch(number, tag),
            AnyArray::Fifo(array) => array.holds(number, tag) || array.touch(number, tag),
            AnyArray::FifoListed(array) => array.holds(number, tag) || array.touch(number, tag),
            AnyArray::Placed(array) => array.touch(number, tag),
        }
    }

    /// Whether an entry ever had to make room for another.
    pub fn has_evicted(&self) -> bool {
        match self {
            AnyArray::Lru(array) | AnyArray::Fifo(array) => array.has_evicted(),
            AnyArray::Listed(array) | AnyArray::FifoListed(array) => array.has_evicted(),
            AnyArray::Placed(array) => array.has_evicted(),
        }
    }
}

impl Array for AnyArray {
    fn new(geometry: Geometry) -> AnyArray {
        let many = geometry.ways > FEW_WAYS;
        match geometry.policy {
            Policy::Lru if many => AnyArray::Listed(Listed::new(geometry)),
            Policy::Fifo if many => AnyArray::FifoListed(Listed::new(geometry)),
            Policy::Lru => AnyArray::Lru(Lru::new(geometry)),
            Policy::Fifo => AnyArray::Fifo(Lru::new(geometry)),
            Policy::Random { seed } => AnyArray::Placed(Placed::new(geometry, Choice::Random(SplitMix::new(seed)))),
            Policy::TreePlru => AnyArray::Placed(Placed::new(geometry, Choice::Tree)),
            Policy::Nru => AnyArray::Placed(Placed::new(geometry, Choice::Nru)),
        }
    }

    fn entries(&self) -> usize {
        match self {
            AnyArray::Lru(array) | AnyArray::Fifo(array) => array.entries(),
            AnyArray::Listed(array) | AnyArray::FifoListed(array) => array.entries(),
            AnyArray::Placed(array) => array.entries(),
        }
    }

    fn remove(&mut self, number: u64, tag: u64) {
        match self {
            AnyArray::Lru(array) | AnyArray::Fifo(array) => array.remove(number, tag),
            AnyArray::Listed(array) | AnyArray::FifoListed(array) => array.remove(number, tag),
            AnyArray::Placed(array) => array.remove(number, tag),
        }
    }

    fn remove_if(&mut self, goes: impl Fn(u64) -> bool) {
        match self {
            AnyArray::Lru(array) | AnyArray::Fifo(array) => array.remove_if(goes),
            AnyArray::Listed(array) | AnyArray::FifoListed(array) => array.remove_if(goes),
            AnyArray::Placed(array) => array.remove_if(goes),
        }
    }

    fn clear(&mut self) {
        match self {
            AnyArray::Lru(array) | AnyArray::Fifo(array) => array.clear(),
            AnyArray::Listed(array) | AnyArray::FifoListed(array) => array.clear(),
            AnyArray::Placed(array) => array.clear(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Tags are their own numbers.
    const TAGS: u64 = 24;

    #[derive(Clone, Debug)]
    enum Action {
        Touch(u64),
        Remove(u64),
        RemoveIf(u64),
        Clear,
    }

    fn actions() -> impl Strategy<Value = Vec<Action>> {
        let action = prop_oneof![
            20 => (0..TAGS).prop_map(Action::Touch),
            3 => (0..TAGS).prop_map(Action::Remove),
            1 => (2..6_u64).prop_map(Action::RemoveIf),
            1 => Just(Action::Clear),
        ];
        prop::collection::vec(action, 1..200)
    }

    /// Arrays of these sets and ways under each policy, or under those for which something holds.
    fn arrays(sets: usize, ways: usize, holds: fn(Policy) -> bool) -> Vec<AnyArray> {
        let shape = Geometry::try_new(sets * ways, ways).unwrap();
        let policies = Policy::ALL.into_iter().filter(|policy| holds(*policy));
        policies.filter_map(|policy| Some(AnyArray::new(shape.with_policy(policy)?))).collect()
    }

    impl AnyArray {
        fn act(&mut self, action: &Action) -> bool {
            match *action {
                Action::Touch(tag) => return self.touch(tag, tag),
                Action::Remove(tag) => self.remove(tag, tag),
                Action::RemoveIf(of) => self.remove_if(|tag| tag % of == 0),
                Action::Clear => self.clear(),
            }
            false
        }

        /// The tags that it holds.
        fn held(&self) -> Vec<u64> {
            (0..TAGS).filter(|tag| self.clone().touch(*tag, *tag)).collect()
        }
    }

    proptest! {
        #[test]
        fn a_fill_takes_an_empty_way_or_the_way_of_one_entry_of_its_full_set(
            sets in 1usize..4, ways in 1usize..6, actions in actions(),
        ) {
            for mut array in arrays(sets, ways, |_| true) {
                for action in &actions {
                    let (before, had_evicted) = (array.held(), array.has_evicted());
                    let was_held = array.act(action);
                    let Action::Touch(tag) = *action else { continue };
                    let (mut kept, after) = (before.clone(), array.held());
                    kept.retain(|held| after.contains(held));
                    prop_assert_eq!(was_held, before.contains(&tag));
                    prop_assert!(after.contains(&tag) && after.len() == kept.len() + !was_held as usize);
                    let of_set = before.iter().filter(|held| **held % sets as u64 == tag % sets as u64);
                    let evicts = !was_held && of_set.count() == ways;
                    prop_assert_eq!(before.len() - kept.len(), evicts as usize);
                    prop_assert_eq!(array.has_evicted(), had_evicted || evicts);
                }
            }
        }

        /// What stripping and runs rely on.
        #[test]
        fn touching_the_last_touched_tag_of_a_set_again_changes_nothing(
            sets in 1usize..4, ways in 1usize..9, actions in actions(), tag in 0..TAGS, others in prop::collection::vec(0..TAGS, 0..9),
        ) {
            for mut array in arrays(sets, ways, |_| true) {
                actions.iter().for_each(|action| _ = array.act(action));
                array.touch(tag, tag);
                for other in others.iter().filter(|other| **other % sets as u64 != tag % sets as u64) {
                    array.touch(*other, *other);
                }
                let before = array.clone();
                prop_assert!(array.touch(tag, tag));
                prop_assert_eq!(array, before);
            }
        }

        /// What shared passes over ways rely on.
        #[test]
        fn under_inclusion_more_ways_hold_what_fewer_hold(
            sets in 1usize..4, ways in 1usize..5, more in 1usize..5, actions in actions(),
        ) {
            let of = |ways| arrays(sets, ways, Policy::has_inclusion);
            for (mut few, mut many) in of(ways).into_iter().zip(of(ways + more)) {
                for action in &actions {
                    few.act(action);
                    many.act(action);
                    let held = many.held();
                    prop_assert!(few.held().iter().all(|tag| held.contains(tag)));
                }
            }
        }
    }

    /// Each has its Belady's anomaly.
    #[test]
    fn without_inclusion_more_ways_may_miss_what_fewer_hold() {
        for policy in Policy::ALL.into_iter().filter(|policy| !policy.has_inclusion()) {
            let of = |ways| AnyArray::new(Geometry::try_new(ways, ways).unwrap().with_policy(policy).unwrap());
            let (mut few, mut many, mut stream) = (of(4), of(8), SplitMix::new(1));
            let is_anomaly = (0..10_000).any(|_| {
                let tag = stream.draw() % 12;
                few.touch(0, tag) & !many.touch(0, tag)
            });
            assert!(is_anomaly, "{policy:?}");
        }
    }
}
