//! LZ4 frames, one after the other. The library's decoder stops silently where its input does, and after each frame.

use lz4_flex::frame::FrameDecoder;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};

/// What frames hold, one after the other.
pub struct Lz4Reader<R: Read>(FrameDecoder<Watched<R>>);

/// Bytes, and whether more were asked for than there are.
struct Watched<R> {
    bytes: BufReader<R>,
    starved: bool,
}

impl<R: Read> Lz4Reader<R> {
    pub fn new(bytes: R) -> Lz4Reader<R> {
        Lz4Reader(FrameDecoder::new(Watched { bytes: BufReader::new(bytes), starved: false }))
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        self.starved |= count == 0 && !buffer.is_empty();
        Ok(count)
    }
}

impl<R: Read> Read for Lz4Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.0.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let watched = self.0.get_mut();
            if watched.starved {
                return Err(io::Error::new(ErrorKind::UnexpectedEof, "the last frame has no end"));
            }
            if watched.bytes.fill_buf()?.is_empty() {
                return Ok(0);
            }
        }
    }
}
