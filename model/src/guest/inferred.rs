//! Mapped ranges inferred from accesses, for traces that were recorded without their maps.
//!
//! *Models:* what a program must have mapped at least: a range from its first to its last page in use, with holes of less than
//! 2 MiB filled, mapped from the process's beginning.
//! *Does not model:* mappings that are never touched, mappings that come and go.
//! *Source:* allocators and stacks use a mapping from one end; a hole of 2 MiB more likely lies between two mappings.

use crate::program::{Ranges, Touched};
use std::collections::HashMap;

/// 4 KiB pages of the narrowest hole that is taken for unmapped: 2 MiB.
const HOLE: u64 = 512;

/// Ranges by process, as page numbers of 4 KiB.
#[derive(Debug, Default)]
pub struct Inferred(HashMap<u32, Vec<(u64, u64)>>);

impl Inferred {
    /// The ranges of a trace that touches these pages in all.
    pub fn new(touched: &Touched) -> Inferred {
        let mut ranges: HashMap<u32, Vec<(u64, u64)>> = HashMap::new();
        for (process, pages) in touched.stretches(HOLE) {
            ranges.entry(process).or_default().push((pages.start, pages.end));
        }
        Inferred(ranges)
    }

    /// Adds a process's ranges; `linear` takes the first address of a page to its place in the linear address space.
    pub(super) fn add_to(&self, ranges: &mut Ranges, process: u32, linear: impl Fn(u64) -> u64) {
        for &(first, end) in self.0.get(&process).into_iter().flatten() {
            let start = linear(first << 12);
            ranges.add(start, start + ((end - first) << 12));
        }
    }
}
