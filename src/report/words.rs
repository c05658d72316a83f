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

/// Names, each with what is said of it; where they are many, how many of all there are with what is said of them together.
pub fn named<T: Copy>(items: &[(&str, T)], all: usize, said: impl Fn(&[T]) -> String) -> String {
    /// More are not read.
    const MOST: usize = 4;
    if items.len() > MOST {
        let names: Vec<&str> = items.iter().map(|(name, _)| *name).collect();
        let together: Vec<T> = items.iter().map(|(_, it)| *it).collect();
        return format!("{} ({})", self::names(&names, all), said(&together));
    }
    let each: Vec<String> = items.iter().map(|(name, it)| format!("{name} ({})", said(&[*it]))).collect();
    joined(&each)
}

/// `5.10 %`, or `5.10 % to 9.30 %`
pub fn spread(shares: impl Iterator<Item = f64> + Clone) -> String {
    range(shares, percent)
}

/// The least and the greatest as they are written, or the one that all are.
pub fn range(values: impl Iterator<Item = f64> + Clone, written: fn(f64) -> String) -> String {
    let (low, high) = ends(values);
    between(written(low), written(high))
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
    /// Less than 0.01 %.
    const NOTHING: f64 = 1e-4;
    let (low, high) = ends(shares.iter().copied());
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

fn ends(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    (values.clone().fold(f64::INFINITY, f64::min), values.fold(f64::NEG_INFINITY, f64::max))
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
        let spread = |shares: &[f64]| spread(shares.iter().copied());
        assert_eq!(named(&[("a", 0.1), ("b", 0.2)], 3, spread), "a (10\u{a0}%) and b (20\u{a0}%)");
        let five = ["a", "b", "c", "d", "e"].map(|name| (name, 0.1));
        assert_eq!(named(&five, 5, spread), "all 5 traces (10\u{a0}%)");
        assert_eq!(named(&five, 9, spread), "a, b, c, d and e (10\u{a0}%)");
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
        let wanted = "grow by 10 % to 20 % under a, by 30 % under b, shrink by 10 % to 20 % under c, \
            change by −10 % to +10 % under d and stay the same under e";
        assert_eq!(changes(&cases, "").replace('\u{a0}', " "), wanted);
    }
}
