//! The stretches of a trace that charts and the report speak of: the whole and its steady state.

use super::Outcome;
use crate::counts::Event;
use crate::engine::Warm;
use crate::numerals::spaced;
use crate::prices::Part;
use crate::sweep::Sweep;
use crate::words::counted;

/// Whether each stretch is the steady state: the whole trace comes first and, where it is known, the steady state beside it,
/// unless the sweep asks for that alone.
pub fn stretches<'a>(sweep: &Sweep, mut outcomes: impl Iterator<Item = &'a Outcome<'a>>) -> &'static [bool] {
    match (outcomes.any(|it| it.steady.is_some()), sweep.output.steady) {
        (false, _) => &[false],
        (true, false) => &[false, true],
        (true, true) => &[true],
    }
}

/// Where the steady state begins, as `after the first half`.
pub fn beginning(warm: Warm) -> String {
    match warm {
        Warm::Accesses(accesses) => format!("after {}", counted(spaced(accesses), "access")),
        Warm::Share { part, of } if 2 * part == of => "after the first half".into(),
        Warm::Share { part, of } => format!("after the first {part}/{of}"),
    }
}

impl Outcome<'_> {
    /// Cycles beyond the ideal over the ideal, of the whole or of the steady state; `None` where that is not known or an access is
    /// free.
    pub fn overhead(&self, steady: bool) -> Option<f64> {
        self.stretch(steady).and_then(|(_, bill)| bill.overhead())
    }

    /// The cycles of a part of the bill per access; `None` where no access is known.
    pub fn per_access(&self, steady: bool, part: Part) -> Option<f64> {
        let (counts, bill) = self.stretch(steady)?;
        Some(bill.part(part).to_f64() / counts[Event::Accesses] as f64).filter(|cycles| cycles.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_the_steady_state_is_said_in_words() {
        let share = |part, of| Warm::Share { part, of };
        let said = [share(1, 2), share(3, 4), Warm::Accesses(1), Warm::Accesses(1_000_000)].map(beginning);
        assert_eq!(said, ["after the first half", "after the first 3/4", "after 1 access", "after 1 000 000 accesses"]);
    }
}
