//! Where the time of a run goes.

use std::ops::AddAssign;
use std::time::{Duration, Instant};

/// Time by stage, on several threads more in all than passes: decoding runs beside the simulation, tables beside TLBs, and cells
/// of one guest memory beside those of another, whose times are added up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timings {
    /// Reading, checking and collapsing rows.
    pub decode: Duration,
    pub guest: Duration,
    /// Shadow and host tables.
    pub tables: Duration,
    pub tlb: Duration,
    pub walk: Duration,
}

impl AddAssign for Timings {
    fn add_assign(&mut self, other: Timings) {
        self.decode += other.decode;
        self.guest += other.guest;
        self.tables += other.tables;
        self.tlb += other.tlb;
        self.walk += other.walk;
    }
}

/// Does something and adds the time that it takes.
pub fn timed<T>(spent: &mut Duration, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    *spent += start.elapsed();
    done
}
