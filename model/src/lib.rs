//! The models of `vmmu`: what a memory trace meets under native, shadow, nested (EPT/NPT) and paravirtual paging.
//!
//! This crate counts and prices; it reads no file. The crate `vmmu` has traces, sweeps, tables, charts and the program.

// Nothing panics on what a user gives; tests may.
#![warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

pub mod address;
pub mod arrays;
pub mod backing;
pub mod chance;
pub mod counts;
pub mod engine;
pub mod error;
pub mod guest;
pub mod prices;
pub mod program;
pub mod shadow;
pub mod tables;
pub mod technique;
pub mod tlb;
pub mod walk;
