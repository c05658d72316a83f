use super::*;
use std::io::Write;

/// Gives one byte at a time, as a slow pipe may.
struct Trickle(Cursor<Vec<u8>>);

impl Read for Trickle {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let one = buffer.len().min(1);
        self.0.read(&mut buffer[..one])
    }
}

fn all(bytes: Vec<u8>) -> Result<Vec<u8>> {
    let mut input = Input::new("x", Box::new(Trickle(Cursor::new(bytes))))?;
    let mut text = Vec::new();
    while let Some(block) = input.block(Unit::Line)? {
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
        Compression::Lz4 => {
            let mut encoder = lz4_flex::frame::FrameEncoder::new(&mut out);
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap();
        }
        Compression::Bzip2 => {
            bzip2::read::BzEncoder::new(text, Default::default()).read_to_end(&mut out).map(drop).unwrap();
        }
        Compression::Lzma => unreachable!("nothing writes it any more"),
        Compression::Zip => unreachable!("a zip archive is no stream"),
    }
    out
}

const PACKED: [Compression; 5] =
    [Compression::Gzip, Compression::Zstd, Compression::Xz, Compression::Lz4, Compression::Bzip2];

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
    let mut input = Input::new("x", Box::new(io::repeat(b'a'))).unwrap();
    assert!(input.block(Unit::Line).unwrap_err().to_string().starts_with("x, line 1 (byte 0): a line longer"));
    assert_eq!(input.buffer.len(), BLOCK_BYTES);
}

#[test]
fn lines_are_counted_over_blocks() {
    let text = "0123456789\n".repeat(BLOCK_BYTES / 5);
    let mut input = Input::new("x", Box::new(Cursor::new(text.clone().into_bytes()))).unwrap();
    let mut seen = 0;
    while let Some(block) = input.block(Unit::Line).unwrap() {
        let here = block.iter().filter(|&&byte| byte == b'\n').count() as u64;

        seen += here;
    }
    assert_eq!(seen as usize, BLOCK_BYTES / 5);
}

#[test]
fn shown_lines_are_short_and_clean() {
    assert_eq!(shown(b"a\x1b[0m\xff\r\n"), "\"a\\x1b[0m\\xff\"");
    assert_eq!(shown(&[b'a'; 1000]).chars().count(), 83);
}
