//! The native form of a trace: a Parquet file of five columns, zstd-compressed, in row groups of about a million rows.
//!
//! | column | type | meaning |
//! | --- | --- | --- |
//! | `op` | u8 | 0 load, 1 store, 2 fetch, 3 map, 4 unmap, 5 protect, 6 fork, 7 exit |
//! | `address` | u64 | guest virtual address of the access, or page-aligned start of the range; 0 for exit |
//! | `length` | u64 | bytes accessed; bytes of the range; for fork the child's process id; 0 for exit |
//! | `process` | u32 | address space the row belongs to; may be missing, then 0 |
//! | `thread` | u32 | thread id, 0 where unknown; may be missing |
//!
//! The key-value metadata holds [`SCHEMA_KEY`], [`DIGEST_KEY`] and free-form notes such as `source` and `command`.

mod aside;
mod dictionary;
mod digest;
mod encode;
mod form;
mod guard;
mod pages;
mod read;
mod slice;
mod write;

pub use digest::Digest;
pub(crate) use guard::guarded;
pub(crate) use pages::check as check_pages;
pub use read::ParquetSource;
pub use write::{Encoded, Encoder, ParquetSink, Written};

/// Metadata key of the form's version.
pub const SCHEMA_KEY: &str = "schema_version";
/// The version that this program writes; files without one, or with this one, are read.
pub const SCHEMA_VERSION: &str = "1";
/// Metadata key of the [`Digest`] of the rows.
pub const DIGEST_KEY: &str = "digest";

/// Rows in a row group as written, and the most that a reader decodes at a time.
pub const GROUP_ROWS: usize = 1 << 20;

/// Column names, in the order in which they are written.
const COLUMNS: [&str; 5] = ["op", "address", LENGTH, "process", "thread"];
const LENGTH: &str = "length";
