//! Mattson's stack: one array that tells the hits of every number of ways at its number of sets.
//!
//! *Models:* what `lru` does, for all numbers of ways up to its own at once: a tag at depth d is held by arrays of more than d ways.
//! *Does not model:* what `lru` does not.
//! *Source:* Mattson, Gecsei, Slutz and Traiger, "Evaluation techniques for storage hierarchies", IBM Systems Journal 1970, set
//! by set; a removed tag leaves a hole, which the next one that passes fills.

use super::deep::DeepSet;
use super::lru::{EMPTY, find};
use super::{Array, FEW_WAYS, Geometry};

/// One array for every number of ways.
#[derive(Clone, Debug)]
pub enum MattsonStack {
    Few(Runs),
    /// Sets of many ways.
    Deep {
        sets: Vec<DeepSet>,
        ways: usize,
    },
}

/// Sets of few ways: each is a run of tags, most recent first, with holes.
#[derive(Clone, Debug)]
pub struct Runs {
    tags: Vec<u64>,
    ways: usize,
    /// The first hole of each set; `ways` where there is none.
    holes: Vec<u32>,
}

/// What a touch found.
#[derive(Clone, Copy, Debug)]
pub struct Touched {
    /// Arrays of more ways held the tag.
    pub depth: usize,
    /// Arrays of more ways had room for another.
    pub hole: usize,
}

impl MattsonStack {
    /// Makes `tag` the most recent of its set, which `number` selects.
    #[inline]
    pub fn touch(&mut self, number: u64, tag: u64) -> Touched {
        match self {
            MattsonStack::Few(runs) => runs.touch(number, tag),
            MattsonStack::Deep { sets, .. } => set_of(sets, number).touch(tag),
        }
    }
}

fn set_of(sets: &mut [DeepSet], number: u64) -> &mut DeepSet {
    let set = number % sets.len() as u64;
    &mut sets[set as usize]
}

impl Runs {
    fn new(geometry: Geometry) -> Runs {
        Runs { tags: vec![EMPTY; geometry.entries], ways: geometry.ways, holes: vec![0; geometry.sets()] }
    }

    #[inline]
    fn touch(&mut self, number: u64, tag: u64) -> Touched {
        let number = (number % self.holes.len() as u64) as usize;
        let (set, first_hole) = (&mut self.tags[number * self.ways..][..self.ways], &mut self.holes[number]);
        let hole = *first_hole as usize;
        if set[0] == tag {
            return Touched { depth: 0, hole };
        }
        let depth = find(set, tag);
        if let Some(depth) = depth {
            set[depth] = EMPTY;
        }
        // The tags above sink until one falls into a hole, the old place of this one at the latest.
        let end = depth.unwrap_or(set.len() - 1).min(hole);
        set.copy_within(..end, 1);
        set[0] = tag;
        if end == hole {
            let later = find(&set[hole + 1..], EMPTY).map_or(set.len(), |at| hole + 1 + at);
            *first_hole = later as u32;
        }
        Touched { depth: depth.unwrap_or(usize::MAX), hole }
    }

    fn remove(&mut self, number: u64, tag: u64) {
        let number = (number % self.holes.len() as u64) as usize;
        let set = &mut self.tags[number * self.ways..][..self.ways];
        if let Some(depth) = find(set, tag) {
            set[depth] = EMPTY;
            self.holes[number] = self.holes[number].min(depth as u32);
        }
    }

    fn remove_if(&mut self, goes: impl Fn(u64) -> bool) {
        self.tags.iter_mut().filter(|tag| **tag != EMPTY && goes(**tag)).for_each(|tag| *tag = EMPTY);
        for (set, hole) in self.tags.chunks_exact(self.ways).zip(&mut self.holes) {
            *hole = find(set, EMPTY).unwrap_or(set.len()) as u32;
        }
    }
}

impl Array for MattsonStack {
    fn new(geometry: Geometry) -> MattsonStack {
        match geometry.ways {
            ..=FEW_WAYS => MattsonStack::Few(Runs::new(geometry)),
            ways => MattsonStack::Deep { sets: vec![DeepSet::new(ways); geometry.sets()], ways },
        }
    }

    fn entries(&self) -> usize {
        match self {
            MattsonStack::Few(runs) => runs.tags.len(),
            MattsonStack::Deep { sets, ways } => sets.len() * ways,
        }
    }

    fn remove(&mut self, number: u64, tag: u64) {
        match self {
            MattsonStack::Few(runs) => runs.remove(number, tag),
            MattsonStack::Deep { sets, .. } => set_of(sets, number).remove(tag),
        }
    }

    fn remove_if(&mut self, goes: impl Fn(u64) -> bool) {
        match self {
            MattsonStack::Few(runs) => runs.remove_if(goes),
            MattsonStack::Deep { sets, .. } => sets.iter_mut().for_each(|set| set.remove_if(&goes)),
        }
    }

    fn clear(&mut self) {
        match self {
            MattsonStack::Few(runs) => {
                runs.tags.fill(EMPTY);
                runs.holes.fill(0);
            }
            MattsonStack::Deep { sets, .. } => sets.iter_mut().for_each(DeepSet::clear),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::Lru;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Action {
        Touch(u64),
        Remove(u64),
        RemoveIf(u64),
        Clear,
    }

    fn action() -> impl Strategy<Value = Action> {
        prop_oneof![
            20 => (0..40_u64).prop_map(Action::Touch),
            3 => (0..40_u64).prop_map(Action::Remove),
            1 => (2..6_u64).prop_map(Action::RemoveIf),
            1 => Just(Action::Clear),
        ]
    }

    proptest! {
        /// The naive twin: an array for each number of ways.
        #[test]
        fn it_tells_what_arrays_of_any_ways_hold_and_evict(
            sets in 1usize..6, ways in 1usize..7, actions in prop::collection::vec(action(), 1..200),
        ) {
            let geometry = |ways| Geometry::try_new(sets * ways, ways).unwrap();
            let deep = MattsonStack::Deep { sets: vec![DeepSet::new(ways); sets], ways };
            let mut stacks = [MattsonStack::new(geometry(ways)), deep];
            let mut arrays: Vec<_> = (1..=ways).map(|ways| (Lru::new(geometry(ways)), false)).collect();
            for action in actions {
                if let Action::Touch(tag) = action {
                    let [found, deep] = stacks.each_mut().map(|stack| stack.touch(tag, tag));
                    prop_assert_eq!((found.depth, found.hole), (deep.depth, deep.hole));
                    for (ways, (array, evicted)) in (1..).zip(&mut arrays) {
                        prop_assert_eq!(array.touch(tag, tag), found.depth < ways);
                        *evicted |= found.depth >= ways && found.hole >= ways;
                        prop_assert_eq!(array.has_evicted(), *evicted);
                    }
                }
                stacks.iter_mut().for_each(|stack| act(stack, &action));
                arrays.iter_mut().for_each(|(array, _)| act(array, &action));
            }
        }
    }

    fn act(array: &mut impl Array, action: &Action) {
        match *action {
            Action::Touch(_) => {}
            Action::Remove(tag) => array.remove(tag, tag),
            Action::RemoveIf(of) => array.remove_if(|tag| tag % of == 0),
            Action::Clear => array.clear(),
        }
    }
}
