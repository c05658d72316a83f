//! Are lines read as people have them: with marks, blanks, tags, words and numbers of every kind?

use super::*;

/// The operations and addresses of what an import makes of a text.
fn accesses(text: &[u8], arguments: &[&str]) -> Vec<(Op, u64)> {
    let place = Place::new();
    place.import(&[&[&*place.file("in", text)], arguments].concat());
    place.rows().iter().map(|row| (row.op, row.address)).collect()
}

fn refusal(text: &[u8], arguments: &[&str]) -> String {
    let place = Place::new();
    place.refuse(&[&[&*place.file("in", text)], arguments].concat())
}

const LOAD: (Op, u64) = (Op::Load, 0x1000);
const STORE: (Op, u64) = (Op::Store, 0x2000);

#[test]
fn marks_remarks_blank_lines_and_windows_ends_are_no_rows() {
    for text in [
        " L 1000,8\n S 2000,8\n",
        "LD 0x1000\nST 8192\n",
        "0 1000\n1 2000\na 0\n",
        "0x1: R 0x1000\n0x1: W 0x2000\n#eof\n",
        "op,address\nload,4096\nWR,0x2000\n",
        "op;address\nrd;4096\nst;8192\n",
        "1/1 1.0: loads: 1000\n1/1 1.0: stores: 2000\n",
    ] {
        let text = text.replace("\na 0", "\n2 abc");
        let expected = if text.starts_with('0') && text.contains("abc") { 3 } else { 2 };
        for form in [
            text.clone(),
            format!("\u{feff}{text}"),
            format!("# made by hand\n\n{text}\n\n"),
            text.replace('\n', "\r\n"),
            text.trim_end().to_string(),
        ] {
            let read = accesses(form.as_bytes(), &[]);
            assert_eq!(read.len(), expected, "{form:?}");
            assert_eq!(read[..2], [LOAD, STORE], "{form:?}");
        }
    }
}

#[test]
fn utf_16_is_named() {
    let text = "op,address\nload,4096\n";
    let little: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let message = refusal(&little, &[]);
    assert!(message.contains("UTF-16") && message.contains("iconv"), "{message}");
}

#[test]
fn numbers_are_read_up_to_2_to_the_64() {
    assert_eq!(accesses(b"LD 18446744073709551600\nLD (nil)\n", &[]), [(Op::Load, u64::MAX - 15), (Op::Load, 0)]);
    assert!(refusal(b"LD 18446744073709551616\n", &[]).contains("line 1"));
    assert_eq!(accesses(b"0x1: W (nil)\n#eof\n", &[]), [(Op::Store, 0)]);
    assert_eq!(accesses(b"op,address,length\nload,140737488347136.0,8\n", &[]), [(Op::Load, 140_737_488_347_136)]);
    let message = refusal(b"op,address,length\nload,7fff00001000,8\n", &[]);
    assert!(message.contains("--columns COLUMN=PLACE:hex"), "{message}");
    let read = accesses(
        b"op,address,length\nload,7fff00001000,8\n",
        &["--columns", "op=op,address=address:hex,length=length"],
    );
    assert_eq!(read, [(Op::Load, 0x7fff_0000_1000)]);
}

#[test]
fn accesses_of_no_bytes_are_left_out_and_counted_in_every_format() {
    for text in [
        " L 1000,8\n L 3000,0\n",
        "0x1: R 0x1000 8 0x1\n0x1: R 0x3000 0 0x1\n#eof\n",
        "op,address,length\nload,4096,8\nload,8192,0\n",
        "1 R 4096 8\n1 R 8192 0\n",
        "r 1000 8\nr 3000 0\n",
    ] {
        assert_eq!(accesses(text.as_bytes(), &[]), [LOAD], "{text}");
        let place = Place::new();
        let said = place.import(&[&place.file("in", text.as_bytes())]);
        assert!(said.contains("left_out: 1 × an access of 0 bytes"), "{said}");
        let message = refusal(text.as_bytes(), &["--strict"]);
        assert!(message.contains("an access of 0 bytes"), "{message}");
    }
    let message = refusal(b" L 1000,0\n", &[]);
    assert!(message.contains("no row to import; 1 × an access of 0 bytes"), "{message}");
}

#[test]
fn what_is_no_access_of_dinero_is_left_out() {
    assert_eq!(accesses(b"0 1000\n4 0\n3 0\n1 2000\n2 abc\n", &[])[..2], [LOAD, STORE]);
}

#[test]
fn lackeys_fetches_may_have_one_blank() {
    assert_eq!(accesses(b"I 00400000,4\n L 1000,8\n S 2000,8\n", &["--only", "data"]), [LOAD, STORE]);
}

#[test]
fn tags_are_stripped_where_that_is_said() {
    let text = b"op,address\nload,0xb400555500001000\nload,0x00ffff8000001000\nload,0xffffff8000001000\n";
    let message = refusal(text, &[]);
    assert!(message.contains("line 2") && message.contains("--strip-tags"), "{message}");
    let kernel = (Op::Load, 0xffff_ff80_0000_1000);
    assert_eq!(accesses(text, &["--strip-tags"]), [(Op::Load, 0x5555_0000_1000), kernel, kernel]);
    let place = Place::new();
    let said = place.import(&[&place.file("in", b"op,address\nload,0x00ffff8000001000\n")]);
    assert!(said.contains("1 × an address as a kernel's"), "{said}");
}

#[test]
fn addresses_alone_need_an_operation() {
    let message = refusal(b"16384\n0x5000\n", &[]);
    assert!(message.contains("--op load or --op store"), "{message}");
    assert_eq!(accesses(b"16384\n0x5000\n", &["--op", "store"]), [(Op::Store, 16384), (Op::Store, 0x5000)]);
}

#[test]
fn lines_of_any_form_are_described() {
    let text = b"7 R 1000 4\n7 W 2000 4\n";
    assert_eq!(accesses(text, &["--pattern", "{process} {op:R|W} {address:x} {length}"]), [LOAD, STORE]);
    assert_eq!(accesses(b"0 0x1000 R\n1 0x2000 W\n", &["--pattern", "{thread} {address:x} {op}"]), [LOAD, STORE]);
    let place = Place::new();
    place.import(&[&place.file("in", text), "--pattern", "{process} {op:R|W} {address:x} {length}"]);
    assert!(place.rows().iter().all(|row| row.process == 7 && row.length == 4));
    let info = printed(&["info", &place.path("out")]);
    assert!(info.contains("{process} {op:R|W} {address:x} {length}"), "{info}");
    let message = refusal(b"7 R 1000 4\n7 R x 4\n", &["--pattern", "{process} {op:R|W} {address:x} {length}"]);
    assert!(message.contains("line 2 (byte 11)"), "{message}");
    for wrong in
        [&["--pattern", "{op}"][..], &["--format", "pattern"], &["--pattern", "{address}", "--format", "lackey"]]
    {
        refusal(text, wrong);
    }
}

#[test]
fn a_trace_that_is_cut_off_is_kept_as_far_as_it_goes() {
    let lines = " L 1000,8\n S 2000,8\n".repeat(40_000);
    let whole = packed(lines.as_bytes(), 1);
    let cut = &whole[..whole.len() - 20];
    assert!(refusal(cut, &[]).contains("--salvage"));
    let place = Place::new();
    let said = place.import(&[&place.file("in", cut), "--salvage"]);
    assert!(said.contains("salvaged: the whole records of an input that is cut off"), "{said}");
    assert_eq!(place.rows()[0].address, 0x1000);
    let records = fs::read(sample("champsim.trace")).unwrap();
    let cut = &records[..64 * 3 + 54];
    let message = refusal(cut, &[]);
    assert!(message.contains("54 bytes at the end") && message.contains("--salvage"), "{message}");
    let place = Place::new();
    let said = place.import(&[&place.file("in", cut), "--salvage"]);
    assert!(said.contains("54 bytes after the last whole record"), "{said}");
}
