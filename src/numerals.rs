//! Numbers as people read them.

/// A share in percent, in few digits.
pub fn percent(share: f64) -> String {
    spaced(short(share * 100.0)) + " %"
}

/// A number in three digits at most.
pub fn short(value: f64) -> String {
    match value {
        0.0 => "0".into(),
        v if v < 0.0 => format!("-{}", short(-v)),
        v if v < 0.01 => "<0.01".into(),
        v if v < 0.995 => format!("{v:.2}"),
        v if v < 9.95 => format!("{v:.1}"),
        v if v < 999.5 => format!("{v:.0}"),
        v if v < 999_500.0 => {
            let unit = 10f64.powf(v.log10().floor() - 2.0);
            format!("{:.0}", (v / unit).round() * unit)
        }
        v => format!("{v:.1e}"),
    }
}

/// A decimal with the digits before its point in groups of three.
pub fn spaced(number: impl ToString) -> String {
    let text = number.to_string();
    let (whole, decimals) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut spaced = String::new();
    for (i, digit) in whole.char_indices() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            spaced.push(' ');
        }
        spaced.push(digit);
    }
    spaced + decimals
}

/// What a price is for, as ` per 4 KiB`; empty where it is for one event.
pub fn per(units: u64) -> String {
    if units == 1 { String::new() } else { format!(" per {} KiB", units / 1024) }
}

/// Bytes in the largest unit that leaves at least one of it.
pub fn bytes(bytes: u64) -> String {
    let units = [(1u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{:.1} {name}", bytes as f64 / unit as f64),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_before_the_point_are_grouped_by_three() {
        let texts = ["0", "999", "1000", "1234567.875"].map(spaced);
        assert_eq!(texts, ["0", "999", "1 000", "1 234 567.875"]);
    }

    #[test]
    fn shares_of_any_size_are_percentages() {
        let written = [0.0, 0.00123, 0.0123, 1.5, 12.4, -0.25].map(percent);
        assert_eq!(written, ["0 %", "0.12 %", "1.2 %", "150 %", "1 240 %", "-25 %"]);
    }

    #[test]
    fn short_numbers_have_few_digits() {
        let written = [0.0, 0.004, 0.25, 0.999, 3.21, 9.96, 52.4, 1234.5, 999_499.4, 2.51e7].map(short);
        assert_eq!(written, ["0", "<0.01", "0.25", "1.0", "3.2", "10", "52", "1230", "999000", "2.5e7"]);
    }

    #[test]
    fn bytes_come_in_a_unit_of_their_size() {
        assert_eq!([0, 4096, 3 << 19, 5 << 30].map(bytes), ["0 B", "4.0 KiB", "1.5 MiB", "5.0 GiB"]);
    }
}
