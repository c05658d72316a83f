//! Settings of one cell: the meaning of every dotted key of `[sweep]` and of a processor.

mod array;
mod cell;
mod values;

pub use values::Refusal;

use super::document::integer;
use crate::address::{Level, PageSize};
use crate::engine::Turns;
use crate::guest::GuestPages;
use crate::technique::{self, Facts, Key, Takes, Technique};
use crate::walk::DataPressure;
use crate::words::one_of;
use array::Array;
use toml::de::DeValue;
use values::{Outcome, at_most, boolean, cache_lines, choose, levels, pool, refuse};

/// The settings of one cell, as far as they are known.
#[derive(Clone, Debug)]
pub struct Settings {
    technique: Option<&'static Facts>,
    /// Keys that mean something to some techniques only.
    of_technique: technique::Settings,
    turns: Turns,
    guest_pages: GuestPages,
    infer_ranges: bool,
    frames_scattered: bool,
    frames_seed: u64,
    frames_pool: u64,
    guest_levels: Level,
    tags: bool,
    l1d: [Array; 3],
    l1i: [Array; 3],
    l2: Vec<(Vec<PageSize>, Array)>,
    psc: [Array; 4],
    host_psc: Option<[Array; 4]>,
    nested_tlb: Array,
    /// First-level, second-level and last-level cache; `None` where there are none.
    caches: Option<[Array; 3]>,
    data_pressure: DataPressure,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            technique: None,
            of_technique: technique::Settings::default(),
            turns: Turns::default(),
            guest_pages: GuestPages::One(PageSize::Size4K),
            infer_ranges: true,
            frames_scattered: false,
            frames_seed: 1,
            frames_pool: 1 << 30,
            guest_levels: Level::new(4),
            tags: true,
            l1d: Default::default(),
            l1i: Default::default(),
            l2: Vec::new(),
            psc: Default::default(),
            host_psc: None,
            nested_tlb: Array::default(),
            caches: None,
            data_pressure: DataPressure::default(),
        }
    }
}

const CACHES: [&str; 3] = ["l1", "l2", "llc"];
const PSC_LEVELS: [&str; 4] = ["pd", "pdpt", "pml4", "pml5"];
/// The most VMs, and the most copies in each.
const MOST_VMS: u32 = 1 << 12;
/// Keys of `[sweep]` that name nothing below them.
pub const SWEEP_KEYS: [&str; 25] = [
    "interval",
    "sample",
    "technique",
    "guest_pages",
    "host_pages",
    "cpu",
    "prices",
    "guest_levels",
    "host_levels",
    "vms",
    "copies",
    "quantum",
    "thp",
    "frames",
    "frames_seed",
    "frames_pool",
    "host_backing",
    "shadow",
    "pv",
    "data_pressure",
    "tlb",
    "psc",
    "host_psc",
    "nested_tlb",
    "caches",
];

/// Index of the page size that a key names.
fn size_index(name: &str) -> Outcome<usize> {
    PageSize::by_name(name).map(|size| size as usize).ok_or(Refusal::UnknownKey)
}

/// The page sizes of a key such as `4K+2M`, smallest first.
fn sizes(name: &str) -> Outcome<Vec<PageSize>> {
    let mut sizes = name.split('+').map(PageSize::by_name).collect::<Option<Vec<_>>>().ok_or(Refusal::UnknownKey)?;
    sizes.sort_unstable();
    sizes.dedup();
    Ok(sizes)
}

impl Settings {
    /// Sets what a dotted key names. `cpu`, `prices` and `trace` are not settings of a cell and are unknown here.
    pub fn set(&mut self, key: &str, value: &DeValue<'_>) -> Outcome {
        let parts: Vec<&str> = key.split('.').collect();
        match parts.as_slice() {
            ["technique"] => self.technique = Some(choose(value, &Technique::FACTS.map(|it| (it.name, it)))?),
            ["guest_pages"] => {
                let choices = PageSize::ALL.map(|size| (size.name(), GuestPages::One(size)));
                self.guest_pages = choose(value, &[&choices[..], &[("thp", GuestPages::Thp)]].concat())?;
            }
            ["thp", "infer_ranges"] => self.infer_ranges = boolean(value)?,
            ["frames"] => self.frames_scattered = choose(value, &[("contiguous", false), ("scattered", true)])?,
            ["frames_seed"] => match integer(value) {
                Some(seed) => self.frames_seed = seed,
                None => return refuse(value, "a number of at least 0"),
            },
            ["frames_pool"] => self.frames_pool = pool(value)?,
            ["guest_levels"] => self.guest_levels = levels(value)?,
            ["vms"] => self.turns.vms = at_most(value, MOST_VMS)?,
            ["copies"] => self.turns.copies = at_most(value, MOST_VMS)?,
            ["data_pressure"] => {
                let choices =
                    [("none", DataPressure::None), ("walked", DataPressure::Walked), ("all", DataPressure::All)];
                self.data_pressure = choose(value, &choices)?;
            }
            ["quantum"] => match integer(value) {
                Some(rows @ 1..) => self.turns.quantum = Some(rows),
                _ => return refuse(value, "at least 1 row"),
            },
            ["caches"] if value.as_str() == Some("none") => self.caches = None,
            ["caches"] => return refuse(value, "\"none\", or { l1, l2, llc } with `size` and `ways` each"),
            ["caches", level, rest @ ..] => {
                let at = CACHES.iter().position(|name| name == level).ok_or(Refusal::UnknownKey)?;
                let array = &mut self.caches.get_or_insert_default()[at];
                match rest {
                    ["size"] => array.entries = Some(cache_lines(value)?),
                    ["entries"] => return Err(Refusal::UnknownKey),
                    rest => array.set(rest, value)?,
                }
            }
            ["tlb", rest @ ..] => self.set_tlb(rest, value)?,
            ["psc", level, rest @ ..] => set_psc(&mut self.psc, level, rest, value)?,
            ["host_psc", level, rest @ ..] => {
                set_psc(self.host_psc.get_or_insert_default(), level, rest, value)?;
            }
            ["nested_tlb", rest @ ..] => self.nested_tlb.set_or_entries(rest, value)?,
            _ => match Technique::key(key) {
                Some(key) => self.set_of_technique(key, value)?,
                None => return Err(Refusal::UnknownKey),
            },
        }
        Ok(())
    }

    fn set_of_technique(&mut self, key: &'static Key, value: &DeValue<'_>) -> Outcome {
        let text = match key.takes {
            Takes::Words(words) => {
                choose(value, &words.iter().map(|word| (*word, *word)).collect::<Vec<_>>())?.to_string()
            }
            Takes::Truth => boolean(value)?.to_string(),
            Takes::Whole(..) => integer(value).map(|number| number.to_string()).unwrap_or_default(),
        };
        match (self.of_technique.set(key, &text), &key.takes) {
            (true, _) => Ok(()),
            (false, Takes::Whole(least, u64::MAX)) => refuse(value, format!("a whole number of at least {least}")),
            (false, Takes::Whole(least, most)) => refuse(value, format!("a whole number from {least} to {most}")),
            (false, Takes::Words(words)) => refuse(value, one_of(words)),
            (false, Takes::Truth) => refuse(value, "true or false"),
        }
    }

    fn set_tlb(&mut self, key: &[&str], value: &DeValue<'_>) -> Outcome {
        match key {
            ["tags"] => self.tags = boolean(value)?,
            ["l1d", size, rest @ ..] => self.l1d[size_index(size)?].set(rest, value)?,
            ["l1i", size, rest @ ..] => self.l1i[size_index(size)?].set(rest, value)?,
            ["l2", name, rest @ ..] => {
                let sizes = sizes(name)?;
                let known = self.l2.iter().position(|(held, _)| *held == sizes);
                let at = known.unwrap_or_else(|| {
                    self.l2.push((sizes, Array::default()));
                    self.l2.len() - 1
                });
                self.l2[at].1.set(rest, value)?;
            }
            _ => return Err(Refusal::UnknownKey),
        }
        Ok(())
    }

    /// From here on, keys of `host_psc` change what the processor has, even where that is its `psc`.
    pub fn settle_host_psc(&mut self) {
        self.host_psc.get_or_insert(self.psc);
    }

    /// Makes room for the second-level arrays of other keys: arrays here that share a page size with one of them go.
    pub fn yield_l2(&mut self, keys: &[String]) {
        let named = |key: &String| sizes(key.strip_prefix("tlb.l2.")?.split('.').next()?).ok();
        let coming: Vec<_> = keys.iter().filter_map(named).collect();
        let yields = |held: &Vec<PageSize>| {
            coming.iter().any(|new| new != held && new.iter().any(|size| held.contains(size))) && !coming.contains(held)
        };
        self.l2.retain(|(held, _)| !yields(held));
    }
}

fn set_psc(psc: &mut [Array; 4], level: &str, rest: &[&str], value: &DeValue<'_>) -> Outcome {
    let at = PSC_LEVELS.iter().position(|name| *name == level).ok_or(Refusal::UnknownKey)?;
    psc[at].set_or_entries(rest, value)
}
