//! One value of a table.

use polars::prelude::AnyValue;
use std::cmp::Ordering;
use std::fmt;

/// What stands in a row and column.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: the column means nothing to the row.
    None,
    Count(u64),
    Number(f64),
    Text(String),
}

impl Value {
    pub fn of(value: &AnyValue<'_>) -> Value {
        match value {
            AnyValue::Null => Value::None,
            value if value.is_integer() => match value.extract::<u64>() {
                Some(count) => Value::Count(count),
                None => value.extract::<f64>().map_or(Value::None, Value::Number),
            },
            value if value.is_primitive_numeric() => value.extract::<f64>().map_or(Value::None, Value::Number),
            value => match value.str_value() {
                text if text.is_empty() => Value::None,
                text => Value::Text(text.into_owned()),
            },
        }
    }

    /// As a number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Count(count) => Some(*count as f64),
            Value::Number(number) => Some(*number),
            Value::None | Value::Text(_) => None,
        }
    }

    /// As a count, if it is one.
    pub fn count(&self) -> Option<u64> {
        match self {
            Value::Count(count) => Some(*count),
            Value::None | Value::Number(_) | Value::Text(_) => None,
        }
    }

    /// Numbers by size, before words by the alphabet, before nothing.
    pub fn order(&self, other: &Value) -> Ordering {
        let rank = |value: &Value| match value {
            Value::Count(_) | Value::Number(_) => 0,
            Value::Text(_) => 1,
            Value::None => 2,
        };
        match (self, other) {
            (Value::Count(a), Value::Count(b)) => a.cmp(b),
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            (Value::None | Value::Count(_) | Value::Number(_) | Value::Text(_), _) => {
                let numbers = self.number().zip(other.number());
                numbers.map_or_else(|| rank(self).cmp(&rank(other)), |(a, b)| a.total_cmp(&b))
            }
        }
    }
}

/// As in `results.csv`: numbers in their shortest exact form, nothing where there is none.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::None => Ok(()),
            Value::Count(count) => write!(f, "{count}"),
            Value::Number(number) => write!(f, "{number}"),
            Value::Text(text) => f.write_str(text),
        }
    }
}
