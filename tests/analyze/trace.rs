//! `analyze trace …` from outside: what it prints, writes and answers.

use crate::outside::{PACKINGS, Place, analyze, packed, printed, printed_by, refused, refused_by, rows};
use std::fs;
use std::path::{Path, PathBuf};

const LACKEY: &str =
    "==7== Lackey, an example tool\nI  04012927,3\n L 1ffefff8,8\n S 1ffeffc,8\n M 04032000,4\n==7== \n";
const CSV: &str =
    "op,address,length,process\nmap,0x1000,8192,1\nload,4096,8,1\nstore,0x1ffc,8,1\nfork,0,2,1\nexit,0,0,2\n";

#[test]
fn text_is_told_and_read_from_files_and_pipes_however_it_is_packed() {
    let place = Place::new();
    let out = place.path("out.parquet");
    let expected = [
        "fetch 0x4012927 3 1 0",
        "load 0x1ffefff8 8 1 0",
        "store 0x1ffeffc 4 1 0",
        "store 0x1fff000 4 1 0",
        "load 0x4032000 4 1 0",
        "store 0x4032000 4 1 0",
    ];
    for packing in 0..PACKINGS {
        let bytes = packed(LACKEY.as_bytes(), packing);
        printed(&["import", &place.file("in", &bytes), "-o", &out]);
        assert_eq!(rows(&out), expected);
        printed_by(analyze(&["import", "-", "-o", &out]).write_stdin(bytes));
        assert_eq!(rows(&out), expected);
    }
}

#[test]
fn only_data_leaves_fetches_out_and_says_so() {
    let place = Place::new();
    let (input, out) = (place.file("in", LACKEY.as_bytes()), place.path("out.parquet"));
    let said = printed(&["import", &input, "-o", &out, "--only", "data", "--note", "command=x y"]);
    assert!(said.contains("5 rows") && said.contains("1 fetch left out"), "{said}");
    let info = printed(&["info", &out]);
    for line in ["command          x y", "only             loads and stores", "load           2", "4K pages touched 4"]
    {
        assert!(info.contains(line), "{line} in {info}");
    }
}

#[test]
fn csv_is_imported_by_the_names_of_its_columns() {
    let place = Place::new();
    let out = place.path("out.parquet");
    printed(&["import", &place.file("in.csv", CSV.as_bytes()), "-o", &out]);
    assert_eq!(
        rows(&out),
        [
            "map 0x1000 8192 1 0",
            "load 0x1000 8 1 0",
            "store 0x1ffc 4 1 0",
            "store 0x2000 4 1 0",
            "fork 0x0 child 2 1 0",
            "exit 0x0 0 2 0"
        ]
    );
}

#[test]
fn bad_input_is_named_by_its_line_and_leaves_no_file() {
    let place = Place::new();
    let out = place.path("out.parquet");
    let gzip = packed(LACKEY.repeat(100).as_bytes(), 1);
    let refuse = |bytes: &[u8], part: &str| {
        let message = refused(&["import", &place.file("in", bytes), "-o", &out]);
        assert!(message.contains(part), "{part:?} in {message}");
        assert_eq!(place.names(), [PathBuf::from("in")], "{part}");
    };
    refuse(b" L 12,8\n L 1ffe\xff\x1b[0m,8\n", "line 2 (byte 8): \" L 1ffe\\xff\\x1b[0m,8\": not a line of lackey's");
    refuse(b" L 12,8\n S 123,", "line 2 (byte 8): \" S 123,\"");
    refuse(b" L 0100000000000000,8\n", "line 1 (byte 0): \" L 0100000000000000,8\": load of address");
    refuse(b"op,address\nload,1\nlaod,2\n", "line 3 (byte 18): \"laod,2\": op \"laod\"");
    refuse(b"op,address,length\nfork,0,0\n", "process 0 forks itself");
    refuse(
        b"op,address,note\nload,1,\"x\nload,2,y\"\n",
        "line 2 (byte 16): \"load,1,\\\"x\": a quote that nothing closes",
    );
    refuse(b"op,address,length\nload,1,0\n", "no row to import; 1 × an access of 0 bytes");
    refuse(b"op,address,time\nload,1,2\nload,1,\n", "no time, and times before");
    refuse(b"op,address,time\nload,1,0.5\n", "number \"0.5\"\n  expected: a time in whole nanoseconds");
    refuse(b"hello\n", "name its format with --format, or describe your own lines");
    refuse(b"", "an empty input");
    refuse(b"==1== nothing\n", "cannot tell the format");
    refuse(&gzip[..gzip.len() - 9], "the gzip stream cannot be decoded");
    let message = refused_by(analyze(&["import", "-", "-o", &out, "--only", "data"]).write_stdin("I  12,3\n"));
    assert!(message.contains("`--only all` keeps its 1 instruction fetches"), "{message}");
}

#[test]
fn a_failed_import_keeps_the_old_file() {
    let place = Place::new();
    let out = place.file("out.parquet", b"old");
    refused_by(analyze(&["import", "-", "-o", &out]).write_stdin(" L 12,8\nx\n"));
    assert_eq!(fs::read(&out).unwrap(), b"old");
}

#[test]
fn an_output_that_cannot_be_written_is_a_failure_of_the_machine() {
    let place = Place::new();
    for out in [place.path("no/such/folder"), place.path("."), "/dev/null".to_string()] {
        analyze(&["import", "-", "-o", &out]).write_stdin(" L 12,8\n").assert().code(1);
    }
    assert!(!Path::new("/dev/null").is_file());
}

#[test]
fn the_same_seed_makes_the_same_file_and_it_is_sound() {
    let place = Place::new();
    let (a, b) = (place.path("a.parquet"), place.path("b.parquet"));
    for workload in ["uniform", "graph", "forkwait"] {
        for out in [&a, &b] {
            printed(&["synth", workload, "-o", out, "--footprint", "1M", "--accesses", "20_000"]);
        }
        assert!(fs::read(&a).unwrap() == fs::read(&b).unwrap(), "{workload}");
        assert!(printed(&["validate", &a]).contains("the digest of the rows agrees"));
    }
}

#[test]
fn everything_wrong_with_a_workload_is_said_at_once() {
    let message = refused(&["synth", "uniform", "-o", "x", "--stride", "64", "--footprint", "big"]);
    assert!(message.contains("--stride: 64") && message.contains("--footprint: big"), "{message}");
    assert!(message.contains("one of the keys of uniform: footprint, accesses, seed, stores"), "{message}");
    refused(&["synth", "uniform", "-o", "x", "--stores", "2"]);
    refused(&["synth", "uniformly", "-o", "x"]);
}

#[test]
fn validate_names_what_is_no_trace() {
    let place = Place::new();
    let message = refused(&["validate", &place.file("x", b"hello"), &place.path("none")]);
    assert!(message.contains("begins with the bytes 68 65 6c 6c") && message.contains("cannot be opened"), "{message}");
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let place = Place::new();
    let path = place.path("a.parquet");
    printed(&["synth", "sequential", "-o", &path, "--accesses", "200000"]);
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_analyze"))
        .args(["trace", "head", &path, "-n", "200000"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn every_verb_has_help() {
    for verb in ["import", "synth", "cut", "merge", "concat", "rebase", "info", "head", "validate"] {
        assert!(printed(&[verb, "--help"]).contains("Usage: analyze trace"), "{verb}");
    }
}
