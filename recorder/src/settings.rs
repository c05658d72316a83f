//! What `analyze` asked for, from the plugin's arguments.

use crate::meeting::Meeting;
use std::ffi::{CStr, OsStr, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::OnceLock;

#[derive(Debug)]
pub struct Settings {
    /// Where the sockets and the plugin are.
    pub meeting: Meeting,
    /// The program's file.
    pub program: PathBuf,
    /// Whether instruction fetches are recorded.
    pub fetch: bool,
    /// Whether this is the first program: no other process is known to be recorded beside it.
    pub one: bool,
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();
static NONE: Settings = Settings::none();

impl Settings {
    const fn none() -> Settings {
        let meeting = Meeting { folder: PathBuf::new(), door: -1 };
        Settings { meeting, program: PathBuf::new(), fetch: false, one: true }
    }

    /// Reads `name=value` arguments. `None` if there is no folder among them.
    ///
    /// # Safety
    /// `arguments` points to `count` texts.
    pub unsafe fn read(count: c_int, arguments: *const *const c_char) -> Option<()> {
        let mut settings = Settings::none();
        for index in 0..usize::try_from(count).ok()? {
            // SAFETY: as the caller promises.
            let argument = unsafe { CStr::from_ptr(*arguments.add(index)) }.to_bytes();
            match argument {
                [b'f', b'o', b'l', b'd', b'e', b'r', b'=', path @ ..] => {
                    settings.meeting.folder = OsStr::from_bytes(path).into();
                }
                [b'p', b'r', b'o', b'g', b'r', b'a', b'm', b'=', path @ ..] => {
                    settings.program = OsStr::from_bytes(path).into();
                }
                [b'd', b'o', b'o', b'r', b'=', number @ ..] => {
                    settings.meeting.door = str::from_utf8(number).ok()?.parse().ok()?;
                }
                b"fetch=on" => settings.fetch = true,
                b"one=off" => settings.one = false,
                _ => {}
            }
        }
        if settings.meeting.folder.as_os_str().is_empty() {
            return None;
        }
        SETTINGS.set(settings).ok()
    }

    pub fn get() -> &'static Settings {
        SETTINGS.get().unwrap_or(&NONE)
    }
}
