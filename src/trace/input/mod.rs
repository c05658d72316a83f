//! Another tool's trace from a file or a pipe, plain or compressed, in blocks of whole lines or records.

mod archive;
mod gzip;
mod lz4;
mod unpack;

pub use unpack::Compression;

use crate::error::{Defect, Error, Result};
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::ops::Range;
use std::path::Path;

/// Bytes read at a time, and the longest line.
const BLOCK_BYTES: usize = 1 << 18;

/// What Unix calls EMFILE: a process may not open as many files as a large recording has.
const TOO_MANY_FILES: i32 = 24;

/// What an input is a sequence of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Lines of text; the last may lack its newline.
    Line,
    /// Records of so many bytes.
    Record(usize),
}

impl Unit {
    /// Bytes of the whole units at the start of `held`.
    fn whole(self, held: &[u8]) -> usize {
        match self {
            Unit::Line => held.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1),
            Unit::Record(bytes) => held.len() / bytes * bytes,
        }
    }

    /// Units in a block, in so far as they are whole.
    fn count(self, block: &[u8]) -> u64 {
        match self {
            Unit::Line => block.iter().filter(|&&byte| byte == b'\n').count() as u64,
            Unit::Record(bytes) => (block.len() / bytes) as u64,
        }
    }
}

/// Lines or records, a block at a time, in memory that does not grow with the input.
pub struct Input {
    name: String,
    compression: Compression,
    reader: Box<dyn Read>,
    buffer: Vec<u8>,
    /// The part of the buffer that holds bytes not yet given out.
    held: Range<usize>,
    ended: bool,
    /// Whether an end inside a line or record, or a stream that breaks off, is an end as any.
    salvage: bool,
    /// What was found there.
    cut: Option<String>,
    /// Units and bytes given out in earlier blocks, and in the last one.
    before: Given,
    last: Given,
}

#[derive(Clone, Copy, Debug, Default)]
struct Given {
    units: u64,
    bytes: u64,
}

impl Input {
    /// Opens a file, or the standard input for `-`.
    ///
    /// # Errors
    /// [`Error::Input`] if it cannot be opened, is empty, or is packed in a way that is not read.
    pub fn open(path: &Path) -> Result<Input> {
        if path == Path::new("-") {
            return Input::new("stdin", Box::new(io::stdin()));
        }
        let cannot = |error: io::Error| {
            let defect = Defect::new(path, "", format!("cannot be opened: {error}"));
            match error.raw_os_error() {
                Some(TOO_MANY_FILES) => defect.remedy("allow more open files: ulimit -n 8192"),
                _ => defect,
            }
        };
        let mut file = File::open(path).map_err(cannot)?;
        let kind = file.metadata().map_err(cannot)?.file_type();
        if kind.is_dir() {
            return Err(Defect::new(path, "", "a folder").expected("a file").into());
        }
        let name = path.display().to_string();
        if kind.is_file() && archive::is_zip(&mut file).map_err(|error| Error::failed(format!("read {name}"), error))? {
            let reader = archive::open(file).map_err(|found| archive::defect(path, found))?;
            return Ok(Input::of(name, Compression::Zip, Box::new(reader)));
        }
        Input::new(&name, Box::new(file))
    }

    /// Takes what `reader` yields, under a name for messages.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub fn new(name: &str, mut reader: Box<dyn Read>) -> Result<Input> {
        let failed = |error: io::Error| Error::failed(format!("read {name}"), error);
        let mut first = Vec::new();
        reader.by_ref().take(10).read_to_end(&mut first).map_err(failed)?;
        if first.is_empty() {
            return Err(Defect::new(name, "", "an empty input").expected("a trace").into());
        }
        let compression = Compression::of(&first).map_err(|defect| Defect { file: name.to_string(), ..defect })?;
        let reader = unpack::unpack(compression, Cursor::new(first).chain(reader)).map_err(failed)?;
        Ok(Input::of(name.to_string(), compression, reader))
    }

    fn of(name: String, compression: Compression, reader: Box<dyn Read>) -> Input {
        Input {
            name,
            compression,
            reader,
            buffer: vec![0; BLOCK_BYTES],
            held: 0..0,
            ended: false,
            salvage: false,
            cut: None,
            before: Given::default(),
            last: Given::default(),
        }
    }

    /// Holds at most so many bytes at a time, or as many as are held already.
    pub fn with_buffer(mut self, bytes: usize) -> Input {
        let mut buffer = self.buffer[self.held.clone()].to_vec();
        self.held = 0..buffer.len();
        buffer.resize(bytes.max(self.held.end), 0);
        self.buffer = buffer;
        self
    }

    /// Takes what is whole of an input that is cut off. To be said before anything is read.
    pub fn salvage(&mut self) {
        self.salvage = true;
    }

    pub fn salvages(&self) -> bool {
        self.salvage
    }

    /// How a salvaged input is cut off, once its end was reached.
    pub fn cut(&self) -> Option<&str> {
        self.cut.as_deref()
    }

    /// Leaves out the next bytes, which were peeked at.
    pub fn skip(&mut self, bytes: usize) {
        self.held.start += bytes;
        self.before.bytes += bytes as u64;
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// What comes next, up to a buffer full, without taking it; and whether that is all there is.
    ///
    /// # Errors
    /// As [`Input::block`].
    pub fn peek(&mut self) -> Result<(&[u8], bool)> {
        if self.held.len() < self.buffer.len() && !self.ended {
            self.read_more()?;
        }
        Ok((&self.buffer[self.held.clone()], self.ended))
    }

    /// The next lines or records, whole; `None` at the end.
    ///
    /// # Errors
    /// [`Error::Input`] if the compression is damaged or cut off, a line is longer than a block, or the input ends
    /// inside a record; [`Error::Failed`] if reading fails.
    pub fn block(&mut self, unit: Unit) -> Result<Option<&[u8]>> {
        self.before.units += self.last.units;
        self.before.bytes += self.last.bytes;
        self.last = Given::default();
        let length = loop {
            let held = &self.buffer[self.held.clone()];
            match unit.whole(held) {
                0 if self.ended && held.is_empty() => return Ok(None),
                // The last line of a stream that broke off is not whole; that of one that ended is.
                0 if self.ended && self.salvage && (unit != Unit::Line || self.cut.is_some()) => {
                    let bytes = held.len();
                    self.held.start = self.held.end;
                    self.cut.get_or_insert_with(|| format!("{bytes} bytes after the last whole record"));
                    return Ok(None);
                }
                0 if self.ended => break self.rest(unit)?,
                0 => self.read_more()?,
                length => break length,
            }
        };
        let block = self.held.start..self.held.start + length;
        self.held.start = block.end;
        let bytes = &self.buffer[block];
        self.last = Given { units: unit.count(bytes), bytes: bytes.len() as u64 };
        Ok(Some(bytes))
    }

    /// Bytes of the last unit, which ends with the input.
    fn rest(&self, unit: Unit) -> Result<usize> {
        let bytes = self.held.len();
        match unit {
            Unit::Line => Ok(bytes),
            Unit::Record(size) => Err(self
                .defect(unit, 0, format!("{bytes} bytes at the end"))
                .expected(format!("records of {size} bytes"))
                .remedy("the input is cut off (--salvage keeps the whole records), or has another format")
                .into()),
        }
    }

    /// Takes the last `bytes` bytes of the last block back, so that they are given out again. They are whole units.
    pub fn put_back(&mut self, unit: Unit, bytes: usize) {
        let end = self.held.start;
        self.held.start -= bytes;
        self.last.units -= unit.count(&self.buffer[self.held.start..end]);
        self.last.bytes -= bytes as u64;
    }

    fn read_more(&mut self) -> Result<()> {
        self.buffer.copy_within(self.held.clone(), 0);
        self.held = 0..self.held.len();
        if self.held.end == self.buffer.len() {
            let found =
                format!("a line longer than {} bytes that starts with {}", self.held.len(), shown(&self.buffer));
            return Err(self.defect(Unit::Line, 0, found).into());
        }
        while self.held.end < self.buffer.len() && !self.ended {
            match self.reader.read(&mut self.buffer[self.held.end..]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.held.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if self.salvage && self.compression != Compression::Plain => {
                    self.cut = Some(format!("the {} stream cannot be decoded: {error}", self.compression.name()));
                    self.ended = true;
                }
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
        let error = error.to_string();
        let remedy = match error.contains("memory") {
            true => "pack it again with a window or dictionary of at most 128 MiB",
            false => "it may be cut off or damaged: copy or make it again, or --salvage what is whole before",
        };
        Defect::new(
            &self.name,
            format!("after byte {} of what it holds", self.before.bytes + self.held.len() as u64),
            format!("the {format} stream cannot be decoded: {error}"),
        )
        .expected(format!("a whole {format} stream"))
        .remedy(remedy)
        .into()
    }

    /// A defect in unit `index` (from 0) of the last block. Lines are counted from 1, records and bytes from 0; bytes
    /// are those of the unpacked input.
    pub fn defect(&self, unit: Unit, index: u64, found: String) -> Defect {
        let number = self.before.units + index;
        let (name, bytes) = match unit {
            Unit::Line => (format!("line {}", number + 1), self.bytes_of_lines(index)),
            Unit::Record(bytes) => (format!("record {number}"), index * bytes as u64),
        };
        Defect::new(&self.name, format!("{name} (byte {})", self.before.bytes + bytes), found)
    }

    /// Bytes of the first `count` lines of the last block.
    fn bytes_of_lines(&self, count: u64) -> u64 {
        let block = &self.buffer[self.held.start.saturating_sub(self.last.bytes as usize)..self.held.start];
        block.split_inclusive(|&byte| byte == b'\n').take(count as usize).map(|line| line.len() as u64).sum()
    }
}

/// A line for a message: quoted, without control characters, its start if it is long.
pub fn shown(line: &[u8]) -> String {
    const MOST: usize = 80;
    let line = line.trim_ascii_end();
    let more = if line.len() > MOST { "…" } else { "" };
    format!("\"{}\"{more}", line[..line.len().min(MOST)].escape_ascii())
}

#[cfg(test)]
mod tests;
