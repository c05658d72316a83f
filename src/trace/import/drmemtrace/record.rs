//! The records of drmemtrace: what their numbers mean.
//!
//! *Source:* DynamoRIO, clients/drcachesim/common/trace_entry.h.

/// Bytes of a record: u16 type, u16 size, u64 value, little-endian, without padding.
pub const RECORD_BYTES: usize = 12;

/// One record. What `size` and `value` are depends on the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    pub kind: u16,
    /// Bytes of an access or an instruction, or which marker.
    pub size: u16,
    /// An address, an id, or what a marker says.
    pub value: u64,
}

impl Record {
    pub fn of(bytes: &[u8; RECORD_BYTES]) -> Record {
        let [a, b, c, d, value @ ..] = *bytes;
        Record { kind: u16::from_le_bytes([a, b]), size: u16::from_le_bytes([c, d]), value: u64::from_le_bytes(value) }
    }
}

/// Kinds of records.
pub mod kind {
    pub const READ: u16 = 0;
    pub const WRITE: u16 = 1;
    pub const FIRST_PREFETCH: u16 = 2;
    pub const LAST_PREFETCH: u16 = 9;
    pub const FIRST_INSTRUCTION: u16 = 10;
    pub const LAST_INSTRUCTION: u16 = 16;
    /// Several instructions after the one before; the value's bytes are their lengths.
    pub const BUNDLE: u16 = 17;
    pub const FIRST_FLUSH: u16 = 18;
    pub const LAST_FLUSH: u16 = 21;
    pub const THREAD: u16 = 22;
    pub const THREAD_EXIT: u16 = 23;
    pub const PROCESS: u16 = 24;
    pub const HEADER: u16 = 25;
    pub const FOOTER: u16 = 26;
    pub const HARDWARE_PREFETCH: u16 = 27;
    pub const MARKER: u16 = 28;
    /// An instruction that is executed again without being fetched, as those of `rep` are.
    pub const NO_FETCH: u16 = 29;
    pub const MAYBE_FETCH: u16 = 30;
    pub const SYSENTER: u16 = 31;
    pub const FIRST_LATER_PREFETCH: u16 = 32;
    pub const LAST_LATER_PREFETCH: u16 = 46;
    /// Bytes of the next instruction.
    pub const ENCODING: u16 = 47;
    pub const TAKEN_JUMP: u16 = 48;
    pub const UNTAKEN_JUMP: u16 = 49;
}

/// Kinds of markers, in so far as they matter here.
pub mod marker {
    /// Microseconds since 1601.
    pub const TIMESTAMP: u16 = 2;
    pub const FILE_TYPE: u16 = 9;
    pub const WINDOW: u16 = 14;
    pub const PHYSICAL_ADDRESS: u16 = 15;
    pub const NO_PHYSICAL_ADDRESS: u16 = 16;
    /// Of the physical address before it.
    pub const VIRTUAL_ADDRESS: u16 = 17;
    pub const PAGE_SIZE: u16 = 18;
    pub const SYSCALL_TRACE_START: u16 = 27;
    pub const SYSCALL_TRACE_END: u16 = 28;
    pub const SWITCH_TRACE_START: u16 = 34;
    pub const SWITCH_TRACE_END: u16 = 35;
}

/// Bits of the file type that make a trace useless here, with what they mean.
pub const UNUSABLE: [(u64, &str); 5] = [
    (0x1, "filtered by a cache (file type 0x1), so most accesses are missing"),
    (0x80, "filtered by an L0 instruction cache (file type 0x80), so fetches that hit it are missing"),
    (0x100, "filtered by an L0 data cache (file type 0x100), so loads and stores that hit it are missing"),
    (0x2000, "filtered in its first part (file type 0x2000), so accesses are missing there"),
    (0x4, "of instructions only (file type 0x4), so loads and stores are missing"),
];
