//! `technique = ept`, `guest_pages >= 2M`, `overhead < 10%`.

use super::order::amount;
use crate::error::{Defect, Result};
use crate::results::{Results, Value};
use crate::words::did_you_mean;
use std::cmp::Ordering;
use std::str::FromStr;

/// Signs, the longer first where one begins with another.
const SIGNS: [(&str, Sign); 6] = [
    ("!=", Sign::Not),
    ("<=", Sign::Ordered(&[Ordering::Less, Ordering::Equal])),
    (">=", Sign::Ordered(&[Ordering::Greater, Ordering::Equal])),
    ("=", Sign::Is),
    ("<", Sign::Ordered(&[Ordering::Less])),
    (">", Sign::Ordered(&[Ordering::Greater])),
];

#[derive(Clone, Copy, Debug)]
enum Sign {
    Is,
    Not,
    Ordered(&'static [Ordering]),
}

/// What a row must be like: a column, a sign, and a value; for `=` and `!=` several with commas between them.
#[derive(Clone, Debug)]
pub struct Condition {
    text: String,
    column: String,
    sign: Sign,
    value: String,
}

/// A condition on the columns of one table.
#[derive(Debug)]
pub struct Bound<'a> {
    results: &'a Results,
    column: usize,
    sign: Sign,
    /// Values for `=` and `!=`; for the others one, which is an amount.
    values: Vec<String>,
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Condition, String> {
        let expected = || format!("COLUMN, one of = != < <= > >=, and a value, not {text:?}");
        let at = text.find(['=', '!', '<', '>']).ok_or_else(expected)?;
        let (column, rest) = text.split_at(at);
        let (sign, value) =
            SIGNS.iter().find_map(|(word, sign)| Some((*sign, rest.strip_prefix(word)?))).ok_or_else(expected)?;
        let (column, value) = (column.trim().to_string(), value.trim().to_string());
        if column.is_empty() || value.starts_with(['=', '!', '<', '>']) {
            return Err(expected());
        }
        Ok(Condition { text: text.to_string(), column, sign, value })
    }
}

impl Condition {
    /// Finds the column, and refuses what can never be meant: a word that the column never holds, an order among words.
    pub fn bind<'a>(&self, results: &'a Results) -> Result<Bound<'a>> {
        let place = format!("--where '{}'", self.text);
        let column = results.find(&self.column, &place)?;
        let all: Vec<usize> = (0..results.height()).collect();
        let held = results.distinct(&all, column)?;
        let refused = |found: String, expected: String, remedy: String| {
            Err(Defect::new("command line", &place, found).expected(expected).remedy(remedy).into())
        };
        let values = match self.sign {
            Sign::Ordered(_) => {
                if held.iter().any(|value| *value != Value::None && amount(value).is_none()) {
                    let words = held.iter().map(Value::to_string).collect::<Vec<_>>().join(", ");
                    return refused(
                        format!("`{}` holds words, which have no order: {words}", self.column),
                        "= or !=".into(),
                        String::new(),
                    );
                }
                if amount(&Value::Text(self.value.clone())).is_none() {
                    return refused(
                        format!("`{}` is no amount", self.value),
                        "a number such as 1000 or 0.1, a share such as 10%, or a size such as 2M".into(),
                        String::new(),
                    );
                }
                vec![self.value.clone()]
            }
            // A value may itself hold a comma.
            Sign::Is | Sign::Not if held.iter().any(|value| same(value, &self.value)) => vec![self.value.clone()],
            Sign::Is | Sign::Not => self.value.split(',').map(|value| value.trim().to_string()).collect(),
        };
        let words: Vec<String> =
            held.iter().filter(|value| matches!(value, Value::Text(_))).map(Value::to_string).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let unheard = |value: &&String| !value.is_empty() && !held.iter().any(|held| same(held, value));
        if let (Sign::Is | Sign::Not, false, Some(value)) = (self.sign, words.is_empty(), values.iter().find(unheard)) {
            let found = format!("`{}` is never `{value}`", self.column);
            return refused(found, format!("one of {}", words.join(", ")), did_you_mean(value, &words));
        }
        Ok(Bound { results, column, sign: self.sign, values })
    }
}

impl Bound<'_> {
    pub fn holds(&self, row: usize) -> Result<bool> {
        let held = self.results.value(row, self.column)?;
        let any = || self.values.iter().any(|value| same(&held, value));
        Ok(match self.sign {
            Sign::Is => any(),
            Sign::Not => !any(),
            Sign::Ordered(orders) => {
                let asked = self.values.first().and_then(|value| amount(&Value::Text(value.clone())));
                let order = amount(&held).zip(asked).map(|(held, asked)| held.total_cmp(&asked));
                order.is_some_and(|order| orders.contains(&order))
            }
        })
    }
}

/// Whether a value is what was written: `4_096` is 4096, `10%` is 0.1.
fn same(held: &Value, written: &str) -> bool {
    match held {
        Value::None => written.is_empty(),
        Value::Text(text) => text == written,
        Value::Count(_) | Value::Number(_) => {
            held.to_string() == written || held.number() == amount(&Value::Text(written.into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_a_column_a_sign_and_a_value() {
        let parsed = |text: &str| text.parse::<Condition>().map(|it| (it.column, it.value));
        let two = |column: &str, value: &str| Ok((column.to_string(), value.to_string()));
        assert_eq!(parsed("technique = ept"), two("technique", "ept"));
        assert_eq!(parsed("overhead<=10%"), two("overhead", "10%"));
        assert_eq!(parsed("host_pages ="), two("host_pages", ""));
        assert_eq!(parsed("trace != a = b"), two("trace", "a = b"));
        for wrong in ["technique", "= ept", "technique ! ept", "a == b", "a <> b", ""] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }
}
