//! From values to places, and the round numbers along an axis.

use crate::numerals::short;

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    from: f64,
    to: f64,
    logarithmic: bool,
    /// A logarithmic axis that has 0 at its start, below the least positive value.
    zero: bool,
}

/// Positive values whose largest is this many times their smallest are put on a logarithmic axis, if they are points or lines.
const WIDE: f64 = 30.0;

impl Scale {
    /// From 0; for bars always, since a stack on a logarithmic axis lies.
    pub fn from_zero(to: f64) -> Scale {
        Scale { from: 0.0, to: if to > 0.0 { to } else { 1.0 }, logarithmic: false, zero: false }
    }

    /// Linear between two values.
    pub fn between(from: f64, to: f64) -> Scale {
        Scale { from, to: if to > from { to } else { from + 1.0 }, logarithmic: false, zero: false }
    }

    /// Logarithmic where the values above 0 span orders of magnitude, else from 0.
    pub fn fitting(values: impl Iterator<Item = f64> + Clone) -> Scale {
        let low = values.clone().filter(|&value| value > 0.0).fold(f64::INFINITY, f64::min);
        let high = values.clone().fold(0.0, f64::max);
        let zero = values.clone().any(|value| value == 0.0);
        if high / low >= WIDE {
            Scale { from: low / if zero { 2.0 } else { 1.25 }, to: high * 1.25, logarithmic: true, zero }
        } else {
            Scale::from_zero(high * 1.06)
        }
    }

    /// Powers of two at equal distances, for sizes of a cache.
    pub fn doubling(low: f64, high: f64) -> Scale {
        if low > 0.0 && high > low {
            Scale { from: low, to: high, logarithmic: true, zero: false }
        } else {
            Scale::between(low, high)
        }
    }

    /// The same axis in another unit.
    pub fn times(self, factor: f64) -> Scale {
        Scale { from: self.from * factor, to: self.to * factor, ..self }
    }

    /// 0 at the start of the axis, 1 at its end.
    pub fn share(&self, value: f64) -> f64 {
        if !self.logarithmic {
            (value - self.from) / (self.to - self.from)
        } else if self.zero && value <= 0.0 {
            0.0
        } else {
            (value / self.from).ln() / (self.to / self.from).ln()
        }
    }

    /// The value at a share of the axis.
    pub fn value(&self, share: f64) -> f64 {
        if self.logarithmic {
            self.from * (self.to / self.from).powf(share)
        } else {
            self.from + share * (self.to - self.from)
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
        (first..=last).map(|n| (n as f64 * step, number(n as f64 * step, decimals))).collect()
    }

    /// Powers of ten, and over a few decades also multiples of those.
    fn decades(&self) -> Vec<(f64, String)> {
        let (low, high) = (self.from.log10(), self.to.log10());
        let multiples: &[f64] = match high - low {
            decades if decades < 2.0 => &[1.0, 2.0, 5.0],
            decades if decades < 4.0 => &[1.0, 3.0],
            _ => &[1.0],
        };
        // The number at 0 needs room for itself.
        let first = if self.zero { self.value(0.08) } else { self.from };
        let powers = low.floor() as i32..=high.ceil() as i32;
        let above = powers
            .flat_map(|power| multiples.iter().map(move |multiple| (power, multiple * 10f64.powi(power))))
            .filter(|&(_, value)| (first..=self.to).contains(&value))
            .map(|(power, value)| (value, number(value, (-power).max(0) as usize)));
        self.zero.then(|| (0.0, "0".into())).into_iter().chain(above).collect()
    }
}

/// A number along an axis; one too long for its place is written with its power of ten.
fn number(value: f64, decimals: usize) -> String {
    match value {
        0.0 if decimals > 5 => "0".into(),
        _ if decimals > 5 || value >= 1e7 => format!("{value:.1e}"),
        _ => format!("{value:.decimals$}"),
    }
}

/// A value as it stands beside or in what is drawn: short, and with two digits where it is small, as its axis has them.
pub fn written(value: f64) -> String {
    match value {
        small if (1e-3..0.01).contains(&small) => format!("{small:.4}"),
        tiny if tiny > 0.0 && tiny < 1e-3 => format!("{tiny:.1e}"),
        _ => short(value),
    }
}

/// The least of 1, 2 and 5 times a power of ten that is no smaller.
fn round_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|m| m * power).find(|&step| step >= least * 0.999).unwrap_or(10.0 * power)
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
    fn zero_is_at_the_start_of_a_logarithmic_axis() {
        assert!(!Scale::fitting([0.0, 1e6].into_iter()).is_logarithmic());
        assert!(!Scale::fitting(std::iter::empty()).is_logarithmic());
        let scale = Scale::fitting([0.0, 0.02, 400.0].into_iter());
        assert_eq!(scale.share(0.0), 0.0);
        assert!(scale.share(0.02) > 0.05);
        assert_eq!(names(scale), "0 0.1 1 10 100");
    }

    #[test]
    fn a_share_of_the_axis_is_a_value_again() {
        for scale in [Scale::between(3.0, 8.0), Scale::doubling(3.0, 800.0)] {
            assert!((scale.value(scale.share(5.0)) - 5.0).abs() < 1e-12);
        }
    }

    #[test]
    fn small_values_have_digits() {
        let all = [0.0, 0.00042, 0.0064, 0.064, 145.3].map(written);
        assert_eq!(all, ["0", "4.2e-4", "0.0064", "0.06", "145"]);
    }

    #[test]
    fn numbers_too_long_for_an_axis_are_powers_of_ten() {
        assert_eq!(names(Scale::from_zero(2e-6)), "0 5.0e-7 1.0e-6 1.5e-6 2.0e-6");
        assert_eq!(names(Scale::fitting([1e-8, 1e8].into_iter())).split(' ').next(), Some("1.0e-8"));
    }
}
