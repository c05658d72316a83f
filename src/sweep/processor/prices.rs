//! Reading a price sheet.

use crate::prices::{Confidence, Cycles, PRICES, Prices};
use crate::sweep::document::{Document, describe};
use crate::sweep::settings::{CYCLES, cycles};
use crate::words::one_of;
use toml::Spanned;
use toml::de::DeValue;

/// A price sheet on a base: a price that is missing is the base's, if that has it.
pub fn read(document: &Document, value: &Spanned<DeValue<'_>>, base: Prices) -> Prices {
    let Some(table) = document.table(value, "a table of prices") else { return base };
    let (top, work): (Vec<_>, Vec<_>) = PRICES.iter().map(|price| price.name).partition(|name| !name.contains('.'));
    let work: Vec<_> = work.iter().filter_map(|name| name.strip_prefix("exit_work.")).collect();
    document.only_keys(table, &[top, vec!["exit_work"]].concat());
    let exit_work = table.get("exit_work").and_then(|value| document.table(value, "a table of prices by exit reason"));
    if let Some(table) = exit_work {
        document.only_keys(table, &work);
    }
    let own = PRICES.map(|price| {
        let found = match price.name.strip_prefix("exit_work.") {
            Some(reason) => exit_work.and_then(|table| table.get(reason)),
            None => table.get(price.name),
        };
        match found {
            // A wrong one has been noted, and is not missing.
            Some(value) => Some(read_cycles(document, price.name, value).unwrap_or_default()),
            None => base.get(price).map(|cycles| (cycles, base.assumes(price))),
        }
    });
    Prices::new(own.map(|it| it.map(|(cycles, _)| cycles)), own.map(|it| it.is_some_and(|(_, assumed)| assumed)))
}

/// A price, and whether it is assumed.
fn read_cycles(document: &Document, name: &str, value: &Spanned<DeValue<'_>>) -> Option<(Cycles, bool)> {
    let mut assumed = false;
    let number = match value.get_ref() {
        DeValue::Table(table) => {
            document.only_keys(table, &["cycles", "source", "confidence"]);
            table.get("source").and_then(|source| string(document, &format!("{name}.source"), source, "words"));
            let said = table.get("confidence").and_then(|word| confidence(document, name, word));
            assumed = said == Some(Confidence::Assumed);
            let Some(number) = table.get("cycles") else {
                document.note(value.span(), format!("{name}: no `cycles`"), "{ cycles = 1009, source = \"…\" }", "");
                return None;
            };
            number
        }
        _ => value,
    };
    let cycles = cycles(number.get_ref());
    if cycles.is_none() {
        let found = format!("{name}: {}", describe(number.get_ref()));
        document.note(number.span(), found, CYCLES, "");
    }
    cycles.map(|cycles| (cycles, assumed))
}

fn string<'a>(document: &Document, key: &str, value: &'a Spanned<DeValue<'_>>, expected: &str) -> Option<&'a str> {
    let string = value.get_ref().as_str();
    if string.is_none() {
        document.note(value.span(), format!("{key}: {}", describe(value.get_ref())), expected, "");
    }
    string
}

fn confidence(document: &Document, name: &str, value: &Spanned<DeValue<'_>>) -> Option<Confidence> {
    let words = Confidence::ALL.map(|(word, _)| word);
    let word = string(document, &format!("{name}.confidence"), value, &one_of(&words))?;
    let confidence = Confidence::by_name(word);
    if confidence.is_none() {
        document.unknown(value.span(), "confidence", word, &words);
    }
    confidence
}
