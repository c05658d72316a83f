//! Tests of the twin itself: closed forms, scenarios worked by hand, laws that every run keeps.

mod closed_forms;
mod laws;
mod processors;
mod scenarios;

use std::collections::BTreeMap;

use crate::twin::{self, Config, PageSize, Technique};
use vmmu_model::program::{Op, Row};

fn row(op: Op, process: u32, address: u64, length: u64) -> Row {
    Row { op, address, length, process, thread: 0 }
}

fn load(process: u32, address: u64) -> Row {
    row(Op::Load, process, address, 1)
}

fn store(process: u32, address: u64) -> Row {
    row(Op::Store, process, address, 1)
}

fn fetch(process: u32, address: u64) -> Row {
    row(Op::Fetch, process, address, 1)
}

fn map(process: u32, address: u64, length: u64) -> Row {
    row(Op::Map, process, address, length)
}

fn unmap(process: u32, address: u64, length: u64) -> Row {
    row(Op::Unmap, process, address, length)
}

fn protect(process: u32, address: u64, length: u64) -> Row {
    row(Op::Protect, process, address, length)
}

fn fork(process: u32, child: u32) -> Row {
    row(Op::Fork, process, 0, child.into())
}

fn exit(process: u32) -> Row {
    row(Op::Exit, process, 0, 0)
}

fn bare(technique: Technique) -> Config {
    Config::bare(technique, PageSize::K4, PageSize::K4)
}

/// Runs and compares the columns named.
#[track_caller]
fn expect(rows: &[Row], config: &Config, wanted: &[(&'static str, u64)]) -> BTreeMap<&'static str, u64> {
    let counts = twin::run(rows, config).counts;
    for (column, value) in wanted {
        assert_eq!(counts[column], *value, "{column} under {:?}", config.technique);
    }
    counts
}
