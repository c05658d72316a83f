//! Parquet files of other tools, and files that have no end or claim to have none.

use crate::outside::{Place, analyze, printed, rows};
use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// More than any of these files takes.
const SOON: Duration = Duration::from_secs(20);

fn sample(name: &str) -> String {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "samples", "parquet"].iter().collect();
    folder.join(name).display().to_string()
}

/// What every verb that reads a trace says of a file, all of which must refuse it.
fn refused_by_all(path: &str, part: &str) {
    let place = Place::new();
    let out = place.path("out.parquet");
    let sweep = place.file("sweep.toml", sweep(path).as_bytes());
    let verbs: [&[&str]; 7] = [
        &["info", path],
        &["head", path],
        &["validate", path],
        &["cut", path, "-o", &out],
        &["rebase", path, "-o", &out],
        &["concat", path, "-o", &out],
        &["merge", path, path, "-o", &out],
    ];
    let mut commands: Vec<Command> = verbs.iter().map(|verb| analyze(verb)).collect();
    commands.push(program(&["--config", &sweep, "--out", &place.path("results")]));
    commands.push(program(&["advise", path]));
    for mut command in commands {
        let told = command.timeout(SOON).assert().code(2);
        let message = String::from_utf8_lossy(&told.get_output().stderr).into_owned();
        assert!(message.contains(part), "{command:?}: {part} in {message}");
    }
    assert!(!Path::new(&out).exists());
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyze"));
    command.args(arguments);
    command
}

fn sweep(trace: &str) -> String {
    format!("traces = [{{ file = {trace:?}, name = \"x\" }}]\n[sweep]\ntechnique = \"native\"\ncpu = \"nehalem\"\n")
}

#[test]
fn traces_of_other_tools_are_read_by_every_verb() {
    for (name, first, count) in [
        ("uint32-as-int64.parquet", "load 0x10000 8 1 0", 10),
        ("int64-negative.parquet", "load 0xffff800000000000 8 0 0", 10),
        ("op-strings.parquet", "load 0x1000 8 0 0", 2),
    ] {
        let path = sample(name);
        let found = rows(&path);
        assert_eq!((found[0].as_str(), found.len()), (first, count), "{name}");
        assert!(printed(&["validate", &path]).contains(&format!("{count} sound rows")), "{name}");
        let place = Place::new();
        let out = place.path("out.parquet");
        printed(&["cut", &path, "-o", &out]);
        assert_eq!(rows(&out), found, "{name}");
        let sweep = place.file("sweep.toml", sweep(&path).as_bytes());
        program(&["--config", &sweep, "--out", &place.path("results"), "--no-charts"]).assert().success();
    }
}

#[test]
fn files_that_contradict_themselves_or_are_encrypted_are_refused_by_every_verb() {
    refused_by_all(&sample("list-of-2g.parquet"), "its footer holds a list of 2147483647 elements in");
    refused_by_all(&sample("int33.parquet"), "its footer holds an integer of 33 bits");
    refused_by_all(&sample("encrypted-columns.parquet"), "is encrypted");
    refused_by_all(&sample("encrypted-footer.parquet"), "write it anew without encryption");
}

#[test]
fn pipes_and_devices_are_refused_as_traces_sweeps_and_results() {
    let place = Place::new();
    let pipe = place.path("pipe.parquet");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    refused_by_all(&pipe, "a pipe, not a regular file");
    refused_by_all("/dev/zero", "a device, not a regular file");
    let good = place.file("sweep.toml", b"traces = [{ synthetic = \"uniform\", footprint = \"1M\", accesses = 1000 }]\n[sweep]\ntechnique = \"native\"\ncpu = \"nehalem\"\n");
    let out = place.path("out");
    for arguments in [
        &["--config", pipe.as_str(), "--out", &out][..],
        &["--config", "/dev/zero", "--out", &out],
        &["--config", &good, "--out", &out, "--baseline", &pipe],
        &["table", &pipe],
        &["compare", &pipe, &pipe],
    ] {
        let told = program(arguments).timeout(SOON).assert().code(2);
        let message = String::from_utf8_lossy(&told.get_output().stderr).into_owned();
        assert!(message.contains("not a regular file"), "{arguments:?}: {message}");
    }
    assert!(!fs::exists(out).unwrap());
}

/// A program that must end without an abort, though it may have little memory.
#[cfg(target_os = "linux")]
fn in_little_memory(arguments: &str) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_analyze");
    let script = format!("ulimit -v 2000000 && exec '{program}' {arguments}");
    let told = Command::new("sh").args(["-c", &script]).timeout(SOON).assert();
    let output = told.get_output();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Results of so many rows, all the same, in a few bytes.
#[cfg(target_os = "linux")]
fn repeated_results(path: &Path, rows: usize) {
    use polars::prelude::{Column, DataFrame, NamedFrom, ParquetWriter, Series};
    let text = |name: &str| Column::from(Series::new(name.into(), ["a"])).new_from_index(0, rows);
    let counts = Column::from(Series::new("accesses".into(), [1_u64])).new_from_index(0, rows);
    let mut frame = DataFrame::new(rows, vec![text("trace"), text("technique"), counts]).unwrap();
    ParquetWriter::new(fs::File::create(path).unwrap()).finish(&mut frame).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn results_of_few_bytes_take_little_memory() {
    let place = Place::new();
    let path = place.0.path().join("results.parquet");
    repeated_results(&path, 3_000_000);
    let (code, message) = in_little_memory(&format!("table '{}'", path.display()));
    assert_eq!(code, 2, "{message}");
    assert!(message.contains("3000000 rows in") && message.contains("MiB of memory"), "{message}");
    repeated_results(&path, 1000);
    assert_eq!(in_little_memory(&format!("table '{}'", path.display())).0, 0);
}

/// A zip archive whose directory names the same stored bytes so many times.
fn zip_of_one(bytes: &[u8], times: u16) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    let size = bytes.len() as u32;
    let about = [&[0; 8][..], &crc.sum().to_le_bytes(), &size.to_le_bytes(), &size.to_le_bytes()].concat();
    let mut zip = [b"PK\x03\x04\x14\0", &about[..], b"\x01\0\0\0a", bytes].concat();
    let start = zip.len() as u32;
    for number in 0..times {
        zip.extend(
            [b"PK\x01\x02\x14\0\x14\0", &about[..], b"\x05\0\0\0", &[0; 14], format!("{number:05}").as_bytes()]
                .concat(),
        );
    }
    let length = zip.len() as u32 - start;
    zip.extend([&b"PK\x05\x06\0\0\0\0"[..], &times.to_le_bytes(), &times.to_le_bytes()].concat());
    zip.extend([&length.to_le_bytes()[..], &start.to_le_bytes(), &[0; 2]].concat());
    zip
}

#[test]
fn members_of_an_archive_that_share_bytes_are_refused() {
    let place = Place::new();
    let out = place.path("out");
    printed(&["import", &place.file("one.zip", &zip_of_one(b" L 1000,8\n", 1)), "-o", &out]);
    let path = place.file("many.zip", &zip_of_one(&b" L 1000,8\n".repeat(10_000), 15_000));
    let told = analyze(&["import", &path, "-o", &out]).timeout(SOON).assert().code(2);
    let message = String::from_utf8_lossy(&told.get_output().stderr).into_owned();
    assert!(message.contains("two of its members share byte"), "{message}");
}
