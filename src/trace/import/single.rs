//! Imports of one input, whose blocks are parsed by themselves.

use super::buffer::RowBuffer;
use super::format::Format;
use super::parse::{Bad, Parse, Reading};
use super::{Import, champsim, csv, dinero, drmemtrace, lackey, memory, perf_script, perf_trace, pinatrace, ramulator};
use crate::error::Result;
use crate::trace::input::{Input, Unit, shown};

/// One input and the reader of its format.
pub struct Single {
    input: Input,
    unit: Unit,
    parser: Box<dyn Parse>,
}

/// A format whose blocks say all there is to know about them.
struct Plain(fn(&[u8], &mut RowBuffer) -> Result<(), Bad>);

impl Parse for Plain {
    fn parse(&mut self, block: &[u8], rows: &mut RowBuffer) -> Result<(), Bad> {
        (self.0)(block, rows)
    }
}

/// The reader of a format's blocks; `None` for drmemtrace, whose files are read together, and for a pattern that is not
/// there. Where the format was not asked for, no line may hold more than the format says.
pub fn parser(format: Format, how: &Import) -> Option<Box<dyn Parse>> {
    let sure = how.format.is_none();
    Some(match format {
        Format::Lackey => Box::new(Plain(lackey::parse)),
        Format::Champsim => Box::new(&champsim::CHAMPSIM),
        Format::Cloudsuite => Box::new(&champsim::CLOUDSUITE),
        Format::Drmemtrace => return None,
        Format::DrmemtraceView => Box::new(drmemtrace::view()),
        Format::Pinatrace => Box::new(pinatrace::Pinatrace::default()),
        Format::PerfScript => Box::new(perf_script::PerfScript::default()),
        Format::PerfTrace => Box::new(perf_trace::PerfTrace::new()),
        Format::Ramulator => Box::new(Plain(ramulator::parse)),
        Format::RamulatorCpu => Box::new(ramulator::cpu()),
        Format::RamulatorMemory => Box::new(ramulator::memory()),
        Format::RamulatorRw => Box::new(ramulator::read_write()),
        Format::Dramsys => Box::new(memory::dramsys()),
        Format::Prospero => Box::new(memory::prospero()),
        Format::Dinero => Box::new(dinero::Dinero { sure }),
        Format::DineroExtended => Box::new(dinero::extended(sure)),
        Format::Addresses => Box::new(memory::addresses()),
        Format::Csv => Box::new(csv::Csv::new(how.columns.clone())),
        Format::Pattern => Box::new(how.pattern.as_ref()?.shape()),
    })
}

impl Single {
    pub fn new(input: Input, unit: Unit, parser: Box<dyn Parse>) -> Single {
        Single { input, unit, parser }
    }
}

impl Reading for Single {
    fn next(&mut self, rows: &mut RowBuffer) -> Result<bool> {
        let Some(block) = self.input.block(self.unit)? else {
            return Ok(false);
        };
        let Err(Bad { index, unsound }) = self.parser.parse(block, rows) else {
            return Ok(true);
        };
        let found = match self.unit {
            Unit::Record(_) => unsound.found,
            Unit::Line => {
                let line = block.split(|&byte| byte == b'\n').nth(index as usize).unwrap_or_default();
                format!("{}: {}", shown(line), unsound.found)
            }
        };
        Err(self.input.defect(self.unit, index, found).expected(unsound.expected).into())
    }

    fn found(&self) -> Vec<(&'static str, String)> {
        let cut =
            self.input.cut().map(|cut| ("salvaged", format!("the whole records of an input that is cut off: {cut}")));
        self.parser.found().into_iter().chain(cut).collect()
    }
}
