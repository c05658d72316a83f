//! What decided two results: manifests, held against each other.

use crate::error::Result;
use crate::results::Results;
use crate::sweep::Manifest;
use std::collections::BTreeMap;
use std::path::Path;

/// What a manifest says decided the results, as text by dotted name.
#[derive(Clone, Debug, Default)]
pub struct Inputs(BTreeMap<String, String>);

impl Inputs {
    /// What the manifest beside some results says; `None` where there is none.
    ///
    /// # Errors
    /// A [`Defect`](crate::error::Defect) if there is one that is broken.
    pub fn beside(results: &Results) -> Result<Option<Inputs>> {
        let manifest = Manifest::beside(results.file.parent().unwrap_or(Path::new("")))?;
        Ok(manifest.as_ref().map(Inputs::of))
    }

    /// What a manifest says.
    pub fn of(manifest: &Manifest) -> Inputs {
        let mut found = BTreeMap::new();
        found.insert("version".to_string(), manifest.version.clone());
        found.insert("interval".to_string(), manifest.interval.map(|it| it.to_string()).unwrap_or_default());
        let sample = manifest.sample.as_ref().and_then(|it| serde_json::to_string(it).ok());
        found.insert("sample".to_string(), sample.unwrap_or_default());
        for trace in &manifest.traces {
            let digests = [&trace.file_digest, &trace.rows_digest];
            let digest = digests.into_iter().find(|digest| !digest.is_empty()).map_or("", |digest| digest);
            found.insert(format!("trace {}", trace.name), short(digest));
        }
        for (sheet, prices) in &manifest.prices {
            found.extend(prices.iter().map(|(name, cycles)| (format!("prices {sheet}, {name}"), cycles.clone())));
        }
        for (cpu, settings) in &manifest.processors {
            let geometry = settings.iter().filter(|(key, _)| {
                let said = key.rsplit('.').next().unwrap_or_default();
                !key.starts_with("prices.") && !["name", "source", "confidence"].contains(&said)
            });
            found.extend(geometry.map(|(key, value)| (format!("cpu {cpu}, {key}"), value.clone())));
        }
        for (key, values) in options(&manifest.sweep) {
            found.insert(format!("sweep {key}"), values.join(" "));
        }
        Inputs(found)
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
fn options(axes: &[Vec<BTreeMap<String, String>>]) -> BTreeMap<&str, Vec<&str>> {
    let mut options: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, value) in axes.iter().flatten().flatten() {
        let values = options.entry(key).or_default();
        if !values.contains(&value.as_str()) {
            values.push(value);
        }
    }
    options
}

/// As much of a digest as tells two apart.
fn short(digest: &str) -> String {
    digest.chars().take(digest.find(':').map_or(0, |colon| colon + 1) + 12).collect()
}
