//! Output held against files in this folder.

use std::fs;
use std::path::Path;

/// Holds text against `tests/golden/NAME`. With `ACCEPT` in the environment the text is kept instead.
pub fn same(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("ACCEPT").is_some() {
        fs::write(&path, text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{name} should be\n{kept}\nand is\n{text}\nACCEPT=1 cargo test keeps the new");
}
