//! Words: those that people choose from and misspell, and those that go with a number.

use std::borrow::Cow;
use std::fmt::Display;

/// Closer than this, by Jaro-Winkler similarity, a word counts as a misspelling.
const SIMILAR: f64 = 0.75;

/// No word that is known is longer.
const LONGEST: usize = 200;

/// The known word nearest to this one, if any is near; capital letters are as small ones.
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    if word.len() > LONGEST {
        return None;
    }
    let word = word.to_lowercase();
    let near = known.iter().map(|&known| (strsim::jaro_winkler(&word, &known.to_lowercase()), known));
    near.filter(|(similarity, _)| *similarity > SIMILAR).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}

/// "one of `a`, `b`, `c`"
pub fn one_of(known: &[&str]) -> String {
    let list = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    if known.len() == 1 { list } else { format!("one of {list}") }
}

/// "did you mean `a`?"; empty where nothing known is near.
pub fn did_you_mean(word: &str, known: &[&str]) -> String {
    nearest(word, known).map(|near| format!("did you mean `{near}`?")).unwrap_or_default()
}

/// `1 copy`, `2 copies`, `1_000 accesses`: a number as it is shown, and the word for so many of something.
pub fn counted(number: impl Display, one: &str) -> String {
    match (number.to_string(), one.strip_suffix('y')) {
        (number, _) if number == "1" => format!("1 {one}"),
        (number, Some(stem)) => format!("{number} {stem}ies"),
        (number, None) if one.ends_with(['s', 'h']) => format!("{number} {one}es"),
        (number, None) => format!("{number} {one}s"),
    }
}

/// Text with what is not seen escaped, but for tabs and the ends of lines: names of files and traces, and notes, may hold what moves
/// a terminal's cursor, colours its text, or turns the order of the letters around.
pub fn plain(text: &str) -> Cow<'_, str> {
    escaped(text, |c| is_unseen(c) && !matches!(c, '\n' | '\t'))
}

/// The same for a name, which has no ends of lines either.
pub fn one_line(name: &str) -> Cow<'_, str> {
    escaped(name, is_unseen)
}

/// Control characters, marks that change the direction of text, and ends of lines and paragraphs.
fn is_unseen(c: char) -> bool {
    let turns = ['\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{feff}'];
    c.is_control() || turns.contains(&c) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escaped(text: &str, is_hostile: fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(is_hostile) {
        return text.into();
    }
    let shown = |c: char| match is_hostile(c) {
        true if c.is_ascii() => c.escape_debug().to_string(),
        true => c.escape_unicode().to_string(),
        false => c.to_string(),
    };
    text.chars().map(shown).collect()
}

/// A word as a cell of a CSV file: what spreadsheets take for a formula gets an apostrophe before it, and so does what would be taken
/// for such a cell.
pub fn cell(word: &str) -> Cow<'_, str> {
    if is_formula(word) { format!("'{word}").into() } else { word.into() }
}

/// The word of a [`cell`].
pub fn word_of_cell(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|word| is_formula(word)).unwrap_or(cell)
}

fn is_formula(word: &str) -> bool {
    word.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A text of so many characters at most: a longer one ends in an ellipsis.
pub fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => text.into(),
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

/// With a capital letter, as a sentence begins.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_finds_the_nearest_known_one_and_a_strange_one_none() {
        let known = ["technique", "guest_pages", "host_pages"];
        assert_eq!(did_you_mean("tecnique", &known), "did you mean `technique`?");
        assert_eq!(nearest("host_page", &known), Some("host_pages"));
        assert_eq!(nearest("zzz", &known), None);
        assert_eq!([nearest("4k", &["4K", "2M"]), nearest("EPT", &["native", "ept"])], [Some("4K"), Some("ept")]);
    }

    #[test]
    fn what_is_not_seen_is_escaped() {
        assert_eq!(plain("a\x1b[31mb\tc\n\u{9b}1mä\u{7f}\0"), "a\\u{1b}[31mb\tc\n\\u{9b}1mä\\u{7f}\\0");
        assert_eq!(one_line("a\n\x1bc\u{202e}fdp\u{2066}"), "a\\n\\u{1b}c\\u{202e}fdp\\u{2066}");
        assert_eq!(one_line("שלום 漢字 👩‍🔬"), "שלום 漢字 👩‍🔬", "scripts are left alone");
    }

    #[test]
    fn no_cell_is_a_formula_and_each_gives_its_word_back() {
        for (word, shown) in
            [("=cmd", "'=cmd"), ("-5", "'-5"), ("@a", "'@a"), ("'=", "''="), ("a=b", "a=b"), ("'a", "'a")]
        {
            assert_eq!((cell(word).as_ref(), word_of_cell(&cell(word))), (shown, word));
        }
    }

    #[test]
    fn a_text_that_is_too_long_says_so() {
        assert_eq!(["äbc", "äbcd", "äbcde"].map(|text| shortened(text, 4).into_owned()), ["äbc", "äbcd", "äbc…"]);
    }

    #[test]
    fn one_of_a_thing_is_not_many() {
        assert_eq!(["row", "copy", "access"].map(|one| counted(1, one)), ["1 row", "1 copy", "1 access"]);
        assert_eq!(
            ["row", "copy", "access", "fetch"].map(|one| counted(0, one)),
            ["0 rows", "0 copies", "0 accesses", "0 fetches"]
        );
    }
}
