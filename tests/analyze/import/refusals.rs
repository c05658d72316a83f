//! Is what is no trace refused with its place and what to do?

use super::*;

#[test]
fn a_bad_line_is_named_by_its_number_and_place() {
    let place = Place::new();
    for (good, bad) in [
        ("0x1: R 0x10", "0x1: Q 0x10"),
        ("0x1: R 0x10 8 0xff", "0x1: R 0x10 8x"),
        ("LD 0x10", "LD 0x"),
        ("0 a", "5 a"),
        ("1 a", "1 ax"),
        ("7/8 1.5: mem-loads: 10", "7/8 1.5: cycles: 10"),
        ("7/8 1.5: mem-stores: 10", "7 1.5: mem-stores: 10"),
    ] {
        let message = place.refuse(&[&place.file("x", format!("{good}\n{good}\n{bad}\n").as_bytes())]);
        assert!(message.contains(&format!("x, line 3 (byte {}): \"{bad}\"", 2 * good.len() + 2)), "{message}");
    }
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
    assert!(place.refuse(&[&place.file("x", b"\x02\x21\x4c\x18....")]).contains("lz4 -dc"));
    let mut lzma = fs::read(sample(MAIN_THREAD)).unwrap();
    let directory = lzma.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    lzma[directory + 10] = 14;
    assert!(place.refuse(&[&place.file("x.zip", &lzma)]).contains("packed by LZMA"));
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
fn zeros_may_follow_gzip_and_lzma_is_read() {
    let place = Place::new();
    let text = b" L 1000,8\n S 2000,8\n";
    let padded = [packed(text, 1), vec![0; 700], packed(text, 1), vec![0; 300]].concat();
    assert!(place.import(&[&place.file("x", &padded)]).contains("4 rows"));
    let lzma =
        b"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0\x10\x13\0\x03\x10\xdf\x8c$Y\xc8LA\xc3\xff\xff\xa3\x88\0\0";
    assert!(place.import(&[&place.file("x", lzma)]).contains("1 row"));
}

#[test]
fn several_inputs_are_one_recording_or_an_error() {
    let place = Place::new();
    let (a, b) = (place.file("a", b"LD 1\n"), place.file("b", b"LD 1\n"));
    let message = place.refuse(&[&a, &b]);
    assert!(message.contains("2 inputs in the format ramulator"), "{message}");
}
