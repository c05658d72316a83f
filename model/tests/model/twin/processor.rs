//! What each processor has of its own (section 13).

use std::collections::BTreeMap;

use super::array::Array;
use super::config::{Config, Geometry, PageSize};
use super::machine::{Pid, TlbTag};

/// "Each processor has TLB arrays, paging-structure caches of both dimensions, a nested TLB and first two data caches of its own."
pub struct Processor {
    /// Whose the previous row was.
    pub previous: Option<Pid>,
    pub l1d: BTreeMap<PageSize, Array<TlbTag, ()>>,
    pub l1i: BTreeMap<PageSize, Array<TlbTag, ()>>,
    pub l2: Vec<(Vec<PageSize>, Array<TlbTag, ()>)>,
    /// By level; the value is the frame number of the next node, only to check that no entry is stale.
    pub psc: BTreeMap<u32, Array<(Pid, u64), u64>>,
    pub host_psc: BTreeMap<u32, Array<(usize, u64), u64>>,
    pub nested_tlb: Option<Array<(usize, u64), ()>>,
    /// l1 and l2, if there are any.
    pub caches: Vec<Array<u64, ()>>,
}

impl Processor {
    pub fn new(config: &Config) -> Processor {
        Processor {
            previous: None,
            l1d: first_level(&config.l1d),
            l1i: first_level(&config.l1i),
            l2: config.l2.iter().map(|(sizes, g)| (sizes.clone(), Array::new(*g))).collect(),
            psc: paging_structure_caches(&config.psc),
            host_psc: paging_structure_caches(&config.host_psc),
            nested_tlb: config.nested_tlb.map(Array::new),
            caches: config.caches.into_iter().flat_map(|[l1, l2, _]| [l1, l2]).map(Array::new).collect(),
        }
    }

    pub fn tlb_arrays(&mut self) -> impl Iterator<Item = &mut Array<TlbTag, ()>> {
        let first = self.l1d.values_mut().chain(self.l1i.values_mut());
        first.chain(self.l2.iter_mut().map(|(_, array)| array))
    }

    /// "Empties every TLB array and every guest-dimension paging-structure cache (not the nested TLB)."
    pub fn switch_untagged(&mut self) {
        self.tlb_arrays().for_each(Array::clear);
        self.psc.values_mut().for_each(Array::clear);
    }

    /// Removes some TLB entries and empties the guest-dimension paging-structure caches of the process.
    pub fn flush(&mut self, pid: Pid, gone: impl Fn(&TlbTag) -> bool) {
        self.tlb_arrays().for_each(|array| array.remove_if(&gone));
        self.psc.values_mut().for_each(|psc| psc.remove_if(|tag| tag.0 == pid));
    }
}

fn first_level(arrays: &[Option<Geometry>; 3]) -> BTreeMap<PageSize, Array<TlbTag, ()>> {
    let present = PageSize::ALL.into_iter().zip(arrays).filter_map(|(size, g)| Some((size, (*g)?)));
    present.map(|(size, g)| (size, Array::new(g))).collect()
}

/// By level, 2 to 5; levels with 0 entries have none.
fn paging_structure_caches<T: PartialEq>(geometries: &[Geometry; 4]) -> BTreeMap<u32, Array<T, u64>> {
    let present = (2..=5).zip(geometries).filter(|(_, g)| g.entries > 0);
    present.map(|(level, g)| (level, Array::new(*g))).collect()
}
