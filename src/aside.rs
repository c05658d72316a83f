//! Files in the making: without their final names, beside where they are to be, and renamed when they are whole.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;
use tempfile::NamedTempFile;

const PREFIX: &str = ".partial-vmmu-";
/// Letters of a name after the prefix, and what may follow them.
const RANDOM: usize = 8;
const ENDINGS: [&str; 4] = ["", ".svg", ".png", ".csv"];
/// A younger file may be one whose writer is about to lock it.
const YOUNG: Duration = Duration::from_secs(60);

/// Makes one whose name ends so, in one of the endings of pictures and tables or in none, with the permissions that a new file has, and locked as long as its writer lives. Removes
/// those whose writers were killed.
pub fn create(folder: &Path, ending: &str) -> io::Result<NamedTempFile> {
    remove_abandoned(folder);
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).rand_bytes(RANDOM).suffix(ending);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let aside = builder.tempfile_in(folder)?;
    // Where nothing can be locked, nothing is taken for abandoned either.
    let _ = aside.as_file().try_lock();
    Ok(aside)
}

fn remove_abandoned(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_ours(&entry.file_name().to_string_lossy()) && is_abandoned(&entry.path()).unwrap_or(false) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a name is one that is given here.
fn is_ours(name: &str) -> bool {
    let parts = name.strip_prefix(PREFIX).and_then(|rest| rest.split_at_checked(RANDOM));
    parts.is_some_and(|(random, ending)| {
        random.bytes().all(|it| it.is_ascii_alphanumeric()) && ENDINGS.contains(&ending)
    })
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
        let [abandoned, young] = [".partial-vmmu-abcdEF12", ".partial-vmmu-abcdEF13.svg"];
        let others = [".partial-a", ".partial-vmmu-notes", ".partial-vmmu-abcdEF12.txt", "x.partial-vmmu-abcdEF12"];
        let living = create(folder.path(), ".csv").unwrap();
        assert!(is_ours(&living.path().file_name().unwrap().to_string_lossy()));
        living.as_file().set_modified(long_ago).unwrap();
        let old = others.iter().chain([&abandoned]).map(|name| (*name, long_ago));
        for (name, time) in old.chain([(young, SystemTime::now())]) {
            File::create(folder.path().join(name)).unwrap().set_modified(time).unwrap();
        }
        drop(create(folder.path(), "").unwrap());
        let is_there = |name: &str| folder.path().join(name).exists();
        assert!(!is_there(abandoned) && is_there(young) && living.path().exists());
        assert!(others.into_iter().all(is_there), "what is not ours stays");
    }
}
