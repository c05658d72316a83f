//! Text from a file or a pipe, plain or compressed, in blocks of whole lines.

use crate::error::{Defect, Error, Result};
use std::fs::File;
use std::io::{self, Chain, Cursor, Read};
use std::path::Path;

/// Bytes read at a time, and the longest line.
const BLOCK_BYTES: usize = 1 << 18;

/// How the bytes of an input are packed, as told by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    Plain,
    Gzip,
    Zstd,
    Xz,
}

impl Compression {
    pub const fn name(self) -> &'static str {
        match self {
            Compression::Plain => "plain",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Xz => "xz",
        }
    }

    fn of(first: &[u8]) -> Compression {
        match first {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            // A frame, or a frame to be skipped before one.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Xz,
            _ => Compression::Plain,
        }
    }
}

type Peeked = Chain<Cursor<Vec<u8>>, Box<dyn Read>>;

/// Lines, a block at a time, in memory that does not grow with the input.
pub struct Lines {
    name: String,
    compression: Compression,
    reader: Box<dyn Read>,
    buffer: Vec<u8>,
    /// The part of the buffer that holds bytes not yet given out.
    held: std::ops::Range<usize>,
    ended: bool,
    /// Lines given out in earlier blocks.
    lines_before: u64,
    lines_in_block: u64,
}

impl Lines {
    /// Opens a file, or the standard input for `-`.
    ///
    /// # Errors
    /// [`Error::Input`] if it cannot be opened or is empty.
    pub fn open(path: &Path) -> Result<Lines> {
        if path == Path::new("-") {
            return Lines::new("stdin", Box::new(io::stdin()));
        }
        let cannot = |error: io::Error| Defect::new(path, "", format!("cannot be opened: {error}"));
        let file = File::open(path).map_err(cannot)?;
        if file.metadata().map_err(cannot)?.is_dir() {
            return Err(Defect::new(path, "", "a folder").expected("a file").into());
        }
        Lines::new(&path.display().to_string(), Box::new(file))
    }

    /// Takes what `reader` yields, under a name for messages.
    ///
    /// # Errors
    /// As [`Lines::open`].
    pub fn new(name: &str, mut reader: Box<dyn Read>) -> Result<Lines> {
        let mut first = Vec::new();
        reader
            .by_ref()
            .take(6)
            .read_to_end(&mut first)
            .map_err(|error| Error::failed(format!("read {name}"), error))?;
        if first.is_empty() {
            return Err(Defect::new(name, "", "an empty input").expected("a trace").into());
        }
        let compression = Compression::of(&first);
        let reader = Cursor::new(first).chain(reader);
        Ok(Lines {
            name: name.to_string(),
            compression,
            reader: unpack(compression, reader).map_err(|error| Error::failed(format!("read {name}"), error))?,
            buffer: vec![0; BLOCK_BYTES],
            held: 0..0,
            ended: false,
            lines_before: 0,
            lines_in_block: 0,
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// The next lines, whole, each with its newline but perhaps the very last; `None` at the end.
    ///
    /// # Errors
    /// [`Error::Input`] if the compression is damaged or cut off, or a line is longer than a block;
    /// [`Error::Failed`] if reading fails.
    pub fn block(&mut self) -> Result<Option<&[u8]>> {
        self.lines_before += std::mem::take(&mut self.lines_in_block);
        let end = loop {
            let held = &self.buffer[self.held.clone()];
            if let Some(last) = held.iter().rposition(|&byte| byte == b'\n') {
                break self.held.start + last + 1;
            }
            if self.ended && held.is_empty() {
                return Ok(None);
            }
            if self.ended {
                break self.held.end;
            }
            self.read_more()?;
        };
        let block = self.held.start..end;
        self.held.start = end;
        let bytes = &self.buffer[block];
        self.lines_in_block = bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
        Ok(Some(bytes))
    }

    /// Number of line `index` (from 0) of the last block, counted from 1 over the whole input.
    pub fn line_number(&self, index: u64) -> u64 {
        self.lines_before + index + 1
    }

    /// Takes the last block back, so that [`Lines::block`] gives it out again; `bytes` is its length.
    pub fn put_back(&mut self, bytes: usize) {
        self.held.start -= bytes;
        self.lines_in_block = 0;
    }

    fn read_more(&mut self) -> Result<()> {
        self.buffer.copy_within(self.held.clone(), 0);
        self.held = 0..self.held.len();
        if self.held.end == self.buffer.len() {
            let start = shown(&self.buffer);
            return Err(self
                .defect(0, format!("a line longer than {BLOCK_BYTES} bytes that starts with {start}"))
                .into());
        }
        while self.held.end < self.buffer.len() && !self.ended {
            match self.reader.read(&mut self.buffer[self.held.end..]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.held.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.unreadable(&error)),
            }
        }
        Ok(())
    }

    fn unreadable(&self, error: &io::Error) -> Error {
        if self.compression == Compression::Plain {
            return Error::failed(format!("read {}", self.name), error);
        }
        let format = self.compression.name();
        Defect::new(
            &self.name,
            format!("after line {}", self.lines_before),
            format!("the {format} stream cannot be decoded: {error}"),
        )
        .expected(format!("a whole {format} stream"))
        .remedy("it may be cut off or damaged: copy or make it again")
        .into()
    }

    /// A defect in line `index` of the last block.
    pub fn defect(&self, index: u64, found: String) -> Defect {
        Defect::new(&self.name, format!("line {}", self.line_number(index)), found)
    }
}

fn unpack(compression: Compression, reader: Peeked) -> io::Result<Box<dyn Read>> {
    Ok(match compression {
        Compression::Plain => Box::new(reader),
        Compression::Gzip => Box::new(flate2::read::MultiGzDecoder::new(reader)),
        Compression::Zstd => Box::new(zstd::Decoder::new(reader)?),
        Compression::Xz => Box::new(liblzma::read::XzDecoder::new_multi_decoder(reader)),
    })
}

/// A line for a message: quoted, without control characters, its start if it is long.
pub fn shown(line: &[u8]) -> String {
    const MOST: usize = 80;
    let line = line.trim_ascii_end();
    let more = if line.len() > MOST { "…" } else { "" };
    format!("\"{}\"{more}", line[..line.len().min(MOST)].escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, as a slow pipe may.
    struct Trickle(Cursor<Vec<u8>>);

    impl Read for Trickle {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let one = buffer.len().min(1);
            self.0.read(&mut buffer[..one])
        }
    }

    fn all(bytes: Vec<u8>) -> Result<Vec<u8>> {
        let mut lines = Lines::new("x", Box::new(Trickle(Cursor::new(bytes))))?;
        let mut text = Vec::new();
        while let Some(block) = lines.block()? {
            text.extend_from_slice(block);
        }
        Ok(text)
    }

    fn packed(compression: Compression, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        match compression {
            Compression::Plain => out.extend_from_slice(text),
            Compression::Gzip => {
                flate2::read::GzEncoder::new(text, Default::default()).read_to_end(&mut out).map(drop).unwrap();
            }
            Compression::Zstd => out = zstd::encode_all(text, 3).unwrap(),
            Compression::Xz => {
                liblzma::read::XzEncoder::new(text, 1).read_to_end(&mut out).map(drop).unwrap();
            }
        }
        out
    }

    const PACKED: [Compression; 3] = [Compression::Gzip, Compression::Zstd, Compression::Xz];

    #[test]
    fn compression_is_told_by_content_and_streams_may_follow_each_other() {
        for compression in [Compression::Plain].into_iter().chain(PACKED) {
            let two = [packed(compression, b"one\ntw"), packed(compression, b"o\nthree")].concat();
            assert_eq!(all(two).unwrap(), b"one\ntwo\nthree", "{}", compression.name());
        }
    }

    #[test]
    fn a_stream_that_is_cut_off_anywhere_is_a_defect() {
        let text: Vec<u8> =
            (0..2000u32).flat_map(|n| format!("{}\n", n.wrapping_mul(2_654_435_761)).into_bytes()).collect();
        for compression in PACKED {
            let whole = packed(compression, &text);
            for cut in [7, whole.len() / 2, whole.len() - 1] {
                let outcome = all(whole[..cut].to_vec());
                assert!(matches!(outcome, Err(Error::Input(_))), "{} cut at {cut}", compression.name());
            }
        }
    }

    #[test]
    fn a_line_without_end_is_refused_in_bounded_memory() {
        let mut lines = Lines::new("x", Box::new(io::repeat(b'a'))).unwrap();
        assert!(lines.block().unwrap_err().to_string().starts_with("x, line 1: a line longer"));
        assert_eq!(lines.buffer.len(), BLOCK_BYTES);
    }

    #[test]
    fn lines_are_counted_over_blocks() {
        let text = "0123456789\n".repeat(BLOCK_BYTES / 5);
        let mut lines = Lines::new("x", Box::new(Cursor::new(text.clone().into_bytes()))).unwrap();
        let mut seen = 0;
        while let Some(block) = lines.block().unwrap() {
            let here = block.iter().filter(|&&byte| byte == b'\n').count() as u64;
            assert_eq!(lines.line_number(0), seen + 1);
            seen += here;
        }
        assert_eq!(seen as usize, BLOCK_BYTES / 5);
    }

    #[test]
    fn shown_lines_are_short_and_clean() {
        assert_eq!(shown(b"a\x1b[0m\xff\r\n"), "\"a\\x1b[0m\\xff\"");
        assert_eq!(shown(&[b'a'; 1000]).chars().count(), 83);
    }
}
