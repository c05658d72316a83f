//! Does `analyze advise` say what its numbers say?

use crate::golden;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

type Record = BTreeMap<String, String>;

fn analyze(dir: &Path, columns: usize, arguments: &[&str]) -> Output {
    let mut run = Command::new(env!("CARGO_BIN_EXE_analyze"));
    run.current_dir(dir).env("COLUMNS", columns.to_string()).args(arguments).output().unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn said(run: &Output) -> String {
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8_lossy(&run.stdout).into_owned()
}

/// The advice, its lines joined.
fn advice(dir: &Path, arguments: &[&str]) -> String {
    let text = said(&analyze(dir, 100, &[&["advise", "--quiet"], arguments].concat()));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A folder with an invented trace `t.parquet`.
fn synthetic(workload: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    said(&analyze(dir.path(), 80, &[&["trace", "synth"], workload, &["-o", "t.parquet"]].concat()));
    dir
}

fn records(path: &Path) -> Vec<Record> {
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

#[test]
fn advice_for_a_shipped_trace_reads_well_in_two_widths() {
    for columns in [80, 120] {
        let run = analyze(&root(), columns, &["advise", "traces/git.parquet", "--quiet"]);
        let text = said(&run);
        assert!(text.lines().all(|line| line.chars().count() <= columns), "{text}");
        golden::same(&format!("advise-{columns}.txt"), &text);
    }
}

#[test]
fn a_program_that_reads_at_random_should_have_huge_pages_in_guest_and_host() {
    let dir = synthetic(&["uniform", "--footprint", "64M", "--accesses", "500000"]);
    let text = advice(dir.path(), &["t.parquet"]);
    assert!(
        text.contains(
            "ADVICE: Nested paging (ept) with transparent huge pages (thp) in the guest and 2M pages in the host"
        ),
        "{text}"
    );
    assert!(text.contains("4K on 4K: an access takes nested paging"), "{text}");
    assert!(text.contains("so shadow paging wins"), "with 4K pages and no updates: {text}");
    assert!(text.contains("It has settled"), "{text}");
}

#[test]
fn the_documents_quote_what_is_said() {
    let dir = synthetic(&["uniform", "--footprint", "64M", "--accesses", "2000000"]);
    let text = said(&analyze(dir.path(), 80, &["advise", "--quiet", "t.parquet"]));
    for page in ["README.md", "docs/advice.md"] {
        let page_text = fs::read_to_string(root().join(page)).unwrap();
        let quoted = page_text.split("```").find(|block| block.starts_with("text\nADVICE")).unwrap();
        for part in quoted.trim_start_matches("text\n").split("…\n") {
            assert!(text.contains(part), "{page} says\n{part}\nand the program\n{text}");
        }
    }
}

#[test]
fn a_program_that_maps_and_unmaps_should_not_be_shadowed() {
    let dir = synthetic(&["churn", "--accesses", "50000"]);
    let text = advice(dir.path(), &["t.parquet"]);
    assert!(text.contains("With shadow paging the program would take"), "{text}");
    assert!(text.contains("memory is unmapped and touched anew"), "{text}");
    assert!(text.contains("thp changes nothing"), "{text}");
}

#[test]
fn what_ends_a_program_decides_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = "op,address,length,process\nmap,0x1000000000,4194304,1\n".to_string();
    (0..20_000_u64).for_each(|i| rows += &format!("load,{},8,1\n", (1 << 36) + i * 7919 % 1024 * 4096));
    let advised = |rows: &str, name: &str| {
        fs::write(dir.path().join(name), rows).unwrap();
        said(&analyze(dir.path(), 80, &["trace", "import", "--format", "csv", name, "-o", "t.parquet"]));
        let text = advice(dir.path(), &["t.parquet"]);
        let steady = text.rsplit_once("- In the steady state").unwrap().1;
        steady.split_once(". ").unwrap().0.to_string()
    };
    assert_eq!(advised(&rows, "open.csv"), advised(&format!("{rows}exit,0,0,1\n"), "ended.csv"));
}

#[test]
fn translation_that_takes_little_time_is_no_problem() {
    let dir = synthetic(&["uniform", "--footprint", "256K", "--accesses", "200000"]);
    let text = advice(dir.path(), &["t.parquet"]);
    assert!(text.contains("ADVICE: Translation is not your problem."), "{text}");
    assert!(!text.contains("× as fast") && !text.contains("The choice flips"), "{text}");
}

#[test]
fn no_choice_promises_more_than_the_share_of_the_time_that_it_spares() {
    let text = advice(&root(), &["traces/recorded/bfs.parquet"]);
    let number = |before: &str, after: &str| {
        let rest = text.split_once(before).unwrap().1;
        rest.split_once(after).unwrap().0.parse::<f64>().unwrap()
    };
    let share = number("With 4K pages in both it takes ", " %") / 100.0;
    let low = number("the pages make the program ", " to ");
    let gain = number(&format!("the pages make the program {low} to "), "×");
    assert!(low > 1.0 && gain > 1.2 && gain <= 1.01 / (1.0 - share), "{gain} of {share}");
}

#[test]
fn memory_that_grew_in_small_steps_is_said_to_wait_for_khugepaged() {
    assert!(advice(&root(), &["traces/recorded/sqlite.parquet"]).contains("4.0 MiB grew in steps of less than 2M"));
    assert!(!advice(&root(), &["traces/recorded/bfs.parquet"]).contains("khugepaged"), "it maps its graph at once");
}

#[test]
fn a_trace_of_first_touches_is_called_one() {
    let text = advice(&root(), &["traces/git.parquet"]);
    assert!(text.contains("It has not settled") && text.contains("First touches do count"), "{text}");
}

#[test]
fn a_processor_without_nested_paging_is_advised_to_shadow() {
    let dir = synthetic(&["uniform", "--footprint", "4M", "--accesses", "50000"]);
    let text = advice(dir.path(), &["t.parquet", "--cpu", "prescott"]);
    assert!(text.contains("ADVICE: Shadow paging") && text.contains("this processor has none"), "{text}");
}

#[test]
fn every_figure_of_the_advice_stands_in_the_tables_that_are_kept() {
    let dir = synthetic(&["uniform", "--footprint", "64M", "--accesses", "500000"]);
    let text = advice(dir.path(), &["t.parquet", "--out", "kept"]);
    let cell = |record: &&Record, technique: &str, guest: &str, host: &str| {
        record["technique"] == technique && record["guest_pages"] == guest && record["host_pages"] == host
    };
    let [results, intervals] = ["results", "intervals"].map(|it| records(&dir.path().join(format!("kept/{it}.csv"))));
    assert!(intervals.iter().all(|it| it["interval"].parse::<u64>().unwrap() < 16), "sixteenths");
    let number = |record: &Record, column: &str| record[column].parse::<f64>().unwrap();
    let find = |records: &[Record], technique: &str, guest: &str, host: &str, backing: &str| {
        let mut found = records.iter().filter(|it| cell(it, technique, guest, host) && it["host_backing"] == backing);
        found.next_back().unwrap().clone()
    };
    let translate = |technique: &str| {
        let [all, last] = [&results, &intervals].map(|it| find(it, technique, "4K", "4K", "prealloc"));
        let steady = |column: &str| number(&all, &format!("steady_{column}")) - number(&last, column);
        (steady("cycles_tlb") + steady("cycles_walk")) / steady("accesses")
    };
    let shadow = find(&results, "shadow", "4K", "4K", "prealloc");
    let update = number(&shadow, "cycles_exits") / number(&shadow, "pte_writes");
    let rate = 1e6 * (translate("ept") - translate("shadow")) / update;
    let digits = format!(" = {:.0} updates per million accesses", (rate / 10.0).round() * 10.0);
    assert!(text.contains(&digits), "{digits}: {text}");
    let lazy = find(&results, "ept", "thp", "2M", "lazy");
    let share =
        format!("ept thp on 2M takes {:.0} %", 100.0 * (1.0 - number(&lazy, "ideal_cycles") / number(&lazy, "cycles")));
    assert!(text.contains(&share), "{share}: {text}");
}

#[test]
fn the_sweep_that_it_prints_runs_and_gives_the_same_tables() {
    let dir = synthetic(&["zipf", "--footprint", "4M", "--accesses", "20000"]);
    let sweep = said(&analyze(dir.path(), 80, &["advise", "t.parquet", "--sweep"]));
    fs::create_dir(dir.path().join("elsewhere")).unwrap();
    fs::write(dir.path().join("elsewhere/sweep.toml"), sweep).unwrap();
    advice(dir.path(), &["t.parquet", "--out", "advised"]);
    said(&analyze(dir.path(), 80, &["--config", "elsewhere/sweep.toml", "--no-charts", "--quiet", "--out", "swept"]));
    for name in ["results.csv", "intervals.csv", "manifest.json"] {
        let [advised, swept] = ["advised", "swept"].map(|folder| {
            let text = fs::read_to_string(dir.path().join(folder).join(name)).unwrap();
            // The sweep leaves more files.
            text.lines()
                .filter(|line| !line.contains("references.") && !line.contains("report.html"))
                .collect::<String>()
        });
        assert!(advised == swept, "{name}");
    }
}

#[test]
fn what_cannot_be_advised_on_is_refused() {
    let dir = synthetic(&["uniform", "--footprint", "4M", "--accesses", "1000"]);
    fs::write(dir.path().join("broken.parquet"), "PAR1 and no more").unwrap();
    fs::write(dir.path().join("own.toml"), "tlb.tags = 3").unwrap();
    for (arguments, words) in [
        (&["nowhere.parquet"][..], "nowhere.parquet"),
        (&["broken.parquet"], "broken.parquet"),
        (&["t.parquet", "--cpu", "nehalm"], "did you mean `nehalem`?"),
        (&["t.parquet", "--cpu", "own.toml"], "own.toml"),
        (&["t.parquet", "--cpu", "none.toml"], "none.toml"),
    ] {
        let run = analyze(dir.path(), 80, &[&["advise"], arguments].concat());
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.code() == Some(2) && said.contains(words), "{said}");
    }
}

#[test]
fn a_small_trace_is_said_to_tell_little() {
    for (workload, why) in [
        (["--footprint", "64K", "--accesses", "500"], ": so few accesses"),
        (["--footprint", "4M", "--accesses", "200000"], " about larger inputs: it touches so few pages"),
        (["--footprint", "4K", "--accesses", "200000"], ": it touches a single page"),
    ] {
        let dir = synthetic(&[&["uniform"], &workload[..]].concat());
        let text = advice(dir.path(), &["t.parquet"]);
        assert!(text.contains(&format!("This trace can tell little{why}")), "{text}");
        assert_eq!(text.contains("It has settled"), why.contains("larger inputs"), "{text}");
    }
}

#[test]
fn a_trace_of_one_access_is_advised_on_without_a_panic() {
    let dir = synthetic(&["uniform", "--footprint", "4K", "--accesses", "1"]);
    assert!(advice(dir.path(), &["t.parquet"]).contains("is marked `single-page`"));
}

#[test]
fn addresses_beyond_four_levels_take_five() {
    let dir = tempfile::tempdir().unwrap();
    let rows: String = (0..50).map(|page| format!("load,{:#x},8\n", 0x00ab_0000_0000_0000_u64 + page * 4096)).collect();
    fs::write(dir.path().join("far.csv"), format!("op,address,length\n{rows}")).unwrap();
    said(&analyze(dir.path(), 80, &["trace", "import", "far.csv", "-o", "far.parquet"]));
    let sweep = said(&analyze(dir.path(), 80, &["advise", "far.parquet", "--sweep"]));
    assert!(sweep.contains("guest_levels = 5"), "{sweep}");
    assert!(advice(dir.path(), &["far.parquet"]).contains("ADVICE: "));
}
