//! Combinations of an option of each axis, made one from the other: of a hundred thousand, each differs from the one before in its
//! last axes mostly.

use super::axes::{Assignment, Axis};
use super::cells::short;
use super::prices::text;
use super::processor::Processor;
use super::settings::{Found, Key, Settings, find};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::iter;
use std::sync::Arc;
use toml::de::DeValue;

/// A value as text. Equal texts of a sweep are one.
pub type Text = Arc<str>;

/// What one combination comes to.
pub struct Layers<'a> {
    axes: &'a [Axis<'a>],
    options: Vec<Vec<Chosen<'a>>>,
    /// Every key, in alphabetical order.
    pub keys: Vec<&'a str>,
    defaults: Vec<Option<Text>>,
    /// Axes before this one decide what settings start from.
    rest: usize,
    choice: Vec<usize>,
    /// By key.
    values: Vec<Option<Text>>,
    /// By the number of axes that were heeded.
    settings: Vec<Settings>,
}

/// An option of an axis.
struct Chosen<'a> {
    /// By the places of keys.
    texts: Vec<(usize, Text)>,
    settings: Vec<(Found<'a>, &'a DeValue<'a>)>,
}

/// The assignments of a combination, in the order of the axes.
pub fn chosen<'a>(axes: &'a [Axis<'a>], choice: &[usize]) -> impl Iterator<Item = &'a Assignment<'a>> {
    axes.iter().zip(choice).flat_map(|(axis, &option)| &axis.options[option])
}

impl<'a> Layers<'a> {
    pub fn new(axes: &'a [Axis<'a>]) -> Layers<'a> {
        let given = axes.iter().flat_map(|axis| axis.options.iter().flatten()).map(|it| it.key.as_str());
        let keys: BTreeSet<&str> = given.chain(short().map(|key| key.name)).collect();
        let keys: Vec<&str> = keys.into_iter().collect();
        let mut texts = HashSet::new();
        let defaults = keys.iter().map(|name| {
            let key = short().find(|key| key.name == *name)?;
            Some(one(&mut texts, key.default))
        });
        let mut layers = Layers {
            axes,
            options: Vec::new(),
            defaults: defaults.collect(),
            rest: axes.iter().rposition(|axis| axis.decides("cpu") || !has_same_keys(axis)).map_or(0, |last| last + 1),
            choice: Vec::new(),
            values: Vec::new(),
            settings: Vec::new(),
            keys,
        };
        let mut option = |option: &'a Vec<Assignment<'a>>| Chosen {
            texts: option.iter().filter_map(|it| Some((layers.place(&it.key)?, one(&mut texts, &text(it)?)))).collect(),
            settings: option
                .iter()
                .filter_map(|it| Some((find(&it.key, Key::is_swept)?, it.value.get_ref())))
                .collect(),
        };
        layers.options = axes.iter().map(|axis| axis.options.iter().map(&mut option).collect()).collect();
        layers.values = layers.defaults.clone();
        layers
    }

    /// The place of a key.
    pub fn place(&self, key: &str) -> Option<usize> {
        self.keys.binary_search(&key).ok()
    }

    /// The value of a key.
    pub fn value(&self, key: &str) -> &str {
        self.place(key).and_then(|place| self.at(place)).map_or("", |text| text)
    }

    /// The value of the key at a place. Prices are the processor's where nothing names others.
    fn at(&self, place: usize) -> Option<&Text> {
        let text = self.values[place].as_ref();
        if self.keys[place] == "prices" && text.is_none_or(|text| text.is_empty()) {
            return self.place("cpu").and_then(|cpu| self.values[cpu].as_ref());
        }
        text
    }

    /// Turns to a combination.
    pub fn choose(&mut self, choice: &[usize], processors: &BTreeMap<String, Processor>) {
        let same = iter::zip(&self.choice, choice).take_while(|(before, now)| before == now).count();
        for (options, before) in iter::zip(&self.options, &self.choice).skip(same) {
            options[*before].texts.iter().for_each(|(place, _)| self.values[*place] = self.defaults[*place].clone());
        }
        for (options, now) in iter::zip(&self.options, choice).skip(same) {
            options[*now].texts.iter().for_each(|(place, text)| self.values[*place] = Some(Text::clone(text)));
        }
        self.choice.clear();
        self.choice.extend(choice);
        let mut from = same;
        if same < self.rest || self.settings.is_empty() {
            from = 0;
            self.settings = vec![self.start(processors)];
        }
        self.settings.truncate(from + 1);
        for (options, option) in iter::zip(&self.options, choice).skip(from) {
            let mut settings = self.settings().clone();
            for (found, value) in &options[*option].settings {
                // What is wrong with a value has been noted already.
                let _ = settings.set_found(found, value);
            }
            self.settings.push(settings);
        }
    }

    /// The settings of the processor, with room for what changes them.
    fn start(&self, processors: &BTreeMap<String, Processor>) -> Settings {
        let mut settings = processors.get(self.value("cpu")).map_or_else(Settings::default, |it| it.settings.clone());
        let keys: Vec<&str> = chosen(self.axes, &self.choice).map(|it| it.key.as_str()).collect();
        settings.make_room(&keys);
        settings
    }

    pub fn settings(&self) -> &Settings {
        &self.settings[self.settings.len() - 1]
    }
}

/// The values of one row: of a combination, without those that mean nothing to its technique.
pub struct RowValues<'a> {
    pub layers: &'a Layers<'a>,
    /// By the places of keys.
    pub idle: &'a [bool],
}

impl<'a> RowValues<'a> {
    pub fn at(&self, place: usize) -> Option<&'a Text> {
        if self.idle[place] { None } else { self.layers.at(place) }
    }

    pub fn get(&self, key: &str) -> Option<&'a Text> {
        self.layers.place(key).and_then(|place| self.at(place))
    }

    /// Every key that has a value, and that.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a Text)> {
        self.layers.keys.iter().enumerate().filter_map(|(place, key)| Some((*key, self.at(place)?)))
    }
}

/// The one text that is equal to this.
fn one(texts: &mut HashSet<Text>, text: &str) -> Text {
    if !texts.contains(text) {
        texts.insert(text.into());
    }
    texts.get(text).map(Arc::clone).unwrap_or_default()
}

fn has_same_keys(axis: &Axis<'_>) -> bool {
    let keys = |option: &[Assignment<'_>]| option.iter().map(|it| it.key.clone()).collect::<BTreeSet<_>>();
    axis.options.windows(2).all(|pair| keys(&pair[0]) == keys(&pair[1]))
}
