//! Do the shipped sweeps give the numbers that are kept beside them, and do the documents say what they give?

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

type Record = BTreeMap<String, String>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

#[test]
fn every_shipped_sweep_reproduces_its_table() {
    let out = tempfile::tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_analyze"))
        .current_dir(root())
        .args(["reproduce", "analysis", "--out"])
        .arg(out.path().join("out"))
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    for config in fs::read_dir(root().join("analysis")).unwrap().map(|entry| entry.unwrap().path()) {
        let name = config.file_stem().unwrap();
        let figures = fs::read_dir(root().join("plots").join(name)).unwrap();
        assert!(figures.count() > 0, "{} has a figure", name.display());
    }
}

#[test]
fn a_table_that_moved_is_told_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let sweep = "traces = [{ synthetic = \"churn\", accesses = 1_000 }]\n[sweep]\ntechnique = [\"native\", \"ept\"]\ncpu = \"nehalem\"\n";
    fs::create_dir(dir.path().join("analysis")).unwrap();
    fs::write(dir.path().join("analysis/one.toml"), sweep).unwrap();
    let reproduce = |arguments: &[&str]| {
        let analyze = Command::new(env!("CARGO_BIN_EXE_analyze"));
        let run = { analyze }.current_dir(dir.path()).arg("reproduce").args(arguments).output().unwrap();
        (run.status.code(), String::from_utf8_lossy(&run.stderr).into_owned())
    };
    assert_eq!(reproduce(&[]).0, Some(1), "nothing is kept yet");
    assert_eq!(reproduce(&["--accept"]).0, Some(0));
    assert_eq!(reproduce(&[]).0, Some(0));
    let kept = dir.path().join("analysis/one.csv");
    fs::write(&kept, fs::read_to_string(&kept).unwrap().replacen("churn,ept", "churn,pv", 1)).unwrap();
    let (code, said) = reproduce(&[]);
    assert!(code == Some(1) && said.contains("one.csv, line 3"), "{said}");
}

#[test]
fn a_figure_that_is_drawn_otherwise_is_told_and_stays_until_it_is_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let sweep = "traces = [{ synthetic = \"churn\", accesses = 1_000 }]\n[sweep]\ntechnique = [\"native\", \"ept\"]\ncpu = \"nehalem\"\n";
    fs::create_dir(dir.path().join("analysis")).unwrap();
    fs::write(dir.path().join("analysis/one.toml"), sweep).unwrap();
    let reproduce = |arguments: &[&str]| {
        let analyze = Command::new(env!("CARGO_BIN_EXE_analyze"));
        let run = { analyze }.current_dir(dir.path()).arg("reproduce").args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
        (run.status.code(), said)
    };
    assert_eq!(reproduce(&["--accept"]).0, Some(0));
    assert!(reproduce(&[]).1.contains("one.toml: as before"));
    let figures = dir.path().join("plots/one");
    fs::write(figures.join("overhead.svg"), "<svg/>").unwrap();
    fs::write(figures.join("gone.svg"), "<svg/>").unwrap();
    fs::remove_file(figures.join("footprint.svg")).unwrap();
    let (code, said) = reproduce(&[]);
    assert!(code == Some(1) && said.contains("one.toml: moved"), "{said}");
    for words in
        ["overhead.svg, line 1: ", "gone.svg is not drawn any more", "footprint.svg is missing", "that moved: 3;"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(fs::read_to_string(figures.join("overhead.svg")).unwrap(), "<svg/>");
    fs::remove_file(figures.join("gone.svg")).unwrap();
    assert_eq!(reproduce(&["--accept"]).0, Some(0));
    assert_eq!(reproduce(&[]).0, Some(0));
}

fn table(name: &str) -> Vec<Record> {
    let path = root().join("analysis").join(format!("{name}.csv"));
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

/// The one row with these values.
fn row(table: &[Record], values: &[(&str, &str)]) -> Record {
    let mut rows = table.iter().filter(|row| values.iter().all(|(key, value)| row[*key] == *value));
    rows.next().unwrap_or_else(|| panic!("no row {values:?}")).clone()
}

fn sum(row: &Record, columns: &[&str]) -> f64 {
    columns.iter().map(|column| row[*column].parse::<f64>().unwrap()).sum()
}

/// Cycles that a technique takes beyond native, per operation.
fn added(table: &[Record], trace: &str, technique: &str, operations: f64) -> f64 {
    let cycles = |technique| sum(&row(table, &[("trace", trace), ("technique", technique)]), &["cycles"]);
    (cycles(technique) - cycles("native")) / operations
}

/// What docs/published.md sets beside published figures, from the tables kept in `analysis/`: the first words of a row, and the
/// model's figures in it.
fn modelled() -> Vec<(&'static str, String)> {
    let (pages, memory) = (table("page-sizes"), table("four-by-ten"));
    let references = |technique, host| {
        let walked = row(
            &pages,
            &[("trace", "uniform 128M"), ("technique", technique), ("guest_pages", "4K"), ("host_pages", host)],
        );
        sum(&walked, &["guest_refs", "host_refs"]) / sum(&walked, &["walks"])
    };
    let tables =
        |technique| sum(&row(&memory, &[("technique", technique)]), &["guest_tables", "shadow_tables", "host_tables"]);
    let (forkwait, xen) = (table("forkwait"), table("xen-lmbench"));
    let cycles = |technique| sum(&row(&forkwait, &[("trace", "forkwait"), ("technique", technique)]), &["cycles"]);
    // The clocks of the machines that were measured: a Pentium 4 672, and Xen's Xeon.
    let (gigahertz, rounds) = (3.8, 2000.0);
    let xen = |trace, operations| format!("{:.2} µs", added(&xen, trace, "pv", operations) / 2400.0);
    vec![
        (
            "references per walk with caches",
            format!("{:.1} native, {:.1} ept", references("native", ""), references("ept", "4K")),
        ),
        ("page tables of 4 VMs", format!("{} shadow, {} ept", tables("shadow"), tables("ept"))),
        ("a first touch under shadow", format!("{:.0} cycles", added(&forkwait, "page fault", "shadow", 65_536.0))),
        ("fork and wait, order", {
            let order = [cycles("native"), cycles("ept"), cycles("pv"), cycles("shadow")];
            assert!(order.is_sorted());
            "native < ept < pv < shadow".into()
        }),
        ("fork and wait, shadow over native", format!("{:.0} ×", cycles("shadow") / cycles("native"))),
        (
            "fork and wait, shadow adds",
            format!("{:.1} ms", added(&forkwait, "forkwait", "shadow", rounds) / gigahertz / 1e6),
        ),
        ("Xen adds to a page fault", xen("page fault", 65_536.0)),
        ("Xen adds to a context switch", xen("context switch", 19_999.0)),
        ("Xen adds to an mmap", xen("mmap", 1000.0)),
        ("Xen adds to a fork", xen("fork", rounds)),
    ]
}

#[test]
fn the_models_own_figures_stand_beside_published_ones() {
    let page = fs::read_to_string(root().join("docs/published.md")).unwrap();
    let is_said = |(words, figure): &(&str, String)| {
        page.lines().any(|line| line.starts_with(&format!("| {words}")) && line.contains(figure.as_str()))
    };
    let missing: Vec<_> = modelled().into_iter().filter(|it| !is_said(it)).collect();
    assert!(missing.is_empty(), "docs/published.md should say {missing:#?}");
}

#[test]
fn the_quickstart_prints_what_the_documents_quote() {
    let out = tempfile::tempdir().unwrap();
    let mut run = Command::new(env!("CARGO_BIN_EXE_analyze"));
    run.current_dir(root()).args(["--config", "analysis/quickstart.toml", "--no-charts", "--no-report", "--out"]);
    let printed = String::from_utf8(run.arg(out.path()).output().unwrap().stdout).unwrap();
    for page in ["README.md", "docs/questions.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let quoted = text.split("```").find_map(|block| block.strip_prefix("text\ncycles added per access")).unwrap();
        for line in format!("cycles added per access{quoted}").lines().filter(|line| *line != "…") {
            assert!(printed.lines().any(|it| it == line), "{page} says\n{line}\nand the program\n{printed}");
        }
    }
}
