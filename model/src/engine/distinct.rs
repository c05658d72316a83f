//! What cells have in common, found once.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hash};

/// Things in order of first mention, each once.
pub struct Distinct<T> {
    pub list: Vec<T>,
    /// Places in the list, by what is there.
    places: HashTable<usize>,
    hasher: FixedState,
}

impl<T> Default for Distinct<T> {
    fn default() -> Distinct<T> {
        Distinct { list: Vec::new(), places: HashTable::new(), hasher: FixedState::default() }
    }
}

impl<T: Eq + Hash> Distinct<T> {
    pub fn number(&mut self, thing: T) -> usize {
        let Distinct { list, places, hasher } = self;
        let hash = hasher.hash_one(&thing);
        if let Some(place) = places.find(hash, |place| list[*place] == thing) {
            return *place;
        }
        list.push(thing);
        places.insert_unique(hash, list.len() - 1, |place| hasher.hash_one(&list[*place]));
        list.len() - 1
    }
}

/// Passes of one stage that differ in nothing but ways: one pass over Mattson's stacks serves them.
#[derive(Default)]
pub struct SharedWays {
    /// What they are fed by, and which they are: at least two.
    pub lists: Vec<(usize, Vec<usize>)>,
    /// By pass: what it is fed by, and the stacks that it follows.
    pub of: Vec<(usize, Option<usize>)>,
}

impl SharedWays {
    /// From what each pass is fed by, and what it has in common with others like it; `None`: nothing.
    pub fn new<T: Eq + Hash>(passes: impl Iterator<Item = (usize, Option<T>)>) -> SharedWays {
        let (mut alike, mut lists, mut of) = (Distinct::default(), Vec::new(), Vec::new());
        for (pass, (feed, common)) in passes.enumerate() {
            of.push((feed, None));
            let Some(common) = common else { continue };
            let number = alike.number((feed, common));
            lists.resize(lists.len().max(number + 1), (feed, Vec::new()));
            lists[number].1.push(pass);
        }
        lists.retain(|(_, passes)| passes.len() > 1);
        for (number, (_, passes)) in lists.iter().enumerate() {
            passes.iter().for_each(|pass| of[*pass].1 = Some(number));
        }
        SharedWays { lists, of }
    }
}
