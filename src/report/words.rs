//! Lists and ranges as people say them.

use crate::numerals;

/// A share that no line breaks.
fn percent(share: f64) -> String {
    numerals::percent(share).replace(' ', "\u{a0}")
}

/// `a, b and c`
pub fn joined<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_string(),
        [most @ .., last] => {
            let most: Vec<&str> = most.iter().map(T::as_ref).collect();
            format!("{} and {}", most.join(", "), last.as_ref())
        }
    }
}

/// Names, or where they are many how many of all there are.
pub fn names(names: &[&str], all: usize) -> String {
    /// More are not read.
    const MOST: usize = 6;
    match names.len() {
        n if n == all && n > 2 => format!("all {n} traces"),
        n if n > MOST => format!("{n} of {all} traces"),
        _ => joined(names),
    }
}

/// Names, each with its share; where they are many, how many of all there are with the range of their shares.
pub fn named(shares: &[(&str, f64)], all: usize) -> String {
    /// More are not read.
    const MOST: usize = 4;
    if shares.len() > MOST {
        let names: Vec<&str> = shares.iter().map(|(name, _)| *name).collect();
        return format!("{} ({})", self::names(&names, all), spread(shares.iter().map(|(_, share)| *share)));
    }
    let each: Vec<String> = shares.iter().map(|(name, share)| format!("{name} ({})", percent(*share))).collect();
    joined(&each)
}

/// `5.10 %`, or `5.10 % to 9.30 %`
pub fn spread(shares: impl Iterator<Item = f64> + Clone) -> String {
    let (low, high) = range(shares);
    between(percent(low), percent(high))
}

/// How something changes under several conditions, `grow by 5 % under x, by 7 % under y and shrink by 2 % under z`. Each
/// has its changes, as shares, and its words; `s` is the ending of the verbs.
pub fn changes(cases: &[(Vec<f64>, String)], s: &str) -> String {
    let mut last = "";
    let mut clauses = Vec::new();
    for (shares, place) in cases {
        let (verb, by) = change(shares);
        clauses.push(match by {
            Some(by) if verb == last => format!("by {by} {place}"),
            Some(by) => format!("{verb}{s} by {by} {place}"),
            None => format!("{verb}{s} the same {place}"),
        });
        last = verb;
    }
    joined(&clauses)
}

/// The verb for some changes, and by how much; nothing where they round to none.
fn change(shares: &[f64]) -> (&'static str, Option<String>) {
    /// Shown as 0.00 %.
    const NOTHING: f64 = 0.5e-4;
    let (low, high) = range(shares.iter().copied());
    if low > -NOTHING && high < NOTHING {
        ("stay", None)
    } else if low > -NOTHING {
        ("grow", Some(between(percent(low.max(0.0)), percent(high))))
    } else if high < NOTHING {
        ("shrink", Some(between(percent((-high).max(0.0)), percent(-low))))
    } else {
        ("change", Some(format!("−{} to +{}", percent(-low), percent(high))))
    }
}

fn range(shares: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    (shares.clone().fold(f64::INFINITY, f64::min), shares.fold(f64::NEG_INFINITY, f64::max))
}

fn between(low: String, high: String) -> String {
    if low == high { low } else { format!("{low} to {high}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_with_and() {
        assert_eq!([&[][..], &["a"], &["a", "b"], &["a", "b", "c"]].map(joined), ["", "a", "a and b", "a, b and c"]);
    }

    #[test]
    fn many_names_are_counted() {
        assert_eq!(named(&[("a", 0.1), ("b", 0.2)], 3), "a (10.00\u{a0}%) and b (20.00\u{a0}%)");
        let five = ["a", "b", "c", "d", "e"].map(|name| (name, 0.1));
        assert_eq!(named(&five, 5), "all 5 traces (10.00\u{a0}%)");
        assert_eq!(named(&five, 9), "a, b, c, d and e (10.00\u{a0}%)");
    }

    #[test]
    fn changes_are_grown_shrunk_mixed_or_none() {
        let cases = [
            (vec![0.1, 0.2], "under a".to_string()),
            (vec![0.3], "under b".into()),
            (vec![-0.2, -0.1], "under c".into()),
            (vec![-0.1, 0.1], "under d".into()),
            (vec![0.0, 1e-9], "under e".into()),
        ];
        let wanted = "grow by 10.00 % to 20.00 % under a, by 30.00 % under b, shrink by 10.00 % to 20.00 % under c, \
            change by −10.00 % to +10.00 % under d and stay the same under e";
        assert_eq!(changes(&cases, "").replace('\u{a0}', " "), wanted);
    }
}
