//! Gzip members, one after the other. Zeros may follow a member: tapes and some tools fill their blocks with them.

use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, BufReader, Read};

/// What members hold, one after the other; none at the end.
pub struct GzipReader<R: Read>(Option<GzDecoder<BufReader<R>>>);

impl<R: Read> GzipReader<R> {
    pub fn new(bytes: R) -> GzipReader<R> {
        GzipReader(Some(GzDecoder::new(BufReader::new(bytes))))
    }
}

impl<R: Read> Read for GzipReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.0 {
            let count = member.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.0 = self.0.take().map(|member| next(member.into_inner())).transpose()?.flatten();
        }
        Ok(0)
    }
}

/// The member behind any zeros.
fn next<B: BufRead>(mut bytes: B) -> io::Result<Option<GzDecoder<B>>> {
    loop {
        let held = bytes.fill_buf()?;
        let zeros = held.iter().take_while(|byte| **byte == 0).count();
        match (held.len(), zeros) {
            (0, _) => return Ok(None),
            (held, zeros) if zeros < held => {
                bytes.consume(zeros);
                return Ok(Some(GzDecoder::new(bytes)));
            }
            (_, zeros) => bytes.consume(zeros),
        }
    }
}
