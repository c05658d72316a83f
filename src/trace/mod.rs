//! Traces: rows of memory accesses and address-space calls, in program order, from and to files.

pub mod edit;
pub mod import;
pub mod input;
pub mod overwrite;
pub mod parquet;
pub mod record;
pub mod summary;
pub mod synth;
mod words;

pub use parquet::{ParquetSink, ParquetSource};
pub use vmmu_model::program::{
    CHUNK_ROWS, Call, Chunk, Columns, MOST_PROCESSORS, MemorySource, Op, Owner, Part, PerProcessor, Processor,
    Processors, Ranges, Row, Run, Source, Strip, Touched, Vcpus, check, touched,
};
