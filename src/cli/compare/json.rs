//! A comparison as JSON.

use super::shown::Shown;
use crate::compare::OneSided;
use crate::error::{Error, Result};
use serde_json::{Map, Value, json};

pub fn of(shown: &Shown<'_>) -> Result<String> {
    let it = shown.comparison;
    let key = |values: &[String]| -> Value {
        let pairs = it.axes.iter().zip(values).filter(|(_, value)| !value.is_empty());
        Value::Object(pairs.map(|(axis, value)| (axis.clone(), json!(value))).collect())
    };
    let only = |side: &OneSided| {
        let rows: Vec<Value> = side.rows.iter().map(|values| key(values)).collect();
        json!({ "axes": side.axes, "columns": side.columns, "rows": rows })
    };
    let gates = &it.judgement.gates;
    let differences = it.differences.iter().map(|difference| {
        let metrics = gates.iter().zip(&difference.moves).map(|(gate, moved)| {
            let values = [moved.values.old, moved.values.new];
            (gate.metric.to_string(), json!({ "values": values, "course": moved.course.name() }))
        });
        let counts = difference.counts.iter().map(|it| (it.name.clone(), json!([it.values.old, it.values.new])));
        json!({
            "row": key(&difference.key),
            "metrics": Value::Object(metrics.collect::<Map<_, _>>()),
            "counts": Value::Object(counts.collect::<Map<_, _>>()),
            "most": difference.most.as_ref().map(|(part, side)| json!({ "part": part, "of_ideal": [side.old, side.new] })),
        })
    });
    let judged =
        gates.iter().map(|gate| json!({ "metric": gate.metric.to_string(), "tolerance": gate.tolerance.to_string() }));
    let inputs = shown.inputs.iter().map(|(name, old, new)| json!({ "name": name, "old": old, "new": new }));
    let comparison = json!({
        "old": shown.names[0],
        "new": shown.names[1],
        "judged": judged.collect::<Vec<_>>(),
        "rows": { "old": it.rows.old, "new": it.rows.new, "matched": it.matched },
        "regressions": it.regressions(),
        "differences": differences.collect::<Vec<_>>(),
        "only_in_old": only(&it.only.old),
        "only_in_new": only(&it.only.new),
        "inputs": inputs.collect::<Vec<_>>(),
    });
    let text = serde_json::to_string_pretty(&comparison);
    text.map(|text| text + "\n").map_err(|cause| Error::failed("write the comparison as JSON", cause))
}
