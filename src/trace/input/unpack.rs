//! How a stream of bytes is packed, and its unpacking. No stream makes a decoder take more memory than [`MOST_MEMORY`].

use crate::error::Defect;
use std::io::{self, Chain, Cursor, Read};

/// Most that an xz decoder may take, in bytes: `xz -9` needs 65 MiB. The other formats need less; zstd refuses windows
/// above 128 MiB by itself.
const MOST_MEMORY: u64 = 1 << 28;

/// How the bytes of an input are packed, as told by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    Plain,
    Gzip,
    Zstd,
    Xz,
    /// As xz wrote before it had a form of its own.
    Lzma,
    Lz4,
    Bzip2,
    /// The members of an archive, one after the other.
    Zip,
}

impl Compression {
    pub const fn name(self) -> &'static str {
        match self {
            Compression::Plain => "plain",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Xz => "xz",
            Compression::Lzma => "lzma",
            Compression::Lz4 => "lz4",
            Compression::Bzip2 => "bzip2",
            Compression::Zip => "zip",
        }
    }

    /// The compression that a stream with these first bytes has.
    ///
    /// # Errors
    /// A defect, still without its file, for one that is known and not read.
    pub(super) fn of(first: &[u8]) -> Result<Compression, Defect> {
        let refused = |found: &str, remedy: &str| {
            let expected = "plain, gzip, zstd, xz, lzma, lz4 or bzip2 bytes, or a file that is a zip archive";
            Err(Defect::new("", "", found).expected(expected).remedy(remedy))
        };
        Ok(match first {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            // A frame, or a frame to be skipped before one.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Xz,
            [0x5d, 0, 0, _, 0..=8, ..] => Compression::Lzma,
            [0x04, 0x22, 0x4d, 0x18, ..] => Compression::Lz4,
            // Blocks without an end mark: where they are cut off, nothing shows it.
            [0x02, 0x21, 0x4c, 0x18, ..] => {
                return refused("a legacy lz4 stream (lz4 -l)", "unpack it: lz4 -dc FILE | analyze trace import - …");
            }
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Compression::Bzip2,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => {
                return refused(
                    "a zip archive in a pipe, whose directory comes last",
                    "name the file instead of piping it",
                );
            }
            [0xff, 0x06, 0, 0, b's', b'N', b'a', b'P', b'p', b'Y'] => {
                return refused("a snappy stream", "unpack it, or pack it with another of these");
            }
            _ => Compression::Plain,
        })
    }
}

type Peeked = Chain<Cursor<Vec<u8>>, Box<dyn Read>>;

/// The bytes that `reader` holds, packed so. Streams may follow each other.
pub(super) fn unpack(compression: Compression, reader: Peeked) -> io::Result<Box<dyn Read>> {
    Ok(match compression {
        Compression::Plain | Compression::Zip => Box::new(reader),
        Compression::Gzip => Box::new(super::gzip::GzipReader::new(reader)),
        Compression::Zstd => Box::new(zstd::Decoder::new(reader)?),
        Compression::Xz => {
            let stream = liblzma::stream::Stream::new_stream_decoder(MOST_MEMORY, liblzma::stream::CONCATENATED)?;
            Box::new(liblzma::read::XzDecoder::new_stream(reader, stream))
        }
        Compression::Lzma => {
            let stream = liblzma::stream::Stream::new_lzma_decoder(MOST_MEMORY)?;
            Box::new(liblzma::read::XzDecoder::new_stream(reader, stream))
        }
        Compression::Lz4 => Box::new(super::lz4::Lz4Reader::new(reader)),
        Compression::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(reader)),
    })
}
