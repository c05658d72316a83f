//! Numbers as people read them.

/// A share in percent, or as a multiple where that reads better.
pub fn percent(share: f64) -> String {
    match share * 100.0 {
        percent if percent < 100.0 => format!("{percent:.2} %"),
        percent if percent < 1000.0 => format!("{percent:.0} %"),
        percent => format!("{:.0} ×", percent / 100.0),
    }
}

/// A number with no more digits than a model's can bear: two or three, at most two of them after the point.
pub fn rough(number: f64) -> String {
    match number.abs() {
        less if less < 1.0 => format!("{number:.2}"),
        less if less < 99.95 => format!("{number:.1}"),
        more => {
            let unit = 10f64.powf((more.log10().floor() - 2.0).max(0.0));
            spaced((number / unit).round() * unit)
        }
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
    fn great_shares_are_multiples() {
        assert_eq!([0.0123, 1.5, 12.4].map(percent), ["1.23 %", "150 %", "12 ×"]);
    }

    #[test]
    fn rough_numbers_have_three_digits_at_most() {
        let texts = [0.0, 0.004, 0.126, 1.26, 12.34, 99.96, 123.4, 1234.0, 98_760.0].map(rough);
        assert_eq!(texts, ["0.00", "0.00", "0.13", "1.3", "12.3", "100", "123", "1 230", "98 800"]);
    }

    #[test]
    fn bytes_come_in_a_unit_of_their_size() {
        assert_eq!([0, 4096, 3 << 19, 5 << 30].map(bytes), ["0 B", "4.0 KiB", "1.5 MiB", "5.0 GiB"]);
    }
}
