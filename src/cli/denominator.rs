//! What an access takes on a machine that translates for free, as a user knows it of a program.

use crate::address::PageSize;
use crate::bytes::{parse_hertz, parse_seconds};
use crate::counts::Event;
use crate::error::{Defect, Result};
use crate::guest::GuestPages;
use crate::outcome::Outcome;
use crate::prices::{Cycles, Prices};
use crate::sweep::Sweep;
use crate::technique::NATIVE;
use crate::words::counted;
use clap::Args;
use std::borrow::Cow;

/// What all shares of time are taken of.
#[derive(Clone, Debug, Default, Args)]
pub struct Denominator {
    /// Cycles of an access on a machine that translates for free, instructions between accesses included, instead of the price
    /// sheet's `access`: run time × clock / accesses of a program that translation costs little
    #[arg(long, value_name = "N", value_parser = cycles, conflicts_with_all = ["run_time", "clock"])]
    cycles_per_access: Option<Cycles>,
    /// Time that the program took, unvirtualized, for what the one trace holds, as 12.3s, 450ms or 2min. What it comes to for an
    /// access, less what translation adds to one in the native row (with 4K pages, if there is one), takes the place of `access`
    #[arg(long, value_name = "TIME", value_parser = parse_seconds)]
    run_time: Option<f64>,
    /// Clock of the processor that it ran on, as 2.6G (Hz); default: the `clock` of the processor's file
    #[arg(long, value_name = "HZ", value_parser = parse_hertz, requires = "run_time")]
    clock: Option<f64>,
}

impl Denominator {
    /// Refuses what cannot be computed, before anything runs.
    pub fn check(&self, sweep: &Sweep) -> Result<()> {
        let flag = match (self.cycles_per_access, self.run_time) {
            (None, None) => return Ok(()),
            (Some(_), _) => "--cycles-per-access",
            (None, Some(_)) => "--run-time",
        };
        let refused = |found: String, expected: &str, remedy: &str| {
            Err(Defect::new("command line", flag, found).expected(expected).remedy(remedy).into())
        };
        if sweep.overrides("access") {
            let found = format!("given beside `access` in [sweep.prices] of {}", sweep.file.display());
            return refused(found, "one of them", "leave one out");
        }
        if self.run_time.is_none() {
            return Ok(());
        }
        if sweep.traces.len() > 1 {
            let found = format!("one time for {}", counted(sweep.traces.len(), "trace"));
            return refused(found, "a sweep over one trace", "leave the others out, or give --cycles-per-access");
        }
        match (0..sweep.sheets.len()).find(|sheet| self.clock_of(sweep, *sheet).is_none()) {
            Some(sheet) => {
                let found = format!("no clock is known of the processor whose prices are {}", sweep.sheets[sheet].0);
                refused(found, "--clock, such as 2.6G", "")
            }
            None => Ok(()),
        }
    }

    /// The sweep and its outcomes at what an access takes; as they are where the sheets' own prices hold.
    ///
    /// # Errors
    /// Translation alone would take longer than the program ran.
    pub fn priced<'s, 'a>(
        &self,
        sweep: &'s Sweep,
        outcomes: Vec<Outcome<'a>>,
    ) -> Result<(Cow<'s, Sweep>, Vec<Outcome<'a>>)> {
        let each: Vec<Cycles> = match (self.cycles_per_access, self.run_time) {
            (None, None) => return Ok((Cow::Borrowed(sweep), outcomes)),
            (Some(cycles), _) => vec![cycles; sweep.sheets.len()],
            (None, Some(seconds)) => {
                let sheets = 0..sweep.sheets.len();
                sheets.map(|sheet| self.measured(sweep, &outcomes, sheet, seconds)).collect::<Result<_>>()?
            }
        };
        let sweep = sweep.with_access(|sheet| each[sheet]);
        let outcomes = outcomes.into_iter().map(|it| it.priced(&sweep)).collect::<Result<_>>()?;
        Ok((Cow::Owned(sweep), outcomes))
    }

    /// Cycles of an access, from a time, at the prices of a sheet.
    fn measured(&self, sweep: &Sweep, outcomes: &[Outcome<'_>], sheet: usize, seconds: f64) -> Result<Cycles> {
        let cpu = |it: &Outcome<'_>| it.row.values[cpu(sweep)].clone();
        let Some(first) = outcomes.iter().find(|it| it.row.sheet == sheet) else { return Ok(Cycles::default()) };
        let native = || outcomes.iter().filter(|it| it.technique() == &NATIVE && cpu(it) == cpu(first));
        let is_small = |it: &&Outcome<'_>| it.pages().guest == GuestPages::One(PageSize::Size4K);
        let added = match native().find(is_small).or_else(|| native().next()) {
            Some(native) => {
                let counts = &native.tally.counts;
                sweep.sheets[sheet].1.bill(counts)?.added().to_f64() / counts[Event::Accesses] as f64
            }
            None => 0.0,
        };
        let turns = &first.row.cell.turns;
        let accesses = first.tally.counts[Event::Accesses] as f64 / turns.owners().count() as f64;
        let all = seconds * self.clock_of(sweep, sheet).unwrap_or_default() / accesses;
        let own = Cycles::parse(&format!("{:.9}", all - added)).filter(|own| *own > Cycles::default());
        own.ok_or_else(|| {
            let found = format!("{all:.3} cycles for an access, of which translation would take {added:.3}");
            Defect::new("command line", "--run-time", found)
                .expected("more than translation takes, and less than 10^9")
                .remedy("give the time of no more and no less than the trace holds, and the clock of its processor")
                .into()
        })
    }

    /// Hertz of the processor that cells of a sheet run on.
    fn clock_of(&self, sweep: &Sweep, sheet: usize) -> Option<f64> {
        let written = || {
            let row = sweep.rows.iter().find(|row| row.sheet == sheet)?;
            let processor = sweep.processors.get(row.values[cpu(sweep)].as_deref()?)?;
            parse_hertz(processor.get("clock")?).ok()
        };
        self.clock.or_else(written)
    }

    /// What was computed, a line for each sheet; nothing where nothing was.
    pub fn told(&self, sweep: &Sweep) -> String {
        let line = |(name, sheet): &(String, Prices)| {
            let access = sheet.iter().find(|(price, _)| price.name == "access");
            let cycles = access.map_or(0.0, |(_, cycles)| cycles.to_f64());
            format!("without translation an access takes {cycles:.2} cycles, by --run-time ({name})\n")
        };
        if self.run_time.is_some() { sweep.sheets.iter().map(line).collect() } else { String::new() }
    }
}

/// Where the processor's name stands in a row.
fn cpu(sweep: &Sweep) -> usize {
    sweep.columns.iter().position(|column| column.name == "cpu").unwrap_or_default()
}

fn cycles(text: &str) -> Result<Cycles, String> {
    let found = Cycles::parse(text).filter(|cycles| *cycles > Cycles::default());
    found.ok_or_else(|| "more than 0 and below 10^9, with at most nine decimals, such as 2.7".into())
}
