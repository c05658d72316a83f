//! Recording with Valgrind's lackey, where there is no QEMU: one process, no calls, and a hundred times slower.

use super::emulator::on_path;
use super::typed;
use crate::error::{Defect, Error, Result};
use crate::trace::import::{Choices, Format, Import, Imported, Only, import};
use crate::trace::input::Input;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

/// Runs `command` under Valgrind and imports what lackey writes while it runs. Returns how the program ended, too.
///
/// # Errors
/// [`Error::Input`] if Valgrind is missing or nothing was recorded; [`Error::Failed`] if it cannot be run.
pub fn record(
    command: &[OsString],
    output: &Path,
    only: Only,
    progress: &dyn Fn(u64),
) -> Result<(Imported, ExitStatus)> {
    if on_path("valgrind".as_ref()).is_none() {
        return Err(Defect::new("valgrind", "", "it is not on the path")
            .expected("Valgrind, which --with lackey drives")
            .remedy("apt install valgrind; or apt install qemu-user, and leave --with lackey out")
            .into());
    }
    let failed = |error: io::Error| Error::failed("run valgrind", error);
    let (reader, writer) = io::pipe().map_err(failed)?;
    // So that Ctrl-C, which ends the program, leaves what there is to be written.
    signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::new(AtomicBool::new(false))).map_err(failed)?;
    // Valgrind's child inherits no descriptor but opens this name of the pipe itself.
    let log = format!("--log-file=/proc/{}/fd/{}", std::process::id(), writer.as_raw_fd());
    let mut child = Command::new("valgrind")
        .args(["--tool=lackey", "--trace-mem=yes", &log, "--"])
        .args(command)
        .spawn()
        .map_err(failed)?;
    let ended = thread::spawn(move || {
        let status = child.wait();
        // The pipe ends when its last writer does.
        drop(writer);
        status
    });
    let notes = BTreeMap::from([("command".to_string(), typed(command))]);
    let choices = Choices { only, ..Choices::default() };
    let how = Import { format: Some(Format::Lackey), choices, notes, ..Import::default() };
    let imported =
        Input::new("valgrind", Box::new(reader)).and_then(|input| import(vec![input], &how, output, progress));
    let status = ended.join().map_err(|_| Error::failed("wait for valgrind", "its thread ended early"))?;
    Ok((imported?, status.map_err(failed)?))
}
