//! Does every format become the rows that its sample stands for?

use super::*;

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
fn samples_are_marked_as_such() {
    let place = Place::new();
    let said = place.import(&[text(&sample("perf-script.txt"))]);
    assert!(said.contains("sampled: a sample of the accesses, not all of them"), "{said}");
}
