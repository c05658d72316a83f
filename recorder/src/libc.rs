//! The C library, as far as the standard library does not offer it.

use std::ffi::{c_char, c_int, c_void};

/// Duplicates a descriptor to at least a given number, closed on execve.
pub const F_DUPFD_CLOEXEC: c_int = 1030;
pub const F_SETFL: c_int = 4;
pub const F_SETOWN: c_int = 8;
pub const F_SETSIG: c_int = 10;
/// Signal the owner when something happens to the socket.
pub const O_ASYNC: c_int = 0o20000;
pub const EMFILE: c_int = 24;
pub const ENOBUFS: c_int = 105;
pub const SIGKILL: c_int = 9;
pub const SOL_SOCKET: c_int = 1;
pub const SO_SNDBUF: c_int = 7;

/// A range of memory: `iovec`.
#[repr(C)]
pub struct Bytes {
    pub start: *mut c_void,
    pub length: usize,
}

unsafe extern "C" {
    pub fn process_vm_readv(
        process: c_int,
        into: *const Bytes,
        into_count: usize,
        from: *const Bytes,
        from_count: usize,
        flags: usize,
    ) -> isize;
    pub fn fcntl(descriptor: c_int, command: c_int, ...) -> c_int;
    pub fn execve(path: *const c_char, arguments: *const *const c_char, environment: *const *const c_char) -> c_int;
    pub fn kill(process: c_int, signal: c_int) -> c_int;
    pub fn setsockopt(descriptor: c_int, level: c_int, name: c_int, value: *const c_void, length: u32) -> c_int;
    pub fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
}
