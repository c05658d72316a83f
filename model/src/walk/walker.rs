//! Walkers: what a walk of one dimension reads, and what lies below it.
//!
//! *Models:* 4, 3 or 2 references for 4K, 2M and 1G leaves under four levels, one more under five, fewer where a
//! paging-structure cache lets the walk start lower; below it nothing, or a second dimension ([`Host`](super::Host)).
//! *Does not model:* what `walk` does not.
//! *Source:* Intel SDM volume 3A, on paging.

use super::{Below, CacheShape, Caches, Miss, Misses, Psc, PscShape, References, Table, Walk, WalkStarts};
use crate::address::{Gpa, Level, PageSize};
use crate::counts::{Counts, Event};
use crate::guest::{Flush, Flushed};
use crate::program::PerProcessor;
use fearless_simd::Simd;

/// What decides the references of a walk to entries of the first dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FirstShape {
    /// Leaves are the guest's, cut to this size at most.
    pub leaves: PageSize,
    /// Levels of the table: 4 or 5.
    pub levels: Level,
    pub psc: PscShape,
    /// Entries of paging-structure caches carry process tags: a switch empties nothing.
    pub tags: bool,
}

/// What shortens a processor's walks.
#[derive(Debug)]
struct Shortcuts<B> {
    shape: FirstShape,
    psc: Psc,
    below: B,
}

impl<B: Below> Flushed for Shortcuts<B> {
    fn another(&self) -> Shortcuts<B> {
        Shortcuts { shape: self.shape, psc: Psc::new(&self.shape.psc), below: self.below.another() }
    }

    fn flush(&mut self, flush: &Flush) {
        match *flush {
            Flush::Turn { .. } => {}
            Flush::Switch { .. } if self.shape.tags => {}
            Flush::Switch { .. } => self.psc.clear(),
            Flush::Leaf { slot, .. } | Flush::Process { slot, .. } => self.psc.flush(slot),
        }
    }
}

/// Walks one table, the guest's own or a shadow of it, and whatever is below: `()` or [`Host`](super::Host).
#[derive(Debug)]
pub struct Walker<B> {
    shape: FirstShape,
    shortcuts: PerProcessor<Shortcuts<B>>,
    starts: WalkStarts,
    /// `None`: every reference goes to memory.
    caches: Option<Caches>,
}

impl<B: Below> Walker<B> {
    pub fn new(shape: FirstShape, caches: Option<&CacheShape>, below: B) -> Walker<B> {
        let shortcuts = PerProcessor::new(Shortcuts { shape, psc: Psc::new(&shape.psc), below });
        Walker { shape, shortcuts, starts: WalkStarts::default(), caches: caches.map(Caches::new) }
    }

    /// The walks' references, by table and by where they were found, and what shortened them; `first` is the table of the first
    /// dimension.
    pub fn counts(&self, first: Table) -> Counts {
        let mut counts = Counts::default();
        self.shortcuts.all().for_each(|of| counts += &of.below.counts());
        counts[first.event()] = self.starts.references();
        counts[Event::PscHits] = self.starts.shortened(self.shape.levels);
        match &self.caches {
            Some(caches) => caches.count(&mut counts),
            None => counts[Event::RefsDram] = counts.sum(&Event::TABLE_REFS),
        }
        counts
    }

    /// The references by level: of the first dimension, then of the second on the way to each node of the first and to the data;
    /// nothing where nothing walked.
    pub fn references(&self, first: Table) -> Vec<References> {
        let Some(lowest) = self.starts.lowest() else { return Vec::new() };
        let mut references: Vec<_> = self.starts.by_level(first, lowest, self.shape.levels).collect();
        let mut below = self.shortcuts.all().map(|of| of.below.references(lowest, self.shape.levels));
        let mut sum = below.next().unwrap_or_default();
        below.for_each(|of| sum.iter_mut().zip(of).for_each(|(sum, it)| sum.count += it.count));
        references.extend(sum);
        references
    }
}

impl<B: Below> Walk for Walker<B> {
    fn caches(&mut self) -> Option<&mut Caches> {
        self.caches.as_mut()
    }

    #[inline(always)]
    fn flush<S: Simd>(&mut self, simd: S, flush: &Flush) {
        if let (Flush::Turn { processor }, Some(caches)) = (flush, &mut self.caches) {
            caches.turn_to(simd, *processor);
        }
        self.shortcuts.follow(flush);
    }

    #[inline(always)]
    fn walk<S: Simd>(&mut self, simd: S, misses: &Misses<'_>, miss: &Miss<'_>) {
        let (root, leaf) = (self.shape.levels, miss.place.size.min(self.shape.leaves).leaf_level());
        let Shortcuts { psc, below, .. } = self.shortcuts.now_mut();
        let start = psc.start(simd, miss.place.slot, miss.address.get(), leaf, root);
        self.starts.count(leaf, start);
        if !B::TRANSLATES && self.caches.is_none() {
            return;
        }
        let (numbers, frames) = path::<B>(self.caches.is_some(), misses, miss, leaf, start);
        for level in Level::range(leaf, start).rev() {
            // A paging-structure cache gives the host address of the node below its entry.
            if level < start || start == root {
                below.translate(simd, &mut self.caches, misses, frames[level.get() - 1], Some(level));
            }
            if let Some(caches) = &mut self.caches {
                caches.reference(simd, numbers[level.get() - 1], miss.address.index(level));
            }
        }
        below.translate(simd, &mut self.caches, misses, miss.gpa(), None);
    }
}

/// Numbers, for caches, and, if they are translated, gPAs of the nodes by level, from the leaf's up to that of `start`.
#[inline(always)]
fn path<B: Below>(
    has_caches: bool,
    misses: &Misses<'_>,
    miss: &Miss<'_>,
    leaf: Level,
    start: Level,
) -> ([u64; 5], [Gpa; 5]) {
    let (mut numbers, mut frames) = ([0; 5], [Gpa::default(); 5]);
    let (tables, leaves) = match misses.behind {
        Some(behind) => (behind.first.tables, behind.leaves),
        None => (misses.guest, None),
    };
    let mut node = leaves.map_or(miss.place.node, |leaves| leaves[miss.run]);
    for level in Level::range(leaf, start) {
        if let (Some(behind), true) = (misses.behind, has_caches) {
            numbers[level.get() - 1] = behind.first.numbers.get(node);
        }
        let at = tables.node(node);
        if B::TRANSLATES {
            frames[level.get() - 1] = at.frame;
        }
        node = at.parent;
    }
    (numbers, frames)
}
