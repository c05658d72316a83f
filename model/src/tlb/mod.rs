//! TLBs: which accesses are translated without a walk.
//!
//! *Models:* split first-level arrays for data and instructions, one per page size; second-level arrays that hold one or more
//! sizes; process tags or none; single invalidations and flushes.
//! *Does not model:* prefetching, speculation, coalescing of neighbours, inclusion between levels.
//! *Source:* Intel SDM volume 3A, on caching translation information.

mod any;
mod arrays;
mod first;
mod look_up;
mod second;
mod stacks;

pub use crate::arrays::{Geometry, Policy};
pub use arrays::Layout;
pub use first::{FirstKey, FirstLevel};
pub use look_up::{Found, LookUp, TwoLevels, look_up};
pub use second::Tlb;
pub use stacks::TlbStacks;

use crate::address::PageSize;

/// One second-level array and the page sizes that it holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecondLevel {
    pub sizes: Vec<PageSize>,
    pub geometry: Geometry,
}

/// Every TLB of a processor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TlbShape {
    /// First-level arrays for loads and stores, by page size; `None`: pages of that size have none.
    pub l1d: [Option<Geometry>; PageSize::ALL.len()],
    /// The same for fetches.
    pub l1i: [Option<Geometry>; PageSize::ALL.len()],
    /// Second-level arrays; a size uses the first that holds it.
    pub l2: Vec<SecondLevel>,
}

impl TlbShape {
    /// The first level that a guest with pages of these sizes uses.
    ///
    /// With `tags`, entries carry process tags (PCID with VPID): a switch empties nothing.
    pub fn first(&self, pages: &[PageSize], largest: PageSize, tags: bool) -> FirstKey {
        let mut key = FirstKey { largest, only: None, l1d: [None; 3], l1i: [None; 3], tags };
        let sizes = pages.iter().map(|size| *size.min(&largest));
        for size in sizes.clone() {
            key.l1d[size as usize] = self.l1d[size as usize];
            key.l1i[size as usize] = self.l1i[size as usize];
        }
        let first = sizes.clone().next();
        key.only = first.filter(|first| sizes.clone().all(|size| size == *first));
        key
    }

    /// The second level that it uses: each size in the first array that holds it.
    pub fn second(&self, pages: &[PageSize], largest: PageSize) -> Vec<SecondLevel> {
        let mut used: Vec<SecondLevel> = Vec::new();
        for array in &self.l2 {
            let is_first = |size: &PageSize| !used.iter().any(|held| held.sizes.contains(size));
            let is_used = |size: &&PageSize| pages.iter().any(|page| *page.min(&largest) == **size);
            let sizes: Vec<PageSize> = array.sizes.iter().filter(is_used).copied().filter(is_first).collect();
            if !sizes.is_empty() {
                used.push(SecondLevel { sizes, geometry: array.geometry });
            }
        }
        used
    }
}
