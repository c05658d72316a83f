//! How large an array is, and how it is cut into sets.

/// Entries and ways of one array; sets = entries / ways, any positive integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Geometry {
    pub entries: usize,
    pub ways: usize,
}

impl Geometry {
    /// `None` unless `entries` is a positive multiple of `ways`.
    pub fn try_new(entries: usize, ways: usize) -> Option<Geometry> {
        (entries > 0 && ways > 0 && entries.is_multiple_of(ways)).then_some(Geometry { entries, ways })
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
}
