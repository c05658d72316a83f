//! Whose address, which page, which level.
//!
//! *Models:* x86-64 radix paging, four or five levels of 512-entry nodes, pages of 4 KiB, 2 MiB and 1 GiB.
//! *Does not model:* physical address width, access rights, memory types.
//! *Source:* Intel SDM volume 3A and AMD APM volume 2, on paging.

use std::fmt;

/// Bytes in one page-table node.
pub const NODE_BYTES: u64 = 4096;
/// Entries in one page-table node.
pub const NODE_ENTRIES: usize = 512;

/// A guest virtual address, canonical for five levels: bits 56 to 63 are equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gva(u64);

impl Gva {
    /// The address, or `None` if it is not canonical for `levels` levels of paging.
    pub fn try_new(address: u64, levels: Level) -> Option<Gva> {
        let unused = 63 - (levels.shift() + 9 - 1);
        (((address << unused) as i64 >> unused) as u64 == address).then_some(Gva(address))
    }

    /// Whether all addresses are canonical for so many levels, without a branch for each.
    pub fn are_canonical(addresses: &[u64], levels: Level) -> bool {
        // With half the range added, canonical addresses are those below the range.
        let bits = levels.shift() + 9;
        addresses.iter().fold(0, |all, address| all | address.wrapping_add(1 << (bits - 1))) >> bits == 0
    }

    /// Takes an address that the trace reader has checked already.
    pub const fn checked(address: u64) -> Gva {
        Gva(address)
    }

    pub const fn get(self) -> u64 {
        self.0
    }

    /// Number of the page of `size` that holds this address.
    pub const fn page(self, size: PageSize) -> u64 {
        self.0 >> size.shift()
    }

    /// First address of the page of `size` that holds this one.
    pub const fn page_start(self, size: PageSize) -> Gva {
        Gva(self.0 & !(size.bytes() - 1))
    }

    /// Index of this address in a node of `level`.
    pub const fn index(self, level: Level) -> usize {
        (self.0 >> level.shift()) as usize & (NODE_ENTRIES - 1)
    }
}

impl fmt::LowerHex for Gva {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerHex::fmt(&self.0, f)
    }
}

/// A guest physical address: what a guest's page tables hold, and what a host's tables translate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gpa(u64);

impl Gpa {
    pub const fn new(address: u64) -> Gpa {
        Gpa(address)
    }

    pub const fn get(self) -> u64 {
        self.0
    }

    /// Number of the page of `size` that holds this address.
    pub const fn page(self, size: PageSize) -> u64 {
        self.0 >> size.shift()
    }

    /// The address so many bytes on.
    pub const fn offset(self, bytes: u64) -> Gpa {
        Gpa(self.0 + bytes)
    }
}

/// A page-table level: 1 maps 4K leaves, 2 maps 2M, 3 maps 1G; the root is level 4 or 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u8);

impl Level {
    pub const MAX: Level = Level(5);

    /// Panics unless `level` is 1 to 5.
    pub const fn new(level: u8) -> Level {
        assert!(level >= 1 && level <= 5, "page-table levels are 1 to 5");
        Level(level)
    }

    pub const fn get(self) -> usize {
        self.0 as usize
    }

    /// log2 of the bytes that one entry of this level covers.
    pub const fn shift(self) -> u32 {
        12 + 9 * (self.0 as u32 - 1)
    }

    /// The levels from `low` to `high`, both included, upward.
    pub fn range(low: Level, high: Level) -> impl DoubleEndedIterator<Item = Level> {
        (low.0..=high.0).map(Level)
    }

    /// The level below; panics at level 1.
    #[inline]
    pub const fn down(self) -> Level {
        Level::new(self.0 - 1)
    }

    /// The level above; panics at level 5.
    #[inline]
    pub const fn up(self) -> Level {
        Level::new(self.0 + 1)
    }
}

/// Bytes that one leaf maps. Ordered by size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PageSize {
    /// 4 KiB, a leaf of level 1.
    Size4K,
    /// 2 MiB, a leaf of level 2.
    Size2M,
    /// 1 GiB, a leaf of level 3.
    Size1G,
}

impl PageSize {
    pub const ALL: [PageSize; 3] = [PageSize::Size4K, PageSize::Size2M, PageSize::Size1G];

    /// The level whose entries are leaves of this size.
    pub const fn leaf_level(self) -> Level {
        Level(self as u8 + 1)
    }

    /// log2 of its bytes.
    pub const fn shift(self) -> u32 {
        self.leaf_level().shift()
    }

    pub const fn bytes(self) -> u64 {
        1 << self.shift()
    }

    pub const fn name(self) -> &'static str {
        match self {
            PageSize::Size4K => "4K",
            PageSize::Size2M => "2M",
            PageSize::Size1G => "1G",
        }
    }

    /// `None` unless the name is `4K`, `2M` or `1G`.
    pub fn by_name(name: &str) -> Option<PageSize> {
        Self::ALL.into_iter().find(|size| size.name() == name)
    }
}

impl fmt::Display for PageSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_depends_on_the_number_of_levels() {
        let (four, five) = (Level::new(4), Level::new(5));
        let cases = [
            (0x7fff_ffff_ffff, true, true),
            (0x8000_0000_0000, false, true),
            (0xffff_7fff_ffff_ffff, false, true),
            (0xffff_8000_0000_0000, true, true),
            (0x00ff_ffff_ffff_ffff, false, true),
            (0x0100_0000_0000_0000, false, false),
            (0xfeff_ffff_ffff_ffff, false, false),
            (0xff00_0000_0000_0000, false, true),
            (u64::MAX, true, true),
        ];
        for (address, of_four, of_five) in cases {
            for (levels, expected) in [(four, of_four), (five, of_five)] {
                assert_eq!(Gva::try_new(address, levels).is_some(), expected, "{address:#x}");
                assert_eq!(Gva::are_canonical(&[0, address, u64::MAX], levels), expected, "{address:#x} among others");
            }
        }
    }

    #[test]
    fn a_leaf_covers_its_page_size() {
        assert_eq!(PageSize::ALL.map(PageSize::bytes), [1 << 12, 1 << 21, 1 << 30]);
        assert_eq!(Gva::checked(0x7fff_ffff_f000).index(Level::new(1)), 511);
        assert_eq!(Gva::checked(1 << 39).index(Level::new(4)), 1);
    }
}
