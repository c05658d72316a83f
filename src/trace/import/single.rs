//! Imports of one input, whose blocks are parsed by themselves.

use super::buffer::RowBuffer;
use super::columns::CsvColumns;
use super::format::Format;
use super::parse::{Bad, Parse, Reading};
use super::{champsim, csv, dinero, lackey, perf_script, pinatrace, ramulator};
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

/// The reader of a format's blocks; `None` for drmemtrace, whose files are read together.
pub fn parser(format: Format, columns: Option<&CsvColumns>) -> Option<Box<dyn Parse>> {
    Some(match format {
        Format::Lackey => Box::new(Plain(lackey::parse)),
        Format::Champsim => Box::new(&champsim::CHAMPSIM),
        Format::Cloudsuite => Box::new(&champsim::CLOUDSUITE),
        Format::Drmemtrace => return None,
        Format::Pinatrace => Box::new(pinatrace::Pinatrace::default()),
        Format::PerfScript => Box::new(perf_script::PerfScript::default()),
        Format::Ramulator => Box::new(Plain(ramulator::parse)),
        Format::Dinero => Box::new(Plain(dinero::parse)),
        Format::Csv => Box::new(csv::Csv::new(columns.cloned())),
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
        self.parser.found()
    }
}
