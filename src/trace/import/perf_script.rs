//! Samples as `perf script` prints them: process and thread, perhaps processor, time and period, the event, the address,
//! perhaps the data source and more: `4054/4054 11323.801307: cpu/mem-loads,ldlat=30/P: 7f50e24b7110`.
//!
//! *Source:* perf 6.1, builtin-script.c, and its output.

use super::buffer::{RowBuffer, assumed_length};
use super::parse::{Bad, Parse};
use super::text::{Line, decimal, each_line, hexadecimal, whole_line};
use crate::trace::{Op, Row};

const EXPECTED: &str = "process/thread, a time, an event with load or store in its name, and an address, as \
    `perf script -F pid,tid,time,event,addr` prints them; `-F +data_src` says load or store of any event";

#[derive(Default)]
pub struct PerfScript {
    samples: u64,
    /// Samples whose address the processor did not know.
    without_address: u64,
}

impl Parse for PerfScript {
    fn parse(&mut self, block: &[u8], rows: &mut RowBuffer) -> Result<(), Bad> {
        each_line(block, rows, EXPECTED, |text| {
            let (line, after) = whole_line(text);
            if line.is_empty() || line[0] == b'#' {
                return Some((Line::Remark, after));
            }
            let Sample { process, thread, time, op, address } = sample(line)?;
            self.samples += 1;
            if address == 0 {
                self.without_address += 1;
                return Some((Line::Remark, after));
            }
            let length = assumed_length(address);
            Some((Line::At(Row { op: op?, address, length, process, thread }, time), after))
        })
    }

    fn found(&self) -> Vec<(&'static str, String)> {
        let Self { samples, without_address } = self;
        let left_out = format!("; {without_address} of {samples} samples, which have no address, are left out");
        let said = "a sample of the accesses, not all of them: good for which pages are hot, not for counts or order";
        vec![("sampled", format!("{said}{}", if *without_address > 0 { &left_out } else { "" }))]
    }
}

struct Sample {
    process: u32,
    thread: u32,
    /// In nanoseconds, where the line has one.
    time: Option<u64>,
    /// Where the line tells.
    op: Option<Op>,
    address: u64,
}

/// Whether a line is a sample.
pub fn is_sample(line: &[u8]) -> bool {
    sample(line.trim_ascii_end()).is_some()
}

fn sample(line: &[u8]) -> Option<Sample> {
    let mut words = line.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
    // The command's name, which comes first, may have spaces in it.
    let (process, thread) = words.find_map(ids)?;
    let mut time = None;
    let event = words.find(|word| {
        time = time.or_else(|| self::time(word));
        word.ends_with(b":") && !is_time(word)
    })?;
    let (address, b"") = hexadecimal(words.next()?)? else {
        return None;
    };
    Some(Sample { process, thread, time, op: op(line, event), address })
}

/// `process/thread`.
fn ids(word: &[u8]) -> Option<(u32, u32)> {
    let (process, word) = decimal(word)?;
    let (thread, b"") = decimal(word.strip_prefix(b"/")?)? else {
        return None;
    };
    Some((u32::try_from(process).ok()?, u32::try_from(thread).ok()?))
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

fn op(line: &[u8], event: &[u8]) -> Option<Op> {
    let has = |text: &[u8], part: &[u8]| text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part));
    let source = line.iter().position(|&byte| byte == b'|').map_or(&b""[..], |bar| &line[bar..]);
    match () {
        () if has(source, b"|OP STORE|") => Some(Op::Store),
        () if has(source, b"|OP LOAD|") => Some(Op::Load),
        () if has(event, b"store") => Some(Op::Store),
        () if has(event, b"load") => Some(Op::Load),
        () => None,
    }
}
