//! Numbers and cells as people read them.

use super::output::grouped;
use crate::numerals::percent;
use crate::results::{ColumnKind, Value};

/// What a share has become of another, as `+12.3 %`; `-` where the old is nothing.
pub fn change(old: f64, new: f64) -> String {
    match (new - old) / old.abs() * 100.0 {
        percent if !percent.is_finite() => "-".into(),
        percent if percent.abs() < 1000.0 => format!("{percent:+.1} %"),
        percent => format!("{:+.0} ×", percent / 100.0),
    }
}

/// `4K on 2M`: guest pages on host pages, where there are any.
pub fn pages(guest: &str, host: Option<&str>) -> String {
    match host {
        Some(host) => format!("{guest} on {host}"),
        None => guest.to_string(),
    }
}

/// A value of a column as it is read, not as it is computed with; `none` where there is nothing.
pub fn shown(value: &Value, kind: ColumnKind, none: &str) -> String {
    match (value, kind) {
        (Value::None, _) => none.to_string(),
        (Value::Text(text), _) => text.clone(),
        (Value::Count(count), ColumnKind::Axis | ColumnKind::Other) => count.to_string(),
        (Value::Count(count), ColumnKind::Count | ColumnKind::Cycles) => grouped(*count),
        (Value::Count(_) | Value::Number(_), ColumnKind::Share) => value.number().map_or(none.into(), percent),
        (Value::Number(number), ColumnKind::Count | ColumnKind::Cycles) if (100.0..1e18).contains(number) => {
            grouped(number.round() as u64)
        }
        (Value::Number(number), ColumnKind::Count | ColumnKind::Cycles) => {
            ((number * 100.0).round() / 100.0).to_string()
        }
        (Value::Number(number), ColumnKind::Axis | ColumnKind::Other) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_by_what_their_column_holds() {
        let number = |number, kind| shown(&Value::Number(number), kind, "-");
        assert_eq!(shown(&Value::Count(1_234_567), ColumnKind::Count, "-"), "1_234_567");
        assert_eq!(shown(&Value::Count(1536), ColumnKind::Axis, "-"), "1536");
        assert_eq!(number(0.2869, ColumnKind::Share), "29 %");
        assert_eq!(number(2_359_391.4, ColumnKind::Cycles), "2_359_391");
        assert_eq!(number(2.0 / 3.0, ColumnKind::Cycles), "0.67");
        assert_eq!(shown(&Value::None, ColumnKind::Axis, "-"), "-");
    }

    #[test]
    fn a_change_is_in_percent_of_the_old_until_that_is_long() {
        assert_eq!([change(2.0, 2.5), change(2.0, 1.0), change(0.0, 1.0)], ["+25.0 %", "-50.0 %", "-"]);
        assert_eq!(change(0.01, 2.0), "+199 ×");
    }
}
