//! The folder that `analyze` and the plugins meet in.

use super::meeting::Meeting;
use super::wire::{LIFE_SOCKET, PLUGIN_FILE, ROWS_SOCKET};
use crate::error::{Defect, Error, Result};
use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};
use rustix::process::geteuid;
use std::env;
use std::fs::{self, DirBuilder, DirEntry, File, Permissions};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// The plugin, compiled by the build script; empty where it could not be.
static PLUGIN: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/libvmmu_recorder.so"));

const PREFIX: &str = "vmmu-";
/// In the folder of that prefix: a file that its recorder holds locked, and what the plugins see.
const LOCK: &str = "lock";
const INSIDE: &str = "in";
/// Descriptors from here on are seldom a program's.
const FIRST_DOOR: i32 = 701;

/// Two sockets and the plugin, removed at the end, in a folder that no other user can enter.
pub struct Folder {
    pub meeting: Meeting,
    /// What the plugins send.
    pub rows: UnixDatagram,
    /// A connection for each process, as long as it lives.
    pub life: UnixListener,
    _door: Option<OwnedFd>,
    _lock: File,
    _folder: TempDir,
}

impl Folder {
    /// # Errors
    /// [`Error::Input`] if this `analyze` holds no plugin, or the folder's name is too long for a socket;
    /// [`Error::Failed`] if the folder cannot be made.
    pub fn new() -> Result<Folder> {
        if PLUGIN.is_empty() {
            return Err(Defect::new(
                "analyze trace record",
                "",
                "this analyze was built without the recorder's plugin",
            )
            .expected("a build on Linux, from sources that have the folder recorder/")
            .remedy("build it there, or record with --with lackey")
            .into());
        }
        remove_abandoned();
        let failed = |error: io::Error| Error::failed("make a folder for the recorder", error);
        let private = Permissions::from_mode(0o700);
        let folder = tempfile::Builder::new().prefix(PREFIX).permissions(private).tempdir().map_err(failed)?;
        let lock = File::create(folder.path().join(LOCK)).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let inside = folder.path().join(INSIDE);
        DirBuilder::new().mode(0o700).create(&inside).map_err(failed)?;
        // As the kernel names it: so it is told from other folders.
        let inside = inside.canonicalize().map_err(failed)?;
        fs::write(inside.join(PLUGIN_FILE), PLUGIN).map_err(failed)?;
        let rows = UnixDatagram::bind(inside.join(ROWS_SOCKET)).map_err(|error| unbound(&inside, error))?;
        let life = UnixListener::bind(inside.join(LIFE_SOCKET)).map_err(failed)?;
        let door = open_door(&inside).map_err(failed)?;
        let meeting = Meeting { folder: inside, door: door.as_ref().map_or(-1, |door| door.as_raw_fd()) };
        Ok(Folder { meeting, rows, life, _door: door, _lock: lock, _folder: folder })
    }
}

/// A program that root records may change its user, and must still find its way in here, as nobody else of that user may:
/// through a descriptor that it inherits.
fn open_door(inside: &Path) -> io::Result<Option<OwnedFd>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    for (name, mode) in [("", 0o711), (PLUGIN_FILE, 0o644), (ROWS_SOCKET, 0o666), (LIFE_SOCKET, 0o666)] {
        fs::set_permissions(inside.join(name), Permissions::from_mode(mode))?;
    }
    let folder = File::open(inside)?;
    // Where the limit of open files is lower, a low number has to do.
    let door = fcntl_dupfd_cloexec(&folder, FIRST_DOOR).or_else(|_| fcntl_dupfd_cloexec(&folder, 0))?;
    fcntl_setfd(&door, FdFlags::empty())?;
    Ok(Some(door))
}

/// Removes the folders of recorders of this user that were killed. One of the last minute may be about to be locked.
fn remove_abandoned() {
    for entry in fs::read_dir(env::temp_dir()).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) && is_abandoned(&entry).unwrap_or(false) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether nobody holds the lock of a folder. Waits for nothing, whatever the folder holds.
fn is_abandoned(entry: &DirEntry) -> io::Result<bool> {
    let (about, lock) = (entry.metadata()?, entry.path().join(LOCK));
    let old = about.modified()?.elapsed().is_ok_and(|age| age > Duration::from_secs(60));
    let own = about.is_dir() && about.uid() == geteuid().as_raw();
    Ok(old && own && lock.symlink_metadata()?.is_file() && File::open(lock)?.try_lock().is_ok())
}

fn unbound(folder: &Path, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::InvalidInput => Defect::new(folder, "", "a folder name too long for a socket")
            .expected("a name of at most 100 bytes")
            .remedy("set TMPDIR to a folder with a shorter name")
            .into(),
        _ => Error::failed("make a folder for the recorder", error),
    }
}
