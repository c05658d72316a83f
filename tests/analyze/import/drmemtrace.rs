//! Are the files of a recording by DynamoRIO one trace?

use super::*;

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
