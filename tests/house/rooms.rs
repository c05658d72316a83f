//! The rooms of the house, each with the rooms and the crates that it may use.

/// A room: a folder or a file right below the sources of a crate.
pub struct Room {
    pub name: &'static str,
    rooms: &'static str,
    crates: &'static str,
}

impl Room {
    /// Rooms above it in these lists. `error` is everybody's.
    pub fn rooms(&self) -> impl Iterator<Item = &'static str> {
        self.rooms.split_whitespace()
    }

    /// Crates from outside the workspace.
    pub fn crates(&self) -> impl Iterator<Item = &'static str> {
        self.crates.split_whitespace()
    }
}

const fn room(name: &'static str, rooms: &'static str, crates: &'static str) -> Room {
    Room { name, rooms, crates }
}

/// The rooms of the model's crate.
pub const MODEL: &[Room] = &[
    room("error", "", "thiserror"),
    room("address", "", ""),
    room("counts", "", ""),
    room("prices", "counts", ""),
    room("chance", "", "rand_chacha"),
    room("arrays", "address chance", "fearless_simd foldhash hashbrown"),
    room("program", "address", ""),
    room("tables", "address arrays", ""),
    room("guest", "address arrays chance counts program tables", "foldhash hashbrown"),
    room("tlb", "address arrays counts guest program", ""),
    room("walk", "address arrays counts guest program tables", "fearless_simd"),
    room("backing", "address counts guest program tables walk", ""),
    room("shadow", "address arrays backing counts guest program tables walk", ""),
    room("technique", "address backing counts guest program shadow tables walk", ""),
    room("engine", "address arrays counts guest program technique tlb walk", "foldhash hashbrown rayon"),
];

/// The rooms of the crate with the program.
pub const PROGRAM: &[Room] = &[
    room("aside", "", "tempfile"),
    room("bytes", "", ""),
    room("files", "", "tempfile"),
    room("numerals", "", ""),
    room("words", "", "strsim"),
    room("sampling", "counts", ""),
    room(
        "trace",
        "address aside bytes chance files program",
        "blake3 bzip2 csv flate2 liblzma lz4_flex polars polars_parquet rayon regex rustix signal_hook tempfile zip zstd",
    ),
    room(
        "sweep",
        "address bytes engine files guest prices technique tlb trace walk words",
        "blake3 glob serde serde_json toml",
    ),
    room(
        "outcome",
        "address aside counts engine guest numerals prices sampling sweep technique walk words",
        "csv polars tempfile",
    ),
    room(
        "charts",
        "address aside counts guest numerals outcome prices sweep technique walk words",
        "ab_glyph csv dejavu plotters png tempfile",
    ),
    room("results", "counts files prices trace words", "csv polars"),
    room("compare", "results sweep words", "serde_json"),
    room("view", "bytes results words", ""),
    room("check", "address counts engine outcome prices sweep technique trace", ""),
    room(
        "report",
        "address aside charts counts numerals outcome prices sweep technique words",
        "minijinja polars serde_json tempfile",
    ),
    room("advise", "address counts guest outcome prices sweep technique trace", "toml"),
    room(
        "cli",
        "address advise aside bytes charts check compare counts engine guest numerals outcome prices report \
         results sweep technique trace view words",
        "annotate_snippets anstream clap clap_complete clap_mangen comfy_table csv indicatif rayon serde_json \
         sysinfo terminal_size textwrap toml",
    ),
];
