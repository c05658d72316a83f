//! Real programs to traces: runs a program under QEMU's user-mode emulation with the plugin of `recorder/`, and takes
//! what it and its children do, in one order, while they run.

mod emulator;
mod folder;
pub mod lackey;
mod life;
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
}

/// What a recording takes for granted, for the trace's metadata.
pub const ASSUMED: &str = "\
user mode only; what the kernel reads and writes for a system call is not an access; emulated processor of QEMU's, \
vectors of 16 bytes and more in parts of 8; process and thread ids are dense, in order of appearance; rows of threads \
and processes interleave by the batches in which they were sent, each at most 4094 rows or one system call; mremap that \
moves is unmap and map; madvise that discards is unmap and map of the range; mmap over a mapping unmaps it first; \
execve is exit and a new start of the process; a vfork's child uses its parent's process until it executes; stack, \
program and loader are mapped at the start, and SysV shared memory never; an access that crosses a 4 KiB boundary is \
split there";

/// Added where fetches are recorded.
pub const ASSUMED_OF_FETCHES: &str = "; a fetch is one run of a translated block, of all its bytes";
