//! Numbers as the differences between one and the next, in as few bits as a block of them needs: Parquet's encoding
//! DELTA_BINARY_PACKED.
//!
//! *Source:* the Parquet format, Encodings.md.

use super::varint::varint;

/// Differences in a block, of which each part is packed by itself.
const BLOCK: usize = 128;
const PARTS: usize = 4;

/// Appends the numbers of a page.
pub fn append(bytes: &mut Vec<u8>, numbers: &[u64]) {
    for count in [BLOCK, PARTS, numbers.len()] {
        bytes.extend(varint(count as u64));
    }
    bytes.extend(zigzag(numbers.first().copied().unwrap_or_default()));
    for block in numbers.windows(BLOCK + 1).step_by(BLOCK) {
        append_block(bytes, block);
    }
    let rest = numbers.len().saturating_sub(1) % BLOCK;
    if rest > 0 {
        append_block(bytes, &numbers[numbers.len() - rest - 1..]);
    }
}

/// Appends the differences between numbers, the first of which stands before the block.
fn append_block(bytes: &mut Vec<u8>, numbers: &[u64]) {
    let differences = || numbers.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]));
    let least = differences().min_by_key(|&difference| difference as i64).unwrap_or_default();
    let mut above = [0; BLOCK];
    above.iter_mut().zip(differences()).for_each(|(above, difference)| *above = difference.wrapping_sub(least));
    let parts = above.as_chunks::<{ BLOCK / PARTS }>().0;
    let bits = |part: &[u64]| u64::BITS - part.iter().fold(0, |all, above| all | above).leading_zeros();
    bytes.extend(zigzag(least));
    bytes.extend(parts.iter().map(|part| bits(part) as u8));
    for part in parts {
        let (mut packed, mut held) = (0_u128, 0);
        for &above in part {
            packed |= u128::from(above) << held;
            held += bits(part);
            while held >= 8 {
                bytes.push(packed as u8);
                packed >>= 8;
                held -= 8;
            }
        }
    }
}

/// A number with its sign in the lowest bit.
fn zigzag(number: u64) -> Vec<u8> {
    varint(number << 1 ^ (number as i64 >> 63) as u64)
}
