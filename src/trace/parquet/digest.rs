//! What identifies a trace whatever its compression: a hash over its rows.

use crate::trace::Row;

/// Bytes of a row in canonical form.
const ROW_BYTES: usize = 1 + 8 + 8 + 4 + 4;
/// Rows hashed at a time, so that their bytes stay in the L2 cache.
const PART_ROWS: usize = 1 << 13;

/// BLAKE3 over the rows, each as op, address, length, process, thread, little-endian without padding (25 bytes).
#[derive(Debug, Default)]
pub struct Digest {
    hasher: blake3::Hasher,
    bytes: Vec<u8>,
}

impl Digest {
    pub fn update(&mut self, rows: &[Row]) {
        for rows in rows.chunks(PART_ROWS) {
            self.bytes.resize(rows.len() * ROW_BYTES, 0);
            for (bytes, row) in self.bytes.as_chunks_mut::<ROW_BYTES>().0.iter_mut().zip(rows) {
                bytes[0] = row.op as u8;
                bytes[1..9].copy_from_slice(&row.address.to_le_bytes());
                bytes[9..17].copy_from_slice(&row.length.to_le_bytes());
                bytes[17..21].copy_from_slice(&row.process.to_le_bytes());
                bytes[21..25].copy_from_slice(&row.thread.to_le_bytes());
            }
            self.hasher.update(&self.bytes);
        }
    }

    /// `blake3:` and 64 hexadecimal digits.
    pub fn finish(&self) -> String {
        format!("blake3:{}", self.hasher.finalize().to_hex())
    }
}
