//! Options whose value is one of a few words.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// Reads one of some words, each with its meaning, where that is not the word itself, and what it stands for.
pub fn chosen<T, const N: usize>(choices: [(&'static str, &'static str, T); N]) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let words = choices.each_ref().map(|&(word, meaning, _)| match PossibleValue::new(word) {
        plain if meaning.is_empty() => plain,
        plain => plain.help(meaning),
    });
    PossibleValuesParser::new(words).try_map(move |word| {
        let choice = choices.iter().find(|(known, ..)| *known == word);
        choice.map(|(.., choice)| *choice).ok_or("one of the words")
    })
}
