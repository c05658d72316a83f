//! The columns that are compared, and what two rows differ in.

use super::metric::{Gate, Places};
use super::{Difference, Move, MovedCount, OldNew};
use crate::error::Result;
use crate::results::{ColumnKind, Results, Value};

/// The columns to compare, by place in either side.
pub struct Columns<'a> {
    results: OldNew<&'a Results>,
    gates: Vec<(&'a Gate, Places)>,
    counts: Vec<(&'a str, OldNew<usize>)>,
    parts: Vec<(&'a str, OldNew<usize>)>,
    ideal: Option<OldNew<usize>>,
}

impl<'a> Columns<'a> {
    pub fn shared(old: &'a Results, new: &'a Results, gates: &'a [Gate]) -> Result<Columns<'a>> {
        let both = |name: &str| {
            let at = |results: &Results| results.names().iter().position(|known| known == name);
            Some(OldNew { old: at(old)?, new: at(new)? })
        };
        let of = |kind: ColumnKind| {
            let named = old.names().iter().enumerate().filter(move |(i, _)| old.kind(*i) == kind);
            named.filter_map(move |(_, name)| Some((name.as_str(), both(name)?)))
        };
        let sums = ["ideal_cycles", "cycles", "added_per_access"];
        let is_part = |name: &str| !sums.contains(&name) && !name.starts_with("steady_");
        let gates = gates.iter().map(|gate| Ok((gate, Places::find(&gate.metric, old, new)?)));
        Ok(Columns {
            results: OldNew { old, new },
            gates: gates.collect::<Result<_>>()?,
            counts: of(ColumnKind::Count).collect(),
            parts: of(ColumnKind::Cycles).filter(|(name, _)| is_part(name)).collect(),
            ideal: both("ideal_cycles"),
        })
    }

    pub fn difference(&self, key: &[String], rows: OldNew<usize>) -> Result<Difference> {
        let moved = |(gate, places): &(&Gate, Places)| -> Result<Move> {
            let values = places.values(self.results, rows)?;
            Ok(Move { values, course: gate.tolerance.course(values.old, values.new) })
        };
        let mut counts = Vec::new();
        for (name, at) in &self.counts {
            let found = self.values(*at, rows)?;
            if found.old != found.new {
                let values = OldNew { old: found.old.count(), new: found.new.count() };
                counts.push(MovedCount { name: name.to_string(), values });
            }
        }
        let moves = self.gates.iter().map(moved).collect::<Result<_>>()?;
        Ok(Difference { key: key.to_vec(), moves, counts, most: self.most(rows)? })
    }

    fn values(&self, at: OldNew<usize>, rows: OldNew<usize>) -> Result<OldNew<Value>> {
        let OldNew { old, new } = self.results;
        Ok(OldNew { old: old.value(rows.old, at.old)?, new: new.value(rows.new, at.new)? })
    }

    /// The part of the bill whose share of the ideal cycles moved most.
    fn most(&self, rows: OldNew<usize>) -> Result<Option<(String, OldNew<f64>)>> {
        let Some(ideal) = self.ideal.map(|at| self.values(at, rows)).transpose()? else { return Ok(None) };
        let share = |part: Value, ideal: &Value| Some(part.number()? / ideal.number().filter(|&ideal| ideal > 0.0)?);
        let far = |side: &OldNew<f64>| (side.new - side.old).abs();
        let mut most: Option<(String, OldNew<f64>)> = None;
        for (name, at) in &self.parts {
            let part = self.values(*at, rows)?;
            let Some((old, new)) = share(part.old, &ideal.old).zip(share(part.new, &ideal.new)) else { continue };
            let side = OldNew { old, new };
            if far(&side) > most.as_ref().map_or(0.0, |(_, known)| far(known)) {
                most = Some((name.to_string(), side));
            }
        }
        Ok(most)
    }
}
