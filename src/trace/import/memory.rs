//! Traces of other simulators of memories: lines of DRAMSys (`31: read 0x400140`) and of Prospero (`1 W 4096 8`); and lists
//! of addresses alone.
//!
//! *Source:* DRAMSys, StlPlayer; the Structural Simulation Toolkit, prospero's text reader.

use super::format::Facts;
use super::shape::Shape;
use crate::trace::input::Unit;

pub const DRAMSYS_FACTS: Facts = Facts {
    name: "dramsys",
    meaning: "DRAMSys's stl: a time of its clock, read or write, and a hexadecimal address",
    assumed: "addresses are virtual, and no cache took accesses out; a load or store without a length is 8 bytes, or \
        fewer up to the end of its page; counts of its clock are no times; one process (1), threads unknown (0), no calls that map \
        or unmap",
    times: "none",
    unit: Unit::Line,
};

pub const PROSPERO_FACTS: Facts = Facts {
    name: "prospero",
    meaning: "Prospero's text of SST: a time of its clock, R or W, a decimal address and a size",
    assumed: "counts of its clock are no times; one process (1), threads unknown (0), no calls that map or unmap",
    times: "none",
    unit: Unit::Line,
};

pub const ADDRESSES_FACTS: Facts = Facts {
    name: "addresses",
    meaning: "An address a line, decimal or 0x and hexadecimal; --op says what they are",
    assumed: "no sizes: a load or store is 8 bytes, or fewer up to the end of its page; one process (1), threads unknown \
        (0), no calls that map or unmap",
    times: "none",
    unit: Unit::Line,
};

pub fn dramsys() -> Shape {
    Shape::known(
        r"(?:[0-9]+|\([0-9]+\))\s*:\s*(?:\((?<length>[0-9]+)\)\s*)?(?<op>read|write)\s+(?<hex>0x[0-9a-f]+)(?:\s+(?:0x)?[0-9a-f]+)?",
        "a time, read or write, and a hexadecimal address, such as \"31: read 0x400140\"",
    )
}

pub fn prospero() -> Shape {
    Shape::known(
        r"[0-9]+\s+(?<op>[rw])\s+(?<address>[0-9]+)\s+(?<length>[0-9]+)",
        "a time, R or W, a decimal address and a size, such as \"1 W 4096 8\"",
    )
}

pub fn addresses() -> Shape {
    Shape::known(
        "(?<address>0x[0-9a-f]+|[0-9]+)",
        "an address alone, decimal or 0x and hexadecimal; --pattern '{address:x}' reads hexadecimal ones without 0x",
    )
}
