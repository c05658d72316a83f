//! The charts that a sweep may ask for.

/// A figure that can be drawn from the results of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chart {
    Overhead,
    Tlb,
    ExitCost,
    Footprint,
    PageSizes,
    References,
    Phases,
    Tornado,
    BreakEven,
}

impl Chart {
    /// Every chart, in the order in which they are drawn.
    pub const ALL: [Chart; 9] = [
        Chart::Overhead,
        Chart::Tlb,
        Chart::ExitCost,
        Chart::Footprint,
        Chart::PageSizes,
        Chart::References,
        Chart::Phases,
        Chart::Tornado,
        Chart::BreakEven,
    ];

    /// The word for it in a sweep file, and the beginning of its files' names.
    pub const fn name(self) -> &'static str {
        match self {
            Chart::Overhead => "overhead",
            Chart::Tlb => "tlb",
            Chart::ExitCost => "exit-cost",
            Chart::Footprint => "footprint",
            Chart::PageSizes => "page-sizes",
            Chart::References => "references",
            Chart::Phases => "phases",
            Chart::Tornado => "tornado",
            Chart::BreakEven => "break-even",
        }
    }

    /// The chart of a name.
    pub fn by_name(name: &str) -> Option<Chart> {
        Chart::ALL.into_iter().find(|chart| chart.name() == name)
    }

    /// What it shows, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Chart::Overhead => {
                "Cycles that each part of the bill adds to an access, over the whole trace and in its steady state, by technique and page sizes."
            }
            Chart::Tlb => "Walks per thousand accesses over the entries of a TLB array; needs an axis of entries.",
            Chart::ExitCost => "Overhead over the price sheets; needs an axis of prices.",
            Chart::Footprint => "Memory of guest, shadow and host page tables, by technique and page sizes.",
            Chart::PageSizes => "Overhead over guest and host page sizes; needs an axis of each.",
            Chart::References => {
                "References per walk by level, in two dimensions by what is translated; needs their table, which samples lack."
            }
            Chart::Phases => "Overhead over the course of the trace; needs intervals.",
            Chart::Tornado => "Overhead of one cell with each assumed price halved and doubled; needs the sensitivity.",
            Chart::BreakEven => {
                "Overhead over the rate of page-table updates; needs traces that are one workload at several rates."
            }
        }
    }
}
