//! Programs that a program becomes. The kernel would run them beside QEMU; so the plugin starts QEMU with them itself.

use crate::image;
use crate::instance::Instance;
use crate::program::{Program, Unfit, emulated, plugin_option};
use crate::settings::Settings;
use crate::slots::Slot;
use crate::wire::{Kind, PLUGIN_FILE};
use crate::{channel, libc};
use std::ffi::{CString, OsStr, OsString, c_char};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::ptr;

/// Longest text and most texts that are followed; the kernel's limits are lower.
const MOST_TEXT_BYTES: usize = 1 << 21;
const MOST_TEXTS: usize = 1 << 18;
const CURRENT_FOLDER: u64 = -100i64 as u64;
const EMPTY_PATH: u64 = 0x1000;

/// execve: does not come back if the program is one that can be recorded.
pub fn follow(slot: &mut Slot, path: u64, arguments: u64, environment: u64) {
    if let Some(path) = text(path).filter(|path| !path.is_empty()) {
        become_program(slot, PathBuf::from(path), arguments, environment);
    }
}

/// execveat: the path is relative to a folder's descriptor, or empty where the descriptor is the program's own.
pub fn follow_at(slot: &mut Slot, folder: u64, path: u64, arguments: u64, environment: u64, flags: u64) {
    let Some(path) = text(path).map(PathBuf::from) else { return };
    let opened = PathBuf::from(format!("/proc/self/fd/{}", folder as i32));
    let path = match path.as_os_str().is_empty() {
        true if flags & EMPTY_PATH == 0 => return,
        true => std::fs::read_link(&opened).unwrap_or(opened),
        false if path.is_absolute() || folder as u32 == CURRENT_FOLDER as u32 => path,
        false => opened.join(path),
    };
    become_program(slot, path, arguments, environment);
}

fn become_program(slot: &mut Slot, path: PathBuf, arguments: u64, environment: u64) {
    let own = path == Path::new("/proc/self/exe") || path == Path::new(&format!("/proc/{}/exe", std::process::id()));
    let path = if own { image::program().to_path_buf() } else { path };
    let (Some(mut arguments), Some(environment)) = (texts(arguments), texts(environment)) else { return };
    if arguments.is_empty() {
        arguments.push(path.clone().into());
    }
    slot.send();
    match Program::of(&path, arguments) {
        Ok(program) => start(&program, environment),
        // The kernel will say the same to the program.
        Err(Unfit::Closed(_)) => {}
        Err(Unfit::Foreign(what)) => {
            // A shell runs a text without #! by itself, and goes on being recorded.
            if !what.starts_with("neither") {
                let said = format!("{}: {what}", path.display());
                channel::tell_text(Kind::Left, Instance::name(), said.as_bytes());
            }
        }
    }
}

fn start(program: &Program, environment: Vec<OsString>) {
    let settings = Settings::get();
    let Ok(qemu) = std::fs::read_link("/proc/self/exe") else { return };
    let plugin = plugin_option(&settings.meeting, PLUGIN_FILE, program, settings.fetch, false);
    let mut arguments = vec![OsStr::new("qemu-x86_64").to_os_string()];
    arguments.extend(emulated(program, &plugin));
    let texts = |texts: Vec<OsString>| texts.into_iter().map(|text| CString::new(text.into_vec())).collect();
    let (Ok(qemu), Ok(arguments), Ok(environment)) =
        (CString::new(qemu.into_os_string().into_vec()), texts(arguments), texts(environment))
    else {
        return;
    };
    let pointers = |texts: &[CString]| -> Vec<*const c_char> {
        texts.iter().map(|text| text.as_ptr()).chain([ptr::null()]).collect()
    };
    let arguments: Vec<CString> = arguments;
    let environment: Vec<CString> = environment;
    channel::tell(Kind::Execs, Instance::name(), &[]);
    // SAFETY: both are arrays of texts that end with a null pointer and outlive the call. If it fails, as for want of
    // memory, QEMU goes on with the program's own call.
    unsafe { libc::execve(qemu.as_ptr(), pointers(&arguments).as_ptr(), pointers(&environment).as_ptr()) };
}

/// The text at an address of the program's; `None` if it leads nowhere.
fn text(address: u64) -> Option<OsString> {
    let mut text = Vec::new();
    while text.len() < MOST_TEXT_BYTES {
        let mut part = [0; 256];
        let place = address.checked_add(text.len() as u64)?;
        // A page at a time: the next one may not be there.
        let here = (4096 - place % 4096).min(part.len() as u64) as usize;
        let count = image::read(place, &mut part[..here]);
        let part = &part[..count];
        match part.iter().position(|&byte| byte == 0) {
            Some(end) => {
                text.extend_from_slice(&part[..end]);
                return Some(OsStr::from_bytes(&text).to_os_string());
            }
            None if count == 0 => return None,
            None => text.extend_from_slice(part),
        }
    }
    None
}

/// The texts that an array of pointers leads to, up to its null; none for a null array, as the kernel has it.
fn texts(array: u64) -> Option<Vec<OsString>> {
    let mut found = Vec::new();
    while array != 0 && found.len() < MOST_TEXTS {
        let mut pointer = [0; 8];
        if image::read(array.checked_add(8 * found.len() as u64)?, &mut pointer) < pointer.len() {
            return None;
        }
        match u64::from_le_bytes(pointer) {
            0 => break,
            address => found.push(text(address)?),
        }
    }
    Some(found)
}
