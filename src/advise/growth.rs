//! Memory that grew in small steps, as a malloc heap does by brk.
//!
//! *Models:* aligned 2M that maps of less than that made whole, each of which made an earlier range longer: a fault there before finds
//! no room for a huge page.
//! *Does not model:* whether anything was touched there before it was whole; khugepaged, which collapses such pages later.

use crate::address::PageSize;
use crate::trace::{Op, Ranges, Row};
use std::collections::HashMap;

/// Over the rows of a trace.
#[derive(Clone, Debug, Default)]
pub struct Growth {
    /// By process.
    ranges: HashMap<u32, Ranges>,
    bytes: u64,
}

impl Growth {
    /// Takes the next rows.
    pub fn add(&mut self, rows: &[Row]) {
        for row in rows.iter().filter(|row| !row.op.is_access()) {
            let (start, end) = (row.address, row.address.saturating_add(row.length));
            let ranges = self.ranges.entry(row.process).or_default();
            match row.op {
                Op::Map => {
                    self.bytes += grown(ranges, start, end);
                    ranges.add(start, end);
                }
                Op::Unmap => ranges.remove(start, end),
                Op::Fork => {
                    let child = ranges.clone();
                    self.ranges.insert(row.length as u32, child);
                }
                Op::Exit => {
                    self.ranges.remove(&row.process);
                }
                Op::Load | Op::Store | Op::Fetch | Op::Protect => {}
            }
        }
    }

    /// Bytes of all of it.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Bytes of aligned 2M that a map makes whole in a small step.
fn grown(ranges: &Ranges, start: u64, end: u64) -> u64 {
    let huge = PageSize::Size2M.bytes();
    let below = start > 0 && ranges.hold(start - 1, start);
    let above = ranges.hold(end, end.saturating_add(1));
    // With neighbours on both sides it fills a hole, as of memory that was discarded.
    if end - start >= huge || below == above {
        return 0;
    }
    let mut longer = ranges.clone();
    longer.add(start, end);
    let (first, last) = (start - start % huge, (end - 1) - (end - 1) % huge);
    let whole = |at: u64| longer.hold(at, at.saturating_add(huge));
    huge * (u64::from(whole(first)) + u64::from(last != first && whole(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: u64 = 1 << 17;

    fn row(op: Op, address: u64, length: u64) -> Row {
        Row { op, address, length, process: 1, thread: 1 }
    }

    /// A heap that starts half a step above an aligned 2M and grows by so many.
    fn heap(steps: u64) -> Vec<Row> {
        (0..steps).map(|step| row(Op::Map, (1 << 30) + STEP / 2 + step * STEP, STEP)).collect()
    }

    fn bytes(rows: &[Row]) -> u64 {
        let mut growth = Growth::default();
        growth.add(rows);
        growth.bytes()
    }

    #[test]
    fn a_heap_that_grows_in_small_steps_makes_aligned_2m_whole_by_and_by() {
        assert_eq!([16, 31, 32, 48].map(|steps| bytes(&heap(steps))), [0, 0, 2 << 20, 4 << 20]);
    }

    #[test]
    fn what_is_mapped_at_once_or_mapped_anew_does_not_grow() {
        let once = row(Op::Map, 1 << 30, 8 << 20);
        let hole = (1 << 30) + (3 << 20);
        assert_eq!(bytes(&[once, row(Op::Unmap, hole, STEP), row(Op::Map, hole, STEP)]), 0);
    }
}
