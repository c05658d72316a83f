//! Which format the inputs have.

use super::buffer::RowBuffer;
use super::format::Format;
use super::parse::Bad;
use super::single::parser;
use super::{Import, champsim, drmemtrace};
use crate::error::{Defect, Result};
use crate::trace::check::Unsound;
use crate::trace::input::{Input, Unit, shown};
use std::path::Path;

const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// The format that was asked for, or else the one that the first bytes of the first input tell.
///
/// # Errors
/// [`Error::Input`](crate::error::Error::Input) if they do not tell, or contradict what was asked for.
pub fn format(inputs: &mut [Input], how: &Import) -> Result<Format> {
    let Some(input) = inputs.first_mut() else {
        return Err(Defect::new("command line", "", "nothing to import").expected("an input").into());
    };
    let name = input.name().to_string();
    if input.peek()?.0.starts_with(BYTE_ORDER_MARK) {
        input.skip(BYTE_ORDER_MARK.len());
    }
    let (first, whole) = input.peek()?;
    if let Some((found, remedy)) = no_trace(first) {
        return Err(Defect::new(name, "", found).expected("another tool's trace").remedy(remedy).into());
    }
    let asked = asked(how)?;
    match asked {
        Some(format) => match contradicted(format, first, whole) {
            Some(other) => Err(Defect::new(name, "", format!("records of {}, not of {}", other.name(), format.name()))
                .expected(format!("records that make sense as those of {}", format.name()))
                .remedy(format!("--format {}", other.name()))
                .into()),
            None => Ok(format),
        },
        None => told(&name, first, whole, how),
    }
}

/// The format that the command line says, in so many words or by what it says of it.
fn asked(how: &Import) -> Result<Option<Format>> {
    let by = [
        ("--columns", how.columns.is_some(), Format::Csv, "columns"),
        ("--pattern", how.pattern.is_some(), Format::Pattern, "a pattern"),
    ];
    let contradiction = |place: &str, found: String, expected: String| {
        Err(Defect::new("command line", place, found).expected(expected).into())
    };
    for (option, given, meant, what) in by {
        match how.format {
            Some(format) if given && format != meant => {
                let expected = format!("--format {}, since other formats have none", meant.name());
                return contradiction(option, format!("{what} for a trace of {}", format.name()), expected);
            }
            None if given => return Ok(Some(meant)),
            Some(Format::Pattern) if meant == Format::Pattern && !given => {
                return contradiction(
                    "--format",
                    "pattern without a pattern".into(),
                    "--pattern '{op:R|W} {address}'".into(),
                );
            }
            Some(_) | None => {}
        }
    }
    Ok(how.format)
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
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            Some(("text in UTF-16", "turn it into UTF-8: iconv -f UTF-16 -t UTF-8 FILE | analyze trace import - …"))
        }
        _ if first.get(257..262) == Some(b"ustar") => {
            Some(("a tar archive", "unpack it with `tar xf`, and import the trace that is in it"))
        }
        _ if drmemtrace::is_start_of_32_bit(first) => {
            Some(("drmemtrace's records of 8 bytes, as 32-bit tracers write them", "record a 64-bit program"))
        }
        _ => None,
    }
}

/// The other layout of ChampSim's records, if that one makes sense of the first bytes and the one asked for does not:
/// wrong records are mostly zeros, which would pass for a strange trace.
fn contradicted(asked: Format, first: &[u8], whole: bool) -> Option<Format> {
    let [champsim, cloudsuite] =
        [&champsim::CHAMPSIM, &champsim::CLOUDSUITE].map(|layout| layout.fits(first, whole, false));
    match asked {
        Format::Champsim if cloudsuite && !champsim => Some(Format::Cloudsuite),
        Format::Cloudsuite if champsim && !cloudsuite => Some(Format::Champsim),
        _ => None,
    }
}

/// The one format whose lines or records these are.
fn told(name: &str, first: &[u8], whole: bool, how: &Import) -> Result<Format> {
    // The header of drmemtrace says what follows; a short file of it might pass for other records.
    if drmemtrace::is_start(first) {
        return Ok(Format::Drmemtrace);
    }
    let (records, lines) = (records(first, whole), lines_read(first, whole, how));
    let most = lines.iter().map(|read| read.lines).max().unwrap_or_default();
    let best = lines.iter().filter(|read| most > 0 && read.lines == most).map(|read| read.format);
    let all: Vec<_> = records.into_iter().chain(best).collect();
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str());
    let by_name = all.iter().find(|format| ENDINGS.iter().any(|(of, own)| of == *format && ending == Some(*own)));
    match (all.as_slice(), by_name) {
        ([format], _) | (_, Some(format)) => Ok(*format),
        ([], None) => Err(untold(name, first, &lines).into()),
        (several, None) => Err(ambiguous(name, several).into()),
    }
}

/// Endings of names that stand for one format: they decide where the content may be several.
const ENDINGS: [(Format, &str); 3] =
    [(Format::Dinero, "din"), (Format::Dramsys, "stl"), (Format::Champsim, "champsim")];

/// The layouts of records that make sense: of whole ones without tags in their addresses, else of tagged or of cut ones.
fn records(first: &[u8], whole: bool) -> Vec<Format> {
    let layouts = [(Format::Champsim, &champsim::CHAMPSIM), (Format::Cloudsuite, &champsim::CLOUDSUITE)];
    let fitting = |(whole, tagged)| {
        let fits = layouts.into_iter().filter(|(_, layout)| layout.fits(first, whole, tagged));
        fits.map(|(format, _)| format).collect::<Vec<_>>()
    };
    [(whole, false), (whole, true), (false, false)]
        .map(fitting)
        .into_iter()
        .find(|all| !all.is_empty())
        .unwrap_or_default()
}

/// How far a format's reader got.
struct LinesRead {
    format: Format,
    /// Lines before the first one that is none of the format's, all if there is none; 0 where they held no access.
    lines: u64,
    stopped: Option<Unsound>,
}

/// Has every format of lines read what the input begins with.
fn lines_read(first: &[u8], whole: bool, how: &Import) -> Vec<LinesRead> {
    let end = if whole { first.len() } else { first.iter().rposition(|&byte| byte == b'\n').unwrap_or(0) };
    let block = &first[..end];
    let formats = Format::ALL.into_iter().filter(|format| format.unit() == Unit::Line);
    let read = |format: Format| {
        let mut rows = RowBuffer::glance();
        let stopped = parser(format, how)?.parse(block, &mut rows).err();
        let lines = match &stopped {
            // The header of CSV is sure by itself.
            Some(Bad { index, .. }) if format == Format::Csv => *index,
            _ if rows.rows.is_empty() && rows.left_out.is_empty() => 0,
            Some(Bad { index, .. }) => *index,
            None => u64::MAX,
        };
        Some(LinesRead { format, lines, stopped: stopped.map(|bad| bad.unsound) })
    };
    formats.filter_map(read).collect()
}

/// What lines of a format have that others lack, even where something is wrong with them; the surest first.
const SIGNS: [(Format, &str); 10] = [
    (Format::DrmemtraceView, r" byte\(s\) @ "),
    (Format::PerfTrace, r"exceptions:page_fault|(?:maj|min)fault \["),
    (Format::PerfScript, r"\s[0-9]+\.[0-9]{6,9}:\s"),
    (Format::Pinatrace, r"^0x[0-9a-f]+:\s"),
    (Format::Lackey, r"^(?:I | [LSM] )"),
    (Format::Ramulator, r"^(?:LD|ST)\s"),
    (Format::RamulatorRw, r"^[RW]\s+[0-9]+(?:,[0-9]+)+"),
    (Format::Dramsys, r"^\(?[0-9]+\)?:\s*(?:read|write)"),
    (Format::Dinero, r"^[0-4]\s+(?:0x)?[0-9a-f]+\s"),
    (Format::Csv, r"addr|[,;]"),
];

fn untold(name: &str, first: &[u8], lines: &[LinesRead]) -> Defect {
    let is_remark = |line: &&[u8]| matches!(line.trim_ascii(), [] | [b'#', ..] | [b'=', b'=', ..]);
    let line = first.split(|&byte| byte == b'\n').find(|line| !is_remark(line)).unwrap_or_default();
    let is_text = std::str::from_utf8(line)
        .is_ok_and(|text| !text.contains(|letter: char| letter.is_control() && letter != '\t' && letter != '\r'));
    let has = |sign: &str| {
        regex::bytes::RegexBuilder::new(sign).case_insensitive(true).build().is_ok_and(|it| it.is_match(line))
    };
    let nearest =
        SIGNS.iter().filter(|_| is_text).find(|(_, sign)| has(sign)).and_then(|(format, _)| {
            Some((*format, lines.iter().find(|read| read.format == *format)?.stopped.as_ref()?))
        });
    let own = "describe your own lines, field by field, such as --pattern '{op:R|W} {address:x}'";
    match nearest {
        Some((format, Unsound { found, expected })) => {
            let found = if format == Format::Dinero { "there is more behind the address" } else { found };
            let found =
                format!("cannot tell the format from {}; {} is nearest, but for: {found}", shown(line), format.name());
            let defect = Defect::new(name, "line 1", found).expected(*expected);
            match format {
                Format::PerfScript => defect.remedy("print it anew: perf script -F pid,tid,time,event,addr,data_src"),
                _ => defect.remedy(own),
            }
        }
        None => Defect::new(name, "line 1", format!("cannot tell the format from {}", shown(line)))
            .expected("a trace in one of the formats that `analyze trace import --help` lists")
            .remedy(format!("name its format with --format, or {own}")),
    }
}

fn ambiguous(name: &str, formats: &[Format]) -> Defect {
    let names = formats.iter().map(|format| format.name()).collect::<Vec<_>>().join(" or ");
    let differ: Vec<_> = formats.iter().map(|format| format!("{}: {}", format.name(), format.meaning())).collect();
    Defect::new(name, "", format!("the content may be {names}"))
        .expected(format!("content of one format ({})", differ.join("; ")))
        .remedy(format!("name it: --format {names}; with --salvage if it is cut off"))
}
