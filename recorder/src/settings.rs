//! What `analyze` asked for, from the plugin's arguments.

use std::ffi::{CStr, OsStr, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::OnceLock;

#[derive(Debug)]
pub struct Settings {
    /// Where the sockets and the plugin are.
    pub folder: PathBuf,
    /// The program's file.
    pub program: PathBuf,
    /// Whether instruction fetches are recorded.
    pub fetch: bool,
    /// Whether this is the first program: no other process is known to be recorded beside it.
    pub one: bool,
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();

impl Settings {
    /// Reads `name=value` arguments. `None` if there is no folder among them.
    ///
    /// # Safety
    /// `arguments` points to `count` texts.
    pub unsafe fn read(count: c_int, arguments: *const *const c_char) -> Option<()> {
        let mut settings = Settings { folder: PathBuf::new(), program: PathBuf::new(), fetch: false, one: true };
        for index in 0..usize::try_from(count).ok()? {
            // SAFETY: as the caller promises.
            let argument = unsafe { CStr::from_ptr(*arguments.add(index)) }.to_bytes();
            match argument {
                [b'f', b'o', b'l', b'd', b'e', b'r', b'=', path @ ..] => {
                    settings.folder = OsStr::from_bytes(path).into();
                }
                [b'p', b'r', b'o', b'g', b'r', b'a', b'm', b'=', path @ ..] => {
                    settings.program = OsStr::from_bytes(path).into();
                }
                b"fetch=on" => settings.fetch = true,
                b"one=off" => settings.one = false,
                _ => {}
            }
        }
        if settings.folder.as_os_str().is_empty() {
            return None;
        }
        SETTINGS.set(settings).ok()
    }

    pub fn get() -> &'static Settings {
        static NONE: Settings = Settings { folder: PathBuf::new(), program: PathBuf::new(), fetch: false, one: true };
        SETTINGS.get().unwrap_or(&NONE)
    }
}
