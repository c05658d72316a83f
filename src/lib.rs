//! What address translation costs under native, shadow, nested (EPT/NPT) and paravirtual paging.

// Nothing panics on what a user gives; tests may.
#![warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

pub mod address;
pub mod advise;
mod aside;
pub mod bytes;
mod chance;
pub mod charts;
pub mod check;
pub mod cli;
pub mod compare;
pub mod counts;
pub mod engine;
pub mod error;
pub mod guest;
mod numerals;
pub mod outcome;
pub mod prices;
pub mod report;
pub mod results;
pub mod sampling;
pub mod sweep;
pub mod technique;
pub mod tlb;
pub mod trace;
pub mod view;
pub mod walk;
pub mod warnings;
mod words;
