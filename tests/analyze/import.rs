//! Does `analyze trace import` make of every format's sample what it should, and refuse what is no trace?

use crate::outside::{PACKINGS, Place, analyze, packed, printed, printed_by, refused, refused_by};
use assert_cmd::Command;
use proptest::prelude::*;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use vmmu::trace::import::{Columns, Format, Import, import};
use vmmu::trace::input::{Input, Unit};
use vmmu::trace::{Op, ParquetSource, Row, Source};

const SAMPLES: [(&str, Format); 8] = [
    ("lackey.txt", Format::Lackey),
    ("champsim.trace", Format::Champsim),
    ("cloudsuite.trace", Format::Cloudsuite),
    ("drmemtrace", Format::Drmemtrace),
    ("pinatrace.out", Format::Pinatrace),
    ("perf-script.txt", Format::PerfScript),
    ("ramulator.trace", Format::Ramulator),
    ("dinero.din", Format::Dinero),
];

const COLUMNS: &str = "op=kind,address=vaddr:hex,length=bytes,thread=tid,time=time";
const MAIN_THREAD: &str = "drmemtrace/drmemtrace.t.26355.1837.trace.zip";

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name)
}

impl Place {
    /// What an import of these arguments prints; the trace is `out`.
    fn import(&self, arguments: &[&str]) -> String {
        printed(&[&["import", "-o", &self.path("out")], arguments].concat())
    }

    fn refuse(&self, arguments: &[&str]) -> String {
        let message = refused(&[&["import", "-o", &self.path("out")], arguments].concat());
        assert!(!Path::new(&self.path("out")).exists(), "{message}");
        message
    }

    /// The same where there is a trace of an import before.
    fn refuse_anew(&self, arguments: &[&str]) -> String {
        fs::remove_file(self.path("out")).unwrap();
        self.refuse(arguments)
    }

    fn rows(&self) -> Vec<Row> {
        let (mut all, mut rows) = (Vec::new(), Vec::new());
        let mut source = ParquetSource::open(Path::new(&self.path("out"))).unwrap();
        while source.fill(&mut rows).is_ok() && !rows.is_empty() {
            all.extend_from_slice(&rows);
        }
        all
    }
}

/// The rows of a trace as the goldens have them: those of `trace head`, without the spaces between columns.
fn shown(path: &str, rows: usize) -> String {
    let text = printed(&["head", path, "-n", &rows.to_string()]);
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n";
    text.lines().skip(1).map(line).collect()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What a packed file holds.
fn unpacked(path: &Path) -> Vec<u8> {
    let (mut input, mut bytes) = (Input::open(path).unwrap(), Vec::new());
    while let Some(block) = input.block(Unit::Record(1)).unwrap() {
        bytes.extend_from_slice(block);
    }
    bytes
}

/// Holds the rows of a trace against those beside a sample, as far as these go. With `ACCEPT` in the environment the
/// trace's are kept instead.
fn same(place: &Place, sample: &Path) {
    let path = sample.with_extension("rows");
    let golden = fs::read_to_string(&path).unwrap_or_default();
    let rows = shown(&place.path("out"), golden.lines().count());
    if std::env::var_os("ACCEPT").is_some() {
        fs::write(path, rows).unwrap();
    } else {
        assert_eq!(rows, golden, "{}", path.display());
    }
}

#[test]
fn every_sample_becomes_its_golden_rows_whether_its_format_is_named_or_told() {
    let place = Place::new();
    for (name, format) in SAMPLES {
        let path = sample(name);
        for named in [&["--format", format.name()][..], &[]] {
            let said = place.import(&[&[text(&path)], named].concat());
            assert!(said.contains(&format!("read as {}", format.name())), "{said}");
            same(&place, &path);
        }
        let info = printed(&["info", &place.path("out")]);
        assert!(info.contains(format.assumed()), "{info}");
    }
}

#[test]
fn every_format_is_told_and_read_from_a_pipe_however_it_is_packed() {
    let place = Place::new();
    for (name, format) in SAMPLES.into_iter().chain([("own.csv", Format::Csv)]) {
        let bytes = match format {
            Format::Drmemtrace => unpacked(&sample("drmemtrace/drmemtrace.t.26356.7403.trace.zip")),
            Format::Csv => b"op,address\nload,1\n".to_vec(),
            _ => fs::read(sample(name)).unwrap(),
        };
        place.import(&[&place.file("in", &bytes)]);
        let rows = place.rows();
        for packing in 0..PACKINGS {
            let mut piped = analyze(&["import", "-", "-o", &place.path("out")]);
            let said = printed_by(piped.write_stdin(packed(&bytes, packing)));
            assert!(said.contains(&format!("read as {}", format.name())), "{said}");
            assert!(place.rows() == rows, "{name}");
        }
    }
}

#[test]
fn csv_columns_are_pointed_to_by_name_or_position() {
    let place = Place::new();
    let path = sample("accesses.csv");
    place.import(&[text(&path), "--columns", COLUMNS]);
    same(&place, &path);
    let (_, body) = fs::read_to_string(&path).unwrap().split_once('\n').map(|(a, b)| (a.len(), b.to_string())).unwrap();
    let headless = place.file("in.csv", body.as_bytes());
    place.import(&[&headless, "--columns", "op=2,address=1:hex,length=3,thread=4,time=0"]);
    same(&place, &path);
    let info = printed(&["info", &place.path("out")]);
    assert!(info.contains("columns          op=2,address=1:hex,length=3,thread=4,time=0"), "{info}");
}

#[test]
fn drmemtrace_counts_what_the_tool_itself_counts() {
    let place = Place::new();
    let said = place.import(&[text(&sample("drmemtrace"))]);
    assert!(said.contains("3 files, zip") && said.contains("2 accesses split"), "{said}");
    let of = |op| place.rows().iter().filter(|row| row.op == op).count();
    // One fetch is on two pages, twice.
    assert_eq!([Op::Fetch, Op::Load, Op::Store].map(of), [66354 + 2, 12419, 269_562]);
    let info = printed(&["info", &place.path("out")]);
    for line in
        ["threads          3", "drmemtrace       version 7, 3 files", "page_size        4096", "file_type        0xe40"]
    {
        assert!(info.contains(line), "{line} in {info}");
    }
}

#[test]
fn threads_of_drmemtrace_take_turns_and_each_keeps_its_order() {
    let place = Place::new();
    place.import(&[text(&sample("drmemtrace"))]);
    let merged = place.rows();
    let turns = merged.windows(2).filter(|pair| pair[0].thread != pair[1].thread).count();
    assert!(turns > 2, "{turns} turns of three threads");
    for file in fs::read_dir(sample("drmemtrace")).unwrap().map(|entry| entry.unwrap().path()) {
        if !text(&file).contains(".trace.") {
            continue;
        }
        place.import(&[text(&file)]);
        let alone = place.rows();
        let thread = alone[0].thread;
        assert!(merged.iter().filter(|row| row.thread == thread).eq(&alone), "{}", file.display());
    }
}

#[test]
fn several_recordings_are_merged_by_time() {
    let place = Place::new();
    place.import(&[text(&sample("drmemtrace"))]);
    let whole = place.rows();
    let folders = ["a/trace", "b"].map(|name| place.path(name));
    for file in fs::read_dir(sample("drmemtrace")).unwrap().map(|entry| entry.unwrap().path()) {
        let folder = &folders[usize::from(text(&file).contains(".26355."))];
        fs::create_dir_all(folder).unwrap();
        fs::copy(&file, Path::new(folder).join(file.file_name().unwrap())).unwrap();
    }
    place.import(&[&place.path("b"), &place.path("a")]);
    assert!(place.rows() == whole);
}

#[test]
fn a_merge_by_time_is_what_an_import_of_all_is() {
    let place = Place::new();
    place.import(&[text(&sample("drmemtrace"))]);
    // The merge gives every trace a process of its own.
    let of_one_process = |rows: Vec<Row>| rows.into_iter().map(|row| Row { process: 1, ..row }).collect::<Vec<_>>();
    let whole = of_one_process(place.rows());
    let parts = ["26355.1837", "26356.7403", "26357.0226"].map(|part| {
        place.import(&[text(&sample(&format!("drmemtrace/drmemtrace.t.{part}.trace.zip")))]);
        fs::rename(place.path("out"), place.path(part)).unwrap();
        place.path(part)
    });
    let [a, b, c] = &parts;
    printed(&["merge", "--by", "time", a, b, c, "-o", &place.path("out")]);
    assert!(of_one_process(place.rows()) == whole);
}

/// A recording with records put in before its first access.
fn with_records(records: &[(u16, u16, u64)]) -> Vec<u8> {
    let mut bytes = unpacked(&sample(MAIN_THREAD));
    let record = |&(kind, size, value): &(u16, u16, u64)| {
        [&kind.to_le_bytes()[..], &size.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    bytes.splice(120..120, records.iter().flat_map(record));
    bytes
}

#[test]
fn what_drmemtrace_says_beside_its_accesses_is_noted() {
    let place = Place::new();
    let physical = [(28, 15, 0x5123), (28, 17, 0x9123), (28, 15, 0x6000), (28, 17, 0xa000), (28, 16, 0xb000)];
    let said = place.import(&[&place.file("x.trace", &with_records(&physical))]);
    let noted =
        "of 2 pages, and not used: 1 of the 1 pages that follow another do so in physical memory too; of 1 more";
    assert!(said.contains(noted), "{said}");
    let said = place.import(&[&place.file("x.trace", &with_records(&[(0, 0, 0x9123)]))]);
    assert!(said.contains("without_size: 1 accesses, taken for 1 byte each"), "{said}");
    let message = place.refuse_anew(&[&place.file("x.trace", &with_records(&[(28, 2, u64::MAX)]))]);
    assert!(message.contains("record 10 (byte 120): time stamp 18446744073709551615"), "{message}");
}

#[test]
fn drmemtrace_files_may_be_packed_in_any_way() {
    let place = Place::new();
    let path = sample(MAIN_THREAD);
    place.import(&[text(&path)]);
    let (rows, plain) = (place.rows(), unpacked(&path));
    for packing in 0..PACKINGS {
        place.import(&[&place.file("x.trace", &packed(&plain, packing))]);
        assert!(place.rows() == rows);
    }
}

#[test]
fn drmemtrace_that_lacks_accesses_is_refused_with_the_reason() {
    let place = Place::new();
    let plain = unpacked(&sample(MAIN_THREAD));
    for (bit, reason) in [(0x80, "L0 instruction cache"), (0x100, "L0 data cache"), (0x4, "of instructions only")] {
        let mut changed = plain.clone();
        // The third record is the file type.
        changed[28..36].copy_from_slice(&(0xe40_u64 | bit).to_le_bytes());
        let message = place.refuse(&[&place.file("x.trace", &changed)]);
        assert!(message.contains(reason) && message.contains("record 2 (byte 24)"), "{message}");
    }
    let message = place.refuse(&[&place.file("x.trace", &plain[..12_000])]);
    assert!(message.contains("no footer"), "{message}");
    let message = place.refuse(&[&place.file("x.trace", &plain[..12_001])]);
    assert!(message.contains("record 1000 (byte 12000): 1 bytes at the end"), "{message}");
    let message = place.refuse(&[
        &place.file("x.trace", &[25, 0, 0, 0, 7, 0, 0, 0, 28, 0, 12, 0, 7, 0, 0, 0]),
        "--format",
        "drmemtrace",
    ]);
    assert!(message.contains("32-bit tracers"), "{message}");
}

#[test]
fn a_raw_recording_is_told_from_a_finished_one() {
    let place = Place::new();
    fs::create_dir(place.path("raw")).unwrap();
    let message = place.refuse(&[&place.path("")]);
    assert!(message.contains("drrun -t drmemtrace -indir"), "{message}");
}

#[test]
fn the_two_layouts_of_champsim_are_told_apart() {
    let place = Place::new();
    let wrong = [("champsim.trace", "cloudsuite", "champsim"), ("cloudsuite.trace", "champsim", "cloudsuite")];
    for (name, format, right) in wrong {
        let message = place.refuse(&[text(&sample(name)), "--format", format]);
        assert!(message.contains(&format!("remedy: --format {right}")), "{message}");
    }
    let mut bytes = fs::read(sample("champsim.trace")).unwrap();
    bytes[64 * 3 + 8] = 9;
    let message = place.refuse(&[&place.file("x", &bytes), "--format", "champsim"]);
    assert!(message.contains("record 3 (byte 192): flags 9 and 0"), "{message}");
    let message = place.refuse(&[&place.file("x", &bytes)]);
    assert!(message.contains("cannot tell the format"), "{message}");
    let mut wide = fs::read(sample("cloudsuite.trace")).unwrap();
    wide[96 * 3 + 8] = 9;
    let message = place.refuse(&[&place.file("x", &wide), "--format", "cloudsuite"]);
    assert!(message.contains("record 3 (byte 288): flags 9 and 0"), "{message}");
    let message = place.refuse(&[&place.file("x", &bytes[..100]), "--format", "champsim"]);
    assert!(message.contains("record 1 (byte 64): 36 bytes at the end"), "{message}");
}

#[test]
fn an_assumed_size_touches_no_second_page() {
    let place = Place::new();
    let said = place.import(&[&place.file("x", b"LD 0x1ffe\nST 8191\nLD 0x2000\n")]);
    assert!(!said.contains("split"), "{said}");
    let lengths: Vec<_> = place.rows().iter().map(|row| row.length).collect();
    assert_eq!(lengths, [2, 1, 8]);
}

#[test]
fn what_was_assumed_stands_in_the_trace() {
    let place = Place::new();
    for (name, part) in [
        ("champsim.trace", "no sizes: a load or store is 8 bytes"),
        ("perf-script.txt", "sampled          a sample of the accesses"),
        ("perf-script.txt", "1 of 15 samples, which have no address"),
        ("ramulator.trace", "addresses are virtual"),
        ("pinatrace.out", "no fetches"),
    ] {
        place.import(&[text(&sample(name))]);
        let info = printed(&["info", &place.path("out")]);
        assert!(info.contains(part), "{part} in {info}");
    }
    let said = place.import(&[&place.file("x", b"0x1: R 0x2\n")]);
    assert!(said.contains("cut_off: no \"#eof\""), "{said}");
}

#[test]
fn a_bad_line_is_named_by_its_number_and_place() {
    let place = Place::new();
    for (good, bad) in [
        ("0x1: R 0x10", "0x1: Q 0x10"),
        ("0x1: R 0x10 8 0xff", "0x1: R 0x10 8x"),
        ("LD 0x10", "LD 0x"),
        ("0 10", "5 10"),
        ("1 10 comment", "1 10x"),
        ("7/8 1.5: mem-loads: 10", "7/8 1.5: cycles: 10"),
        ("7/8 1.5: mem-stores: 10", "7 1.5: mem-stores: 10"),
    ] {
        let message = place.refuse(&[&place.file("x", format!("{good}\n{good}\n{bad}\n").as_bytes())]);
        assert!(message.contains(&format!("x, line 3 (byte {}): \"{bad}\"", 2 * good.len() + 2)), "{message}");
    }
}

#[test]
fn samples_are_marked_as_such() {
    let place = Place::new();
    let said = place.import(&[text(&sample("perf-script.txt"))]);
    assert!(said.contains("sampled: a sample of the accesses, not all of them"), "{said}");
}

#[test]
fn an_output_that_is_an_input_is_refused_and_left_alone() {
    let place = Place::new();
    let path = place.file("x.csv", b"op,address\nload,1\n");
    let message = refused(&["import", &path, "-o", &place.path("./x.csv")]);
    assert!(message.contains("both an input and the output"), "{message}");
    assert_eq!(fs::read(&path).unwrap(), b"op,address\nload,1\n");
}

#[test]
fn a_column_that_is_named_twice_is_refused() {
    let place = Place::new();
    let message = place.refuse(&[&place.file("x.csv", b"op,address,Address\nload,1,2\n")]);
    assert!(message.contains("two columns `address`"), "{message}");
}

#[test]
fn archives_and_packings_that_are_not_read_say_what_to_do() {
    let place = Place::new();
    let mut tar = vec![0; 1024];
    tar[257..262].copy_from_slice(b"ustar");
    assert!(place.refuse(&[&place.file("x", &tar)]).contains("tar xf"));
    assert!(place.refuse(&[&place.file("x", b"PAR1....")]).contains("needs no import"));
    assert!(place.refuse(&[&place.file("x", b"PERFILE2....")]).contains("perf script -i"));
    assert!(place.refuse(&[&place.file("x", b"\xff\x06\0\0sNaPpY...")]).contains("snappy"));
    let zip = fs::read(sample(MAIN_THREAD)).unwrap();
    let out = place.path("out");
    let message = refused_by(analyze(&["import", "-", "-o", &out]).write_stdin(zip.clone()));
    assert!(message.contains("name the file instead"), "{message}");
    for cut in [zip.len() / 2, zip.len() - 1, 10] {
        let message = place.refuse(&[&place.file("x.zip", &zip[..cut])]);
        assert!(message.contains("zip archive cannot be read"), "{message}");
    }
    let mut damaged = zip;
    damaged[300_000] ^= 1;
    let message = place.refuse(&[&place.file("x.zip", &damaged)]);
    assert!(message.contains("zip stream cannot be decoded") || message.contains("(byte "), "{message}");
}

#[test]
fn several_inputs_are_one_recording_or_an_error() {
    let place = Place::new();
    let (a, b) = (place.file("a", b"LD 1\n"), place.file("b", b"LD 1\n"));
    let message = place.refuse(&[&a, &b]);
    assert!(message.contains("2 inputs in the format ramulator"), "{message}");
}

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
        let columns = Columns::parse("op=0,address=1:hex,length=3").ok();
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
