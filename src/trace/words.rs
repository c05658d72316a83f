//! What ops are called, beside their own names.

use super::Op;

const WORDS: [(&str, Op); 13] = [
    ("r", Op::Load),
    ("rd", Op::Load),
    ("read", Op::Load),
    ("ld", Op::Load),
    ("l", Op::Load),
    ("w", Op::Store),
    ("wr", Op::Store),
    ("write", Op::Store),
    ("st", Op::Store),
    ("s", Op::Store),
    ("i", Op::Fetch),
    ("instr", Op::Fetch),
    ("ifetch", Op::Fetch),
];

/// The op that a word, in whatever case, stands for.
pub fn op(word: &[u8]) -> Option<Op> {
    let by_name = Op::ALL.into_iter().find(|op| op.name().as_bytes().eq_ignore_ascii_case(word));
    by_name
        .or_else(|| WORDS.into_iter().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(word)).map(|(_, op)| op))
}
