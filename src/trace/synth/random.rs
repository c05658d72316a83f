//! Ranks by a power law, the same on every machine.

use crate::chance::Chance;

/// Ranks from 1 to `count`, rank r with a probability proportional to r^-skew, by rejection from the inverse of an
/// enveloping distribution (the method of the crate `rand_distr`, whose powers depend on the machine's library).
pub struct Zipf {
    count: u64,
    skew: f64,
    total: f64,
}

impl Zipf {
    pub fn new(count: u64, skew: f64) -> Zipf {
        let n = count as f64;
        let total =
            if skew == 1.0 { 1.0 + log2(n) / log2(EULER) } else { (power(n, 1.0 - skew) - skew) / (1.0 - skew) };
        Zipf { count, skew, total }
    }

    pub fn rank(&self, chance: &mut Chance) -> u64 {
        loop {
            let point = self.envelope(chance.unit());
            let rank = (point + 1.0).floor();
            let above = if rank > 1.0 { power(point / rank, self.skew) } else { 1.0 };
            if chance.happens(above) {
                return (rank as u64).min(self.count);
            }
        }
    }

    fn envelope(&self, share: f64) -> f64 {
        let area = share * self.total;
        if area <= 1.0 {
            area
        } else if self.skew == 1.0 {
            exp2((area - 1.0) * log2(EULER))
        } else {
            power(area * (1.0 - self.skew) + self.skew, 1.0 / (1.0 - self.skew))
        }
    }
}

const EULER: f64 = std::f64::consts::E;

/// x^y for x > 0. The standard library's power may differ in the last bit between machines.
fn power(x: f64, y: f64) -> f64 {
    exp2(y * log2(x))
}

/// The binary logarithm of a normal x > 0: its exponent, and the series of 2 artanh for its mantissa.
fn log2(x: f64) -> f64 {
    let bits = x.to_bits();
    let exponent = (bits >> 52) as i64 - 1023;
    let mantissa = f64::from_bits(bits & ((1 << 52) - 1) | 1023 << 52);
    let (mantissa, exponent) =
        if mantissa > std::f64::consts::SQRT_2 { (mantissa / 2.0, exponent + 1) } else { (mantissa, exponent) };
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let square = ratio * ratio;
    let series = (0..12).rev().fold(0.0, |sum, k| sum * square + 1.0 / f64::from(2 * k + 1));
    exponent as f64 + 2.0 * ratio * series * std::f64::consts::LOG2_E
}

/// 2^x, by halves around the nearest integer and the exponential series; x within ±1000.
fn exp2(x: f64) -> f64 {
    let whole = (x + 0.5).floor();
    let rest = (x - whole) * std::f64::consts::LN_2;
    let series = (1..16).rev().fold(1.0, |sum, k| 1.0 + rest / f64::from(k) * sum);
    series * f64::from_bits(((whole.clamp(-1000.0, 1000.0) as i64 + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_agree_with_the_library_to_twelve_digits() {
        for (x, y) in [(2.0, 0.5), (1e6, -0.99), (3.7, 12.0), (0.001, 0.3), (262_144.0, 1.0 / 0.01_f64.sqrt())] {
            assert!((power(x, y) / x.powf(y) - 1.0).abs() < 1e-12, "{x}^{y}");
        }
    }

    #[test]
    fn ranks_follow_their_power_law() {
        for skew in [0.5, 0.99, 1.0, 1.5] {
            let (count, draws) = (1000u64, 200_000);
            let (zipf, mut chance) = (Zipf::new(count, skew), Chance::new(1));
            let mut met = vec![0u32; count as usize + 1];
            (0..draws).for_each(|_| met[zipf.rank(&mut chance) as usize] += 1);
            let total: f64 = (1..=count).map(|rank| (rank as f64).powf(-skew)).sum();
            for rank in [1, 2, 10] {
                let expected = f64::from(draws) * (rank as f64).powf(-skew) / total;
                assert!((f64::from(met[rank]) - expected).abs() < 6.0 * expected.sqrt() + 1.0, "{skew} {rank}");
            }
        }
    }
}
