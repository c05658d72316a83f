//! Real programs to traces: runs a program under QEMU's user-mode emulation with the plugin of `recorder/`, and takes
//! what it and its children do, in one order, while they run.

mod draft;
mod emulator;
mod folder;
pub mod lackey;
mod life;
mod meeting;
mod processes;
mod program;
mod take;
mod window;
// The plugin uses the other half.
#[allow(dead_code)]
mod wire;

pub use emulator::Emulator;
pub use take::{Ending, Recorded, record};
pub use window::{SAMPLE_ACCESSES, Window};

use std::ffi::OsString;
use std::path::PathBuf;

/// What to record.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The program, as a shell would find it, and its arguments.
    pub command: Vec<OsString>,
    /// The trace to write.
    pub output: PathBuf,
    /// Which accesses to keep.
    pub window: Window,
    /// Whether instruction fetches are recorded beside loads and stores.
    pub fetch: bool,
    /// Whether rows have the time at which they came in.
    pub times: bool,
    /// Whether to compress lightly, so that the program need not wait.
    pub quick: bool,
}

/// What a recording takes for granted, for the trace's metadata.
pub const ASSUMED: &str = "\
user mode only: what the kernel reads and writes is no access; sizes are those of QEMU's operations (vectors in parts); \
ids are dense, in order of appearance; threads and processes interleave in batches, each at most 4094 words or up to a \
system call; mremap that moves: unmap, map; madvise that discards: unmap, map; mmap over a mapping: unmap, map; \
execve: exit, and a new start; vfork: the child is in its parent's process until it executes; image and stack: mapped \
at the start; SysV shared memory: not mapped; an access that crosses a 4 KiB boundary is split there";

/// Added where fetches are recorded.
pub const ASSUMED_OF_FETCHES: &str = "; a fetch: one run of a translated block, with all its bytes";

/// What the times of its rows are, for the trace's metadata.
const TIMES: &str =
    "of the system's clock, in ns since 1970, as batches of rows came in, at least one for each 4094 words";

/// A command as one would type it, for the trace's metadata.
fn typed(command: &[OsString]) -> String {
    let word = |word: &OsString| {
        let word = word.to_string_lossy();
        let plain = |c: char| c.is_alphanumeric() || "_-./:=,+@%".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            word.into_owned()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    };
    command.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_noted_as_one_would_type_it() {
        let command = ["sh", "-c", "echo 'hi' | cat", "", "--a=b/c.d"].map(OsString::from);
        assert_eq!(typed(&command), r"sh -c 'echo '\''hi'\'' | cat' '' --a=b/c.d");
    }
}
