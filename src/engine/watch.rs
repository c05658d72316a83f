//! What is counted by itself: intervals of a run, or windows that stand for it.

/// What a run takes counts of, beside the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Watch {
    #[default]
    Whole,
    /// Every so many accesses of the machine, at least 1.
    Intervals(u64),
    /// Only periodic windows are looked up and walked.
    Windows(Windows),
}

/// The first `period` accesses of the machine, where all is cold, are counted whole. Of every `period` after that the last
/// `window` are counted and `warm` before those warm up TLBs and caches; the others only change guest memory, shadow tables and
/// host tables. Guest memory and tables thus stay exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// At least `window`.
    pub period: u64,
    /// At least 1.
    pub window: u64,
    pub warm: u64,
}

/// What becomes of a stretch of accesses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    Skip,
    Warm,
    #[default]
    Count,
}

impl Watch {
    /// Accesses of the first stretch, which counts, and the stretches that follow it, again and again; none where all is one.
    pub(super) fn stretches(self) -> (u64, Vec<(Phase, u64)>) {
        match self {
            Watch::Whole => (0, Vec::new()),
            Watch::Intervals(interval) => (interval, vec![(Phase::Count, interval)]),
            Watch::Windows(Windows { period, window, warm }) => {
                let warm = warm.min(period - window);
                let stretches = [(Phase::Skip, period - window - warm), (Phase::Warm, warm), (Phase::Count, window)];
                (period, stretches.into_iter().filter(|(_, accesses)| *accesses > 0).collect())
            }
        }
    }
}
