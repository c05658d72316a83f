//! Progress on stderr: a bar on a terminal, a line now and then elsewhere.

use super::output::say;
use crate::words::one_line;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Between two plain lines.
const INTERVAL: Duration = Duration::from_secs(30);

/// How far a run has come, in rows; how fast, in accesses.
pub struct Progress {
    show: Show,
    total: u64,
    started: Instant,
    /// Rows and accesses of the traces before the current one, and in all.
    before: (u64, u64),
    done: (u64, u64),
}

enum Show {
    Nothing,
    Bar(ProgressBar),
    Lines { last: Instant },
}

impl Progress {
    pub fn new(total: u64, quiet: bool) -> Progress {
        let started = Instant::now();
        let show = match std::io::stderr().is_terminal() {
            _ if quiet => Show::Nothing,
            true => Show::Bar(bar(total)),
            false => Show::Lines { last: started },
        };
        Progress { show, total, started, before: (0, 0), done: (0, 0) }
    }

    /// The next trace begins.
    pub fn begin(&mut self, trace: &str) {
        self.before = self.done;
        if let Show::Bar(bar) = &self.show {
            bar.set_message(one_line(trace).into_owned());
        }
    }

    /// So many rows of the current trace, and accesses among them, are done.
    pub fn advance(&mut self, rows: u64, accesses: u64) {
        self.done = (self.before.0 + rows, self.before.1 + accesses);
        let seconds = self.started.elapsed().as_secs_f64().max(1e-3);
        let rate = rate(self.done.1 as f64 / seconds);
        match &mut self.show {
            Show::Nothing => {}
            Show::Bar(bar) => {
                bar.set_length(self.total.max(self.done.0));
                bar.set_position(self.done.0);
                bar.set_prefix(rate);
            }
            Show::Lines { last } if last.elapsed() >= INTERVAL => {
                *last = Instant::now();
                // How many rows an invented trace has is known when it ends.
                let (done, total) = (self.done.0, self.total.max(self.done.0));
                let left = total.saturating_sub(done) as f64 * seconds / done.max(1) as f64;
                say(format_args!("{} of {} rows, {rate}, about {left:.0} s left", HumanCount(done), HumanCount(total)));
            }
            Show::Lines { .. } => {}
        }
    }

    pub fn finish(&self) {
        if let Show::Bar(bar) = &self.show {
            bar.finish_and_clear();
        }
    }
}

/// Accesses a second in the unit that leaves a digit of them.
fn rate(accesses: f64) -> String {
    let units = [(1e6, "M "), (1e3, "k ")];
    let (unit, name) = units.into_iter().find(|(unit, _)| accesses >= *unit).unwrap_or((1.0, ""));
    let decimals = if accesses / unit < 100.0 && unit > 1.0 { 1 } else { 0 };
    format!("{:.decimals$} {name}accesses/s", accesses / unit)
}

fn bar(total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total).with_prefix(rate(0.0));
    let template = "{msg:20!} {wide_bar} {percent:>3} %, {prefix}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rate_is_nothing() {
        let told = [0.4, 15.0, 12_340.0, 950_000.0, 2.5e6, 3.2e8].map(rate);
        let wanted = ["0", "15", "12.3 k", "950 k", "2.5 M", "320 M"].map(|number| format!("{number} accesses/s"));
        assert_eq!(told, wanted);
    }
}
