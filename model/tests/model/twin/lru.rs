//! A set-associative array with true LRU in each set: TLBs, paging-structure caches, the nested TLB, data caches.

/// Each set is a list ordered by recency, the most recent first.
pub struct Lru<T, V> {
    ways: usize,
    sets: Vec<Vec<(T, V)>>,
}

impl<T: PartialEq, V: Copy> Lru<T, V> {
    /// "sets = entries / ways, any positive integer."
    pub fn new(entries: usize, ways: usize) -> Lru<T, V> {
        assert!(ways > 0 && entries > 0 && entries.is_multiple_of(ways), "impossible geometry: {entries} / {ways}");
        Lru { ways, sets: (0..entries / ways).map(|_| Vec::new()).collect() }
    }

    /// "Set index = number mod sets."
    fn set(&mut self, number: u64) -> &mut Vec<(T, V)> {
        let sets = self.sets.len() as u64;
        &mut self.sets[(number % sets) as usize]
    }

    /// Looks the tag up; a hit becomes the most recent of its set.
    pub fn find(&mut self, number: u64, tag: &T) -> Option<V> {
        let set = self.set(number);
        let place = set.iter().position(|(t, _)| t == tag)?;
        let entry = set.remove(place);
        let value = entry.1;
        set.insert(0, entry);
        Some(value)
    }

    /// Puts in a tag that is not there, as the most recent; the least recent goes if the set is full.
    pub fn insert(&mut self, number: u64, tag: T, value: V) {
        let ways = self.ways;
        let set = self.set(number);
        assert!(set.iter().all(|(t, _)| *t != tag), "the tag is already there");
        set.insert(0, (tag, value));
        set.truncate(ways);
    }

    /// Removes every entry whose tag answers yes.
    pub fn remove_if(&mut self, gone: impl Fn(&T) -> bool) {
        for set in &mut self.sets {
            set.retain(|(tag, _)| !gone(tag));
        }
    }

    pub fn clear(&mut self) {
        self.remove_if(|_| true);
    }
}
