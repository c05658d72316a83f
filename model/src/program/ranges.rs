//! Mapped ranges of one process: map rows minus unmap rows, adjacent ranges merged.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Disjoint ranges of linear addresses, start → end, none of which touch. Copies, as of a child, share memory until they differ.
#[derive(Clone, Debug, Default)]
pub struct Ranges(Arc<BTreeMap<u64, u64>>);

impl Ranges {
    pub fn add(&mut self, mut start: u64, mut end: u64) {
        let ranges = Arc::make_mut(&mut self.0);
        while let Some((&from, &to)) = ranges.range(..=end).next_back().filter(|(_, to)| **to >= start) {
            (start, end) = (start.min(from), end.max(to));
            ranges.remove(&from);
        }
        ranges.insert(start, end);
    }

    pub fn remove(&mut self, start: u64, end: u64) {
        let ranges = Arc::make_mut(&mut self.0);
        while let Some((&from, &to)) = ranges.range(..end).next_back().filter(|(_, to)| **to > start) {
            ranges.remove(&from);
            if to > end {
                ranges.insert(end, to);
            }
            if from < start {
                ranges.insert(from, start);
            }
        }
    }

    /// The ranges, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().map(|(&start, &end)| (start, end))
    }

    /// Whether all of it lies inside one range.
    pub fn hold(&self, start: u64, end: u64) -> bool {
        self.0.range(..=start).next_back().is_some_and(|(_, &to)| to >= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjacent_ranges_merge_and_holes_split() {
        let mut ranges = Ranges::default();
        ranges.add(10, 20);
        ranges.add(30, 40);
        assert!(!ranges.hold(10, 40));
        ranges.add(20, 30);
        assert!(ranges.hold(10, 40) && ranges.hold(15, 16));
        ranges.remove(12, 14);
        assert!(ranges.hold(10, 12) && ranges.hold(14, 40) && !ranges.hold(10, 14));
        ranges.remove(0, 100);
        assert!(!ranges.hold(14, 15));
    }
}
