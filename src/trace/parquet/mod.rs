//! The native form of a trace: a Parquet file of five columns or six, zstd-compressed, in row groups of about a million
//! rows.
//!
//! | column | type | meaning |
//! | --- | --- | --- |
//! | `op` | u8 | 0 load, 1 store, 2 fetch, 3 map, 4 unmap, 5 protect, 6 fork, 7 exit |
//! | `address` | u64 | guest virtual address of the access, or page-aligned start of the range; 0 for exit |
//! | `length` | u64 | bytes accessed; bytes of the range; for fork the child's process id; 0 for exit |
//! | `process` | u32 | address space the row belongs to; may be missing, then 0 |
//! | `thread` | u32 | thread id, 0 where unknown; may be missing |
//! | `time` | u64 | nanoseconds, on the clock of the recording; missing where it knew none |
//!
//! The key-value metadata holds [`SCHEMA_KEY`], [`DIGEST_KEY`] and free-form notes such as `source` and `command`. Between the
//! pages and the footer stand checksums.

mod delta;
mod dictionary;
mod digest;
mod encode;
mod fault;
mod footer;
mod form;
mod guard;
mod opened;
mod ops;
mod pages;
mod read;
mod schema;
mod slice;
mod sums;
mod thrift;
mod times;
mod values;
mod varint;
mod write;

pub use digest::Digest;
pub(crate) use guard::guarded;
pub(crate) use opened::Opened;
pub(crate) use pages::check as check_pages;
pub use read::ParquetSource;
pub(crate) use schema::is_flat;
pub use write::{Encoded, Encoder, ParquetSink, Written};

/// Metadata key of the form's version.
pub const SCHEMA_KEY: &str = "schema_version";
/// The version that this program writes; files without one, or with this one, are read.
pub const SCHEMA_VERSION: &str = "1";
/// Metadata key of the [`Digest`] of the rows.
pub const DIGEST_KEY: &str = "rows_digest";
/// What earlier versions called it.
const OLD_DIGEST_KEY: &str = "digest";

/// Rows in a row group as written: a MiB of addresses, which stays in a processor's cache while it is decoded.
pub const GROUP_ROWS: usize = 1 << 17;
/// The most rows that a reader decodes or a writer holds at a time.
pub const HELD_ROWS: usize = 1 << 20;

/// Column names, in the order in which they are written.
const COLUMNS: [&str; 5] = ["op", "address", LENGTH, "process", THREAD];
const LENGTH: &str = "length";
const THREAD: &str = "thread";
/// The column that a trace may do without, and that no replay reads.
pub const TIME: &str = "time";
