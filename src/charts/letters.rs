//! Letters of names that the charts' own face lacks, and characters that no chart may draw as they are.

use ab_glyph::{Font, FontRef};
use std::sync::LazyLock;

/// More characters of a name than this are not read in a chart.
const LONGEST: usize = 200;

/// The own faces, of which both have a letter or it is spelled out.
static FACES: LazyLock<Vec<FontRef<'static>>> = LazyLock::new(|| {
    [dejavu::sans::regular(), dejavu::sans::bold()]
        .into_iter()
        .filter_map(|face| FontRef::try_from_slice(face).ok())
        .collect()
});

/// Whether the own faces have a letter that can stand by itself, read from the left. Where the reader's fonts draw, any can.
pub fn is_ours(c: char) -> bool {
    // Hebrew, Arabic and their kin are read from the right, and Arabic's letters are joined.
    let by_itself = !matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}');
    c.is_ascii() || by_itself && FACES.iter().all(|face| face.glyph_id(c).0 != 0)
}

/// A name as it may stand in any picture: marks that change the direction of what follows, and controls, are spelled out, and
/// of a very long one the middle is left out.
pub fn tame(name: &str) -> String {
    let hostile = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let count = name.chars().count();
    if count > LONGEST {
        let (start, end) = (LONGEST * 2 / 3, LONGEST / 3);
        let ends = name.chars().take(start).chain(['…']).chain(name.chars().skip(count - end));
        return spelled(&ends.collect::<String>(), hostile);
    }
    spelled(name, hostile)
}

/// A name in letters of the own faces alone: others are spelled out, as `U+4E2D`.
pub fn in_own_letters(name: &str) -> String {
    spelled(name, |c| !is_ours(c))
}

/// The letters of a name, each with all of its spelling.
pub fn letters(name: &str) -> Vec<&str> {
    let mut letters = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let digits = rest.strip_prefix("U+").map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_hexdigit).count());
        let (letter, behind) = rest.split_at(if digits < 4 { first.len_utf8() } else { 2 + digits });
        letters.push(letter);
        rest = behind;
    }
    letters
}

fn spelled(name: &str, which: impl Fn(char) -> bool) -> String {
    let mut spelled = String::new();
    let mut after = false;
    for c in name.chars() {
        let now = which(c);
        if now && after {
            spelled.push(' ');
        }
        after = now;
        if now {
            spelled += &format!("U+{:04X}", u32::from(c));
        } else {
            spelled.push(c);
        }
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_face_has_stays_and_the_rest_is_spelled() {
        for ours in ["naïve Größe", "Θεσσαλονίκη", "сортировка", "a → b × 2 · …–"] {
            assert_eq!(in_own_letters(ours), ours);
        }
        assert_eq!(in_own_letters("sort-中文"), "sort-U+4E2D U+6587");
        assert_eq!(in_own_letters("نص"), "U+0646 U+0635");
        assert_eq!(letters(&in_own_letters("é文-")), ["é", "U+6587", "-"]);
        assert_eq!(letters("U+6587 -U+1"), ["U+6587", " ", "-", "U", "+", "1"]);
    }

    #[test]
    fn a_name_can_neither_turn_the_text_around_nor_fill_the_picture() {
        assert_eq!(tame("a\u{202e}b\nc"), "aU+202EbU+000Ac");
        assert_eq!(tame("中文"), "中文");
        let long = tame(&"x".repeat(10_000));
        assert!(long.chars().count() == 200 && long.contains('…'), "{long}");
    }
}
