//! QEMU's user-mode emulator: where it is, and the program under it.

use super::meeting::Meeting;
use super::program::{self, Program, Unfit};
use super::wire::PLUGIN_FILE;
use crate::error::{Defect, Error, Result};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// What it is called, and the package that holds it.
const NAME: &str = "qemu-x86_64";

/// An emulator that was found.
#[derive(Clone, Debug)]
pub struct Emulator {
    file: PathBuf,
    /// What it says of itself, such as `qemu-x86_64 version 7.2.22 (Debian …)`.
    pub version: String,
}

impl Emulator {
    /// The emulator in `file`, else the one on the path.
    ///
    /// # Errors
    /// [`Error::Input`] if there is none.
    pub fn find(file: Option<&Path>) -> Result<Emulator> {
        let file = match file {
            Some(file) => file.to_path_buf(),
            None => on_path(NAME.as_ref()).ok_or_else(|| missing(NAME, "it is not on the path"))?,
        };
        let name = file.display().to_string();
        let said = |option| match Command::new(&file).arg(option).output() {
            Ok(said) => Ok(String::from_utf8_lossy(&said.stdout).into_owned()),
            Err(error) => Err(missing(&name, &format!("it cannot be run: {error}"))),
        };
        let version = said("--version")?.lines().next().unwrap_or_default().to_string();
        if !version.contains("version") {
            return Err(missing(&name, "it does not tell its version"));
        }
        if !said("--help")?.contains("-plugin") {
            return Err(missing(&name, &format!("{version} was built without plugins")));
        }
        Ok(Emulator { file, version })
    }

    /// Starts a program, found as a shell would find it, to be recorded by way of the folder of `meeting`.
    ///
    /// # Errors
    /// [`Error::Input`] if the program cannot be run under it.
    pub fn start(&self, command: &[OsString], meeting: &Meeting, fetch: bool) -> Result<Child> {
        let program = resolve(command)?;
        let plugin = program::plugin_option(meeting, PLUGIN_FILE, &program, fetch, true);
        Command::new(&self.file)
            .args(program::emulated(&program, &plugin))
            .spawn()
            .map_err(|error| Error::failed(format!("run {}", self.file.display()), error))
    }
}

fn missing(name: &str, found: &str) -> Error {
    Defect::new(name, "", found)
        .expected("QEMU's user-mode emulator, version 7.2 or newer, built with plugins")
        .remedy(
            "on Debian 12, apt install qemu-user; elsewhere see docs/recording.md on building one, and name it with --qemu; or \
             record with Valgrind, slowly: --with lackey",
        )
        .into()
}

/// The program that a command names.
fn resolve(command: &[OsString]) -> Result<Program> {
    let Some(name) = command.first() else {
        return Err(Defect::new("analyze trace record", "", "no program").expected("-- PROGRAM ARGUMENTS…").into());
    };
    let named = Path::new(name);
    let file = if name.to_string_lossy().contains('/') { Some(named.to_path_buf()) } else { on_path(named) };
    let Some(file) = file else {
        return Err(Defect::new(named, "", "not found on the path").expected("a program to run").into());
    };
    Program::of(&file, command.to_vec()).map_err(|unfit| match unfit {
        Unfit::Closed(error) => {
            Defect::new(&file, "", format!("cannot be run: {error}")).expected("a program to run").into()
        }
        Unfit::Foreign(what) => Defect::new(&file, "", what)
            .expected("a program for x86-64, or a script whose first line names its interpreter")
            .remedy("a script without such a line is run by: -- sh FILE")
            .into(),
    })
}

/// An executable file of this name in one of the folders of PATH.
pub fn on_path(name: &Path) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let folders = env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(|file| file.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0))
}
