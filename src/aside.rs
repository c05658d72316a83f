//! Files written aside and renamed when they are whole.

use tempfile::NamedTempFile;

/// Temporary files are private; results are ordinary files.
pub fn readable_by_all(file: &NamedTempFile) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    Ok(())
}
