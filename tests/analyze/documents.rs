//! Do the documents hold together, and with the program?

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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
