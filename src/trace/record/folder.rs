//! The folder that `analyze` and the plugins meet in.

use super::wire::{LIFE_SOCKET, PLUGIN_FILE, ROWS_SOCKET};
use crate::error::{Defect, Error, Result};
use std::env;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// The plugin, compiled by the build script; empty where it could not be.
static PLUGIN: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/libvmmu_recorder.so"));

const PREFIX: &str = "vmmu-";

/// Two sockets and the plugin, removed at the end.
pub struct Folder {
    folder: TempDir,
    /// What the plugins send.
    pub rows: UnixDatagram,
    /// A connection for each process, as long as it lives.
    pub life: UnixListener,
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
        let failed = |error: io::Error| Error::failed("make a folder for the recorder", error);
        remove_abandoned();
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir().map_err(failed)?;
        // A program that is recorded may change its user and must still find its way here; nobody else knows the name.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o711)).map_err(failed)?;
        fs::write(folder.path().join(PLUGIN_FILE), PLUGIN).map_err(failed)?;
        let rows =
            UnixDatagram::bind(folder.path().join(ROWS_SOCKET)).map_err(|error| unbound(folder.path(), error))?;
        let life = UnixListener::bind(folder.path().join(LIFE_SOCKET)).map_err(failed)?;
        for name in [ROWS_SOCKET, LIFE_SOCKET] {
            fs::set_permissions(folder.path().join(name), Permissions::from_mode(0o666)).map_err(failed)?;
        }
        Ok(Folder { folder, rows, life })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes the folders of recorders that were killed: nobody listens there any more. One of the last minute may be about
/// to be listened to.
fn remove_abandoned() {
    for entry in fs::read_dir(env::temp_dir()).into_iter().flatten().flatten() {
        let old = entry.metadata().and_then(|about| about.modified());
        let old = old.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > Duration::from_secs(60)));
        if old && entry.file_name().to_string_lossy().starts_with(PREFIX) {
            let heard = UnixStream::connect(entry.path().join(LIFE_SOCKET));
            if heard.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
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
