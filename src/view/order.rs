//! Rows in the order of a column.

use crate::bytes::parse_bytes;
use crate::results::Value;
use std::cmp::Ordering;
use std::str::FromStr;

/// A column to sort by: `overhead`, `overhead:desc`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    pub column: String,
    pub descending: bool,
}

impl FromStr for SortKey {
    type Err = String;

    fn from_str(text: &str) -> Result<SortKey, String> {
        let (column, descending) = match text.strip_suffix(":desc") {
            Some(column) => (column, true),
            None => (text.strip_suffix(":asc").unwrap_or(text), false),
        };
        match column.trim() {
            "" => Err(format!("COLUMN or COLUMN:desc, not {text:?}")),
            column => Ok(SortKey { column: column.to_string(), descending }),
        }
    }
}

impl SortKey {
    /// Amounts by size (4K before 2M), before words by the alphabet; nothing always comes last.
    pub fn compare(&self, a: &Value, b: &Value) -> Ordering {
        let order = match (amount(a), amount(b)) {
            _ if *a == Value::None || *b == Value::None => return a.order(b),
            (Some(a), Some(b)) => a.total_cmp(&b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => a.order(b),
        };
        if self.descending { order.reverse() } else { order }
    }
}

/// A number, a share in percent, or a size in bytes.
pub fn amount(value: &Value) -> Option<f64> {
    let Value::Text(text) = value else { return value.number() };
    if let Some(percent) = text.strip_suffix('%') {
        return percent.trim().parse::<f64>().ok().filter(|it| it.is_finite()).map(|percent| percent / 100.0);
    }
    let number = || text.parse::<f64>().ok().filter(|number| number.is_finite());
    parse_bytes(text).ok().map(|bytes| bytes as f64).or_else(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_go_by_their_size_and_nothing_comes_last_either_way() {
        let texts = ["2M", "thp", "4K", ""];
        let sorted = |descending| {
            let order = SortKey { column: String::new(), descending };
            let mut values: Vec<Value> =
                texts.map(|text| if text.is_empty() { Value::None } else { Value::Text(text.into()) }).to_vec();
            values.sort_by(|a, b| order.compare(a, b));
            values.iter().map(Value::to_string).collect::<Vec<_>>()
        };
        assert_eq!(sorted(false), ["4K", "2M", "thp", ""]);
        assert_eq!(sorted(true), ["thp", "2M", "4K", ""]);
    }

    #[test]
    fn a_sort_key_is_a_column_and_perhaps_a_direction() {
        let key = |column: &str, descending| Ok(SortKey { column: column.into(), descending });
        assert_eq!("overhead:desc".parse(), key("overhead", true));
        assert_eq!("tlb.l2.4K.entries:asc".parse(), key("tlb.l2.4K.entries", false));
        assert!(":desc".parse::<SortKey>().is_err());
    }
}
