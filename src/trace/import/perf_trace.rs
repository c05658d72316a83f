//! Page faults as `perf trace -e exceptions:page_fault_user` prints them:
//! `1.000 app/4000 exceptions:page_fault_user(address: 0x10004000, ip: 4194304, error_code: 6)`.
//!
//! *Source:* perf 6.1, builtin-trace.c; Linux, arch/x86/include/asm/trap_pf.h.

use super::buffer::RowBuffer;
use super::format::Facts;
use super::parse::{Bad, Parse};
use super::shape::Shape;
use crate::trace::Op;
use crate::trace::input::Unit;

pub const FACTS: Facts = Facts {
    name: "perf-trace",
    meaning: "Page faults, as `perf trace -e exceptions:page_fault_user` prints them",
    assumed: "no sizes: a load or store is 8 bytes, or fewer up to the end of its page; the error code says load, store or \
        fetch, unless --op does; one process (1); no calls that map or unmap",
    times: "none",
    unit: Unit::Line,
};

const WRITE: u64 = 1 << 1;
const FETCH: u64 = 1 << 4;

/// The reader of such lines.
pub struct PerfTrace(Shape);

impl PerfTrace {
    pub fn new() -> PerfTrace {
        let shape = Shape::known(
            r"[0-9.]+\s.*?(?:\S+/)?(?<thread>[0-9]+) exceptions:page_fault_(?:user|kernel)\(address: (?<hex>0x[0-9a-f]+).*?(?:error_code: (?<op>(?:0x)?[0-9a-f]+))?\)",
            "a page fault, as `perf trace -e exceptions:page_fault_user` prints it; --pf prints places in files, which are no \
             addresses",
        );
        PerfTrace(shape.with_remarks("lost [0-9]+ events!").with_ops(by_error, "").guessed())
    }
}

/// What an x86 page fault's error code says of the access.
fn by_error(code: &[u8]) -> Option<Op> {
    let (code, _) = super::text::number(code)?;
    Some(match (code & WRITE, code & FETCH) {
        (0, 0) => Op::Load,
        (0, _) => Op::Fetch,
        _ => Op::Store,
    })
}

impl Parse for PerfTrace {
    fn parse(&mut self, block: &[u8], rows: &mut RowBuffer) -> Result<(), Bad> {
        self.0.parse(block, rows)
    }

    fn found(&self) -> Vec<(&'static str, String)> {
        vec![("sampled", "page faults, not all accesses: which pages were touched first, not how often".to_string())]
    }
}
