//! Do the rooms of `src/` use only what they may?

use std::fs;
use std::path::{Path, PathBuf};

/// A room, and the rooms that it may use beside itself and `error`.
const ROOMS: &[(&str, &[&str])] = &[
    ("address", &[]),
    ("aside", &[]),
    ("bytes", &[]),
    ("chance", &[]),
    ("counts", &[]),
    ("error", &[]),
    ("numerals", &[]),
    ("prices", &["counts"]),
    ("trace", &["address", "aside", "bytes", "chance"]),
    ("sampling", &["counts"]),
    ("warnings", &["counts"]),
    ("guest", &["address", "chance", "counts", "trace"]),
    ("tlb", &["address", "counts", "guest", "trace"]),
    ("walk", &["address", "counts", "guest", "tlb", "trace"]),
    ("technique", &["address", "guest", "tlb", "walk", "counts", "trace"]),
    ("engine", &["address", "counts", "guest", "technique", "tlb", "trace", "walk", "warnings"]),
    ("charts", &["aside", "counts", "words"]),
    ("words", &[]),
    (
        "sweep",
        &["address", "bytes", "charts", "engine", "guest", "prices", "technique", "tlb", "trace", "walk", "words"],
    ),
    ("outcome", &["aside", "counts", "engine", "prices", "sampling", "sweep", "walk", "warnings"]),
    ("report", &["aside", "charts", "counts", "numerals", "outcome", "prices", "sweep", "technique", "warnings"]),
    ("results", &["counts", "prices", "trace", "words"]),
    ("compare", &["counts", "results", "words"]),
    ("advise", &["counts", "engine", "outcome", "prices", "sweep", "warnings"]),
    ("view", &["bytes", "results", "words"]),
    ("check", &["address", "counts", "engine", "guest", "outcome", "prices", "sweep", "technique"]),
];

/// Rooms that are plain Rust over the standard library, and vectors.
const FLOOR: [&str; 7] = ["address", "counts", "prices", "guest", "tlb", "walk", "technique"];

fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_path_buf()];
    }
    fs::read_dir(path).unwrap().flat_map(|entry| sources(&entry.unwrap().path())).collect()
}

/// The code of a room, without its tests.
fn code(room: &str) -> Vec<String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folder = src.join(room);
    let mut files = if folder.is_dir() { sources(&folder) } else { Vec::new() };
    files.extend(Some(src.join(format!("{room}.rs"))).filter(|file| file.is_file()));
    assert!(!files.is_empty(), "no room {room}");
    let text = |file: PathBuf| fs::read_to_string(file).unwrap().split("#[cfg(test)]").next().unwrap().to_string();
    files.into_iter().filter(|file| file.extension().is_some_and(|it| it == "rs")).map(text).collect()
}

#[test]
fn each_room_uses_only_the_rooms_below_it() {
    for &(room, may) in ROOMS {
        for used in
            code(room).iter().flat_map(|text| text.split("crate::").skip(1).map(str::to_string).collect::<Vec<_>>())
        {
            let used = used.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
            assert!(used == room || used == "error" || may.contains(&used), "{room} uses {used}");
        }
    }
}

#[test]
fn the_model_floor_needs_the_standard_library_and_vectors() {
    for room in FLOOR {
        for line in code(room).iter().flat_map(|text| text.lines().map(str::to_string).collect::<Vec<_>>()) {
            let Some(path) = line.trim().strip_prefix("pub use ").or(line.trim().strip_prefix("use ")) else {
                continue;
            };
            let first = path.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
            let is_own = code(room).iter().any(|text| text.contains(&format!("mod {first};")));
            assert!(is_own || ["std", "crate", "super", "fearless_simd"].contains(&first), "{room}: {line}");
        }
    }
}

#[test]
fn no_room_below_the_prices_knows_a_cycle() {
    for room in ["address", "counts", "trace", "guest", "tlb", "walk", "technique"] {
        for text in code(room) {
            let words: Vec<_> = text.split(|c: char| !c.is_alphanumeric()).collect();
            assert!(!words.iter().any(|word| word.eq_ignore_ascii_case("cycles")), "{room} speaks of cycles");
        }
    }
}
