//! Words that people choose from, and misspell.

/// Closer than this, by Jaro-Winkler similarity, a word counts as a misspelling.
const SIMILAR: f64 = 0.75;

/// The known word nearest to this one, if any is near.
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = known.iter().map(|&known| (strsim::jaro_winkler(word, known), known));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_finds_the_nearest_known_one_and_a_strange_one_none() {
        let known = ["technique", "guest_pages", "host_pages"];
        assert_eq!(did_you_mean("tecnique", &known), "did you mean `technique`?");
        assert_eq!(nearest("host_page", &known), Some("host_pages"));
        assert_eq!(nearest("zzz", &known), None);
    }
}
