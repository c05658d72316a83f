//! What drmemtrace's view tool prints: `12 3: 4000 read 8 byte(s) @ 0x7ffe5c0 by PC 0x401136`.
//!
//! *Source:* DynamoRIO, clients/drcachesim/tools/view.cpp.

use crate::trace::import::format::Facts;
use crate::trace::import::shape::Shape;
use crate::trace::input::Unit;

pub const FACTS: Facts = Facts {
    name: "drmemtrace-view",
    meaning: "The text of drmemtrace's view tool: thread, what it does, bytes and address",
    assumed: "rows are in the order of the text; one process (1), no calls that map or unmap; prefetches, flushes and \
        instructions that were not fetched are no accesses",
    times: "none",
    unit: Unit::Line,
};

pub fn view() -> Shape {
    let start = r"[0-9]+(?:\s+[0-9]+)?:\s+(?:w[0-9]+\.)?t?(?<thread>[0-9]+)\s+";
    let nameless = start.replace("?<thread>", "");
    Shape::known(
        &format!(r"{start}(?<op>[a-z][a-z0-9_ -]*?)\s+(?<length>[0-9]+) byte\(s\) @ (?<hex>0x[0-9a-f]+)(?:\s.*)?"),
        "a record, such as \"12 3: 4000 read 8 byte(s) @ 0x7ffe5c0 by PC 0x401136\", or a marker",
    )
    .with_remarks(&format!(
        r"{nameless}(?:<.*>|(?:[0-9a-f]{{2}} ?)+)|output format:|<--record#->.*|-{{5,}}|={{5,}}|<\.\.\.>|view tool results:|[0-9]+ : total .*|trace invariant .*"
    ))
    .with_ops(crate::trace::words::op, "a record that is no access")
}
