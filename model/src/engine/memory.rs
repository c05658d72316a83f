//! How much memory passes take.

use super::LONG_CHUNK;
use super::group::{FirstPass, Group, SecondPass, WalkPass};
use crate::arrays::{FEW_WAYS, Geometry, Policy};

/// Bytes of a walker without the tags of its arrays: lines that wait, and how tags are shortened.
const WALKER: u64 = 16 << 10;
/// Bytes of what a TLB misses of a chunk.
const MISSES: u64 = (LONG_CHUNK * size_of::<u32>()) as u64;

/// Bytes at most of the passes that a group has beyond so many of each stage: first levels, second levels, walkers.
pub fn added(group: &Group, before: [usize; 3]) -> u64 {
    let turns = u64::from(group.turns.cpus);
    let first = group.first_levels.list[before[0]..].iter().map(|pass| turns * of_first(pass) + MISSES);
    let second = group.tlbs.list[before[1]..].iter().map(|pass| turns * of_second(pass) + MISSES);
    let walkers = group.walkers.list[before[2]..].iter().map(|pass| of_walker(pass, turns));
    first.chain(second).chain(walkers).sum()
}

fn of_first(pass: &FirstPass) -> u64 {
    pass.key.l1d.iter().chain(&pass.key.l1i).flatten().map(|array| long(*array)).sum()
}

fn of_second(pass: &SecondPass) -> u64 {
    pass.arrays.iter().map(|array| long(array.geometry)).sum()
}

fn of_walker(pass: &WalkPass, processors: u64) -> u64 {
    let caches = pass.caches.map_or(0, |caches| {
        let [l1, l2, llc] = caches.levels.map(short);
        processors * (l1 + l2) + llc
    });
    let shortcuts = |psc: &[Option<Geometry>]| psc.iter().flatten().map(|array| short(*array)).sum::<u64>();
    let second = pass.second.map_or(0, |second| shortcuts(&second.psc.0) + second.nested_tlb.map_or(0, short));
    WALKER + caches + processors * (shortcuts(&pass.first.psc.0) + second)
}

/// Of an array whose tags take 64 bits; with many ways each entry is in a table and a list too.
fn long(array: Geometry) -> u64 {
    let entry = if array.ways > FEW_WAYS { 40 } else { 8 };
    array.entries as u64 * entry
}

/// Of an array for walkers, whose tags take 32 bits where it is LRU.
fn short(array: Geometry) -> u64 {
    match array.policy {
        Policy::Lru if array.ways <= u64::BITS as usize => array.entries as u64 * 4,
        _ => long(array),
    }
}
