//! What the kernel would run for a file: the file itself, or the interpreter that its first line names. The plugin and
//! `analyze` both compile this file, for the emulator runs ELF files only.

use super::meeting::Meeting;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Interpreters of interpreters that the kernel follows.
const MOST_INTERPRETERS: usize = 4;
/// Bytes of a first line that the kernel looks at.
const LINE_BYTES: u64 = 256;

/// An ELF file for x86-64, and the arguments it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub file: PathBuf,
    /// With the zeroth, the name it is started under.
    pub arguments: Vec<OsString>,
}

/// Why a file cannot be run here.
#[derive(Debug)]
pub enum Unfit {
    /// It cannot be opened, or is not executable.
    Closed(io::Error),
    /// It is no ELF file for x86-64 and names no interpreter. What it is instead.
    Foreign(&'static str),
}

impl Program {
    /// What running `file` with `arguments` comes to.
    pub fn of(file: &Path, arguments: Vec<OsString>) -> Result<Program, Unfit> {
        let mut program = Program { file: file.to_path_buf(), arguments };
        for _ in 0..MOST_INTERPRETERS {
            let start = start(&program.file).map_err(Unfit::Closed)?;
            match start.as_slice() {
                [0x7f, b'E', b'L', b'F', 2, ..] if start.get(18..20) == Some(&[62, 0]) => return Ok(program),
                [0x7f, b'E', b'L', b'F', ..] => return Err(Unfit::Foreign("a program for another processor")),
                [b'#', b'!', line @ ..] => program = program.interpreted(line)?,
                _ => return Err(Unfit::Foreign("neither an ELF file nor a script that begins with #!")),
            }
        }
        Err(Unfit::Foreign("a script whose interpreters are scripts, too many of them"))
    }

    /// The interpreter, an argument if its line has one, and the script with its arguments.
    fn interpreted(self, line: &[u8]) -> Result<Program, Unfit> {
        let line = line.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii();
        let end = line.iter().position(|&byte| byte == b' ' || byte == b'\t').unwrap_or(line.len());
        let (interpreter, argument) = (&line[..end], line[end..].trim_ascii());
        if interpreter.is_empty() {
            return Err(Unfit::Foreign("a script that names no interpreter"));
        }
        let text = |bytes| OsStr::from_bytes(bytes).to_os_string();
        let mut arguments = vec![text(interpreter)];
        arguments.extend(Some(argument).filter(|argument| !argument.is_empty()).map(text));
        arguments.push(self.file.into_os_string());
        arguments.extend(self.arguments.into_iter().skip(1));
        Ok(Program { file: PathBuf::from(text(interpreter)), arguments })
    }
}

/// The first bytes of an executable file.
fn start(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    if !about.is_file() || about.permissions().mode() & 0o111 == 0 {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let mut start = Vec::new();
    file.take(LINE_BYTES).read_to_end(&mut start)?;
    Ok(start)
}

/// The arguments with which the emulator records `program`.
pub fn emulated(program: &Program, plugin: &OsStr) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = Vec::with_capacity(program.arguments.len() + 5);
    arguments.push("-plugin".into());
    arguments.push(plugin.to_os_string());
    if let Some(name) = program.arguments.first() {
        arguments.extend(["-0".into(), name.clone()]);
    }
    // A relative name that begins with a dash would be taken for an option.
    let dashed = program.file.as_os_str().as_bytes().first() == Some(&b'-');
    arguments.push(if dashed { Path::new(".").join(&program.file).into() } else { program.file.clone().into() });
    arguments.extend(program.arguments.iter().skip(1).cloned());
    arguments
}

/// The plugin as the emulator's option names it, with its settings: `folder` and `door` of the meeting, `program`, `fetch`
/// and `one`, whether it may take the program for the only one that is recorded.
pub fn plugin_option(meeting: &Meeting, plugin: &str, program: &Program, fetch: bool, one: bool) -> OsString {
    let on = |yes| if yes { "on" } else { "off" };
    let mut option = within_option(&meeting.way().join(plugin));
    option.push(",folder=");
    option.push(within_option(&meeting.folder));
    option.push(format!(",door={}", meeting.door));
    option.push(",program=");
    option.push(within_option(&program.file));
    option.push(format!(",fetch={},one={}", on(fetch), on(one)));
    option
}

/// A path with its commas doubled, each of which the emulator takes for one.
fn within_option(path: &Path) -> OsString {
    let bytes = path.as_os_str().as_bytes();
    let bytes = bytes.iter().flat_map(|&b| std::iter::repeat_n(b, if b == b',' { 2 } else { 1 }));
    OsString::from_vec(bytes.collect())
}
