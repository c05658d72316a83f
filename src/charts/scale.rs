//! From values to places, and the round numbers along an axis.

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    from: f64,
    to: f64,
    logarithmic: bool,
}

/// Positive values whose largest is this many times their smallest are put on a logarithmic axis, if they are points or lines.
const WIDE: f64 = 30.0;

impl Scale {
    /// From 0; for bars always, since a stack on a logarithmic axis lies.
    pub fn from_zero(to: f64) -> Scale {
        Scale { from: 0.0, to: if to > 0.0 { to } else { 1.0 }, logarithmic: false }
    }

    /// Linear between two values.
    pub fn between(from: f64, to: f64) -> Scale {
        Scale { from, to: if to > from { to } else { from + 1.0 }, logarithmic: false }
    }

    /// Logarithmic where the values span orders of magnitude, else from 0.
    pub fn fitting(values: impl Iterator<Item = f64> + Clone) -> Scale {
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(0.0, f64::max);
        if low > 0.0 && high / low >= WIDE {
            Scale { from: low / 1.25, to: high * 1.25, logarithmic: true }
        } else {
            Scale::from_zero(high * 1.06)
        }
    }

    /// Powers of two at equal distances, for sizes of a cache.
    pub fn doubling(low: f64, high: f64) -> Scale {
        if low > 0.0 && high > low {
            Scale { from: low, to: high, logarithmic: true }
        } else {
            Scale::between(low, high)
        }
    }

    /// 0 at the start of the axis, 1 at its end.
    pub fn share(&self, value: f64) -> f64 {
        if self.logarithmic {
            (value / self.from).ln() / (self.to / self.from).ln()
        } else {
            (value - self.from) / (self.to - self.from)
        }
    }

    pub fn is_logarithmic(&self) -> bool {
        self.logarithmic
    }

    /// Round values along the axis, about `wanted` of them, each with its name.
    pub fn ticks(&self, wanted: f64) -> Vec<(f64, String)> {
        if self.logarithmic { self.decades() } else { self.even(wanted) }
    }

    fn even(&self, wanted: f64) -> Vec<(f64, String)> {
        let step = round_step((self.to - self.from) / wanted);
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        let first = (self.from / step).ceil() as i64;
        let last = (self.to / step + 1e-9).floor() as i64;
        (first..=last).map(|n| (n as f64 * step, format!("{:.decimals$}", n as f64 * step))).collect()
    }

    /// Powers of ten, and over a few decades also multiples of those.
    fn decades(&self) -> Vec<(f64, String)> {
        let (low, high) = (self.from.log10(), self.to.log10());
        let multiples: &[f64] = match high - low {
            decades if decades < 2.0 => &[1.0, 2.0, 5.0],
            decades if decades < 4.0 => &[1.0, 3.0],
            _ => &[1.0],
        };
        let powers = low.floor() as i32..=high.ceil() as i32;
        powers
            .flat_map(|power| multiples.iter().map(move |multiple| (power, multiple * 10f64.powi(power))))
            .filter(|&(_, value)| (self.from..=self.to).contains(&value))
            .map(|(power, value)| (value, format!("{value:.*}", (-power).max(0) as usize)))
            .collect()
    }
}

/// The least of 1, 2 and 5 times a power of ten that is no smaller.
fn round_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|m| m * power).find(|&step| step >= least * 0.999).unwrap_or(10.0 * power)
}

/// A number in three digits or fewer, as it stands above a bar.
pub fn short(value: f64) -> String {
    match value {
        0.0 => "0".into(),
        v if v < 0.01 => "<0.01".into(),
        v if v < 0.995 => format!("{v:.2}"),
        v if v < 9.95 => format!("{v:.1}"),
        v => format!("{v:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(scale: Scale) -> String {
        scale.ticks(5.0).into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(names(Scale::from_zero(1.0)), "0.0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(names(Scale::from_zero(0.0)), "0.0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(names(Scale::from_zero(4300.0)), "0 1000 2000 3000 4000");
        assert_eq!(names(Scale::fitting([0.02, 40.0].into_iter())), "0.03 0.1 0.3 1 3 10 30");
        assert_eq!(names(Scale::fitting([0.02, 400.0].into_iter())), "0.1 1 10 100");
        assert_eq!(names(Scale::fitting([2.0, 80.0].into_iter())), "2 5 10 20 50 100");
        assert_eq!(names(Scale::fitting([2.0, 8.0].into_iter())), "0 2 4 6 8");
    }

    #[test]
    fn nothing_is_logarithmic_below_zero_or_at_it() {
        assert!(!Scale::fitting([0.0, 1e6].into_iter()).is_logarithmic());
        assert!(!Scale::fitting(std::iter::empty()).is_logarithmic());
    }

    #[test]
    fn numbers_above_bars_are_short() {
        let written = [0.0, 0.004, 0.25, 0.999, 3.21, 9.96, 52.4, 1234.5].map(short);
        assert_eq!(written, ["0", "<0.01", "0.25", "1.0", "3.2", "10", "52", "1234"]);
    }
}
