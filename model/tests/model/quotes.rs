//! Is every sentence that the twin quotes a sentence of docs/model.md?

use std::fs;
use std::path::{Path, PathBuf};

/// Text as one line, without emphasis.
fn plain(text: &str) -> String {
    text.replace('*', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// The comments of a source file, each of lines that follow one another.
fn comments(source: &str) -> Vec<String> {
    let mut comments = vec![String::new()];
    for line in source.lines() {
        match (line.trim_start().strip_prefix("//"), comments.last_mut()) {
            (Some(text), Some(comment)) => *comment += &format!("{} ", text.trim_start_matches(['/', '!'])),
            _ => comments.push(String::new()),
        }
    }
    comments
}

/// What stands between double quotes that are not part of code.
fn quotes(comment: &str) -> Vec<String> {
    let (mut quotes, mut is_code) = (vec![String::new()], false);
    for letter in comment.chars() {
        is_code ^= letter == '`';
        match letter {
            '"' if !is_code => quotes.push(String::new()),
            _ => quotes.last_mut().unwrap().push(letter),
        }
    }
    assert!(quotes.len() % 2 == 1, "a quotation that does not end: {comment}");
    quotes.into_iter().skip(1).step_by(2).map(|quote| plain(&quote)).collect()
}

/// Whether the text says it: in order what stands between `…`, but for the case of the first letter and the last full stop.
fn says(text: &str, quote: &str) -> bool {
    let mut rest = text;
    quote.split('…').map(|piece| piece.trim().trim_end_matches('.')).all(|piece| {
        let lower = piece.chars().take(1).flat_map(char::to_lowercase).chain(piece.chars().skip(1)).collect::<String>();
        let found = [piece, &lower].iter().filter_map(|piece| rest.find(*piece)).min();
        found.map(|at| rest = &rest[at + piece.len()..]).is_some()
    })
}

#[test]
fn what_the_twin_quotes_stands_in_the_model() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let model = plain(&fs::read_to_string(root.join("../docs/model.md")).unwrap());
    let mut quoted = 0;
    for path in sources(&root.join("tests/model/twin")) {
        for quote in comments(&fs::read_to_string(&path).unwrap()).iter().flat_map(|comment| quotes(comment)) {
            assert!(says(&model, &quote), "{}: docs/model.md does not say \"{quote}\"", path.display());
            quoted += 1;
        }
    }
    assert!(quoted > 50, "the twin quotes the model: {quoted}");
}
