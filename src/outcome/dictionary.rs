//! What each column of the tables means, in one sentence.

use crate::counts::Measure;
use crate::prices::Part;
use crate::sweep::meaning_of_key;

/// Columns that are neither axes nor lists of names.
const REST: [(&str, &str); 16] = [
    ("trace", "The trace that was replayed."),
    ("cycles", "All cycles: the sum of ideal_cycles and every part of the bill."),
    ("overhead", "(cycles − ideal_cycles) / ideal_cycles; empty where an access is free."),
    (
        "added_per_access",
        "(cycles − ideal_cycles) / accesses: the cycles that translation adds to an access on average.",
    ),
    ("assumed_share", "The share of cycles − ideal_cycles that assumed prices make up; empty where there are none."),
    ("warnings", "Reasons to read the row with care, by name; none is no promise."),
    ("interval", "The interval of the trace, from 0."),
    ("first_access", "Accesses before the interval begins."),
    ("price", "An assumed price that the row was charged; `cycles` beside it is the price."),
    ("overhead_halved", "The overhead with half that price."),
    ("overhead_doubled", "The overhead with twice that price."),
    ("table", "The table that is read: guest, shadow or host."),
    ("stop", "Of a host table: whose gPA is translated, that of the guest's node of a level or of the data."),
    ("level", "The level of the entries that are read."),
    ("references", "Walk references to entries of that level, on the way to that stop."),
    ("per_walk", "The same per walk."),
];

/// Every column of the tables of a run that is no key of the sweep, with its meaning; not those of the steady state, which repeat
/// others.
pub fn columns() -> impl Iterator<Item = (&'static str, &'static str)> {
    let measures = Measure::ALL.into_iter().map(|measure| (measure.name(), measure.meaning()));
    let parts = Part::ALL.into_iter().map(|part| (part.name(), part.meaning()));
    measures.chain(parts).chain(REST)
}

/// The meaning of a column of the tables of a run; `None` where there is no such column.
pub fn meaning(column: &str) -> Option<String> {
    if let Some(whole) = column.strip_prefix("steady_") {
        return meaning(whole).map(|meaning| format!("Of the steady state: {meaning}"));
    }
    let found = columns().find(|(name, _)| *name == column);
    found.map(|(_, meaning)| meaning.to_string()).or_else(|| meaning_of_key(column))
}
