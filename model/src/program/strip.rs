//! Accesses that change nothing, left out once for every simulation that follows: trace stripping.
//!
//! An access to the page that was touched last of all pages of its set changes nothing in an array, whatever its policy. What holds for some number of sets holds for every multiple of it, so one small memory strips for arrays of many sizes. It
//! forgets wherever something may be flushed: at calls, at switches, and at stores that may break a copy-on-write.
//!
//! Each processor has arrays of its own, and here a memory of what it touched: what others touch in between leaves its arrays alone.
//! Calls and copies on write may flush on all processors, and all forget; a switch is a processor's own. Guest memory is the same for
//! all of them, and asks less: an access is nothing new to it if any of them touched its page since the last call, or, for a store,
//! stored to it.
//! *Source:* Thomas R. Puzak, "Analysis of cache replacement algorithms", University of Massachusetts, 1985.

use super::{Op, PerProcessor, Processor};
use crate::address::PageSize;

/// log2 of the most sets told apart.
const MOST_SETS: u32 = 6;
/// No page has this number.
const NONE: u64 = u64::MAX;

/// Page numbers by set.
type Pages = [u64; 1 << MOST_SETS];

/// What leaves out accesses while a chunk is made.
#[derive(Clone, Debug)]
pub struct Strip {
    memories: PerProcessor<Memory>,
    /// Whether data and fetches go to arrays of their own.
    apart: bool,
    /// Whether there may be pages to copy on write.
    forked: bool,
    /// Whether only another process asks for more than the page touched last of each set.
    simple: bool,
}

/// What one processor touched.
#[derive(Clone, Debug)]
struct Memory {
    process: u32,
    /// By page size; 4K, which guest memory needs too, is always there.
    latest: Vec<Latest>,
    /// Pages stored to since the last call: nothing is left to copy there.
    stored: Pages,
}

/// The page touched last of each set, by operation; for stores, if it was stored to since it came.
#[derive(Clone, Debug)]
struct Latest {
    shift: u32,
    /// Sets − 1, by operation.
    masks: [u64; 4],
    pages: [Pages; 4],
}

impl Strip {
    /// Leaves out only what goes on with the access before it: the same page, all fetches, or loads and stores that either
    /// begin with a store or hold none.
    pub fn none() -> Strip {
        Strip { apart: false, simple: false, ..Strip::new(&[(PageSize::Size4K, [1, 1])]) }
    }

    /// Strips for arrays of data and of fetches, of pages of these sizes, with these numbers of sets each. Every page of one of these
    /// sizes has an array of both.
    pub fn new(arrays: &[(PageSize, [usize; 2])]) -> Strip {
        let latest = PageSize::ALL.into_iter().filter_map(|size| {
            let of_size = arrays.iter().filter(|(it, _)| *it == size);
            let sets = |kind: usize| of_size.clone().map(|(_, sets)| sets[kind].trailing_zeros()).min();
            (size == PageSize::Size4K || sets(0).is_some()).then(|| Latest::new(size, [sets(0), sets(1)]))
        });
        let memory = Memory { process: 0, latest: latest.collect(), stored: [NONE; 1 << MOST_SETS] };
        Strip { memories: PerProcessor::new(memory), apart: true, forked: false, simple: true }
    }

    /// The accesses that follow are another processor's.
    pub fn turn_to(&mut self, processor: Processor) {
        if processor != self.memories.turn() {
            self.memories.turn_to(processor, Memory::another);
            if !self.apart {
                // What goes on with the access before it goes on where that was.
                self.forget();
            }
        }
    }

    /// Forgets what was touched: at the beginning of a chunk and at a call.
    pub fn forget(&mut self) {
        self.memories.all_mut().for_each(Memory::forget);
    }

    /// Forgets at a call.
    pub fn call(&mut self, op: Op) {
        self.forked |= op == Op::Fork;
        self.simple = self.apart && !self.forked;
        self.forget();
    }

    /// How many accesses change nothing, up to the first that does; `None` if none of them does.
    #[inline]
    pub fn dropped(&self, ops: &[u8], addresses: &[u64], processes: &[u32]) -> Option<usize> {
        let memory = self.memories.now();
        let (small, others) = memory.latest.split_first()?;
        ops.iter().zip(addresses).zip(processes).position(|((&op, &address), &process)| {
            process != memory.process
                || !small.is(op, address)
                // Looked at last: mostly there are none.
                || !others.is_empty() && !others.iter().all(|latest| latest.is(op, address))
        })
    }

    /// Notes an access that is kept.
    #[inline(always)]
    pub fn keep(&mut self, op: Op, process: u32, address: u64) {
        if !self.simple || process != self.memories.now().process {
            self.forget_before(op, process, address);
        }
        self.memories.now_mut().latest.iter_mut().for_each(|latest| latest.touch(op, address));
    }

    /// Forgets what this access may flush, or takes the place of.
    #[inline(never)]
    fn forget_before(&mut self, op: Op, process: u32, address: u64) {
        let memory = self.memories.now_mut();
        if process != memory.process {
            memory.process = process;
            memory.forget();
        }
        if !self.apart {
            memory.latest.iter_mut().flat_map(|latest| &mut latest.pages).for_each(|pages| pages[0] = NONE);
        }
        let page = address >> PageSize::Size4K.shift();
        let stored = &mut memory.stored[page as usize % (1 << MOST_SETS)];
        if self.forked && op == Op::Store && *stored != page {
            // The first store since a fork, maybe: a page of any size around it is copied, and flushed.
            *stored = page;
            self.memories.all_mut().flat_map(|memory| &mut memory.latest).for_each(Latest::clear);
        }
    }
}

impl Memory {
    fn forget(&mut self) {
        self.stored.fill(NONE);
        self.latest.iter_mut().for_each(Latest::clear);
    }

    /// That of a processor which touched nothing.
    fn another(&self) -> Memory {
        let mut memory = self.clone();
        memory.forget();
        memory
    }
}

impl Latest {
    /// Sets as log2, for data and for fetches.
    fn new(size: PageSize, sets: [Option<u32>; 2]) -> Latest {
        let [data, fetch] = sets.map(|sets| (1 << sets.unwrap_or(MOST_SETS).min(MOST_SETS)) - 1);
        Latest { shift: size.shift(), masks: [data, data, fetch, 0], pages: [[NONE; 1 << MOST_SETS]; 4] }
    }

    fn clear(&mut self) {
        self.pages.as_flattened_mut().fill(NONE);
    }

    #[inline(always)]
    fn set(&self, page: u64, op: u8) -> usize {
        (page & self.masks[op as usize % 4]) as usize % (1 << MOST_SETS)
    }

    #[inline(always)]
    fn is(&self, op: u8, address: u64) -> bool {
        let page = address >> self.shift;
        self.pages[op as usize % 4][self.set(page, op)] == page
    }

    #[inline(always)]
    fn touch(&mut self, op: Op, address: u64) {
        let page = address >> self.shift;
        let set = self.set(page, op as u8);
        let before = std::mem::replace(&mut self.pages[op as usize][set], page);
        match op {
            Op::Store => self.pages[Op::Load as usize][set] = page,
            Op::Load if before != page => self.pages[Op::Store as usize][set] = NONE,
            Op::Load | Op::Fetch | Op::Map | Op::Unmap | Op::Protect | Op::Fork | Op::Exit => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: PageSize = PageSize::Size4K;

    /// Which of these accesses, at pages of 4K, are kept.
    fn kept(mut strip: Strip, accesses: &[(Op, u64)]) -> Vec<u64> {
        let mut kept = Vec::new();
        for (at, (op, page)) in (0..).zip(accesses) {
            let address = page << SMALL.shift();
            if strip.dropped(&[*op as u8], &[address], &[0]).is_some() {
                strip.keep(*op, 0, address);
                kept.push(at);
            }
        }
        kept
    }

    #[test]
    fn pages_are_told_apart_by_the_sets_that_all_arrays_share() {
        let loads = [0, 1, 2, 0, 1, 2].map(|page| (Op::Load, page));
        assert_eq!(kept(Strip::new(&[(SMALL, [4, 1])]), &loads), [0, 1, 2]);
        // 6 and 4 are multiples of 2: pages 0 and 2 share a set.
        assert_eq!(kept(Strip::new(&[(SMALL, [6, 1]), (SMALL, [4, 1])]), &loads), [0, 1, 2, 3, 5]);
        assert_eq!(kept(Strip::none(), &loads), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn pages_of_every_size_must_have_been_touched_last() {
        let loads = [0, 513, 0, 1, 0].map(|page| (Op::Load, page));
        let strip = Strip::new(&[(SMALL, [64, 64]), (PageSize::Size2M, [1, 1])]);
        assert_eq!(kept(strip, &loads), [0, 1, 2, 3]);
    }

    #[test]
    fn data_and_fetches_are_apart_and_a_first_store_is_kept() {
        let accesses = [(Op::Load, 0), (Op::Fetch, 1), (Op::Load, 0), (Op::Store, 0), (Op::Load, 0), (Op::Fetch, 1)];
        assert_eq!(kept(Strip::new(&[(SMALL, [1, 1])]), &accesses), [0, 1, 3]);
        assert_eq!(kept(Strip::none(), &accesses), [0, 1, 2, 3, 5]);
    }

    #[test]
    fn after_a_fork_the_first_store_to_a_page_flushes() {
        let accesses = [(Op::Load, 0), (Op::Store, 1), (Op::Load, 0), (Op::Store, 1)];
        let strip = Strip::new(&[(SMALL, [2, 2])]);
        assert_eq!(kept(strip.clone(), &accesses), [0, 1]);
        let mut forked = strip;
        forked.call(Op::Fork);
        assert_eq!(kept(forked, &accesses), [0, 1, 2]);
    }

    #[test]
    fn processors_remember_what_they_touched_themselves_and_forget_what_any_of_them_copies() {
        let touch = |strip: &mut Strip, processor, op: Op| {
            strip.turn_to(processor);
            let is_kept = strip.dropped(&[op as u8], &[0], &[0]).is_some();
            is_kept.then(|| strip.keep(op, 0, 0));
            is_kept
        };
        let touches = [(0, Op::Load), (1, Op::Load), (0, Op::Load), (1, Op::Store), (0, Op::Load)];
        let kept = |mut strip: Strip| touches.map(|(processor, op)| touch(&mut strip, processor, op));
        let strip = Strip::new(&[(SMALL, [1, 1])]);
        let mut forked = strip.clone();
        forked.call(Op::Fork);
        assert_eq!(kept(strip), [true, true, false, true, false]);
        assert_eq!(kept(forked), [true, true, false, true, true]);
        assert_eq!(kept(Strip::none()), [true; 5]);
    }
}
