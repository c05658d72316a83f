//! The formats, and how the first bytes of an input tell which one it has.

use super::{champsim, csv, dinero, drmemtrace, lackey, perf_script, pinatrace, ramulator};
use crate::trace::input::Unit;

/// A format that can be imported; [`Format::meaning`] says what each is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Lackey,
    Champsim,
    Cloudsuite,
    Drmemtrace,
    Pinatrace,
    PerfScript,
    Ramulator,
    Dinero,
    Csv,
}

impl Format {
    pub const ALL: [Format; 9] = [
        Format::Lackey,
        Format::Champsim,
        Format::Cloudsuite,
        Format::Drmemtrace,
        Format::Pinatrace,
        Format::PerfScript,
        Format::Ramulator,
        Format::Dinero,
        Format::Csv,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Format::Lackey => "lackey",
            Format::Champsim => "champsim",
            Format::Cloudsuite => "cloudsuite",
            Format::Drmemtrace => "drmemtrace",
            Format::Pinatrace => "pinatrace",
            Format::PerfScript => "perf-script",
            Format::Ramulator => "ramulator",
            Format::Dinero => "dinero",
            Format::Csv => "csv",
        }
    }

    /// Whose traces have it, and what they look like, in a phrase.
    pub const fn meaning(self) -> &'static str {
        match self {
            Format::Lackey => "Valgrind's `--tool=lackey --trace-mem=yes`",
            Format::Champsim => "ChampSim's records of 64 bytes",
            Format::Cloudsuite => "ChampSim's records of 96 bytes for CloudSuite",
            Format::Drmemtrace => "DynamoRIO's offline traces: a folder of thread files, or one of them",
            Format::Pinatrace => "Pin's pinatrace: instruction, R or W, address",
            Format::PerfScript => "Samples with addresses, as `perf script` prints them",
            Format::Ramulator => "LD or ST and an address, as Ramulator and gem5 scripts write",
            Format::Dinero => "Dinero's din: 0, 1 or 2 and an address",
            Format::Csv => "Named columns op, address and, if there, length, process, thread; or see --columns",
        }
    }

    /// What the format leaves open and the import takes for granted.
    pub const fn assumed(self) -> &'static str {
        match self {
            Format::Lackey => {
                "one process (1), threads unknown (0), no calls that map or unmap; M is a load, then a store"
            }
            Format::Champsim => {
                "no sizes: a load or store is 8 bytes, or fewer up to the end of its page, a fetch 1; an instruction's \
                 fetch comes first, then its loads, then its stores; one process (1), threads unknown (0), no calls \
                 that map or unmap"
            }
            Format::Cloudsuite => {
                "no sizes: a load or store is 8 bytes, or fewer up to the end of its page, a fetch 1; an instruction's \
                 fetch comes first, then its loads, then its stores; the process is the two bytes of asid, low byte \
                 first; threads unknown (0), no calls that map or unmap"
            }
            Format::Drmemtrace => {
                "threads take turns at their time stamps; an instruction that rep repeats is fetched once; prefetches \
                 and cache flushes are no accesses; no calls that map or unmap"
            }
            Format::Pinatrace => {
                "a load or store without a size is 8 bytes, or fewer up to the end of its page; no fetches, since \
                 instructions without data are missing; one process (1), threads unknown (0), no calls that map or \
                 unmap"
            }
            Format::PerfScript => {
                "no sizes: a load or store is 8 bytes, or fewer up to the end of its page; load or store as the data \
                 source says, else the event's name; no calls that map or unmap"
            }
            Format::Ramulator => {
                "an address without 0x is decimal; addresses are virtual, and no cache took accesses out; no sizes: a \
                 load or store is 8 bytes, or fewer up to the end of its page; one process (1), threads unknown (0), no \
                 calls that map or unmap"
            }
            Format::Dinero => {
                "what follows an address means nothing here; no sizes: a load or store is 8 bytes, or fewer up to the \
                 end of its page, a fetch 1; one process (1), threads unknown (0), no calls that map or unmap"
            }
            Format::Csv => {
                "a number is decimal unless it begins with 0x or its column is said to be hexadecimal; a missing length \
                 is 1 byte, a missing process or thread 0"
            }
        }
    }

    /// What the times of its rows are, where there are any.
    pub const fn times(self) -> &'static str {
        match self {
            Format::Drmemtrace => {
                "of the tool's time stamps, in ns since 1601, in steps of 1 µs; the rows of a thread from one stamp to \
                 the next share its time"
            }
            Format::PerfScript => "of the samples, in ns, as exact as perf printed them, on the clock that perf used",
            Format::Csv => "of the file's column, taken for ns",
            Format::Lackey
            | Format::Champsim
            | Format::Cloudsuite
            | Format::Pinatrace
            | Format::Ramulator
            | Format::Dinero => "none",
        }
    }

    /// What an input in this format is cut into.
    pub const fn unit(self) -> Unit {
        match self {
            Format::Champsim => Unit::Record(champsim::CHAMPSIM.bytes),
            Format::Cloudsuite => Unit::Record(champsim::CLOUDSUITE.bytes),
            Format::Drmemtrace => Unit::Record(drmemtrace::RECORD_BYTES),
            Format::Lackey
            | Format::Pinatrace
            | Format::PerfScript
            | Format::Ramulator
            | Format::Dinero
            | Format::Csv => Unit::Line,
        }
    }

    /// Whether an input that starts with `first` may have this format; `whole` says that nothing follows.
    pub fn may_be(self, first: &[u8], whole: bool) -> bool {
        let line = first_line(first);
        match self {
            Format::Lackey => lackey::is_reference(line),
            Format::Champsim => champsim::CHAMPSIM.fits(first, whole),
            Format::Cloudsuite => champsim::CLOUDSUITE.fits(first, whole),
            Format::Drmemtrace => drmemtrace::is_start(first),
            Format::Pinatrace => pinatrace::is_reference(line),
            Format::PerfScript => perf_script::is_sample(line),
            Format::Ramulator => ramulator::is_reference(line),
            Format::Dinero => dinero::is_reference(line),
            Format::Csv => csv::is_header(line),
        }
    }

    /// The formats that an input with these first bytes may have. More than one only where records are too few to tell.
    pub fn told_by(first: &[u8], whole: bool) -> Vec<Format> {
        // The header of drmemtrace says what follows; a short file of it might pass for other records.
        if drmemtrace::is_start(first) {
            return vec![Format::Drmemtrace];
        }
        Format::ALL.into_iter().filter(|format| format.may_be(first, whole)).collect()
    }
}

/// The first line that is neither empty nor a tool's remark.
fn first_line(first: &[u8]) -> &[u8] {
    let is_remark = |line: &&[u8]| line.starts_with(b"#") || line.trim_ascii().is_empty() || lackey::is_remark(line);
    first.split_inclusive(|&byte| byte == b'\n').find(|line| !is_remark(line)).unwrap_or_default()
}
