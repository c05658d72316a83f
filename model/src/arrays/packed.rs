//! Set-associative arrays for walkers: data caches, paging-structure caches, nested TLBs.
//!
//! *Models:* what `policy` says, without the removal of single entries.
//! *Does not model:* what `lru` does not.
//! *Source:* as `policy`.
//!
//! Where all arrays are LRU, tags take 32 bits, and eight ways are looked at and moved at once, with the widest vectors that the
//! processor has. All that lies between a loop and its touches is inlined, or vectors would not stay in registers.

use super::lru::index;
use super::short::Short;
use super::{AnyArray, Array as _, Geometry, Policy};
use fearless_simd::prelude::*;
use fearless_simd::{Select, mask32x8, u32x8};

/// Ways that are moved at once.
const LANES: usize = 8;
/// Ways that the bits of a word stand for.
const MOST_WAYS: usize = u64::BITS as usize;
/// Sets up to which all of them take memory from the beginning.
const FEW_SETS: usize = 1024;
/// With one in so many sets of a large array in use, all take memory.
const MANY: usize = 8;
/// Tags up to which an array is near the processor anyway.
const NEAR: usize = 1 << 15;
/// Marks a way that holds nothing; no short tag has this value.
const EMPTY: u32 = 0;

/// Arrays of one kind, some of which may not be there.
#[derive(Debug)]
pub struct Packed<const N: usize> {
    shapes: [Option<Geometry>; N],
    short: Short,
    arrays: [Array; N],
    /// The arrays with long tags, where short ones do not suffice, or once they do not.
    long: Option<Box<[Option<AnyArray>; N]>>,
}

impl<const N: usize> Packed<N> {
    pub fn new(shapes: [Option<Geometry>; N]) -> Packed<N> {
        let is_short = shapes.iter().flatten().all(has_short_tags);
        Packed {
            shapes,
            short: Short::default(),
            arrays: shapes.map(|shape| Array::new(shape.filter(|_| is_short))),
            long: (!is_short).then(|| Box::new(shapes.map(|shape| shape.map(AnyArray::new)))),
        }
    }

    /// Arrays of the same shapes.
    pub fn another(&self) -> Packed<N> {
        Packed::new(self.shapes)
    }

    /// Touches `tag` in its set of array `i`, which `number` selects. True if it was there; if not, it is now, and of a full set the
    /// one goes that the policy says.
    #[inline(always)]
    pub fn touch<S: Simd>(&mut self, simd: S, i: usize, number: u64, tag: u64) -> bool {
        match self.short(tag) {
            Some(short) => self.arrays[i].touch(simd, number, short),
            None => self.touch_long(i, number, tag),
        }
    }

    /// Touches array `i` with the tags, in order, and keeps those that it did not hold. Bits outside of `bits` are no part of a tag,
    /// which is its own number.
    #[inline(always)]
    pub fn sift<S: Simd>(&mut self, simd: S, i: usize, tags: &mut Vec<u64>, bits: u64) {
        let (mut done, mut kept) = (0, 0);
        if self.long.is_none() {
            let (array, short) = (&mut self.arrays[i], &mut self.short);
            if array.tags.len() > NEAR || !array.rows.is_empty() {
                array.fetch(tags, bits);
            }
            // Loops of a known length are unrolled.
            (done, kept) = match array.ways {
                8 => array.sift_ways::<S, 8>(simd, short, tags, bits),
                16 => array.sift_ways::<S, 16>(simd, short, tags, bits),
                _ => sift(
                    short,
                    tags,
                    bits,
                    #[inline(always)]
                    |number, short| array.touch_any(simd, number, short),
                ),
            };
        }
        for at in done..tags.len() {
            let tag = tags[at];
            tags[kept] = tag;
            kept += usize::from(!self.touch_long(i, tag & bits, tag & bits));
        }
        tags.truncate(kept);
    }

    #[inline(always)]
    fn short(&mut self, tag: u64) -> Option<u32> {
        if self.long.is_some() { None } else { self.short.of(tag) }
    }

    #[cold]
    #[inline(never)]
    fn touch_long(&mut self, i: usize, number: u64, tag: u64) -> bool {
        let Packed { long, arrays, short, shapes } = self;
        let long = long.get_or_insert_with(|| {
            let mut arrays = arrays.iter_mut();
            Box::new(shapes.map(|shape| {
                let array = std::mem::replace(arrays.next()?, Array::new(None));
                let mut long = AnyArray::new(shape?);
                for set in 0..array.sets as usize {
                    let row = array.rows.get(set).map_or(set, |row| *row as usize);
                    let tags = &array.tags[row * array.stride..][..array.stride];
                    let held = tags.iter().rev().filter(|tag| **tag != EMPTY);
                    held.for_each(|tag| _ = long.touch(set as u64, short.tag(*tag)));
                }
                Some(long)
            }))
        });
        long[i].as_mut().is_some_and(|array| array.touch(number, tag))
    }

    /// Removes every tag for which `goes` is true; the others keep their order.
    pub fn remove_if(&mut self, goes: impl Fn(u64) -> bool) {
        for set in self.arrays.iter_mut().flat_map(Array::sets) {
            let mut kept = 0;
            for i in 0..set.len() {
                if set[i] != EMPTY && !goes(self.short.tag(set[i])) {
                    set[kept] = set[i];
                    kept += 1;
                }
            }
            set[kept..].fill(EMPTY);
        }
        self.long.iter_mut().flat_map(|long| long.iter_mut().flatten()).for_each(|array| array.remove_if(&goes));
    }

    pub fn clear(&mut self) {
        match &mut self.long {
            Some(long) if !self.shapes.iter().flatten().all(has_short_tags) => {
                long.iter_mut().flatten().for_each(AnyArray::clear);
            }
            _ => *self = Packed::new(self.shapes),
        }
    }
}

/// Whether an array may have short tags.
fn has_short_tags(shape: &Geometry) -> bool {
    shape.policy == Policy::Lru && shape.ways <= MOST_WAYS
}

/// One array. The sets of a large one take memory when they are first used: most walkers use few sets of the last-level cache,
/// and there may be a thousand walkers.
#[derive(Debug)]
struct Array {
    /// Row by row, short tags, most recent first, empty ways last, and then up to a multiple of `LANES`.
    tags: Vec<u32>,
    /// In a large array, the row of each set, 0 where it was not used yet; row 0 is of none. Else a set's number is its row.
    rows: Vec<u32>,
    sets: u64,
    /// sets − 1 where sets is a power of two, so that the common case needs no division.
    mask: Option<u64>,
    ways: usize,
    /// Ways of a row.
    stride: usize,
    /// A bit for each way.
    in_use: u64,
}

impl Array {
    /// `None`: one that never holds anything.
    fn new(shape: Option<Geometry>) -> Array {
        let (sets, ways) = shape.map_or((1, 0), |shape| (shape.entries / shape.ways, shape.ways));
        let mask = sets.is_power_of_two().then(|| sets as u64 - 1);
        let stride = ways.next_multiple_of(LANES);
        let in_use = u64::MAX.checked_shl(ways as u32).map_or(u64::MAX, |unused| !unused);
        let (rows, first) = if sets > FEW_SETS { (vec![0; sets], 1) } else { (Vec::new(), sets) };
        Array { tags: vec![EMPTY; first * stride], rows, sets: sets as u64, mask, ways, stride, in_use }
    }

    fn sets(&mut self) -> impl Iterator<Item = &mut [u32]> {
        self.tags.chunks_exact_mut(self.stride.max(1))
    }

    #[inline(always)]
    fn touch<S: Simd>(&mut self, simd: S, number: u64, tag: u32) -> bool {
        // Loops of a known length are unrolled.
        match self.ways {
            8 => self.touch_ways::<S, 8>(simd, number, tag),
            16 => self.touch_ways::<S, 16>(simd, number, tag),
            32 => self.touch_ways::<S, 32>(simd, number, tag),
            _ => self.touch_any(simd, number, tag),
        }
    }

    /// The row of the set that `number` selects.
    #[inline(always)]
    fn row(&mut self, number: u64) -> usize {
        let set = index(number, self.mask, self.sets);
        match self.rows.get(set) {
            Some(0) => self.add_row(set),
            Some(row) => *row as usize,
            None => set,
        }
    }

    /// The row of a set that is used for the first time.
    #[cold]
    #[inline(never)]
    fn add_row(&mut self, set: usize) -> usize {
        let row = self.tags.len() / self.stride;
        if row * MANY > self.rows.len() {
            let tags = self.rows.iter().flat_map(|row| &self.tags[*row as usize * self.stride..][..self.stride]);
            self.tags = tags.copied().collect();
            self.rows = Vec::new();
            return set;
        }
        self.rows[set] = row as u32;
        self.tags.resize(self.tags.len() + self.stride, EMPTY);
        row
    }

    /// Reads what the tags will touch, so that memory brings all of it at once. Their sets have rows then.
    #[inline(always)]
    fn fetch(&mut self, tags: &[u64], bits: u64) {
        let read = tags.iter().fold(0, |sum, tag| {
            let row = self.row(tag & bits) * self.stride;
            sum ^ self.tags[row]
        });
        std::hint::black_box(read);
    }

    /// [`sift`] for so many ways. All sets have rows, so that a loop keeps at hand where they are.
    #[inline(always)]
    fn sift_ways<S: Simd, const WAYS: usize>(
        &mut self,
        simd: S,
        short: &mut Short,
        tags: &mut [u64],
        bits: u64,
    ) -> (usize, usize) {
        let (rows, sets, mask) = (&self.rows[..], self.sets, self.mask);
        let held = self.tags.as_chunks_mut::<WAYS>().0;
        sift(
            short,
            tags,
            bits,
            #[inline(always)]
            |number, short| {
                let set = index(number, mask, sets);
                let row = rows.get(set).map_or(set, |row| *row as usize);
                match held.get_mut(row) {
                    Some(set) => shift_in(simd, set, u64::MAX, short),
                    None => false,
                }
            },
        )
    }

    #[inline(always)]
    fn touch_ways<S: Simd, const WAYS: usize>(&mut self, simd: S, number: u64, tag: u32) -> bool {
        let row = self.row(number) * WAYS;
        let Some(set) = self.tags[row..].first_chunk_mut::<WAYS>() else { return false };
        shift_in(simd, set, u64::MAX, tag)
    }

    #[inline(always)]
    fn touch_any<S: Simd>(&mut self, simd: S, number: u64, tag: u32) -> bool {
        let row = self.row(number) * self.stride;
        shift_in(simd, &mut self.tags[row..][..self.stride], self.in_use, tag)
    }
}

/// Puts the tags that an array does not hold first, without a branch for each, up to one for which there is no short tag: how many
/// it took, and how many it did not hold.
#[inline(always)]
fn sift(short: &mut Short, tags: &mut [u64], bits: u64, mut touch: impl FnMut(u64, u32) -> bool) -> (usize, usize) {
    let mut kept = 0;
    for i in 0..tags.len() {
        let tag = tags[i];
        let Some(short) = short.of(tag & bits) else { return (i, kept) };
        tags[kept] = tag;
        kept += usize::from(!touch(tag & bits, short));
    }
    (tags.len(), kept)
}

/// Puts `tag` first; the ways before its old place, all in use if it was not there, move down by one. True if it was there.
#[inline(always)]
fn shift_in<S: Simd>(simd: S, set: &mut [u32], mut in_use: u64, tag: u32) -> bool {
    let tag = u32x8::splat(simd, tag);
    let (mut before, mut hit) = (tag, false);
    for ways in set.as_chunks_mut::<LANES>().0 {
        let old = u32x8::from_slice(simd, ways);
        let held = old.simd_eq(tag).to_bitmask();
        // The first way that holds it, and all before.
        let moves = if hit { 0 } else { (held ^ held.wrapping_sub(1)) & in_use };
        mask32x8::from_bitmask(simd, moves).select(before.slide::<{ LANES - 1 }>(old), old).store_slice(ways);
        hit |= held != 0;
        before = old;
        in_use >>= LANES;
    }
    hit
}

#[cfg(test)]
mod tests;
