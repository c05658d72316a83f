//! Samples as `perf script` prints them: process and thread, perhaps processor, time and period, the event, the address,
//! perhaps the data source and more: `4054/4054 11323.801307: cpu/mem-loads,ldlat=30/P: 7f50e24b7110`.
//!
//! *Source:* perf 6.1, builtin-script.c, and its output; Linux, perf_event.h, `union perf_mem_data_src`.

use super::buffer::{RowBuffer, assumed_length};
use super::format::Facts;
use super::parse::{Bad, Parse};
use super::text::{Line, decimal, each_whole_line, hexadecimal};
use crate::trace::check::Unsound;
use crate::trace::input::Unit;
use crate::trace::{Op, Row};

pub const FACTS: Facts = Facts {
    name: "perf-script",
    meaning: "Samples with addresses, as `perf script` prints them",
    assumed: "no sizes: a load or store is 8 bytes, or fewer up to the end of its page; load or store as the data source \
        says, else the event's name, else --op; no calls that map or unmap",
    times: "of the samples, in ns, as exact as perf printed them, on the clock that perf used",
    unit: Unit::Line,
};

const EXPECTED: &str = "samples as `perf script -F pid,tid,time,event,addr,data_src` prints them";
const NO_PROCESS: &str = "a sample of no process (-1)";

#[derive(Default)]
pub struct PerfScript {
    samples: u64,
    /// Samples whose address the processor did not know.
    without_address: u64,
    /// Whether the number before a data source's text is its own, and no address; as the first block shows.
    numbered_sources: Option<bool>,
}

impl Parse for PerfScript {
    fn parse(&mut self, block: &[u8], rows: &mut RowBuffer) -> Result<(), Bad> {
        let numbered = *self.numbered_sources.get_or_insert_with(|| are_sources(block));
        each_whole_line(block, rows, |line, rows| match sample(line) {
            Ok(sample) if numbered && sample.alone => Err(Unsound {
                found: "no address (addr): the number behind the event is the data source".to_string(),
                expected: EXPECTED,
            }),
            Ok(sample) => self.take(&sample, rows),
            Err(_) if self.samples > 0 && is_call(line) => Ok(()),
            Err(found) => Err(Unsound { found: found.to_string(), expected: EXPECTED }),
        })
    }

    fn found(&self) -> Vec<(&'static str, String)> {
        let Self { samples, without_address, .. } = self;
        let left_out = format!("; {without_address} of {samples} samples, which have no address, are left out");
        let said = "a sample of the accesses, not all of them: good for which pages are hot, not for counts or order";
        vec![("sampled", format!("{said}{}", if *without_address > 0 { &left_out } else { "" }))]
    }
}

impl PerfScript {
    fn take(&mut self, sample: &Sample, rows: &mut RowBuffer) -> Result<(), Unsound> {
        self.samples += 1;
        let &Sample { ids, time, op, address, .. } = sample;
        let Some((process, thread)) = ids else {
            return rows.take(Line::LeftOut(NO_PROCESS));
        };
        if address == 0 {
            self.without_address += 1;
            return Ok(());
        }
        let row = |op| Row { op, address, length: assumed_length(address), process, thread };
        rows.take(match op {
            Some(op) => Line::At(row(op), time),
            None => Line::Untold(row(Op::Load), time),
        })
    }
}

struct Sample {
    /// Process and thread; none for what runs while a task exits.
    ids: Option<(u32, u32)>,
    /// In nanoseconds, where the line has one.
    time: Option<u64>,
    /// Where the line tells.
    op: Option<Op>,
    address: u64,
    /// Whether the text of a data source follows the address at once.
    alone: bool,
}

/// Reads a sample.
///
/// # Errors
/// What the line lacks.
fn sample(line: &[u8]) -> Result<Sample, &'static str> {
    let words: Vec<&[u8]> = line.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty()).collect();
    // A command's name comes first, and may hold blanks and slashes: the ids are what stands before the processor, the
    // time, the period or the event.
    let is_next = |word: &&[u8]| matches!(word, [b'[', .., b']'] | [.., b':']) || is_number(word);
    let at = (0..words.len()).find(|&at| ids(words[at]).is_some() && words.get(at + 1).is_some_and(is_next));
    let at = at.ok_or("no process and thread (pid/tid)")?;
    let fields = &words[at + 1..];
    let event = fields.iter().position(|word| word.ends_with(b":") && !is_time(word)).ok_or("no event")?;
    let time = fields[..event].iter().find_map(|word| time(word));
    let (event, rest) = (fields[event], &fields[event + 1..]);
    let alone = rest.get(1).is_some_and(|second| second[0] == b'|');
    Ok(Sample { ids: ids(words[at]).flatten(), time, op: op(rest, event), address: address(rest)?, alone })
}

/// The address among the fields behind the event. Which of the numbers there is the address shows by what follows it.
fn address(fields: &[&[u8]]) -> Result<u64, &'static str> {
    let number = |word: &&[u8]| hexadecimal(word).filter(|(_, rest)| rest.is_empty()).map(|(number, _)| number);
    let starts = |word: Option<&&[u8]>, with: u8| word.is_some_and(|word| word[0] == with);
    let first = fields.first().and_then(number).ok_or("no address (addr) behind the event")?;
    let Some(second) = fields.get(1) else {
        return Ok(first);
    };
    if second[0] == b'|' {
        return Ok(first);
    }
    if number(second).is_some() && !starts(fields.get(2), b'(') {
        return Ok(first);
    }
    // A symbol follows: of an instruction, unless an instruction with its own symbol comes after.
    let end = fields.iter().position(|word| word.ends_with(b")")).map_or(fields.len(), |end| end + 1);
    match fields[end..].iter().any(|word| number(word).is_some()) {
        true => Ok(first),
        false => Err("no address (addr): the number behind the event is an instruction's (ip), with its symbol"),
    }
}

/// Whether each number that stands right before a data source's text may be that source. Its lowest five bits are the
/// operation, the 14 above the level, and 46 are all it has; addresses are even, or above.
fn are_sources(block: &[u8]) -> bool {
    let samples = block.split(|&byte| byte == b'\n').filter_map(|line| sample(line).ok());
    let mut alone = samples.filter(|sample| sample.alone).peekable();
    let is_source = |Sample { address, op, .. }: Sample| {
        let own = match op {
            Some(Op::Store) => 1 << 2,
            Some(Op::Load) => 1 << 1,
            Some(_) | None => 1,
        };
        matches!(address & 0x1f, op if op == 1 || op == own) && address >> 5 & 0x3fff != 0 && address >> 46 == 0
    };
    alone.peek().is_some() && alone.all(is_source)
}

/// A step of a call chain: an address and a symbol.
fn is_call(line: &[u8]) -> bool {
    let mut words = line.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
    let address = words.next().and_then(hexadecimal).is_some_and(|(_, rest)| rest.is_empty());
    line[0].is_ascii_whitespace() && address && words.next_back().is_none_or(|last| last.ends_with(b")"))
}

/// `process/thread`; nothing in it for `-1/-1`.
fn ids(word: &[u8]) -> Option<Option<(u32, u32)>> {
    if word == b"-1/-1" {
        return Some(None);
    }
    let (process, word) = decimal(word)?;
    let (thread, b"") = decimal(word.strip_prefix(b"/")?)? else {
        return None;
    };
    Some(Some((u32::try_from(process).ok()?, u32::try_from(thread).ok()?)))
}

/// Seconds with up to nine decimals and a colon, in nanoseconds.
fn time(word: &[u8]) -> Option<u64> {
    let (seconds, word) = decimal(word.strip_suffix(b":")?)?;
    let decimals = word.strip_prefix(b".")?;
    let (fraction, b"") = decimal(decimals)? else {
        return None;
    };
    let nanoseconds = fraction.checked_mul(10_u64.pow(9_u32.checked_sub(decimals.len() as u32)?))?;
    seconds.checked_mul(1_000_000_000)?.checked_add(nanoseconds)
}

fn is_time(word: &[u8]) -> bool {
    word.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b':'))
}

fn is_number(word: &[u8]) -> bool {
    word.iter().all(u8::is_ascii_digit)
}

/// Whether the text of a data source names this operation.
fn has_op(fields: &[&[u8]], op: &[u8]) -> bool {
    let text = fields.join(&b' ');
    text.windows(op.len()).any(|window| window.eq_ignore_ascii_case(op))
}

fn op(fields: &[&[u8]], event: &[u8]) -> Option<Op> {
    let names = |part: &[u8]| event.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part));
    match () {
        () if has_op(fields, b"|OP STORE|") => Some(Op::Store),
        () if has_op(fields, b"|OP LOAD|") => Some(Op::Load),
        () if names(b"store") => Some(Op::Store),
        () if names(b"load") => Some(Op::Load),
        () => None,
    }
}
