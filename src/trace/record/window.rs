//! Which accesses of a run are kept.

/// Accesses in a window of `--sample`: enough to fill a TLB of thousands of entries many times over.
pub const SAMPLE_ACCESSES: u64 = 1_000_000;

/// Accesses to leave out, to keep, and to keep one window in so many of. Calls are kept always, so that address spaces
/// are right at every access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Accesses left out before the first that is kept.
    pub skip: u64,
    /// The most that are kept; then the recording ends.
    pub limit: Option<u64>,
    /// Of so many windows of [`SAMPLE_ACCESSES`] the first is kept; at least 1.
    pub sample: Option<u64>,
}

impl Window {
    /// For the trace's metadata.
    pub fn text(&self) -> String {
        let mut parts = Vec::new();
        if self.skip > 0 {
            parts.push(format!("after {} accesses", self.skip));
        }
        if let Some(limit) = self.limit {
            parts.push(format!("at most {limit} accesses"));
        }
        if let Some(sample) = self.sample {
            parts.push(format!("the first of every {sample} windows of {SAMPLE_ACCESSES} accesses"));
        }
        if parts.is_empty() { "the whole run".into() } else { parts.join(", ") }
    }
}

/// What becomes of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Keep,
    Drop,
    /// The recording has all that it was asked for.
    End,
}

/// A window, and how far into it a run is.
#[derive(Clone, Debug)]
pub struct WindowPosition {
    window: Window,
    verdict: Verdict,
    /// Accesses still to come that share the verdict.
    left: u64,
    /// Accesses that were kept, and those still to come that will be.
    keeping: u64,
}

impl WindowPosition {
    pub fn new(window: Window) -> WindowPosition {
        WindowPosition { window, verdict: Verdict::Drop, left: window.skip, keeping: 0 }
    }

    /// Of the accesses to skip, how many there were.
    pub fn skipped(&self) -> u64 {
        if self.keeping == 0 { self.window.skip - self.left.min(self.window.skip) } else { self.window.skip }
    }

    /// Accesses that were kept.
    pub fn kept(&self) -> u64 {
        if self.verdict == Verdict::Keep { self.keeping - self.left } else { self.keeping }
    }

    /// Of the next access.
    #[inline]
    pub fn next(&mut self) -> Verdict {
        while self.left == 0 {
            self.turn();
        }
        self.left -= 1;
        self.verdict
    }

    fn turn(&mut self) {
        let more = self.window.limit.map_or(u64::MAX, |limit| limit - self.keeping);
        (self.verdict, self.left) = match (self.verdict, self.window.sample) {
            (Verdict::End, _) => (Verdict::End, u64::MAX),
            _ if more == 0 => (Verdict::End, u64::MAX),
            (Verdict::Keep, Some(sample)) if sample > 1 => (Verdict::Drop, SAMPLE_ACCESSES.saturating_mul(sample - 1)),
            (_, Some(_)) => (Verdict::Keep, SAMPLE_ACCESSES.min(more)),
            (_, None) => (Verdict::Keep, more),
        };
        if self.verdict == Verdict::Keep {
            self.keeping = self.keeping.saturating_add(self.left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(window: Window, run: u64) -> Vec<u64> {
        let mut progress = WindowPosition::new(window);
        let mut kept = Vec::new();
        for access in 0..run {
            match progress.next() {
                Verdict::Keep => kept.push(access),
                Verdict::Drop => {}
                Verdict::End => break,
            }
            assert_eq!(progress.kept(), kept.len() as u64);
        }
        kept
    }

    #[test]
    fn skip_and_limit_bound_what_is_kept() {
        assert_eq!(kept(Window::default(), 3), [0, 1, 2]);
        assert_eq!(kept(Window { skip: 2, limit: Some(3), sample: None }, 9), [2, 3, 4]);
        assert!(kept(Window { limit: Some(0), ..Window::default() }, 9).is_empty());
    }

    #[test]
    fn a_sample_keeps_the_first_of_every_few_windows_up_to_the_limit() {
        let window = Window { skip: 5, limit: Some(SAMPLE_ACCESSES + 2), sample: Some(3) };
        let kept = kept(window, 10 * SAMPLE_ACCESSES);
        assert_eq!(kept.len() as u64, SAMPLE_ACCESSES + 2);
        assert_eq!((kept[0], kept[SAMPLE_ACCESSES as usize]), (5, 5 + 3 * SAMPLE_ACCESSES));
        assert_eq!(self::kept(Window { sample: Some(1), ..Window::default() }, 4).len(), 4);
    }
}
