//! Traces: rows of memory accesses and address-space calls, in program order.

mod row;

pub use row::{Op, Row};
