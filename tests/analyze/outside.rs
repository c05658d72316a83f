//! `analyze trace` from outside: what it prints, refuses and writes.

use assert_cmd::Command;
use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use tempfile::TempDir;

pub fn analyze(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyze"));
    command.arg("trace").args(arguments);
    command
}

/// What a command prints, which must succeed.
pub fn printed(arguments: &[&str]) -> String {
    printed_by(&mut analyze(arguments))
}

pub fn printed_by(command: &mut Command) -> String {
    String::from_utf8(command.assert().success().get_output().stdout.clone()).unwrap()
}

/// What a command says of its input, which must be bad.
pub fn refused(arguments: &[&str]) -> String {
    refused_by(&mut analyze(arguments))
}

pub fn refused_by(command: &mut Command) -> String {
    String::from_utf8(command.assert().code(2).get_output().stderr.clone()).unwrap()
}

/// A folder that is gone when the test ends.
pub struct Place(pub TempDir);

impl Place {
    pub fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    pub fn file(&self, name: &str, bytes: &[u8]) -> String {
        fs::write(self.0.path().join(name), bytes).unwrap();
        self.path(name)
    }

    /// The names of all files.
    pub fn names(&self) -> Vec<PathBuf> {
        fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().file_name().into()).collect()
    }

    /// Writes a trace from CSV, whose first line names the columns.
    pub fn trace(&self, name: &str, csv: &str) -> String {
        let out = self.path(name);
        let note = format!("command=run {name}");
        printed_by(analyze(&["import", "-", "--format", "csv", "-o", &out, "--note", &note]).write_stdin(csv));
        out
    }
}

/// The first thousand rows of a trace, one a line, without their numbers and the spaces between columns.
pub fn rows(path: &str) -> Vec<String> {
    let text = printed(&["head", path, "-n", "1K"]);
    text.lines().skip(1).map(|line| line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")).collect()
}

/// How many ways of packing [`packed`] knows, the first of which is none.
pub const PACKINGS: usize = 6;

pub fn packed(bytes: &[u8], packing: usize) -> Vec<u8> {
    let mut out = Vec::new();
    match packing {
        0 => out = bytes.to_vec(),
        1 => drop(flate2::read::GzEncoder::new(bytes, Default::default()).read_to_end(&mut out).unwrap()),
        2 => out = zstd::encode_all(bytes, 1).unwrap(),
        3 => drop(liblzma::read::XzEncoder::new(bytes, 0).read_to_end(&mut out).unwrap()),
        4 => drop(bzip2::read::BzEncoder::new(bytes, Default::default()).read_to_end(&mut out).unwrap()),
        _ => {
            let mut encoder = lz4_flex::frame::FrameEncoder::new(&mut out);
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap();
        }
    }
    out
}
