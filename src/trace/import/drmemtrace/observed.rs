//! What a trace says about itself beside its rows.

use super::physical::Physical;

/// Facts and counts, over all files of a trace.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Version of the format.
    pub version: u64,
    /// Bits that say how it was recorded.
    pub file_type: Option<u64>,
    /// Of the system, in bytes.
    pub page_size: Option<u64>,
    pub prefetches: u64,
    /// Accesses inside a system call or a switch, which the tool put in from templates or recorded.
    pub in_kernel: u64,
    /// Accesses of no size.
    pub without_size: u64,
    pub physical: Physical,
    /// Number of the last window, where only windows were recorded.
    pub last_window: u64,
}

impl Observed {
    /// Notes for the metadata.
    pub fn notes(&self, files: usize) -> Vec<(&'static str, String)> {
        let mut notes = vec![("drmemtrace", format!("version {}, {files} files", self.version))];
        let mut note = |key, some: bool, text: String| {
            if some {
                notes.push((key, text));
            }
        };
        note(
            "file_type",
            true,
            match self.file_type {
                Some(bits) => format!("{bits:#x}"),
                None => "not recorded: taken for a trace that no cache filtered".into(),
            },
        );
        let page_size = self.page_size.unwrap_or_default();
        note("page_size", self.page_size.is_some(), format!("{page_size} bytes on the recorded system"));
        note("left_out", self.prefetches > 0, format!("{} prefetches", self.prefetches));
        note("in_kernel", self.in_kernel > 0, format!("{} accesses of the kernel's own code", self.in_kernel));
        note("without_size", self.without_size > 0, format!("{} accesses, taken for 1 byte each", self.without_size));
        note("physical_addresses", !self.physical.is_empty(), self.physical.shown());
        let windows = format!("in windows, the last one number {}: not a full trace", self.last_window);
        note("sampled", self.last_window > 0, windows);
        notes
    }
}
