//! What decided two results: manifests, held against each other.

use crate::results::Results;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// What a manifest says decided the results, as text by dotted name.
#[derive(Clone, Debug, Default)]
pub struct Inputs(BTreeMap<String, String>);

impl Inputs {
    /// What the manifest beside some results says; `None` where there is none that can be read.
    pub fn beside(results: &Results) -> Option<Inputs> {
        let folder = results.file.parent().unwrap_or(Path::new(""));
        Inputs::parse(&std::fs::read_to_string(folder.join("manifest.json")).ok()?)
    }

    /// What a manifest says.
    pub fn parse(manifest: &str) -> Option<Inputs> {
        let manifest: Value = serde_json::from_str(manifest).ok()?;
        let mut found = BTreeMap::new();
        for name in ["version", "interval", "sample"] {
            found.insert(name.to_string(), word(&manifest[name]));
        }
        for trace in manifest["traces"].as_array().into_iter().flatten() {
            found.insert(format!("trace {}", word(&trace["name"])), short(&word(&trace["digest"])));
        }
        for (sheet, prices) in entries(&manifest["prices"]) {
            found.extend(entries(prices).map(|(name, cycles)| (format!("prices {sheet}, {name}"), word(cycles))));
        }
        for (cpu, settings) in entries(&manifest["processors"]) {
            let geometry = entries(settings).filter(|(key, _)| {
                let said = key.rsplit('.').next().unwrap_or_default();
                !key.starts_with("prices.") && !["name", "source", "confidence"].contains(&said)
            });
            found.extend(geometry.map(|(key, value)| (format!("cpu {cpu}, {key}"), word(value))));
        }
        for (key, values) in options(&manifest["sweep"]) {
            found.insert(format!("sweep {key}"), values.join(" "));
        }
        Some(Inputs(found))
    }

    /// Each input that differs: its name, and what it was and is; empty where a side has none.
    pub fn differences(old: &Inputs, new: &Inputs) -> Vec<(String, String, String)> {
        let names: std::collections::BTreeSet<&String> = old.0.keys().chain(new.0.keys()).collect();
        let value = |inputs: &Inputs, name: &String| inputs.0.get(name).cloned().unwrap_or_default();
        let both = names.into_iter().map(|name| (name.clone(), value(old, name), value(new, name)));
        both.filter(|(_, old, new)| old != new).collect()
    }
}

/// The values of every key of the axes, in order.
fn options(axes: &Value) -> BTreeMap<&String, Vec<String>> {
    let mut options: BTreeMap<&String, Vec<String>> = BTreeMap::new();
    let assigned = axes.as_array().into_iter().flatten().flat_map(|axis| axis.as_array().into_iter().flatten());
    for (key, value) in assigned.flat_map(entries) {
        let (values, value) = (options.entry(key).or_default(), word(value));
        if !values.contains(&value) {
            values.push(value);
        }
    }
    options
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn word(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// As much of a digest as tells two apart.
fn short(digest: &str) -> String {
    digest.chars().take(digest.find(':').map_or(0, |colon| colon + 1) + 12).collect()
}
