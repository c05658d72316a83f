//! Processors, and who runs on which.
//!
//! *Models:* threads that are dealt out to virtual CPUs by turns and stay there; virtual CPU i of every VM on processor i.
//! *Does not model:* migration, load, time: rows run one after another in the order of the trace.
//! *Source:* pinned threads and pinned virtual CPUs, as measurements of virtual machines have them.

use super::Part;
use std::collections::HashMap;
use std::iter;
use std::ops::Range;

/// Number of a processor, and of the virtual CPU of each VM that runs on it; below [`MOST_PROCESSORS`].
pub type Processor = u8;

/// Processors of a machine at most.
pub const MOST_PROCESSORS: u32 = u64::BITS;

/// Some processors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Processors(u64);

impl Processors {
    pub const ALL: Processors = Processors(u64::MAX);

    pub fn add(&mut self, processor: Processor) {
        self.0 |= 1 << processor;
    }

    fn holds(self, processor: usize) -> bool {
        self.0 >> processor & 1 == 1
    }
}

/// What each processor has one of. A processor has it from its first turn on, the first from the beginning.
///
/// That of the processor whose turn it is lies where a single one would, so that one processor costs nothing.
#[derive(Clone, Debug)]
pub struct PerProcessor<T> {
    now: T,
    turn: usize,
    /// By processor; none for the one whose turn it is.
    others: Vec<Option<T>>,
}

impl<T> PerProcessor<T> {
    pub fn new(first: T) -> PerProcessor<T> {
        PerProcessor { now: first, turn: 0, others: Vec::new() }
    }

    /// Whose turn it is.
    #[inline(always)]
    pub fn turn(&self) -> Processor {
        self.turn as Processor
    }

    /// It is this processor's turn; `another` makes what it has of what one has.
    pub fn turn_to(&mut self, processor: Processor, another: impl Fn(&T) -> T) {
        let before = std::mem::replace(&mut self.turn, processor.into());
        if self.turn != before {
            self.others.resize_with(self.others.len().max(before.max(self.turn) + 1), || None);
            let now = self.others[self.turn].take().unwrap_or_else(|| another(&self.now));
            self.others[before] = Some(std::mem::replace(&mut self.now, now));
        }
    }

    /// That of the processor whose turn it is.
    #[inline(always)]
    pub fn now(&self) -> &T {
        &self.now
    }

    /// That of the processor whose turn it is.
    #[inline(always)]
    pub fn now_mut(&mut self) -> &mut T {
        &mut self.now
    }

    /// Those of the processors whose turn it is not.
    pub fn others(&self) -> impl Iterator<Item = &T> {
        self.others.iter().flatten()
    }

    pub fn all(&self) -> impl Iterator<Item = &T> {
        iter::once(&self.now).chain(self.others())
    }

    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut T> {
        iter::once(&mut self.now).chain(self.others.iter_mut().flatten())
    }

    /// Those of some processors.
    pub fn of(&mut self, some: Processors) -> impl Iterator<Item = &mut T> {
        let now = Some(&mut self.now).filter(|_| some.holds(self.turn));
        let others = self.others.iter_mut().enumerate().filter(move |(processor, _)| some.holds(*processor));
        now.into_iter().chain(others.filter_map(|(_, it)| it.as_mut()))
    }
}

/// The virtual CPUs of each VM: the k-th thread of a copy of the trace, in the order of their first rows, runs on number k modulo
/// theirs. A thread is told by its process and its id; it is the same number in every copy.
#[derive(Clone, Debug)]
pub struct Vcpus {
    count: usize,
    of: HashMap<(u32, u32), Processor>,
}

impl Vcpus {
    /// From 1 to [`MOST_PROCESSORS`] of them.
    pub fn new(count: u32) -> Vcpus {
        Vcpus { count: count as usize, of: HashMap::new() }
    }

    /// Where a thread runs; it is asked for each in the order of their first rows.
    pub fn of(&mut self, process: u32, thread: u32) -> Processor {
        let next = self.of.len() % self.count;
        if self.count == 1 { 0 } else { *self.of.entry((process, thread)).or_insert(next as Processor) }
    }

    /// The accesses of one thread that come next in a range, and where they run; without threads all of them.
    pub(super) fn stretch(&mut self, rows: Part<'_>, range: Range<usize>) -> (Range<usize>, Processor) {
        let Some(threads) = rows.threads else { return (range, 0) };
        let (process, thread) = (rows.processes[range.start], threads[range.start]);
        let goes_on = |&at: &usize| rows.processes[at] == process && threads[at] == thread;
        let accesses = range.clone().take_while(goes_on).count();
        (range.start..range.start + accesses, self.of(process, thread))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_dealt_out_by_turns_in_the_order_of_their_first_rows() {
        let mut vcpus = Vcpus::new(2);
        let threads = [(1, 7), (1, 8), (1, 7), (2, 7), (2, 9), (1, 8), (3, 0)];
        assert_eq!(threads.map(|(process, thread)| vcpus.of(process, thread)), [0, 1, 0, 0, 1, 1, 0]);
    }

    #[test]
    fn each_processor_keeps_what_it_has() {
        let mut each = PerProcessor::new("first");
        each.turn_to(2, |_| "third");
        for (processor, wanted) in [(0, "first"), (1, "another"), (2, "third")] {
            each.turn_to(processor, |_| "another");
            assert_eq!(*each.now(), wanted);
        }
        let mut some = Processors::default();
        some.add(1);
        some.add(2);
        assert_eq!(each.of(some).map(|it| *it).collect::<Vec<_>>(), ["third", "another"]);
        assert_eq!(each.others().copied().collect::<Vec<_>>(), ["first", "another"]);
        assert_eq!((each.all().count(), each.turn()), (3, 2));
    }
}
