//! Paths of what is written, as they are typed.

use clap::builder::{PathBufValueParser, TypedValueParser};
use std::path::{Path, PathBuf};

/// A file that is no stream of text.
pub fn file() -> impl TypedValueParser<Value = PathBuf> {
    refusing("a trace is a Parquet file, which cannot be written to standard output; name a file, or `./-`")
}

/// A folder.
pub fn folder() -> impl TypedValueParser<Value = PathBuf> {
    refusing("results are several files, which cannot be written to standard output; name a folder, or `./-`")
}

/// What is typed where it may be standard output: `-` is refused for this reason.
fn refusing(reason: &'static str) -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(move |path| if path == Path::new("-") { Err(reason) } else { Ok(path) })
}
