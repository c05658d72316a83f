//! The formats, and what there is to say of each; a format's own file has its [`Facts`].

use super::*;
use crate::trace::input::Unit;

/// A format that can be imported; [`Format::meaning`] says what each is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Lackey,
    Champsim,
    Cloudsuite,
    Drmemtrace,
    DrmemtraceView,
    Pinatrace,
    PerfScript,
    PerfTrace,
    Ramulator,
    RamulatorCpu,
    RamulatorMemory,
    RamulatorRw,
    Dramsys,
    Prospero,
    Dinero,
    DineroExtended,
    Addresses,
    Csv,
    Pattern,
}

/// What a format is.
pub struct Facts {
    pub name: &'static str,
    /// Whose traces have it, and what they look like, in a phrase.
    pub meaning: &'static str,
    /// What it leaves open and the import takes for granted.
    pub assumed: &'static str,
    /// What the times of its rows are, where there are any.
    pub times: &'static str,
    /// What an input is cut into.
    pub unit: Unit,
}

impl Format {
    pub const ALL: [Format; 19] = [
        Format::Lackey,
        Format::Champsim,
        Format::Cloudsuite,
        Format::Drmemtrace,
        Format::DrmemtraceView,
        Format::Pinatrace,
        Format::PerfScript,
        Format::PerfTrace,
        Format::Ramulator,
        Format::RamulatorCpu,
        Format::RamulatorMemory,
        Format::RamulatorRw,
        Format::Dramsys,
        Format::Prospero,
        Format::Dinero,
        Format::DineroExtended,
        Format::Addresses,
        Format::Csv,
        Format::Pattern,
    ];

    pub const fn facts(self) -> &'static Facts {
        match self {
            Format::Lackey => &lackey::FACTS,
            Format::Champsim => &champsim::CHAMPSIM_FACTS,
            Format::Cloudsuite => &champsim::CLOUDSUITE_FACTS,
            Format::Drmemtrace => &drmemtrace::FACTS,
            Format::DrmemtraceView => &drmemtrace::VIEW_FACTS,
            Format::Pinatrace => &pinatrace::FACTS,
            Format::PerfScript => &perf_script::FACTS,
            Format::PerfTrace => &perf_trace::FACTS,
            Format::Ramulator => &ramulator::FACTS,
            Format::RamulatorCpu => &ramulator::CPU_FACTS,
            Format::RamulatorMemory => &ramulator::MEMORY_FACTS,
            Format::RamulatorRw => &ramulator::RW_FACTS,
            Format::Dramsys => &memory::DRAMSYS_FACTS,
            Format::Prospero => &memory::PROSPERO_FACTS,
            Format::Dinero => &dinero::FACTS,
            Format::DineroExtended => &dinero::EXTENDED_FACTS,
            Format::Addresses => &memory::ADDRESSES_FACTS,
            Format::Csv => &csv::FACTS,
            Format::Pattern => &pattern::FACTS,
        }
    }

    pub const fn name(self) -> &'static str {
        self.facts().name
    }

    pub const fn meaning(self) -> &'static str {
        self.facts().meaning
    }

    pub const fn assumed(self) -> &'static str {
        self.facts().assumed
    }

    pub const fn times(self) -> &'static str {
        self.facts().times
    }

    pub const fn unit(self) -> Unit {
        self.facts().unit
    }
}
