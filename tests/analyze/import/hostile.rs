//! Do hostile inputs neither panic nor take memory?

use super::*;

/// Imports under a limit of memory that the unpacked input would break.
#[test]
#[cfg(target_os = "linux")]
fn what_unpacks_to_gigabytes_is_read_in_bounded_memory() {
    let place = Place::new();
    let remarks = packed(&b"# nothing at all\n".repeat(1 << 20), 1);
    let bomb = [packed(b"0x1: R 0x2\n", 1), remarks.repeat(64)].concat();
    let (input, out) = (place.file("bomb.gz", &bomb), place.path("out"));
    let program = env!("CARGO_BIN_EXE_analyze");
    let script = format!("ulimit -v 800000 && exec '{program}' trace import '{input}' -o '{out}'");
    Command::new("sh").args(["-c", &script]).assert().success();
    assert_eq!(place.rows().len(), 1);
}

/// An xz stream that asks for a dictionary of 4 GiB.
fn huge_xz() -> Vec<u8> {
    let mut bytes = Vec::new();
    liblzma::read::XzEncoder::new(&b"0x1: R 0x2\n"[..], 0).read_to_end(&mut bytes).unwrap();
    // The block header begins at byte 12; its fifth byte is the dictionary's size, and a checksum ends it.
    bytes[16] = 40;
    let mut crc = flate2::Crc::new();
    crc.update(&bytes[12..20]);
    bytes[20..24].copy_from_slice(&crc.sum().to_le_bytes());
    bytes
}

#[test]
#[cfg(target_os = "linux")]
fn what_claims_to_be_huge_is_refused_in_bounded_memory() {
    let place = Place::new();
    let length = 1_u64 << 63;
    // A zstd frame of one segment, whose window is its length.
    let zstd = [&b"(\xb5/\xfd\xe0"[..], &length.to_le_bytes(), b"\x01\0\0"].concat();
    let mut zip = fs::read(sample("drmemtrace/drmemtrace.t.26356.7403.trace.zip")).unwrap();
    let directory = zip.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    zip[directory + 20..directory + 28].fill(0xfe);
    let csv = format!("op,address,length\nload,0,{length}\n").into_bytes();
    // What unpacks to its checksum is whole, whatever size the archive's directory claims.
    for (bytes, code, part) in [
        (zstd, 2, "at most 128 MiB"),
        (huge_xz(), 2, "at most 128 MiB"),
        (zip, 0, ""),
        (csv, 2, "an access of at most 65536 bytes"),
    ] {
        let (input, out) = (place.file("huge", &bytes), place.path("out"));
        let program = env!("CARGO_BIN_EXE_analyze");
        let script = format!("ulimit -v 800000 && exec '{program}' trace import '{input}' -o '{out}'");
        let told = Command::new("sh").args(["-c", &script]).assert().code(code);
        let message = String::from_utf8_lossy(&told.get_output().stderr).into_owned();
        assert!(message.contains(part), "{message}");
    }
}

/// Bytes that look like some format, cut, changed and run on.
fn hostile() -> impl Strategy<Value = (Vec<u8>, usize, Vec<(usize, u8)>, usize)> {
    let start = (0..SAMPLES.len() + 3).prop_map(|index| match SAMPLES.get(index) {
        Some((name, _)) if sample(name).is_file() => fs::read(sample(name)).unwrap(),
        Some(_) => unpacked(&sample(MAIN_THREAD))[..4800].to_vec(),
        None if index == SAMPLES.len() => fs::read(sample("drmemtrace/drmemtrace.t.26356.7403.trace.zip")).unwrap(),
        None if index == SAMPLES.len() + 1 => b"op,address,length\nload,0x10,9223372036854775808\n".to_vec(),
        None => Vec::new(),
    });
    let changes = proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..6);
    (start, any::<proptest::sample::Index>(), changes, 0..PACKINGS).prop_map(|(bytes, cut, changes, packing)| {
        let cut = if bytes.is_empty() { 0 } else { cut.index(bytes.len() * 2).min(bytes.len()) };
        let changes = if cut == 0 { Vec::new() } else { changes };
        let changes = changes.iter().map(|(at, byte)| (at.index(cut), *byte)).collect();
        (bytes, cut, changes, packing)
    })
}

/// Imports bytes from a file and says whether an output is there, which it must be just if all went well.
fn survives(bytes: &[u8], how: &Import) {
    let place = Place::new();
    let out = place.0.path().join("out");
    let input = place.file("in", bytes);
    let outcome = Input::open(Path::new(&input)).and_then(|input| import(vec![input], how, &out, &|_| {}));
    assert_eq!(outcome.is_ok(), out.exists());
}

fn formats() -> impl Strategy<Value = Option<Format>> {
    proptest::sample::select([None].into_iter().chain(Format::ALL.map(Some)).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn no_change_to_a_trace_makes_an_import_panic((bytes, cut, changes, packing) in hostile(), format in formats()) {
        let mut bytes = bytes[..cut].to_vec();
        let inside = packing % 2 == 0;
        let change = |bytes: &mut Vec<u8>| for &(at, byte) in &changes {
            let last = bytes.len().saturating_sub(1);
            if let Some(place) = bytes.get_mut(at.min(last)) {
                *place = byte;
            }
        };
        if inside {
            change(&mut bytes);
        }
        let mut bytes = packed(&bytes, packing);
        if !inside {
            change(&mut bytes);
        }
        survives(&bytes, &Import { format, ..Import::default() });
    }

    #[test]
    fn no_bytes_make_an_import_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        first in proptest::sample::select(vec![&b""[..], b"\x1f\x8b", b"(\xb5/\xfd", b"\xfd7zXZ\0", b"\x04\"M\x18", b"BZh9", b"PK\x03\x04", b"\x19\0\0\0\x07\0\0\0\0\0\0\0\x1c\0"]),
        format in formats(),
    ) {
        survives(&[first, &bytes].concat(), &Import { format, ..Import::default() });
    }

    #[test]
    fn no_text_makes_an_import_panic(
        bytes in proptest::collection::vec(proptest::sample::select(b"ILSMRWDT/:=#,\". 0123456789abcdefx\n\r\t\xff\0".to_vec()), 0..300),
        first in proptest::sample::select(vec!["", " L 12,8\n", "op,address,length\n", "0x1: R 0x2\n", "LD 1\n", "0 1\n", "7/8 1.5: mem-loads: 10\n"]),
        format in formats(),
    ) {
        survives(&[first.as_bytes(), &bytes].concat(), &Import { format, ..Import::default() });
        let columns = CsvColumns::parse("op=0,address=1:hex,length=3").ok();
        survives(&bytes, &Import { columns, ..Import::default() });
    }

    #[test]
    fn bytes_read_one_by_one_are_the_same_trace(cut in 0..2000_usize) {
        struct Trickle(Cursor<Vec<u8>>);
        impl Read for Trickle {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let one = buffer.len().min(1);
                self.0.read(&mut buffer[..one])
            }
        }
        let bytes = fs::read(sample("champsim.trace")).unwrap();
        let bytes = bytes[..cut / 64 * 64].to_vec();
        let place = Place::new();
        let import = |reader: Box<dyn Read>| {
            let how = Import { format: Some(Format::Champsim), ..Import::default() };
            let out = place.0.path().join("out");
            Input::new("x", reader).and_then(|input| import(vec![input], &how, &out, &|_| {})).map(|it| it.written).ok()
        };
        assert_eq!(import(Box::new(Trickle(Cursor::new(bytes.clone())))), import(Box::new(Cursor::new(bytes))));
    }
}
