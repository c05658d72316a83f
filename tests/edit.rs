//! `analyze trace cut`, `merge`, `concat` and `rebase` from outside: what they write, note and refuse.

use assert_cmd::Command;
use std::fs;
use tempfile::TempDir;

fn analyze(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyze"));
    command.arg("trace").args(arguments);
    command
}

fn printed(arguments: &[&str]) -> String {
    String::from_utf8(analyze(arguments).assert().success().get_output().stdout.clone()).unwrap()
}

fn refused(arguments: &[&str]) -> String {
    String::from_utf8(analyze(arguments).assert().code(2).get_output().stderr.clone()).unwrap()
}

struct Place(TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// Writes a trace from lines of CSV.
    fn trace(&self, name: &str, lines: &str) -> String {
        let out = self.path(name);
        let csv = format!("op,address,length,process\n{lines}");
        analyze(&["import", "-", "-o", &out, "--note", &format!("command=run {name}")])
            .write_stdin(csv)
            .assert()
            .success();
        out
    }
}

/// The rows of a trace, one a line, without the spaces between columns.
fn rows(path: &str) -> Vec<String> {
    let text = printed(&["head", path, "-n", "1000"]);
    text.lines().skip(1).map(|line| line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")).collect()
}

const PROGRAM: &str = "map,0x200000,0x400000,1\nload,0x200000,8,1\nstore,0x201000,8,1\nload,0x202000,8,1\n";

#[test]
fn a_part_begins_with_what_is_mapped_and_says_where_it_is_from() {
    let place = Place::new();
    let (app, part) = (place.trace("app", PROGRAM), place.path("part"));
    let said = printed(&["cut", &app, "-o", &part, "--skip", "1", "--limit", "1"]);
    assert!(said.contains("2 rows"), "{said}");
    assert_eq!(rows(&part), ["map 0x200000 4194304 1 0", "store 0x201000 8 1 0"]);
    let info = printed(&["info", &part]);
    for piece in
        ["edited           cut --count accesses --skip 1 --limit 1 of ", "(blake3:", "command          run app"]
    {
        assert!(info.contains(piece), "{piece} in {info}");
    }
    printed(&["validate", &part]);
    let again = place.path("again");
    printed(&["rebase", &part, "-o", &again, "--by", "-0x100000", "--process", "1=5"]);
    assert_eq!(rows(&again), ["map 0x100000 4194304 5 0", "store 0x101000 8 5 0"]);
    let info = printed(&["info", &again]);
    assert!(info.contains("; rebase --by -1048576 --process 1=5 of "), "{info}");
}

#[test]
fn a_part_behind_the_end_is_refused() {
    let place = Place::new();
    let (app, part) = (place.trace("app", PROGRAM), place.path("part"));
    let message = refused(&["cut", &app, "-o", &part, "--skip", "3"]);
    assert!(message.contains("only 3 accesses") && message.contains("that --skip leaves out"), "{message}");
    assert!(fs::metadata(&part).is_err());
}

#[test]
fn samples_are_windows_of_accesses() {
    let place = Place::new();
    let (app, part) = (place.path("app"), place.path("part"));
    printed(&["synth", "sequential", "-o", &app, "--accesses", "10_000"]);
    printed(&["cut", &app, "-o", &part, "--sample", "1/4", "--window", "1_000"]);
    let info = printed(&["info", &part]);
    // The synthetic program maps its memory first.
    assert!(info.contains("rows             3_001") && info.contains("map            1"), "{info}");
    refused(&["cut", &app, "-o", &part, "--sample", "2/4"]);
    refused(&["cut", &app, "-o", &part, "--sample", "1/0"]);
}

#[test]
fn merged_and_joined_traces_say_which_process_became_which() {
    let place = Place::new();
    let (a, b, out) = (place.trace("a", PROGRAM), place.trace("b", PROGRAM), place.path("out"));
    printed(&["merge", &a, &b, "-o", &out, "--quantum", "3"]);
    let processes: Vec<_> = rows(&out).iter().map(|row| row.split(' ').nth(3).unwrap().to_string()).collect();
    assert_eq!(processes.join(""), "11122212");
    let info = printed(&["info", &out]);
    for piece in ["1.command        run a", "2.processes      1 is 2", "edited           merge --quantum 3 of "] {
        assert!(info.contains(piece), "{piece} in {info}");
    }
    printed(&["concat", &a, &b, "-o", &out]);
    assert_eq!(rows(&out), [rows(&a), rows(&b)].concat());
}

#[test]
fn an_output_that_is_an_input_is_refused_and_left_alone() {
    let place = Place::new();
    let (a, b) = (place.trace("a", PROGRAM), place.trace("b", PROGRAM));
    let before = fs::read(&b).unwrap();
    let same = place.path("./b");
    for arguments in [
        &["cut", &b, "-o", &same][..],
        &["rebase", &b, "-o", &same],
        &["merge", &a, &b, "-o", &same],
        &["concat", &a, &b, "-o", &same],
    ] {
        let message = refused(arguments);
        assert!(message.contains("both an input and the output"), "{message}");
    }
    assert!(fs::read(&b).unwrap() == before);
}

#[test]
fn a_move_that_splits_pages_or_leaves_the_address_space_is_refused() {
    let place = Place::new();
    let (app, out) = (place.trace("app", PROGRAM), place.path("out"));
    refused(&["rebase", &app, "-o", &out, "--by", "100"]);
    let message = refused(&["rebase", &app, "-o", &out, "--by", "-1G"]);
    assert!(message.contains("row 0: map of address 0x200000"), "{message}");
}
