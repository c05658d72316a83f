//! What the plugin and `analyze` say to each other: datagrams of 64-bit words. Both compile this file.
//!
//! A datagram is a [`Header`] of two words and a body. The body of [`Kind::Rows`] is what one thread did, in order:
//!
//! | word | bits 63, 62 | bits 48 to 61 | bits 0 to 47 |
//! | --- | --- | --- | --- |
//! | access | 0, 0 | bits 48 to 50 log2 of its bytes, 51 it stores, 52 it loads | address |
//! | fetch | 0, 1 | bytes | address |
//! | call | 1, 0 | number of the op | start; the next word is the length in bytes |
//!
//! Addresses are those of user space, below 2^47.

/// Bytes of the longest datagram: several fit the send buffer that every user is granted.
pub const MOST_BYTES: usize = 1 << 15;
pub const HEADER_WORDS: usize = 2;
/// Words of the longest body.
pub const MOST_WORDS: usize = MOST_BYTES / 8 - HEADER_WORDS;

/// File names in the folder that both sides know: the socket for datagrams, the one whose connections last as long as
/// a process, and the plugin.
pub const ROWS_SOCKET: &str = "rows";
pub const LIFE_SOCKET: &str = "life";
pub const PLUGIN_FILE: &str = "libvmmu_recorder.so";

const ADDRESS_BITS: u32 = 48;
const ADDRESS: u64 = (1 << ADDRESS_BITS) - 1;
const FETCH: u64 = 1 << 62;
const CALL: u64 = 1 << 63;
const MOST_FETCH_BYTES: u64 = (1 << 14) - 1;

/// What a datagram is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A process begins to be recorded. Body: its process id, the instance that forked it or 0, a [`Birth`].
    Born = 1,
    /// What a thread did.
    Rows = 2,
    /// A process was forked. Body: the child's process id, a [`Birth`].
    Forked = 3,
    /// The process is about to become another program under the same process id.
    Execs = 4,
    /// A program that cannot be recorded was started. Body: a text, padded with zero bytes.
    Left = 5,
    /// The process ends, or has ended; said by it, by `analyze` to itself, or both.
    Gone = 6,
    /// The program that was asked for has ended. Sent by `analyze` to itself.
    Ended = 7,
}

impl Kind {
    const ALL: [Kind; 7] = [Kind::Born, Kind::Rows, Kind::Forked, Kind::Execs, Kind::Left, Kind::Gone, Kind::Ended];
}

/// How a process came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Birth {
    /// It is a new image: the first program, or one after execve.
    Image = 0,
    /// A copy of its parent.
    Fork = 1,
    /// It borrows the parent's memory until it becomes another program.
    Vfork = 2,
}

impl Birth {
    pub fn from_number(number: u64) -> Option<Birth> {
        [Birth::Image, Birth::Fork, Birth::Vfork].get(usize::try_from(number).ok()?).copied()
    }
}

/// The first two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub kind: Kind,
    /// Number of the thread in its process, from 1; 0 where none is meant.
    pub thread: u32,
    /// Names one image of one process; another one after fork and after execve.
    pub instance: u64,
}

impl Header {
    const MAGIC: u64 = 0x564d_4d00;

    pub fn words(self) -> [u64; HEADER_WORDS] {
        [(Header::MAGIC | self.kind as u64) << 32 | u64::from(self.thread), self.instance]
    }

    /// The header of a datagram and its body; `None` if it is none of ours.
    pub fn parse(words: &[u64]) -> Option<(Header, &[u64])> {
        let (&[first, instance], body) = words.split_first_chunk()?;
        let kind = Kind::ALL.into_iter().find(|&kind| first >> 32 == Header::MAGIC | kind as u64)?;
        Some((Header { kind, thread: first as u32, instance }, body))
    }
}

/// The upper bits of an access, ready to be joined with its address.
pub fn access_bits(log2_bytes: u32, loads: bool, stores: bool) -> u64 {
    (u64::from(log2_bytes & 7) | u64::from(stores) << 3 | u64::from(loads) << 4) << ADDRESS_BITS
}

/// An access: [`access_bits`] and an address.
pub fn access(bits: u64, address: u64) -> u64 {
    bits | address & ADDRESS
}

/// A fetch of `bytes` bytes, which are at most [`MOST_FETCH_BYTES`].
pub fn fetch(address: u64, bytes: u64) -> u64 {
    FETCH | bytes.min(MOST_FETCH_BYTES) << ADDRESS_BITS | address & ADDRESS
}

/// A call on a range.
pub fn call(op: u8, start: u64, bytes: u64) -> [u64; 2] {
    [CALL | u64::from(op) << ADDRESS_BITS | start & ADDRESS, bytes]
}

/// A word of a body, or two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    Access { address: u64, bytes: u64, loads: bool, stores: bool },
    Fetch { address: u64, bytes: u64 },
    Call { op: u8, start: u64, bytes: u64 },
}

/// The first item of `words`, and those after it; `None` at the end, and where a word is none of these.
#[inline]
pub fn item(words: &[u64]) -> Option<(Item, &[u64])> {
    let (&word, rest) = words.split_first()?;
    let (address, bits) = (word & ADDRESS, word >> ADDRESS_BITS);
    Some(match word & (CALL | FETCH) {
        0 => {
            let item =
                Item::Access { address, bytes: 1 << (bits & 7), loads: bits >> 4 & 1 != 0, stores: bits >> 3 & 1 != 0 };
            (item, rest)
        }
        FETCH => (Item::Fetch { address, bytes: bits & MOST_FETCH_BYTES }, rest),
        CALL => {
            let (&bytes, rest) = rest.split_first()?;
            (Item::Call { op: bits as u8, start: address, bytes }, rest)
        }
        _ => return None,
    })
}
