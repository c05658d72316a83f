//! Checksums of a trace's bytes, so that a bit that flipped is noticed when the trace is read.
//!
//! They stand ahead of the footer, where other readers look at nothing: for each row group the number of bytes from the end of the
//! one before, or the start of the file, to its own end, and their CRC-32; that of the footer with all behind it; the number of
//! row groups; [`MAGIC`]. Numbers have 32 bits, little-endian.

use super::fault::Fault;
use super::pages::crc;
use flate2::Crc;
use polars::io::parquet::metadata::FileMetadata;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

const MAGIC: &[u8; 8] = b"vmmu-crc";

/// Where the row groups of a file end, and their sums.
#[derive(Debug)]
pub struct Sums(Vec<(usize, u32)>);

impl Sums {
    /// Those of a file whose footer begins at `start`; `None` if it has none.
    ///
    /// # Errors
    /// If the footer is not what its checksum says.
    pub fn of(bytes: &[u8], start: usize) -> Result<Option<Sums>, Fault> {
        let (before, footer) = bytes.split_at(start);
        let Some(numbers) = before.strip_suffix(MAGIC) else { return Ok(None) };
        let damaged = || Fault::Broken("its footer is not what its checksum says".into());
        let (rest, [sum, count]) = last_numbers(numbers).ok_or_else(damaged)?;
        let groups = (count as usize).checked_mul(8).and_then(|length| rest.len().checked_sub(length));
        let groups = groups.map(|at| &rest[at..]).filter(|_| sum == crc(footer)).ok_or_else(damaged)?;
        let mut end = 0_usize;
        let group = |bytes: &[u8; 8]| {
            let [a, b, c, d, sum @ ..] = *bytes;
            end = end.saturating_add(u32::from_le_bytes([a, b, c, d]) as usize);
            (end, u32::from_le_bytes(sum))
        };
        Ok(Some(Sums(groups.as_chunks::<8>().0.iter().map(group).collect())))
    }

    /// Whether a row group is what was written.
    ///
    /// # Errors
    /// If it is not.
    pub fn check(&self, bytes: &[u8], metadata: &FileMetadata, group: usize) -> Result<(), Fault> {
        let start = group.checked_sub(1).and_then(|before| self.0.get(before)).map_or(0, |(end, _)| *end);
        let pages = metadata.row_groups[group].full_byte_range();
        match self.0.get(group) {
            Some(&(end, sum))
                if start as u64 <= pages.start
                    && pages.end <= end as u64
                    && bytes.get(start..end).is_some_and(|bytes| crc(bytes) == sum) =>
            {
                Ok(())
            }
            _ => Err(Fault::Broken("a row group is not what its checksum says".into())),
        }
    }
}

/// The last numbers of some bytes, and what is before them.
fn last_numbers<const COUNT: usize>(bytes: &[u8]) -> Option<(&[u8], [u32; COUNT])> {
    let (before, last) = bytes.split_at_checked(bytes.len().checked_sub(4 * COUNT)?)?;
    let mut numbers = [0; COUNT];
    for (number, bytes) in numbers.iter_mut().zip(last.as_chunks::<4>().0) {
        *number = u32::from_le_bytes(*bytes);
    }
    Some((before, numbers))
}

/// A file being written, whose sum goes on with every byte.
pub struct Summed {
    file: BufWriter<File>,
    running: Arc<Mutex<Crc>>,
}

/// The sums of a file being written.
pub struct Written {
    running: Arc<Mutex<Crc>>,
    /// Bytes and sum of each row group.
    groups: Vec<[u32; 2]>,
}

/// A file that is to be written, and its sums.
pub fn summed(file: File) -> (Summed, Written) {
    let running = Arc::new(Mutex::new(Crc::new()));
    (Summed { file: BufWriter::new(file), running: Arc::clone(&running) }, Written { running, groups: Vec::new() })
}

impl Written {
    /// Ends a row group, all of whose bytes were written.
    pub fn end_group(&mut self) {
        let crc = std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        self.groups.push([crc.amount(), crc.sum()]);
    }

    /// Puts the sums into a file that is otherwise whole, and gives its size.
    ///
    /// # Errors
    /// If it cannot be read or written.
    pub fn insert(&self, file: &mut File) -> io::Result<u64> {
        let size = file.seek(SeekFrom::End(0))?;
        let mut end = [0; 8];
        file.seek(SeekFrom::Start(size.saturating_sub(8)))?;
        file.read_exact(&mut end)?;
        let [a, b, c, d, ..] = end;
        let start = size.saturating_sub(8 + u64::from(u32::from_le_bytes([a, b, c, d])));
        let mut footer = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        file.read_to_end(&mut footer)?;
        let numbers = self.groups.iter().copied().flatten().chain([crc(&footer), self.groups.len() as u32]);
        let sums: Vec<u8> = numbers.flat_map(u32::to_le_bytes).chain(*MAGIC).collect();
        file.seek(SeekFrom::Start(start))?;
        file.write_all(&[sums, footer].concat())?;
        file.stream_position()
    }
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.running.lock().unwrap_or_else(PoisonError::into_inner).update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
