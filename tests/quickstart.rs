//! Did the numbers of the quickstart move? Its table is kept in `analysis/quickstart.csv`.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_quickstart_gives_the_numbers_that_it_gave() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = tempfile::tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_analyze"))
        .current_dir(root)
        .args(["--config", "analysis/quickstart.toml", "--quiet", "--no-charts", "--out"])
        .arg(out.path())
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let found = fs::read_to_string(out.path().join("results.csv")).unwrap();
    let wanted = fs::read_to_string(root.join("analysis/quickstart.csv")).unwrap();
    let moved = found.lines().zip(wanted.lines()).position(|(found, wanted)| found != wanted);
    assert_eq!(moved, None, "line of results.csv that moved; if it should have, copy the new file over the old");
    assert_eq!(found.len(), wanted.len());
}
