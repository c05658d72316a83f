//! The models held to what they must count: a naive twin, closed forms, laws.

mod cells;
mod closed_forms;
mod conformity;
mod laws;
mod policies;
mod quotes;
mod twin;
