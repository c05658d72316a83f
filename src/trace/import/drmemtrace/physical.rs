//! What the recorded physical addresses tell of the machine. A replay has frames of its own, whatever those were; how
//! contiguous they were says whether contiguous or scattered ones are like that machine's.

use std::collections::BTreeMap;

/// Bits of an address within a page: the tool looks up pages of 4 KiB, also in huge ones.
const PAGE_BITS: u32 = 12;

/// The frames of virtual pages, the last that was recorded of each.
#[derive(Clone, Debug, Default)]
pub struct Physical {
    /// By process and page.
    frames: BTreeMap<(u64, u64), u64>,
    /// Pages that the kernel told nothing about.
    pub unknown: u64,
}

impl Physical {
    pub fn add(&mut self, process: u64, address: u64, physical: u64) {
        self.frames.insert((process, address >> PAGE_BITS), physical >> PAGE_BITS);
    }

    pub fn is_empty(&self) -> bool {
        self.frames.is_empty() && self.unknown == 0
    }

    /// A sentence for the metadata.
    pub fn shown(&self) -> String {
        let (mut neighbours, mut contiguous) = (0, 0);
        let pairs = self.frames.iter().zip(self.frames.iter().skip(1));
        for ((_, frame), (_, next_frame)) in pairs.filter(|((page, _), (next, _))| (page.0, page.1 + 1) == **next) {
            neighbours += 1;
            contiguous += u64::from(frame + 1 == *next_frame);
        }
        let unknown =
            if self.unknown > 0 { format!("; of {} more the kernel told none", self.unknown) } else { String::new() };
        format!(
            "of {} pages, and not used: {contiguous} of the {neighbours} pages that follow another do so in physical \
             memory too{unknown}",
            self.frames.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_pages_of_one_process_that_follow_each_other() {
        let mut physical = Physical::default();
        assert!(physical.is_empty());
        for (process, address, to) in
            [(1, 0x20_0123, 0x40_0123), (1, 0x20_1fff, 0x40_1fff), (1, 0x20_2000, 0x90_1000), (2, 0x20_3000, 0x90_2000)]
        {
            physical.add(process, address, to);
        }
        physical.unknown = 5;
        let shown = physical.shown();
        assert!(shown.starts_with("of 4 pages, and not used: 1 of the 2 pages"), "{shown}");
        assert!(shown.ends_with("; of 5 more the kernel told none"), "{shown}");
    }
}
