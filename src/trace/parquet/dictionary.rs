//! The few values of a column, and the column as indices into them.

use super::varint::varint;
use std::collections::BTreeMap;

/// Values that a dictionary may have; a column with more is stored as it is.
const MOST_VALUES: usize = 1 << 14;
/// Values below this are looked up in a table: nearly all lengths and ids are.
const SMALL: usize = 256;

/// The values of a column as they come.
pub struct Values {
    small: [bool; SMALL],
    large: BTreeMap<u64, u32>,
    /// The last of the large ones, which is likely to be the next.
    last: u64,
}

impl Values {
    pub const fn new() -> Values {
        Values { small: [false; SMALL], large: BTreeMap::new(), last: 0 }
    }

    #[inline]
    pub fn add(&mut self, value: u64) {
        if value < SMALL as u64 {
            self.small[value as usize] = true;
        } else if value != self.last {
            self.last = value;
            // One more than there may be shows that there are too many.
            if self.large.len() <= MOST_VALUES {
                self.large.insert(value, 0);
            }
        }
    }

    /// `None` if there are too many values.
    pub fn dictionary(self) -> Option<Dictionary> {
        if self.large.len() > MOST_VALUES {
            return None;
        }
        let mut dictionary = Dictionary { values: Vec::new(), small: [0; SMALL], large: self.large };
        for value in (0..SMALL).filter(|&value| self.small[value]) {
            dictionary.small[value] = dictionary.values.len() as u32;
            dictionary.values.push(value as u64);
        }
        for (&value, index) in &mut dictionary.large {
            *index = dictionary.values.len() as u32;
            dictionary.values.push(value);
        }
        Some(dictionary)
    }
}

/// The values of a column, in ascending order.
pub struct Dictionary {
    values: Vec<u64>,
    small: [u32; SMALL],
    large: BTreeMap<u64, u32>,
}

impl Dictionary {
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Appends the values, each in so many bytes.
    pub fn append_values(&self, to: &mut Vec<u8>, bytes: usize) {
        to.extend(self.values.iter().flat_map(|value| value.to_le_bytes().into_iter().take(bytes)));
    }

    /// Appends the indices of `count` values of the column: their width in bits, and one run, packed where they differ.
    pub fn append_indices(&self, bytes: &mut Vec<u8>, count: usize, column: impl Iterator<Item = u64>) {
        if self.values.len() < 2 {
            bytes.push(1);
            bytes.extend(varint((count as u64) << 1));
            bytes.push(0);
            return;
        }
        let bits = (self.values.len() - 1).ilog2() + 1;
        bytes.push(bits as u8);
        let groups = count.div_ceil(8);
        bytes.extend(varint((groups as u64) << 1 | 1));
        let end = bytes.len() + groups * bits as usize;
        bytes.reserve(end - bytes.len() + 4);
        let (mut packed, mut held) = (0u64, 0);
        for value in column {
            packed |= u64::from(self.index(value)) << held;
            held += bits;
            if held >= 32 {
                bytes.extend_from_slice(&(packed as u32).to_le_bytes());
                packed >>= 32;
                held -= 32;
            }
        }
        bytes.extend_from_slice(&packed.to_le_bytes());
        // Groups are of eight: what is beyond the values is zero.
        bytes.resize(end, 0);
    }

    #[inline]
    fn index(&self, value: u64) -> u32 {
        if value < SMALL as u64 {
            self.small[value as usize]
        } else {
            self.large.get(&value).copied().unwrap_or_default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(column: impl Iterator<Item = u64>) -> Option<Dictionary> {
        let mut values = Values::new();
        column.for_each(|value| values.add(value));
        values.dictionary()
    }

    /// What a reader makes of a page's indices.
    fn unpacked(bytes: &[u8], count: usize) -> Vec<u64> {
        let (bits, run) = (usize::from(bytes[0]), &bytes[1..]);
        let header = run.iter().take_while(|&&byte| byte >= 0x80).count() + 1;
        if run[0] & 1 == 0 {
            return vec![0; count];
        }
        let bit = |at: usize| u64::from(run[header + at / 8] >> (at % 8) & 1);
        (0..count).map(|i| (0..bits).map(|b| bit(i * bits + b) << b).sum()).collect()
    }

    #[test]
    fn indices_lead_back_to_the_values() {
        for values in [1u64, 2, 3, 200, 5000] {
            for count in [1usize, 7, 8, 9, 1000, 4097] {
                let column: Vec<u64> = (0..count as u64).map(|i| i * 7919 % values * 3).collect();
                let dictionary = of(column.iter().copied()).unwrap();
                let mut bytes = Vec::new();
                dictionary.append_indices(&mut bytes, count, column.iter().copied());
                let back: Vec<u64> =
                    unpacked(&bytes, count).into_iter().map(|index| dictionary.values[index as usize]).collect();
                assert_eq!(back, column, "{values} values, {count} rows");
            }
        }
        assert!(of(0..100_000).is_none());
    }
}
