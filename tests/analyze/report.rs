//! Is `report.html` complete, safe and small? What a browser makes of it is asked in `browser.rs`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const SWEEP: &str = r#"traces = [{ synthetic = "uniform", footprint = "4M", accesses = 20_000 },
  { synthetic = "churn", accesses = 5_000 }]
[sweep]
technique = ["native", "shadow", "ept", "pv"]
guest_pages = ["4K", "2M"]
host_pages = ["4K", "2M"]
cpu = "nehalem"
prices = ["nehalem", "sandy-bridge"]
"#;

fn analyze(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_analyze")).current_dir(dir).args(arguments).output().unwrap()
}

/// Runs a sweep, and returns the folder with its results.
fn run(sweep: &str, arguments: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("sweep.toml"), sweep).unwrap();
    let run = analyze(dir.path(), &[&["--config", "sweep.toml", "--out", ".", "--quiet"], arguments].concat());
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    dir
}

fn report(dir: &Path) -> String {
    fs::read_to_string(dir.join("report.html")).unwrap()
}

/// The text of a section, without its markup.
fn section<'a>(html: &'a str, name: &str) -> &'a str {
    let start = html.find(&format!("<section id=\"{name}\">")).unwrap();
    &html[start..start + html[start..].find("</section>").unwrap()]
}

#[test]
fn every_column_of_the_tables_is_in_the_dictionary_with_its_meaning() {
    let dir =
        run(&SWEEP.replace("cpu =", "tlb.l2.\"4K\".entries = [512, 256]\ninterval = 5000\ncpu ="), &["--no-charts"]);
    let html = report(dir.path());
    assert!(
        section(&html, "asked").contains("<dt>interval<dd>5000 <span class=\"quiet\">Accesses after which "),
        "the key, not the column"
    );
    let dictionary = section(&html, "columns");
    for table in ["results", "intervals", "sensitivity", "references"] {
        let csv = fs::read_to_string(dir.path().join(format!("{table}.csv"))).unwrap();
        for column in csv.lines().next().unwrap().split(',') {
            let entry = dictionary.find(&format!("<dt>{column}<dd>")).unwrap_or_else(|| panic!("{column} of {table}"));
            assert!(dictionary[entry..].split("<dd>").nth(1).unwrap().contains('.'), "{column} has no meaning");
        }
    }
}

#[test]
fn every_cycle_of_a_bill_is_a_count_times_a_price() {
    let html = report(run(SWEEP, &["--no-charts"]).path());
    assert!(html.contains(" per 4 KiB"), "bytes are charged by the page");
    let bill = html.split("id=b5>").nth(1).unwrap().split("</table>").next().unwrap();
    let number = |text: &str| text.replace(' ', "").replace("<i></i>", "").trim().parse::<f64>().unwrap();
    let price = |text: &str| match text.replace("<i></i>", "").trim().strip_suffix(" per 4 KiB") {
        Some(cycles) => number(cycles) / 4096.0,
        None => number(text),
    };
    let (mut sum, mut total) = ([0.0; 2], [0.0; 2]);
    for line in bill.lines().filter(|line| line.starts_with("<tr>")) {
        let cells: Vec<&str> = line.split("<td>").skip(1).collect();
        match cells[..] {
            ["", "", "", ..] => {}
            [_, count, cycles_each, whole, steady] => {
                assert_eq!(number(count) * price(cycles_each), number(whole), "{line}");
                assert!(number(steady) <= number(whole), "{line}");
                sum = [sum[0] + number(whole), sum[1] + number(steady)];
            }
            [whole, steady] => total = [number(whole), number(steady)],
            _ => panic!("{line}"),
        }
    }
    assert!(total[1] > 0.0);
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6 * b;
    assert!(near(sum[0], total[0]) && near(sum[1], total[1]), "the last line is the sum of all");
}

#[test]
fn the_answer_has_three_sentences_and_its_doubts() {
    let html = report(run(SWEEP, &["--no-charts"]).path());
    let answer = section(&html, "answer");
    assert_eq!(answer.matches("<p class=\"answer\">").count(), 3, "{answer}");
    for part in [
        "cheapest is",
        "; steady ",
        "Compared with native paging",
        "Under nested paging",
        "prices nehalem",
        "after the first half",
    ] {
        assert!(answer.contains(part), "{part}: {answer}");
    }
}

#[test]
fn an_order_that_rests_on_an_assumed_price_is_told_with_it() {
    // Paravirtual paging pays at the faults, nested paging in its walks: over so many accesses about as much.
    let sweep = "traces = [{ synthetic = \"uniform\", footprint = \"4M\", accesses = 2_000_000 }]\n[sweep]\n\
        technique = [\"ept\", \"pv\"]\ncpu = \"nehalem\"\nhost_backing = \"prealloc\"";
    let html = report(run(sweep, &["--no-charts"]).path());
    let answer = section(&html, "answer");
    assert!(answer.contains("cheapest is nested paging"), "{answer}");
    assert!(answer.contains("; in the steady state it is paravirtual paging"), "{answer}");
    assert!(answer.contains("changes which technique is cheapest: pv_bounce for uniform"), "{answer}");
}

#[test]
fn the_assumptions_begin_with_what_the_terminal_says_of_them() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("sweep.toml"), SWEEP).unwrap();
    let run = analyze(dir.path(), &["--config", "sweep.toml", "--out", "out", "--no-charts"]);
    let words = |text: &str| text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ");
    let said = words(&String::from_utf8_lossy(&run.stdout));
    let html = fs::read_to_string(dir.path().join("out/report.html")).unwrap();
    let assumptions = section(&html, "assumptions");
    let first = assumptions.split("<p>").nth(1).and_then(|it| it.split("</p>").next()).unwrap();
    assert!(first.starts_with("Halved or doubled, ") && said.contains(&words(first)), "{first}: {said}");
}

#[test]
fn one_technique_with_one_page_size_is_answered_too() {
    let sweep = "traces = [{ synthetic = \"uniform\", footprint = \"4M\", accesses = 20_000 }]\n[sweep]\n";
    let html = report(run(&format!("{sweep}technique = \"ept\"\ncpu = \"nehalem\""), &[]).path());
    let answer = section(&html, "answer");
    for part in [
        "nested paging (ept) with 4K on 4K pages",
        "Most of that is",
        "of the accesses walk page tables",
        "in the steady state it is",
    ] {
        assert!(answer.contains(part), "{part}: {answer}");
    }
}

#[test]
fn free_accesses_leave_no_overhead_and_no_failure() {
    let shown = analyze(Path::new("."), &["presets", "show", "nehalem"]);
    let preset = String::from_utf8(shown.stdout).unwrap();
    let at = preset.find("access = {").unwrap();
    let end = at + preset[at..].find('\n').unwrap();
    let free = format!("{}access = 0{}", &preset[..at], &preset[end..]);
    let sweep = format!(
        "{}\n[cpu.free]\n{free}",
        SWEEP.replace("prices = [\"nehalem\", \"sandy-bridge\"]", "prices = \"free\"")
    );
    let html = report(run(&sweep, &["--no-charts"]).path());
    assert!(section(&html, "answer").contains("an access is free"));
}

#[test]
fn names_cannot_end_their_element() {
    let hostile = "</script><script>alert(1)</script>";
    let sweep = SWEEP.replace("{ synthetic = \"churn\",", &format!("{{ synthetic = \"churn\", name = \"{hostile}\","));
    let html = report(run(&sweep, &[]).path());
    assert!(!html.contains(hostile));
    assert_eq!(html.matches("<script").count(), 2, "the numbers and the script");
    assert!(html.contains("<svg"));
}

#[test]
fn nothing_outside_the_file_is_named_but_the_files_beside_it() {
    let html = report(run(SWEEP, &[]).path());
    for place in html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(place.starts_with('#') || place.starts_with("charts/") || place == "data:,", "{place}");
    }
    assert!(!html.contains(" src=") && !html.contains("url("));
    // The sources of processors are text; the name space of SVG is a name.
    let rest = html.replace(section(&html, "provenance"), "").replace("http://www.w3.org/2000/svg", "");
    assert!(!rest.contains("://"));
}

#[test]
fn a_thousand_cells_with_every_chart_take_less_than_two_megabytes() {
    let entries: Vec<String> = (1..=21).map(|n| (16 * n).to_string()).collect();
    let prices = "prices = [\"nehalem\", \"sandy-bridge\"]\ntlb.l2.\"4K\" = { entries = [";
    let sweep = SWEEP
        .replace("prices = [\"nehalem\", \"sandy-bridge\"]", &format!("{prices}{}], ways = 4 }}", entries.join(", ")));
    let dir = run(&sweep, &[]);
    let rows = fs::read_to_string(dir.path().join("results.csv")).unwrap().lines().count() - 1;
    let size = report(dir.path()).len();
    eprintln!("{rows} rows, {size} bytes");
    assert!(rows >= 1000 && size < 2_000_000, "{rows} rows, {size} bytes");
}

#[test]
fn a_run_without_a_report_removes_that_of_an_earlier_run() {
    let dir = run(SWEEP, &["--no-charts"]);
    assert!(dir.path().join("report.html").exists());
    assert!(
        analyze(dir.path(), &["--config", "sweep.toml", "--out", ".", "--quiet", "--no-charts", "--no-report"])
            .status
            .success()
    );
    assert!(!dir.path().join("report.html").exists());
    let silent = run(&format!("{SWEEP}[output]\nreport = false"), &["--no-charts"]);
    assert!(!silent.path().join("report.html").exists());
}
