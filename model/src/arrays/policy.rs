//! Replacement policies: which entry of a full set makes room for another.
//!
//! *Models:* true LRU, FIFO, random, tree-PLRU, and NRU with one bit for each entry.
//! *Does not model:* policies that learn from hits or bypass the array, hashed or skewed sets, policies that sets agree on.
//! *Source:* Al-Zoubi, Milenković and Milenković, "Performance evaluation of cache replacement policies for the SPEC CPU2000
//! benchmark suite", ACM Southeast Regional Conference 2004.

/// Which entry of a full set makes room.
///
/// A fill takes an empty way where there is one. Under random, tree-PLRU and NRU, entries have fixed ways, and the lowest empty one
/// is taken. Removal empties ways.
///
/// Touching again what its set touched last must change nothing under any of them; stripping and runs rest on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Policy {
    /// The one touched longest ago.
    #[default]
    Lru,
    /// The one that came first; a hit changes nothing.
    Fifo,
    /// Any: each array draws from a stream of its own that starts at this seed, once for each fill of a full set.
    Random { seed: u64 },
    /// The one that a tree of ways − 1 bits leads to. A hit or a fill points every bit on its way away from it; removal leaves the
    /// bits. Ways are a power of two.
    TreePlru,
    /// The lowest one without its bit. A hit or a fill sets it and, where that would leave none without, clears all others of the set;
    /// removal clears it.
    Nru,
}

impl Policy {
    /// Each with the seed that it has by default.
    pub const ALL: [Policy; 5] = [Policy::Lru, Policy::Fifo, Policy::Random { seed: 1 }, Policy::TreePlru, Policy::Nru];

    pub const fn name(self) -> &'static str {
        match self {
            Policy::Lru => "lru",
            Policy::Fifo => "fifo",
            Policy::Random { .. } => "random",
            Policy::TreePlru => "tree-plru",
            Policy::Nru => "nru",
        }
    }

    /// The same with another seed, where it has one.
    pub const fn with_seed(self, seed: u64) -> Policy {
        match self {
            Policy::Random { .. } => Policy::Random { seed },
            Policy::Lru | Policy::Fifo | Policy::TreePlru | Policy::Nru => self,
        }
    }

    /// Whether a set may have so many ways.
    pub const fn fits(self, ways: usize) -> bool {
        match self {
            Policy::Lru | Policy::Fifo | Policy::Random { .. } | Policy::Nru => true,
            Policy::TreePlru => ways.is_power_of_two(),
        }
    }

    /// Whether a set always holds what one of fewer ways would hold: one pass over [`MattsonStack`](super::MattsonStack)s then tells
    /// the hits of arrays that differ in ways alone.
    pub const fn has_inclusion(self) -> bool {
        match self {
            Policy::Lru => true,
            Policy::Fifo | Policy::Random { .. } | Policy::TreePlru | Policy::Nru => false,
        }
    }
}
