//! How far a metric may move.

use std::fmt;
use std::str::FromStr;

/// How far a metric may rise before it is worse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// By a share of the old value: `1%`.
    Relative(f64),
    /// By so much, as the metric is written: `0.01`.
    Absolute(f64),
}

/// What became of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// It moved by no more than the tolerance, or not at all.
    Within,
    Fallen,
    Risen,
    /// One side has none.
    Unknown,
}

impl Course {
    /// Whether it is worth a line.
    pub fn is_beyond(self) -> bool {
        self != Course::Within
    }

    /// Whether it is for the worse.
    pub fn is_worse(self) -> bool {
        matches!(self, Course::Risen | Course::Unknown)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Course::Within => "within",
            Course::Fallen => "fallen",
            Course::Risen => "risen",
            Course::Unknown => "unknown",
        }
    }
}

impl Tolerance {
    /// What became of a metric.
    pub fn course(self, old: Option<f64>, new: Option<f64>) -> Course {
        let (old, new) = match (old, new) {
            (Some(old), Some(new)) => (old, new),
            (None, None) => return Course::Within,
            _ => return Course::Unknown,
        };
        let room = match self {
            Tolerance::Relative(share) => share * old.abs(),
            Tolerance::Absolute(room) => room,
        };
        match new - old {
            moved if moved > room => Course::Risen,
            moved if moved < -room => Course::Fallen,
            _ => Course::Within,
        }
    }
}

impl FromStr for Tolerance {
    type Err = String;

    fn from_str(text: &str) -> Result<Tolerance, String> {
        let text = text.trim();
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|it| it.is_finite() && *it >= 0.0);
        let parsed = match text.strip_suffix('%') {
            Some(percent) => number(percent).map(|percent| Tolerance::Relative(percent / 100.0)),
            None => match number(text) {
                // It may be meant in percent.
                Some(bare) if bare > 0.0 && !text.contains('.') => {
                    return Err(format!(
                        "{text} of what: write {text}% for a share of the old value, or {text}.0 for a difference"
                    ));
                }
                number => number.map(Tolerance::Absolute),
            },
        };
        parsed.ok_or_else(|| format!("a share of the old value such as 1%, or a difference such as 0.01, not {text:?}"))
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tolerance::Relative(share) => write!(f, "{}%", share * 100.0),
            Tolerance::Absolute(room) => write!(f, "{room}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tolerance_is_a_share_of_the_old_value_or_a_difference() {
        let course = |tolerance: &str, old, new| tolerance.parse::<Tolerance>().unwrap().course(Some(old), Some(new));
        assert_eq!(course("1%", 2.0, 2.01), Course::Within);
        assert_eq!(course("1%", 2.0, 2.03), Course::Risen);
        assert_eq!(course("0.01", 2.0, 2.03), Course::Risen);
        assert_eq!(course("0.05", 2.0, 2.03), Course::Within);
        assert_eq!(course("5.0", 2.0, 6.9), Course::Within);
        assert_eq!(course("1%", 2.0, 1.97), Course::Fallen);
        assert_eq!(course("0", 2.0, 2.0), Course::Within);
        assert_eq!(course("1%", 0.0, 0.001), Course::Risen, "a share of nothing is nothing");
        assert_eq!(Tolerance::Absolute(1.0).course(None, Some(1.0)), Course::Unknown);
        for wrong in ["", "%", "-1%", "nan", "1 percent", "inf%"] {
            assert!(wrong.parse::<Tolerance>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_number_without_a_unit_is_refused_with_both_that_it_may_mean() {
        let refused = "5".parse::<Tolerance>().unwrap_err();
        assert!(refused.contains("write 5% for a share") && refused.contains("or 5.0 for a difference"), "{refused}");
        assert!("1e3".parse::<Tolerance>().is_err());
    }
}
