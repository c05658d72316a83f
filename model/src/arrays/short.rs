//! Tags of 32 bits that stand for those of 64, as long as these are near each other.

/// Bits of a tag that are kept as they are.
pub const LOW_BITS: u32 = 26;
const BLOCKS: usize = 1 << (u32::BITS - LOW_BITS);
/// Marks a block that stands for nothing yet; no tag has such high bits.
const VACANT: u64 = u64::MAX;
/// Marks the first block, which stands for nothing, so that no short tag is zero.
const TAKEN: u64 = u64::MAX - 1;

/// Short tags for long ones: the low bits, and the number of a block for the high ones.
#[derive(Debug)]
pub struct Short([u64; BLOCKS]);

impl Default for Short {
    fn default() -> Short {
        let mut blocks = [VACANT; BLOCKS];
        blocks[0] = TAKEN;
        Short(blocks)
    }
}

impl Short {
    /// `None` where there are more blocks than numbers for them.
    #[inline(always)]
    pub fn of(&mut self, tag: u64) -> Option<u32> {
        const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
        let high = tag >> LOW_BITS;
        let first = ((high + 1).wrapping_mul(SPREAD) as usize >> (u64::BITS - BLOCKS.ilog2())).max(1);
        let block = if self.0[first] == high { first } else { self.find(high, first)? };
        Some((block as u32) << LOW_BITS | tag as u32 & ((1 << LOW_BITS) - 1))
    }

    /// The number of a block that is not where it is looked for first.
    #[cold]
    #[inline(never)]
    fn find(&mut self, high: u64, first: usize) -> Option<usize> {
        let block = (0..BLOCKS).map(|i| (first + i) % BLOCKS).find(|&i| [high, VACANT].contains(&self.0[i]))?;
        self.0[block] = high;
        Some(block)
    }

    pub fn tag(&self, short: u32) -> u64 {
        self.0[(short >> LOW_BITS) as usize] << LOW_BITS | short as u64 & ((1 << LOW_BITS) - 1)
    }
}
