//! `analyze trace cut`, `merge`, `concat` and `rebase` from outside: what they write, note and refuse.

use crate::outside::{Place, printed, refused, rows};
use std::fs;

const PROGRAM: &str =
    "op,address,length,process\nmap,0x200000,0x400000,1\nload,0x200000,8,1\nstore,0x201000,8,1\nload,0x202000,8,1\n";

#[test]
fn a_part_begins_with_what_is_mapped_and_says_where_it_is_from() {
    let place = Place::new();
    let (app, part) = (place.trace("app", PROGRAM), place.path("part"));
    let said = printed(&["cut", &app, "-o", &part, "--skip", "1", "--limit", "1"]);
    assert!(said.contains("2 rows"), "{said}");
    assert_eq!(rows(&part), ["map 0x200000 4194304 1 0", "store 0x201000 8 1 0"]);
    let info = printed(&["info", &part]);
    for piece in
        ["edited           cut --count accesses --skip 1 --limit 1 of ", "(rows blake3:", "command          run app"]
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

const TIMED: &str = "op,address,length,process,time\n";

#[test]
fn traces_are_merged_by_time_or_by_the_time_elapsed() {
    let place = Place::new();
    let a = place.trace("a", &format!("{TIMED}load,0x1000,8,1,100\nload,0x2000,8,1,300\nload,0x3000,8,1,200\n"));
    let b = place.trace("b", &format!("{TIMED}load,0x8000,8,5,250\nload,0x9000,8,5,300\n"));
    let out = place.path("out");
    let said = printed(&["merge", &a, &b, "-o", &out, "--by", "time"]);
    assert!(said.contains("1.late: 1 row, of a time before that of a row ahead"), "{said}");
    let loads = ["0x1000 8 1 0 100", "0x8000 8 2 0 250", "0x2000 8 1 0 300", "0x3000 8 1 0 200", "0x9000 8 2 0 300"];
    assert_eq!(rows(&out), loads.map(|load| format!("load {load}")));
    let info = printed(&["info", &out]);
    for piece in [
        "edited           merge --by time of ",
        "time             0.000000 s, from 100 to 300 ns",
        "late           1 row, of a time before",
    ] {
        assert!(info.contains(piece), "{piece} in {info}");
    }
    assert!(printed(&["validate", &out]).contains("5 sound rows, 1 time before that of a row ahead, as written"));
    printed(&["merge", &a, &b, "-o", &out, "--by", "elapsed"]);
    let pages: Vec<_> = rows(&out).iter().map(|row| row.split(' ').nth(1).unwrap().to_string()).collect();
    assert_eq!(pages, ["0x1000", "0x8000", "0x9000", "0x2000", "0x3000"]);
    let late = place.trace("late", &format!("{TIMED}load,0x1000,8,1,900\n"));
    for (by, apart) in [("time", true), ("elapsed", false)] {
        let said = printed(&["merge", &late, &b, "-o", &out, "--by", by]);
        assert_eq!(said.contains("--by elapsed begins them together"), apart, "{said}");
    }
    for arguments in [&["cut", &a, "-o", &out, "--skip", "1"][..], &["rebase", &a, "-o", &out]] {
        printed(arguments);
        assert!(rows(&out)[0].ends_with(" 300") || rows(&out)[0].ends_with(" 100"));
    }
}

#[test]
fn traces_without_times_take_turns_only() {
    let place = Place::new();
    let a = place.trace("a", &format!("{TIMED}load,0x1000,8,1,100\n"));
    let (b, out) = (place.trace("b", PROGRAM), place.path("out"));
    let message = refused(&["merge", &a, &b, "-o", &out, "--by", "time"]);
    assert!(message.contains("b: a trace without times") && message.contains("remedy: --by turns"), "{message}");
    assert!(refused(&["merge", &a, &a, "-o", &out, "--by", "time", "--quantum", "3"]).contains("has no turns"));
    for verb in ["merge", "concat"] {
        let said = printed(&[verb, &a, &b, "-o", &out]);
        assert!(said.contains("times: left out, since there are none in ") && said.contains("/b"), "{said}");
        assert_eq!(rows(&out)[0], "load 0x1000 8 1 0");
    }
}

#[test]
fn counts_may_be_short_and_an_absent_process_is_told() {
    let place = Place::new();
    let (app, out) = (place.path("app"), place.path("out"));
    printed(&["synth", "uniform", "-o", &app, "--accesses", "10K"]);
    // And a row for what is mapped.
    assert!(printed(&["cut", &app, "-o", &out, "--skip", "1k", "--limit", "2K"]).contains("2_001 rows"));
    let message = refused(&["rebase", &app, "-o", &out, "--process", "9=1"]);
    assert!(message.contains("no process 9 to rename") && message.contains("of the trace: 1"), "{message}");
    let message = refused(&["cut", &app, "-o", &out, "--limit", "2KB"]);
    assert!(message.contains("such as 5000000, 5_000_000 or 5M"), "{message}");
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
