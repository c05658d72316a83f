//! Progress on stderr: a bar on a terminal, a line now and then elsewhere.

use super::output::say;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Between two plain lines.
const INTERVAL: Duration = Duration::from_secs(30);

/// How far a run has come, in rows of its traces.
pub enum Progress {
    Silent,
    Bar { bar: ProgressBar, before: u64 },
    Lines { total: u64, done: u64, before: u64, started: Instant, last: Instant },
}

impl Progress {
    pub fn new(total: u64, quiet: bool) -> Progress {
        if quiet {
            return Progress::Silent;
        }
        if !std::io::stderr().is_terminal() {
            let now = Instant::now();
            return Progress::Lines { total, done: 0, before: 0, started: now, last: now };
        }
        let bar = ProgressBar::new(total);
        let style =
            ProgressStyle::with_template("{msg:20} {wide_bar} {human_pos} of {human_len} rows, {per_sec}, {eta} left");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Progress::Bar { bar, before: 0 }
    }

    /// A trace begins; those before it had `before` rows.
    pub fn begin(&mut self, trace: &str, before: u64) {
        match self {
            Progress::Silent => {}
            Progress::Bar { bar, before: rows } => {
                bar.set_message(trace.to_string());
                *rows = before;
            }
            Progress::Lines { before: rows, .. } => *rows = before,
        }
    }

    /// So many rows of the current trace are done.
    pub fn advance(&mut self, rows: u64) {
        match self {
            Progress::Silent => {}
            Progress::Bar { bar, before } => bar.set_position(*before + rows),
            Progress::Lines { total, done, before, started, last } => {
                *done = *before + rows;
                if last.elapsed() < INTERVAL {
                    return;
                }
                *last = Instant::now();
                let rate = *done as f64 / started.elapsed().as_secs_f64();
                let left = (total.saturating_sub(*done)) as f64 / rate;
                say(format_args!(
                    "{} of {} rows, {:.1} M rows/s, about {left:.0} s left",
                    HumanCount(*done),
                    HumanCount(*total),
                    rate / 1e6
                ));
            }
        }
    }

    pub fn finish(&self) {
        if let Progress::Bar { bar, .. } = self {
            bar.finish_and_clear();
        }
    }
}
