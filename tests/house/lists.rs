//! Which enums a file declares, and which lists of all their variants.

use super::source::is_name;
use std::collections::BTreeSet;

/// The enums of some code without parameters, each with its variants.
pub fn enums<'a>(tokens: &[&'a str]) -> Vec<(&'a str, BTreeSet<&'a str>)> {
    let declared = tokens.windows(3).enumerate().filter(|(_, three)| three[0] == "enum" && three[2] == "{");
    declared.map(|(at, three)| (three[1], variants(inside(&tokens[at + 2..])))).collect()
}

/// Names that begin what commas separate, attributes and fields aside.
fn variants<'a>(body: &[&'a str]) -> BTreeSet<&'a str> {
    let (mut found, mut depth, mut begins) = (BTreeSet::new(), 0, true);
    for token in body {
        match *token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            "," if depth == 0 => begins = true,
            name if depth == 0 && begins && is_name(name) => {
                found.insert(name);
                begins = false;
            }
            _ => {}
        }
    }
    found
}

/// The lists in some code: the names in their types, and what they name of each by paths of two names.
pub fn lists<'a>(tokens: &[&'a str]) -> Vec<Vec<(&'a str, BTreeSet<&'a str>)>> {
    let begin = |four: &[&str]| four == ["const", "ALL", ":", "["];
    let found = tokens.windows(4).enumerate().filter(|(_, four)| begin(four)).map(|(at, _)| {
        let kind = inside(&tokens[at + 3..]);
        let value = inside(&tokens[at + 3 + kind.len() + 3..]);
        let named = |of: &'a str| {
            let paths = value.windows(3).filter(move |path| path[0] == of && path[1] == "::");
            (of, paths.map(|path| path[2]).collect())
        };
        // The length, which follows, may be a calculation.
        kind.iter().copied().take_while(|token| *token != ";").filter(|name| is_name(name)).map(named).collect()
    });
    found.collect()
}

/// What stands between the bracket that comes first and its other one.
fn inside<'a, 'b>(tokens: &'b [&'a str]) -> &'b [&'a str] {
    let mut depth = 0;
    let end = tokens.iter().position(|token| {
        match *token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    end.map_or(&[], |end| &tokens[1..end.max(1)])
}
