//! What identifies a trace whatever its compression: a hash over its rows.

use crate::trace::Row;

/// Bytes of a row in canonical form.
const ROW_BYTES: usize = 1 + 8 + 8 + 4 + 4;

/// BLAKE3 over the rows, each as op, address, length, process, thread, little-endian without padding (25 bytes).
#[derive(Debug, Default)]
pub struct Digest {
    hasher: blake3::Hasher,
    bytes: Vec<u8>,
}

impl Digest {
    pub fn update(&mut self, rows: &[Row]) {
        self.bytes.clear();
        self.bytes.reserve(rows.len() * ROW_BYTES);
        for row in rows {
            let mut bytes = [0; ROW_BYTES];
            bytes[0] = row.op as u8;
            bytes[1..9].copy_from_slice(&row.address.to_le_bytes());
            bytes[9..17].copy_from_slice(&row.length.to_le_bytes());
            bytes[17..21].copy_from_slice(&row.process.to_le_bytes());
            bytes[21..25].copy_from_slice(&row.thread.to_le_bytes());
            self.bytes.extend_from_slice(&bytes);
        }
        self.hasher.update(&self.bytes);
    }

    /// `blake3:` and 64 hexadecimal digits.
    pub fn finish(&self) -> String {
        format!("blake3:{}", self.hasher.finalize().to_hex())
    }
}
