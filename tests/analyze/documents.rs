//! Do the documents hold together, and with the program?

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use vmmu::counts::{Event, Gauge};
use vmmu::outcome::{Warning, columns};
use vmmu::prices::PRICES;
use vmmu::sweep::{Key, Stands, keys};
use vmmu::technique::Technique;
use vmmu::trace::import::Format;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn pages() -> Vec<PathBuf> {
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let others = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "traces/README.md", "plots/README.md"];
    docs.chain(others.map(|page| root().join(page))).collect()
}

fn text(page: &Path) -> String {
    fs::read_to_string(page).unwrap_or_else(|cause| panic!("{}: {cause}", page.display()))
}

/// The names by which links reach the headings of a page.
fn anchors(page: &Path) -> Vec<String> {
    let kept = |letter: &char| letter.is_alphanumeric() || "-_".contains(*letter);
    let anchor = |heading: &str| heading.to_lowercase().replace(' ', "-").chars().filter(kept).collect();
    let text = text(page);
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|heading| anchor(heading.trim_start_matches('#').trim())).collect()
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    for page in pages() {
        let text = text(&page);
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let to = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            assert!(to.exists(), "{} links to {link}", page.display());
            let leads = anchor.is_empty() || anchors(&to).iter().any(|it| it == anchor);
            assert!(leads, "{} links to {link}, and there is no such heading", page.display());
        }
    }
}

#[test]
fn every_page_is_in_the_index() {
    let index = text(&root().join("docs/README.md"));
    for page in pages() {
        let name = page.file_name().unwrap().to_string_lossy();
        assert!(name == "README.md" || name == "CHANGELOG.md" || index.contains(&*name), "{name}");
    }
}

#[test]
fn the_front_page_stays_short() {
    let lines = text(&root().join("README.md")).lines().count();
    assert!(lines <= 150, "{lines} lines");
}

#[test]
fn the_sweep_file_that_is_shown_can_be_run() {
    let dir = tempfile::tempdir().unwrap();
    let analyze = |arguments: &[&str]| {
        let run = Command::new(env!("CARGO_BIN_EXE_analyze")).current_dir(dir.path()).args(arguments).output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    };
    for trace in ["program.parquet", "other.parquet"] {
        analyze(&["trace", "synth", "uniform", "--footprint", "64K", "--accesses", "1000", "-o", trace]);
    }
    let page = text(&root().join("docs/sweep.md"));
    let shown = page.split("```").find_map(|block| block.strip_prefix("toml\n")).unwrap();
    fs::write(dir.path().join("sweep.toml"), shown).unwrap();
    analyze(&["--config", "sweep.toml", "--dry-run"]);
}

/// A row of a page's tables whose first cell is a name in backticks: the cells by their columns' heads, without backticks.
struct Entry {
    name: String,
    cells: Vec<(String, String)>,
    /// Which table of the page it is in.
    table: usize,
}

impl Entry {
    fn cell(&self, head: &str) -> Option<&str> {
        self.cells.iter().find(|(known, _)| known == head).map(|(_, cell)| cell.as_str())
    }
}

fn entries(page: &str) -> Vec<Entry> {
    let text = text(&root().join("docs").join(page));
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_string()).collect()
    };
    let (mut found, mut heads, mut table) = (Vec::new(), Vec::new(), 0);
    for line in text.lines() {
        if !line.starts_with('|') {
            heads.clear();
        } else if heads.is_empty() {
            heads = cells(line);
            table += 1;
        } else if let [first, ..] = cells(line).as_slice()
            && let Some(name) = first.strip_prefix('`').and_then(|it| it.strip_suffix('`'))
        {
            let cells = heads.iter().cloned().zip(cells(line).iter().map(|cell| cell.replace('`', ""))).collect();
            found.push(Entry { name: name.into(), cells, table });
        }
    }
    found
}

/// What a page lacks of these: a name, and what one of the cells beside it says. And what it names that is none of them.
fn faults(page: &[Entry], wanted: &[(&str, &str)]) -> Vec<String> {
    let says = |entry: &Entry, (name, words): &(&str, &str)| {
        entry.name == *name && entry.cells.iter().any(|(_, cell)| *cell == words.replace('`', ""))
    };
    let lacking = wanted.iter().filter(|it| !page.iter().any(|entry| says(entry, it)));
    let lacking = lacking.map(|(name, words)| format!("lacks | `{name}` | {words} |"));
    let is_wanted = |entry: &Entry| wanted.iter().any(|(name, _)| *name == entry.name);
    let tables: Vec<usize> = page.iter().filter(|entry| is_wanted(entry)).map(|entry| entry.table).collect();
    let strange = page.iter().filter(|entry| tables.contains(&entry.table) && !is_wanted(entry));
    lacking.chain(strange.map(|entry| format!("says `{}`, which there is not", entry.name))).collect()
}

#[test]
fn the_keys_of_the_sweep_are_those_of_the_page_with_their_meanings_defaults_and_techniques() {
    let page = entries("sweep.md");
    let swept: Vec<&Key> = keys().iter().filter(|key| key.is_swept()).collect();
    let wanted: Vec<_> = swept.iter().map(|key| (key.name, key.meaning)).collect();
    assert_eq!(faults(&page, &wanted), [""; 0]);
    for key in swept {
        for entry in page.iter().filter(|entry| entry.name == key.name) {
            let default = entry.cell("default").unwrap_or(key.default);
            let words = |text: &str| text.split([' ', ',']).any(|word| word == key.default);
            assert!(
                key.default.is_empty() || words(default),
                "{}: {} by default, not {default}",
                key.name,
                key.default
            );
            let heeding =
                Technique::FACTS.into_iter().filter(|facts| key.means_something_to(facts)).map(|facts| facts.name);
            let names = heeding.collect::<Vec<_>>().join(", ");
            let names = if names.split(", ").count() == Technique::FACTS.len() { "all" } else { &names };
            let told = entry.cell("techniques").unwrap_or(names);
            assert!(
                told == names || told.strip_prefix(names).is_some_and(|rest| rest.starts_with(", with ")),
                "{}: {told}",
                key.name
            );
        }
    }
}

#[test]
fn the_columns_and_warnings_are_those_of_the_page_with_their_meanings() {
    let short = keys().iter().filter(|key| key.stands == Stands::Short).map(|key| (key.name, key.meaning));
    let warnings = Warning::ALL.map(|warning| (warning.name(), warning.meaning()));
    let wanted: Vec<_> = columns().chain(short).chain(warnings).collect();
    assert!(wanted.len() > Event::ALL.len() + Gauge::ALL.len());
    assert_eq!(faults(&entries("columns.md"), &wanted), [""; 0]);
}

#[test]
fn the_formats_are_those_of_the_page_with_what_they_are_assume_and_time() {
    let formats = Format::ALL.into_iter();
    let wanted: Vec<_> =
        formats.flat_map(|it| [it.meaning(), it.assumed(), it.times()].map(|words| (it.name(), words))).collect();
    assert_eq!(faults(&entries("importing.md"), &wanted), [""; 0]);
}

#[test]
fn the_prices_are_those_of_the_page() {
    let page = entries("processors.md");
    let named =
        |name: &str| page.iter().filter(|entry| entry.name == name && entry.cell("charged for each").is_some()).count();
    assert_eq!(PRICES.map(|price| (price.name, named(price.name))), PRICES.map(|price| (price.name, 1)));
    let priced = page.iter().filter(|entry| entry.cell("charged for each").is_some());
    // One price may be charged for several events.
    assert_eq!(priced.count(), PRICES.map(|price| price.name).into_iter().collect::<BTreeSet<_>>().len());
}

#[test]
fn a_page_that_lacks_a_name_says_another_or_means_something_else_is_at_fault() {
    let entry = |name: &str, words: &str| {
        let cells = vec![("key".into(), name.into()), ("meaning".into(), words.into())];
        Entry { name: name.into(), cells, table: 1 }
    };
    let wanted = [("a", "An `a`."), ("b", "A b.")];
    assert_eq!(faults(&[entry("a", "An a."), entry("b", "A b.")], &wanted), [""; 0]);
    let page = [entry("a", "An a"), entry("c", "A c.")];
    let found = ["lacks | `a` | An `a`. |", "lacks | `b` | A b. |", "says `c`, which there is not"];
    assert_eq!(faults(&page, &wanted), found);
}
