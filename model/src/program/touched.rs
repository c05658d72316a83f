//! Which pages were touched: a set of (process, 4 KiB page) pairs that is cheap to add to.
//!
//! Pages are kept as one bit each in bitmaps of 2 MiB regions; a small direct-mapped cache finds the bitmaps of the
//! regions in use without hashing.

use std::collections::HashMap;
use std::ops::Range;

/// log2 of the 4 KiB pages in a region.
const REGION_SHIFT: u32 = 9;
/// 4 KiB pages in a 1 GiB page, as a shift.
const GIB_SHIFT: u32 = 18;
/// Slots of the cache of recent regions.
const SLOTS: usize = 64;

/// Process and region number.
type Region = (u32, u64);

/// The 4 KiB pages touched, by process.
#[derive(Clone, Debug)]
pub struct Touched {
    index: HashMap<Region, u32>,
    bitmaps: Vec<[u64; 8]>,
    recent: [(Region, u32); SLOTS],
}

/// No slot holds it: region numbers are below 2^55.
const NOWHERE: Region = (u32::MAX, u64::MAX);

impl Default for Touched {
    fn default() -> Touched {
        Touched { index: HashMap::new(), bitmaps: Vec::new(), recent: [(NOWHERE, 0); SLOTS] }
    }
}

impl Touched {
    /// Notes that `process` touched page number `page4k` (address / 4096).
    #[inline]
    pub fn touch(&mut self, process: u32, page4k: u64) {
        let region = (process, page4k >> REGION_SHIFT);
        let slot = (region.1 as usize ^ (process as usize).wrapping_mul(0x9e37)) % SLOTS;
        let (held, place) = self.recent[slot];
        let place = if held == region { place } else { self.place(region, slot) };
        let bit = page4k as usize % (1 << REGION_SHIFT);
        self.bitmaps[place as usize][bit / 64] |= 1 << (bit % 64);
    }

    fn place(&mut self, region: Region, slot: usize) -> u32 {
        let next = self.bitmaps.len() as u32;
        let place = *self.index.entry(region).or_insert(next);
        if place == next {
            self.bitmaps.push([0; 8]);
        }
        self.recent[slot] = (region, place);
        place
    }

    /// Distinct (process, 4 KiB page) pairs.
    pub fn pages(&self) -> u64 {
        self.bitmaps.iter().flatten().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Distinct (process, 2 MiB page) pairs.
    pub fn pages_2m(&self) -> u64 {
        self.bitmaps.len() as u64
    }

    /// Distinct (process, 1 GiB page) pairs.
    pub fn pages_1g(&self) -> u64 {
        let mut large: Vec<Region> =
            self.index.keys().map(|&(process, region)| (process, region >> (GIB_SHIFT - REGION_SHIFT))).collect();
        large.sort_unstable();
        large.dedup();
        large.len() as u64
    }

    /// Stretches of 4 KiB pages, each with its process: pages belong to one stretch where fewer than `gap` untouched ones lie
    /// between them. Ordered by process and page.
    pub fn stretches(&self, gap: u64) -> Vec<(u32, Range<u64>)> {
        let mut regions: Vec<(&Region, &u32)> = self.index.iter().collect();
        regions.sort_unstable();
        let mut stretches: Vec<(u32, Range<u64>)> = Vec::new();
        for (&(process, region), &place) in regions {
            let bitmap = &self.bitmaps[place as usize];
            for bit in (0..1 << REGION_SHIFT).filter(|bit| bitmap[bit / 64] >> (bit % 64) & 1 == 1) {
                let page = (region << REGION_SHIFT) + bit as u64;
                match stretches.last_mut() {
                    Some((owner, pages)) if *owner == process && page - pages.end < gap => pages.end = page + 1,
                    _ => stretches.push((process, page..page + 1)),
                }
            }
        }
        stretches
    }

    /// Distinct bytes touched, in whole 4 KiB pages.
    pub fn bytes(&self) -> u64 {
        self.pages() << 12
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn counts_what_a_plain_set_counts() {
        let (mut touched, mut pairs) = (Touched::default(), BTreeSet::new());
        let mut x = 1u64;
        for _ in 0..200_000 {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (process, page) = ((x >> 60) as u32 % 3, (x >> 40) % 700_000);
            touched.touch(process, page);
            pairs.insert((process, page));
        }
        let distinct = |shift: u32| {
            pairs.iter().map(|&(process, page)| (process, page >> shift)).collect::<BTreeSet<_>>().len() as u64
        };
        assert_eq!([touched.pages(), touched.pages_2m(), touched.pages_1g()], [distinct(0), distinct(9), distinct(18)]);
    }

    #[test]
    fn stretches_end_at_wide_gaps_and_at_another_process() {
        let mut touched = Touched::default();
        for (process, page) in [(2, 9), (1, 1030), (1, 1022), (1, 5), (1, 511), (1, 512)] {
            touched.touch(process, page);
        }
        let wanted = [(1, 5..6), (1, 511..513), (1, 1022..1031), (2, 9..10)];
        assert_eq!(touched.stretches(500), wanted);
        assert_eq!(touched.stretches(510)[0], (1, 5..1031));
    }

    #[test]
    fn processes_do_not_share_pages() {
        let mut touched = Touched::default();
        touched.touch(1, 5);
        touched.touch(2, 5);
        touched.touch(1, 5);
        assert_eq!((touched.pages(), touched.bytes()), (2, 8192));
    }
}
