//! Which host pages of each VM are backed, where no host table says so.

use crate::address::{Gpa, PageSize};
use crate::guest::frames::DATA;

/// One bit for each host page: of nodes from gPA 0 on, of data from its arena on.
#[derive(Debug)]
pub struct Backed {
    pages: PageSize,
    vms: Vec<[Vec<u64>; 2]>,
}

impl Backed {
    pub fn new(pages: PageSize) -> Backed {
        Backed { pages, vms: Vec::new() }
    }

    /// Backs every host page that overlaps these bytes and has no backing yet; says how many.
    pub fn back(&mut self, vm: u32, frame: Gpa, bytes: u64) -> u64 {
        let vm = vm as usize;
        if vm >= self.vms.len() {
            self.vms.resize_with(vm + 1, Default::default);
        }
        let is_data = frame.get() >= DATA;
        let (bits, base) = (&mut self.vms[vm][is_data as usize], if is_data { DATA } else { 0 });
        let page = |address: u64| ((address - base) >> self.pages.shift()) as usize;
        let (first, last) = (page(frame.get()), page(frame.get() + bytes - 1));
        if last / 64 >= bits.len() {
            bits.resize(last / 64 + 1, 0);
        }
        let mut backed = 0;
        for page in first..=last {
            let (word, bit) = (&mut bits[page / 64], 1 << (page % 64));
            backed += (*word & bit == 0) as u64;
            *word |= bit;
        }
        backed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_backed_once_for_each_vm() {
        let mut backed = Backed::new(PageSize::Size4K);
        let mut back = |vm, frame, bytes| backed.back(vm, Gpa::new(frame), bytes);
        assert_eq!([back(0, 0, 4096), back(0, 0, 4096), back(1, 0, 4096)], [1, 0, 1]);
        assert_eq!([back(0, DATA, 2 << 20), back(0, DATA + 4096, 8192)], [512, 0]);
        let mut huge = Backed::new(PageSize::Size2M);
        assert_eq!([0, 4096, 2 << 20].map(|frame| huge.back(0, Gpa::new(frame), 4096)), [1, 0, 1]);
    }
}
