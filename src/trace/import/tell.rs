//! Which format the inputs have.

use super::format::Format;
use crate::error::{Defect, Result};
use crate::trace::input::{Input, shown};

/// The format that was asked for, or else the one that the first bytes of the first input tell. `columns`: they were pointed to.
///
/// # Errors
/// [`Error::Input`](crate::error::Error::Input) if they do not tell, or contradict what was asked for.
pub fn format(inputs: &mut [Input], asked: Option<Format>, columns: bool) -> Result<Format> {
    let Some(input) = inputs.first_mut() else {
        return Err(Defect::new("command line", "", "nothing to import").expected("an input").into());
    };
    let name = input.name().to_string();
    let (first, whole) = input.peek()?;
    if let Some((found, remedy)) = no_trace(first) {
        return Err(Defect::new(name, "", found).expected("another tool's trace").remedy(remedy).into());
    }
    match (asked, columns) {
        (Some(format), true) if format != Format::Csv => {
            Err(Defect::new("command line", "--columns", format!("columns of a {} trace", format.name()))
                .expected("--format csv, since other formats have no columns to point to")
                .into())
        }
        (Some(format), _) => match contradicted(format, first, whole) {
            Some(other) => Err(Defect::new(name, "", format!("records of {}, not of {}", other.name(), format.name()))
                .expected(format!("records that make sense as those of {}", format.name()))
                .remedy(format!("--format {}", other.name()))
                .into()),
            None => Ok(format),
        },
        (None, true) => Ok(Format::Csv),
        (None, false) => match Format::told_by(first, whole).as_slice() {
            [format] => Ok(*format),
            [] => Err(untold(&name, first).into()),
            several => Err(ambiguous(&name, several).into()),
        },
    }
}

/// What is known and no trace of another tool: what it is, and what to do about it.
fn no_trace(first: &[u8]) -> Option<(&'static str, &'static str)> {
    match first {
        [b'P', b'A', b'R', b'1', ..] => {
            Some(("a Parquet file", "a trace in this form needs no import: `analyze trace validate` checks it"))
        }
        [b'P', b'E', b'R', b'F', b'I', b'L', b'E', b'2', ..] => {
            Some(("perf's own file", "print it: `perf script -i FILE -F pid,tid,time,event,addr,data_src`"))
        }
        _ if first.get(257..262) == Some(b"ustar") => {
            Some(("a tar archive", "unpack it with `tar xf`, and import the trace that is in it"))
        }
        _ => None,
    }
}

/// The other layout of ChampSim's records, if that one makes sense of the first bytes and the one asked for does not:
/// wrong records are mostly zeros, which would pass for a strange trace.
fn contradicted(asked: Format, first: &[u8], whole: bool) -> Option<Format> {
    let other = match asked {
        Format::Champsim => Format::Cloudsuite,
        Format::Cloudsuite => Format::Champsim,
        Format::Lackey
        | Format::Drmemtrace
        | Format::Pinatrace
        | Format::PerfScript
        | Format::Ramulator
        | Format::Dinero
        | Format::Csv => return None,
    };
    (!asked.may_be(first, whole) && other.may_be(first, whole)).then_some(other)
}

fn untold(name: &str, first: &[u8]) -> Defect {
    let line = first.split(|&byte| byte == b'\n').next().unwrap_or_default();
    Defect::new(name, "line 1", format!("cannot tell the format from {}", shown(line)))
        .expected("a trace in one of the formats that `analyze trace import --help` lists")
        .remedy(format!("name its format: --format {}", names(&Format::ALL)))
}

fn ambiguous(name: &str, formats: &[Format]) -> Defect {
    Defect::new(name, "", format!("the content may be {}", names(formats)))
        .expected("enough records to tell one format")
        .remedy(format!("name it: --format {}", names(formats)))
}

fn names(formats: &[Format]) -> String {
    formats.iter().map(|format| format.name()).collect::<Vec<_>>().join(" or ")
}
