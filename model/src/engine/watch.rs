//! What is counted by itself: intervals of a run, or windows that stand for it.

/// What a run takes counts of, beside the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Watch {
    /// The whole run alone.
    #[default]
    Whole,
    /// Every so many accesses of the machine, at least 1.
    Intervals(u64),
    /// Only periodic windows are looked up and walked.
    Windows(Windows),
}

/// A run is cut into 64 periods. The first, where all is cold, is counted whole. Of each other one access `of` so many is counted,
/// those at its end, and `warm` before them warm up TLBs and caches; the rest only change guest memory, shadow tables and host
/// tables. Guest memory and tables thus stay exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// At least 2.
    pub of: u64,
    /// Accesses before each window that are looked up and walked, but not counted.
    pub warm: u64,
    /// Rows of the trace.
    pub rows: u64,
}

/// Periods of a run: enough to tell how much their windows differ.
const PERIODS: u64 = 64;

/// What becomes of a stretch of accesses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    Skip,
    Warm,
    #[default]
    Count,
}

impl Watch {
    /// Whether every access is looked up and walked.
    pub(super) fn is_whole(self) -> bool {
        match self {
            Watch::Whole | Watch::Intervals(_) => true,
            Watch::Windows(_) => false,
        }
    }

    /// Accesses of the first stretch, which counts, and the stretches that follow it, again and again; none where all is one.
    /// The trace is run in so many copies.
    pub(super) fn stretches(self, copies: u64) -> (u64, Vec<(Phase, u64)>) {
        match self {
            Watch::Whole => (0, Vec::new()),
            Watch::Intervals(interval) => (interval, vec![(Phase::Count, interval)]),
            Watch::Windows(Windows { of, warm, rows }) => {
                let period = (rows * copies).div_ceil(PERIODS).max(of);
                let window = period / of;
                let warm = warm.min(period - window);
                let stretches = [(Phase::Skip, period - window - warm), (Phase::Warm, warm), (Phase::Count, window)];
                (period, stretches.into_iter().filter(|(_, accesses)| *accesses > 0).collect())
            }
        }
    }
}
