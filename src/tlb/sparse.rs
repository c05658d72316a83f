//! Large arrays whose sets take memory when they are first used.
//!
//! *Models:* what `lru` does.
//! *Does not model:* removal: nothing is ever removed from a data cache here.
//! *Source:* as `lru`.

use super::lru::{Geometry, Lru};

/// Marks a set that was not used yet.
const UNUSED: u32 = u32::MAX;

/// An array for the last-level cache: most walkers use few of its sets, and there may be a thousand walkers.
#[derive(Clone, Debug)]
pub struct Sparse {
    /// The row of each set.
    rows: Vec<u32>,
    /// A row for each set in use, in order of first use.
    array: Lru,
}

impl Sparse {
    pub fn new(geometry: Geometry) -> Sparse {
        Sparse { rows: vec![UNUSED; geometry.entries / geometry.ways], array: Lru::without_sets(geometry.ways) }
    }

    /// Makes `tag` the most recent of its set, which `number` selects. True if it was there; if not, the least recent goes.
    #[inline]
    pub fn touch(&mut self, number: u64, tag: u64) -> bool {
        let sets = self.rows.len() as u64;
        let set = if sets.is_power_of_two() { number & (sets - 1) } else { number % sets };
        let row = &mut self.rows[set as usize];
        if *row == UNUSED {
            *row = self.array.add_set() as u32;
        }
        self.array.touch(*row as u64, tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlb::Array;

    #[test]
    fn it_hits_and_misses_as_a_plain_array_does() {
        for (entries, ways) in [(64, 4), (96, 16), (7, 1)] {
            let geometry = Geometry::try_new(entries, ways).unwrap();
            let (mut sparse, mut plain) = (Sparse::new(geometry), Lru::new(geometry));
            let mut x = 1u64;
            for _ in 0..20_000 {
                x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let line = (x >> 40) % (2 * entries as u64);
                assert_eq!(sparse.touch(line, line), plain.touch(line, line));
            }
        }
    }
}
