//! How large an array is, how it is cut into sets, and which entry of a full set makes room.

use super::Policy;

/// Entries, ways and replacement of one array; sets = entries / ways, any positive integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Geometry {
    pub entries: usize,
    pub ways: usize,
    pub policy: Policy,
}

impl Geometry {
    /// Under LRU; `None` unless `entries` is a positive multiple of `ways`.
    pub fn try_new(entries: usize, ways: usize) -> Option<Geometry> {
        let fits = entries > 0 && ways > 0 && entries.is_multiple_of(ways);
        fits.then_some(Geometry { entries, ways, policy: Policy::Lru })
    }

    /// The same under another policy; `None` where sets under it cannot have so many ways.
    pub fn with_policy(self, policy: Policy) -> Option<Geometry> {
        policy.fits(self.ways).then_some(Geometry { policy, ..self })
    }

    pub fn sets(self) -> usize {
        self.entries / self.ways
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_a_multiple_of_ways() {
        assert!(Geometry::try_new(1536, 12).is_some());
        assert!(Geometry::try_new(10, 4).is_none() && Geometry::try_new(0, 1).is_none());
    }

    #[test]
    fn only_a_tree_needs_ways_that_are_a_power_of_two() {
        let refuse = |ways| {
            let shape = Geometry::try_new(2 * ways, ways).unwrap();
            Policy::ALL.into_iter().filter(move |policy| shape.with_policy(*policy).is_none()).collect::<Vec<_>>()
        };
        assert_eq!([1, 2, 16, 12].map(refuse), [vec![], vec![], vec![], vec![Policy::TreePlru]]);
    }
}
