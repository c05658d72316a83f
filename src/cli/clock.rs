//! Time that passes, and time that processors spend on this process, which is what it would take on a machine of its own.

use std::fs;
use std::time::{Duration, Instant};

/// A moment of a run.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    at: Instant,
    /// What processors spent so far; `None` where the system does not say.
    processors: Option<Duration>,
}

impl Mark {
    pub fn now() -> Mark {
        Mark { at: Instant::now(), processors: processors() }
    }

    /// Seconds since an earlier one.
    fn since(&self, earlier: &Mark) -> f64 {
        self.at.duration_since(earlier.at).as_secs_f64()
    }

    /// Seconds that processors spent since an earlier one: of all threads together, or else those that passed.
    pub fn processors_since(&self, earlier: &Mark) -> f64 {
        let spent = self.processors.zip(earlier.processors).map(|(now, then)| now.saturating_sub(then).as_secs_f64());
        spent.unwrap_or_else(|| self.since(earlier))
    }
}

/// On how many processors a run ran where it was let run: the most between two of these moments, of those far enough apart to tell.
pub fn parallel(marks: &[Mark]) -> f64 {
    /// Seconds: what the system counts is up to some milliseconds late.
    const TELLING: f64 = 0.03;
    let (mut most, mut from) = (1.0f64, 0);
    for to in 1..marks.len() {
        let passed = marks[to].since(&marks[from]);
        if passed > TELLING {
            most = most.max(marks[to].processors_since(&marks[from]) / passed);
            from = to;
        }
    }
    most.min(rayon::current_num_threads() as f64)
}

/// Linux tells it for each thread, in nanoseconds.
fn processors() -> Option<Duration> {
    let threads = fs::read_dir("/proc/self/task").ok()?;
    let mut all = Duration::ZERO;
    for thread in threads.flatten() {
        // A thread may have ended meanwhile.
        let Ok(told) = fs::read_to_string(thread.path().join("schedstat")) else { continue };
        all += Duration::from_nanos(told.split(' ').next()?.parse().ok()?);
    }
    (all > Duration::ZERO).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_no_work() {
        let (at, spent) = (Instant::now(), Duration::from_secs(7));
        let mark = |passed, worked| Mark {
            at: at + Duration::from_millis(passed),
            processors: Some(spent + Duration::from_millis(worked)),
        };
        // A second is lost to something else.
        let marks = [mark(0, 0), mark(100, 200), mark(1200, 400)];
        assert!((marks[2].processors_since(&marks[0]) - 0.4).abs() < 1e-9);
        assert_eq!(parallel(&marks), 2f64.min(rayon::current_num_threads() as f64));
        assert_eq!(parallel(&marks[..1]), 1.0);
        assert!(
            Mark::now().processors_since(&Mark { at, processors: None }) >= 0.0,
            "time that passes stands in for it"
        );
    }
}
