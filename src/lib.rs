//! What address translation costs under native, shadow, nested (EPT/NPT) and paravirtual paging.

pub mod address;
pub mod charts;
pub mod cli;
pub mod counts;
pub mod error;
pub mod trace;
