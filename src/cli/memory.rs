//! How much memory a run may take, and how its cells are made to fit.

use crate::engine::Waves;
use crate::error::{Defect, Result};
use crate::sweep::Sweep;
use indicatif::BinaryBytes;
use sysinfo::{MemoryRefreshKind, System};

/// Bytes of the results of a sweep, until they are written: of each row its counts, bill and values.
pub fn of_results(sweep: &Sweep) -> u64 {
    const ROW: u64 = 4096;
    (sweep.rows.len() * sweep.traces.len()) as u64 * ROW
}

/// The cells of a sweep in waves that fit so many bytes beside the results; by default half of what is free.
///
/// # Errors
/// The results, or a cell by itself, do not fit.
pub fn waves(sweep: &Sweep, bytes: Option<u64>) -> Result<Waves> {
    let (allowed, results) = (bytes.unwrap_or_else(|| free() / 2), of_results(sweep));
    let waves = Waves::new(sweep.cells(), allowed.saturating_sub(results));
    let needed = waves.bytes() + results;
    if needed <= allowed {
        return Ok(waves);
    }
    let found = format!("the run takes up to {}, {} of it for results", BinaryBytes(needed), BinaryBytes(results));
    Err(Defect::new(&sweep.file, "", found)
        .expected(format!(
            "at most {}{}",
            BinaryBytes(allowed),
            if bytes.is_none() { ", half of what is free" } else { "" }
        ))
        .remedy("allow more with --memory, or sweep fewer rows or smaller caches")
        .into())
}

/// Bytes that this process could still take; no bound where the system does not tell.
fn free() -> u64 {
    let mut system = System::new();
    system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
    let machine = Some(system.available_memory()).filter(|bytes| *bytes > 0).unwrap_or(u64::MAX);
    // What files leave in memory is given back when it is asked for, and no hindrance.
    system.cgroup_limits().map_or(machine, |limits| machine.min(limits.total_memory.saturating_sub(limits.rss)))
}
