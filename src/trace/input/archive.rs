//! Zip archives: their members one after the other, in the order of the directory, each held against its checksum.

use crate::error::Defect;
use flate2::CrcReader;
use flate2::read::DeflateDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use zip::{CompressionMethod, ZipArchive};

/// Whether a file starts as a zip archive does. Leaves it at its start.
pub fn is_zip(file: &mut File) -> io::Result<bool> {
    let mut first = Vec::new();
    file.take(4).read_to_end(&mut first)?;
    file.rewind()?;
    Ok(matches!(first.as_slice(), [b'P', b'K', 3, 4] | [b'P', b'K', 5, 6]))
}

/// What is wrong with an archive.
pub fn defect(path: &Path, found: String) -> Defect {
    Defect::new(path, "", format!("the zip archive cannot be read: {found}"))
        .expected("a whole zip archive whose members are stored or deflated")
        .remedy("it may be cut off or damaged: copy or make it again")
}

/// A member of an archive: where its packed bytes are, and what they unpack to.
struct Member {
    start: u64,
    packed: u64,
    deflated: bool,
    crc: u32,
}

/// What the members hold, one after the other.
pub struct Members {
    file: Arc<File>,
    /// Those not yet begun, the next one last.
    left: Vec<Member>,
    /// The one being read, with the checksum that it should have.
    current: Option<(CrcReader<Box<dyn Read>>, u32)>,
}

/// Reads the directory of an archive.
///
/// # Errors
/// What is wrong with it.
pub fn open(file: File) -> Result<Members, String> {
    let file = Arc::new(file);
    let mut archive = ZipArchive::new(BufReader::new(Arc::clone(&file))).map_err(|error| error.to_string())?;
    let mut left = Vec::new();
    for index in (0..archive.len()).rev() {
        let member = archive.by_index_raw(index).map_err(|error| error.to_string())?;
        let deflated = match member.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::DEFLATE => true,
            other => return Err(format!("member {index} is packed by {}; unpack it, or zip it anew", named(other))),
        };
        if member.encrypted() {
            return Err(format!("member {index} is encrypted"));
        }
        let start = member.data_start().ok_or_else(|| format!("member {index} has no place"))?;
        left.push(Member { start, packed: member.compressed_size(), deflated, crc: member.crc32() });
    }
    refuse_overlaps(&left)?;
    Ok(Members { file, left, current: None })
}

/// Whether each member has bytes of its own: a few bytes that are thousands of members would be read as often.
fn refuse_overlaps(members: &[Member]) -> Result<(), String> {
    let mut places: Vec<(u64, u64)> =
        members.iter().filter(|it| it.packed > 0).map(|it| (it.start, it.packed)).collect();
    places.sort_unstable();
    let overlap = places.windows(2).find(|pair| pair[0].0.saturating_add(pair[0].1) > pair[1].0);
    overlap.map_or(Ok(()), |pair| Err(format!("two of its members share byte {}", pair[1].0)))
}

/// What a way of packing is called.
fn named(method: CompressionMethod) -> String {
    const NAMES: [(CompressionMethod, &str); 4] = [
        (CompressionMethod::BZIP2, "bzip2"),
        (CompressionMethod::LZMA, "LZMA"),
        (CompressionMethod::ZSTD, "zstd"),
        (CompressionMethod::XZ, "xz"),
    ];
    let known = NAMES.iter().find(|(known, _)| *known == method);
    known.map_or_else(|| format!("{method:?}"), |(_, name)| name.to_string())
}

impl Members {
    /// Goes to the next member; false if there is none.
    fn advance(&mut self) -> io::Result<bool> {
        if let Some((reader, crc)) = self.current.take()
            && reader.crc().sum() != crc
        {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a member is not what its checksum says"));
        }
        let Some(Member { start, packed, deflated, crc }) = self.left.pop() else {
            return Ok(false);
        };
        // There is one position in the file, which nothing else moves while a member is read.
        self.file.seek(SeekFrom::Start(start))?;
        let bytes = Arc::clone(&self.file).take(packed);
        let reader: Box<dyn Read> = if deflated { Box::new(DeflateDecoder::new(bytes)) } else { Box::new(bytes) };
        self.current = Some((CrcReader::new(reader), crc));
        Ok(true)
    }
}

impl Read for Members {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some((reader, _)) = &mut self.current {
                let count = reader.read(buffer)?;
                if count > 0 || buffer.is_empty() {
                    return Ok(count);
                }
            }
            if !self.advance()? {
                return Ok(0);
            }
        }
    }
}
