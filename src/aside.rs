//! Files in the making: without their final names, beside where they are to be, and renamed when they are whole.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;
use tempfile::NamedTempFile;

const PREFIX: &str = ".partial-";
/// A younger file may be one whose writer is about to lock it.
const YOUNG: Duration = Duration::from_secs(60);

/// Makes one whose name ends so, with the permissions that a new file has, and locked as long as its writer lives. Removes
/// those whose writers were killed.
pub fn create(folder: &Path, ending: &str) -> io::Result<NamedTempFile> {
    remove_abandoned(folder);
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(ending);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let aside = builder.tempfile_in(folder)?;
    // Where nothing can be locked, nothing is taken for abandoned either.
    let _ = aside.as_file().try_lock();
    Ok(aside)
}

fn remove_abandoned(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if ours && is_abandoned(&entry.path()).unwrap_or(false) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_abandoned(path: &Path) -> io::Result<bool> {
    let about = fs::symlink_metadata(path)?;
    let old = about.modified()?.elapsed().is_ok_and(|age| age > YOUNG);
    Ok(about.is_file() && old && File::open(path)?.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn what_a_killed_writer_left_is_removed_by_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let long_ago = SystemTime::now() - 2 * YOUNG;
        let [abandoned, young, other] =
            [".partial-a", ".partial-b.svg", "partial-c"].map(|name| folder.path().join(name));
        let living = create(folder.path(), ".csv").unwrap();
        living.as_file().set_modified(long_ago).unwrap();
        for (path, time) in [(&abandoned, long_ago), (&young, SystemTime::now()), (&other, long_ago)] {
            File::create(path).unwrap().set_modified(time).unwrap();
        }
        drop(create(folder.path(), "").unwrap());
        assert!(!abandoned.exists() && young.exists() && other.exists() && living.path().exists());
    }
}
