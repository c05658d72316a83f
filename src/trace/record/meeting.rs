//! The folder that `analyze` and the plugins meet in, and the ways to it. The plugin compiles this file too.

use std::fs;
use std::os::fd::RawFd;
use std::path::PathBuf;

/// Where the sockets and the plugin are.
#[derive(Debug)]
pub struct Meeting {
    /// Below a folder that is open to the user of `analyze` alone.
    pub folder: PathBuf,
    /// A descriptor of it, which programs inherit that may change their user; −1 where there is none.
    pub door: RawFd,
}

impl Meeting {
    /// A path to the folder for whatever user this process has: through the descriptor, where it is still the folder's.
    pub fn way(&self) -> PathBuf {
        let door = PathBuf::from(format!("/proc/self/fd/{}", self.door));
        if fs::read_link(&door).is_ok_and(|folder| folder == self.folder) { door } else { self.folder.clone() }
    }
}
