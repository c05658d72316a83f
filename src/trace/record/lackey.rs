//! Recording with Valgrind's lackey, where there is no QEMU: one process, no calls, and a hundred times slower.

use super::emulator::on_path;
use super::take::{Ending, GRACE, TICK, signals};
use super::typed;
use crate::error::{Defect, Error, Result};
use crate::trace::import::{Choices, Format, Import, Imported, Only, import};
use crate::trace::input::Input;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, PipeReader, Read};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

const PIPE_BYTES: usize = 1 << 16;

/// Runs `command` under Valgrind and imports what lackey writes while it runs. Returns how the recording ended, too.
///
/// # Errors
/// [`Error::Input`] if Valgrind is missing or nothing was recorded; [`Error::Failed`] if it cannot be run.
pub fn record(command: &[OsString], output: &Path, only: Only, progress: &dyn Fn(u64)) -> Result<(Imported, Ending)> {
    if on_path("valgrind".as_ref()).is_none() {
        return Err(Defect::new("valgrind", "", "it is not on the path")
            .expected("Valgrind, which --with lackey drives")
            .remedy("apt install valgrind; or apt install qemu-user, and leave --with lackey out")
            .into());
    }
    let failed = |error: io::Error| Error::failed("run valgrind", error);
    let (pipe, writer) = io::pipe().map_err(failed)?;
    let (told, over) = (signals()?, Arc::new(AtomicBool::new(false)));
    // Valgrind's child inherits no descriptor but opens this name of the pipe itself.
    let log = format!("--log-file=/proc/{}/fd/{}", std::process::id(), writer.as_raw_fd());
    let mut child = Command::new("valgrind")
        .args(["--tool=lackey", "--trace-mem=yes", &log, "--"])
        .args(command)
        .spawn()
        .map_err(failed)?;
    let reader = Log { pipe, told: told.clone(), over: over.clone(), held: Vec::new() };
    let ended = thread::spawn(move || {
        let ending = wait_for(&mut child, &told);
        // The pipe ends when its last writer does, or is told to.
        drop(writer);
        over.store(true, Relaxed);
        ending
    });
    let notes = BTreeMap::from([("command".to_string(), typed(command))]);
    let choices = Choices { only, ..Choices::default() };
    let how = Import { format: Some(Format::Lackey), choices, notes, ..Import::default() };
    let imported =
        Input::new("valgrind", Box::new(reader)).and_then(|input| import(vec![input], &how, output, progress));
    let ending = ended.join().map_err(|_| Error::failed("wait for valgrind", "its thread ended early"))?;
    Ok((imported?, ending.map_err(failed)?))
}

/// Waits for Valgrind's end, and brings it about after a signal. One from the terminal went to the program too, which may
/// still have something to say.
fn wait_for(child: &mut Child, told: &AtomicBool) -> io::Result<Ending> {
    let mut since = None;
    loop {
        let status = child.try_wait()?;
        if told.load(Relaxed) {
            let since = *since.get_or_insert_with(Instant::now);
            if status.is_some() {
                return Ok(Ending::Interrupted);
            } else if since.elapsed() > GRACE {
                let below = descendants(child.id());
                child.kill()?;
                child.wait()?;
                for pid in below.into_iter().filter_map(|pid| Pid::from_raw(pid as i32)) {
                    // It may have ended with its parent.
                    let _ = kill_process(pid, Signal::KILL);
                }
                return Ok(Ending::Interrupted);
            }
        } else if let Some(status) = status {
            return Ok(Ending::Over(status));
        }
        thread::sleep(TICK);
    }
}

/// The processes that a process has started, and those that these have: a fork goes on under Valgrind.
fn descendants(pid: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|child| child.parse().ok());
    children.flat_map(|child| [vec![child], descendants(child)].concat()).collect()
}

/// What Valgrind writes, in whole lines: where it is ended by force, the last one may lack its end, and processes that it
/// has left behind may hold the pipe open.
struct Log {
    pipe: PipeReader,
    told: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
    held: Vec<u8>,
}

impl Read for Log {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut ended = false;
        loop {
            let is_cut = self.told.load(Relaxed);
            let lines = self.held.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
            let whole = if ended && !is_cut { self.held.len() } else { lines };
            if whole > 0 || ended {
                let count = whole.min(into.len());
                into[..count].copy_from_slice(&self.held[..count]);
                self.held.drain(..count);
                return Ok(count);
            }
            ended = !self.take_more()?;
        }
    }
}

impl Log {
    /// Waits for more; `false` if none comes.
    fn take_more(&mut self) -> io::Result<bool> {
        let tick = Timespec { tv_sec: 0, tv_nsec: TICK.subsec_nanos().into() };
        loop {
            let is_over = self.over.load(Relaxed) && self.told.load(Relaxed);
            let ready = poll(&mut [PollFd::new(&self.pipe, PollFlags::IN)], Some(&tick));
            match ready {
                Ok(0) if is_over => return Ok(false),
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => {
                    let start = self.held.len();
                    self.held.resize(start + PIPE_BYTES, 0);
                    let read = self.pipe.read(&mut self.held[start..]);
                    self.held.truncate(start + read.as_ref().unwrap_or(&0));
                    return read.map(|count| count > 0);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}
