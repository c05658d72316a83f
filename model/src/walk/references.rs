//! Where references go: to which level of which table, and for host tables on the way to what.
//!
//! *Models:* a walk reads one entry of the level at which it starts and of each below it, down to the leaf.
//! *Does not model:* what `walk` does not.
//! *Source:* the figure of the two-dimensional walk of Bhargava et al., ASPLOS 2008.

use crate::address::Level;
use crate::counts::Event;

/// A table that walks read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    Guest,
    Shadow,
    /// Read to translate the gPA of a guest node, by its level, or, without one, of the data.
    Host(Option<Level>),
}

impl Table {
    /// What counts all references to it.
    pub const fn event(self) -> Event {
        match self {
            Table::Guest => Event::GuestRefs,
            Table::Shadow => Event::ShadowRefs,
            Table::Host(_) => Event::HostRefs,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Table::Guest => "guest",
            Table::Shadow => "shadow",
            Table::Host(_) => "host",
        }
    }
}

/// How often entries of one level of a table were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct References {
    pub table: Table,
    pub level: Level,
    pub count: u64,
}

/// Walks of one table, by the level of the leaf and by the level of the first entry read: one addition for each walk.
#[derive(Clone, Copy, Debug, Default)]
pub struct WalkStarts([[u64; 5]; 3]);

impl WalkStarts {
    #[inline]
    pub fn count(&mut self, leaf: Level, start: Level) {
        self.0[leaf.get() - 1][start.get() - 1] += 1;
    }

    /// The leaf's level, the start's and how many, for every pair that there is.
    fn walks(&self) -> impl Iterator<Item = (Level, Level, u64)> {
        let starts = |(leaf, starts): (usize, [u64; 5])| {
            let level = |i: usize| Level::new(i as u8 + 1);
            (0..)
                .zip(starts)
                .filter(|(_, walks)| *walks > 0)
                .map(move |(start, walks)| (level(leaf), level(start), walks))
        };
        self.0.into_iter().enumerate().flat_map(starts)
    }

    /// The level of the lowest leaf; `None` where nothing walked.
    pub fn lowest(&self) -> Option<Level> {
        self.walks().map(|(leaf, ..)| leaf).min()
    }

    /// References to entries of a level.
    pub fn references_to(&self, level: Level) -> u64 {
        self.walks().filter(|(leaf, start, _)| (*leaf..=*start).contains(&level)).map(|(.., walks)| walks).sum()
    }

    /// All references.
    pub fn references(&self) -> u64 {
        self.walks().map(|(leaf, start, walks)| walks * (start.get() - leaf.get() + 1) as u64).sum()
    }

    /// Walks that a paging-structure cache let start below `root`.
    pub fn shortened(&self, root: Level) -> u64 {
        self.walks().filter(|(_, start, _)| *start < root).map(|(.., walks)| walks).sum()
    }

    pub fn total(&self) -> u64 {
        self.walks().map(|(.., walks)| walks).sum()
    }

    /// The references by level, from `root` down to `lowest`, also where there are none.
    pub fn by_level(&self, table: Table, lowest: Level, root: Level) -> impl Iterator<Item = References> {
        Level::range(lowest, root).rev().map(move |level| References { table, level, count: self.references_to(level) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_reads_each_level_from_its_start_to_its_leaf() {
        let [one, two, three, four] = [1, 2, 3, 4].map(Level::new);
        let mut starts = WalkStarts::default();
        for (leaf, start) in [(one, four), (one, one), (two, three), (one, one)] {
            starts.count(leaf, start);
        }
        assert_eq!([four, three, two, one].map(|level| starts.references_to(level)), [1, 2, 2, 3]);
        assert_eq!((starts.references(), starts.total(), starts.shortened(four)), (8, 4, 3));
        assert_eq!((starts.lowest(), WalkStarts::default().lowest()), (Some(one), None));
    }
}
