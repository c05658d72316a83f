//! Settings of one cell: the meaning of every dotted key of `[sweep]` and of a processor.

use super::document::{describe, integer, scalar};
use crate::address::{Level, PageSize};
use crate::bytes::parse_bytes;
use crate::engine::{Cell, Mmu, Turns};
use crate::guest::{FrameOrder, GuestPages, MOST_PROCESSES};
use crate::technique::{Fill, HostBacking, OnSwitch, ShadowPolicy, Technique};
use crate::tlb::{Geometry, SecondLevel, TlbShape};
use crate::walk::{CacheShape, DataPressure, LINE_BYTES, PscShape};
use crate::words::{nearest, one_of};
use toml::de::DeValue;

/// Why a key or its value is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    UnknownKey,
    /// What was found, what was expected.
    Value(String, String),
}

/// Entries and ways, as far as they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Array {
    entries: Option<usize>,
    /// 0: fully associative.
    ways: Option<usize>,
}

/// The settings of one cell, as far as they are known.
#[derive(Clone, Debug)]
pub struct Settings {
    pub technique: Option<Technique>,
    turns: Turns,
    guest_pages: GuestPages,
    infer_ranges: bool,
    frames_scattered: bool,
    frames_seed: u64,
    frames_pool: u64,
    host_pages: PageSize,
    guest_levels: Level,
    host_levels: Level,
    host_backing: HostBacking,
    shadow: ShadowPolicy,
    pv_batch: u64,
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
            turns: Turns::default(),
            guest_pages: GuestPages::One(PageSize::Size4K),
            infer_ranges: true,
            frames_scattered: false,
            frames_seed: 1,
            frames_pool: 1 << 30,
            host_pages: PageSize::Size4K,
            guest_levels: Level::new(4),
            host_levels: Level::new(4),
            host_backing: HostBacking::default(),
            shadow: ShadowPolicy::default(),
            pv_batch: 2048,
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

type Outcome<T = ()> = Result<T, Refusal>;

fn refuse<T>(value: &DeValue<'_>, expected: impl Into<String>) -> Outcome<T> {
    Err(Refusal::Value(describe(value), expected.into()))
}

fn choose<T: Copy>(value: &DeValue<'_>, choices: &[(&str, T)]) -> Outcome<T> {
    let found = choices.iter().find(|(name, _)| value.as_str() == Some(name));
    match found {
        Some((_, choice)) => Ok(*choice),
        None => {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            let near = value.as_str().and_then(|word| nearest(word, &names));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            refuse(value, one_of(&names) + &near)
        }
    }
}

fn page_size(value: &DeValue<'_>) -> Outcome<PageSize> {
    choose(value, &PageSize::ALL.map(|size| (size.name(), size)))
}

fn levels(value: &DeValue<'_>) -> Outcome<Level> {
    match integer(value) {
        Some(levels @ 4..=5) => Ok(Level::new(levels as u8)),
        _ => refuse(value, "4 or 5"),
    }
}

fn at_most(value: &DeValue<'_>, most: u32) -> Outcome<u32> {
    match integer(value).and_then(|number| u32::try_from(number).ok()) {
        Some(number) if (1..=most).contains(&number) => Ok(number),
        _ => refuse(value, format!("a number from 1 to {most}")),
    }
}

fn boolean(value: &DeValue<'_>) -> Outcome<bool> {
    value.as_bool().map_or_else(|| refuse(value, "true or false"), Ok)
}

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

impl Array {
    fn set(&mut self, key: &[&str], value: &DeValue<'_>) -> Outcome {
        match key {
            ["entries"] => self.entries = Some(number(value, "a number of entries")?),
            ["ways"] if value.as_str() == Some("full") => self.ways = Some(0),
            ["ways"] => match number(value, "a number of ways, or `full`")? {
                0 => return refuse(value, "at least 1 way, or `full`"),
                ways => self.ways = Some(ways),
            },
            ["source"] | ["confidence"] if value.is_str() => {}
            _ => return Err(Refusal::UnknownKey),
        }
        Ok(())
    }

    /// A number of entries alone means full associativity.
    fn set_or_entries(&mut self, key: &[&str], value: &DeValue<'_>) -> Outcome {
        if !key.is_empty() {
            return self.set(key, value);
        }
        *self = Array { entries: Some(number(value, "a number of entries, or { entries, ways }")?), ways: Some(0) };
        Ok(())
    }

    /// `None` where there is no array; the fault where there cannot be one.
    fn geometry(self, name: &str) -> Result<Option<Geometry>, String> {
        match (self.entries, self.ways) {
            (None, None) | (Some(0), _) => Ok(None),
            (None, Some(_)) => Err(format!("{name}: ways without entries")),
            (Some(_), None) => Err(format!("{name}: entries without ways")),
            (Some(entries), Some(0)) => Ok(Geometry::try_new(entries, entries)),
            (Some(entries), Some(ways)) => match Geometry::try_new(entries, ways) {
                Some(geometry) => Ok(Some(geometry)),
                None => Err(format!("{name}: entries = {entries} is not a multiple of ways = {ways}")),
            },
        }
    }
}

/// The most VMs, and the most copies in each.
const MOST_VMS: u32 = 1 << 12;
/// The most entries that an array may have; far above any hardware, and small enough to allocate.
const MOST_ENTRIES: u64 = 1 << 24;

/// Lines of a cache from its size.
fn cache_lines(value: &DeValue<'_>) -> Outcome<usize> {
    let text = scalar(value).unwrap_or_default();
    match parse_bytes(&text) {
        Ok(bytes) if bytes > 0 && bytes.is_multiple_of(LINE_BYTES) && bytes / LINE_BYTES <= MOST_ENTRIES => {
            Ok((bytes / LINE_BYTES) as usize)
        }
        _ => refuse(value, "bytes such as \"32K\" or \"8M\": a multiple of 64, at most 1G"),
    }
}

/// Bytes of a pool of guest frames.
fn pool(value: &DeValue<'_>) -> Outcome<u64> {
    match parse_bytes(&scalar(value).unwrap_or_default()) {
        Ok(bytes) if bytes.is_power_of_two() && (1 << 12..=1 << 39).contains(&bytes) => Ok(bytes),
        _ => refuse(value, "bytes such as \"512M\" or \"4G\": a power of two from 4K to 512G"),
    }
}

fn number(value: &DeValue<'_>, expected: &str) -> Outcome<usize> {
    match integer(value) {
        Some(number) if number <= MOST_ENTRIES => Ok(number as usize),
        _ => refuse(value, format!("{expected}, from 0 to {MOST_ENTRIES}")),
    }
}

impl Settings {
    /// Sets what a dotted key names. `cpu`, `prices` and `trace` are not settings of a cell and are unknown here.
    pub fn set(&mut self, key: &str, value: &DeValue<'_>) -> Outcome {
        let parts: Vec<&str> = key.split('.').collect();
        match parts.as_slice() {
            ["technique"] => self.technique = Some(choose(value, &Technique::ALL.map(|it| (it.name(), it)))?),
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
            ["host_pages"] => self.host_pages = page_size(value)?,
            ["guest_levels"] => self.guest_levels = levels(value)?,
            ["host_levels"] => self.host_levels = levels(value)?,
            ["host_backing"] => {
                self.host_backing = choose(value, &[("lazy", HostBacking::Lazy), ("prealloc", HostBacking::Prealloc)])?;
            }
            ["shadow", "fill"] => self.shadow.fill = choose(value, &[("eager", Fill::Eager), ("lazy", Fill::Lazy)])?,
            ["shadow", "on_switch"] => {
                self.shadow.on_switch = choose(value, &[("keep", OnSwitch::Keep), ("drop", OnSwitch::Drop)])?;
            }
            ["pv", "batch"] => match integer(value) {
                Some(batch @ 1..) => self.pv_batch = batch,
                _ => return refuse(value, "at least 1 update"),
            },
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
            _ => return Err(Refusal::UnknownKey),
        }
        Ok(())
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

    /// The cell; faults of its geometry otherwise.
    pub fn cell(&self) -> Result<Cell, Vec<String>> {
        let mut faults = Vec::new();
        let mut geometry = |array: Array, name: String| {
            array.geometry(&name).unwrap_or_else(|fault| {
                faults.push(fault);
                None
            })
        };
        let mut first_level = |arrays: &[Array; 3], name: &str| {
            PageSize::ALL.map(|size| geometry(arrays[size as usize], format!("tlb.{name}.{size}")))
        };
        let (l1d, l1i) = (first_level(&self.l1d, "l1d"), first_level(&self.l1i, "l1i"));
        let mut l2 = Vec::new();
        for (sizes, array) in &self.l2 {
            let name = sizes.iter().map(|size| size.name()).collect::<Vec<_>>().join("+");
            let held = geometry(*array, format!("tlb.l2.{name}"));
            l2.extend(held.map(|geometry| SecondLevel { sizes: sizes.clone(), geometry }));
        }
        let mut psc = |arrays: [Array; 4], name: &str| {
            let mut level = PSC_LEVELS.iter();
            PscShape(arrays.map(|array| geometry(array, format!("{name}.{}", level.next().unwrap_or(&"")))))
        };
        let [psc, host_psc] = [psc(self.psc, "psc"), psc(self.host_psc.unwrap_or(self.psc), "host_psc")];
        let mut level = CACHES.iter();
        let caches = self
            .caches
            .map(|arrays| arrays.map(|array| geometry(array, format!("caches.{}", level.next().unwrap_or(&"")))));
        let nested_tlb = geometry(self.nested_tlb, "nested_tlb".into());
        let caches = match caches {
            Some([Some(l1), Some(l2), Some(llc)]) => {
                Some(CacheShape { levels: [l1, l2, llc], pressure: self.data_pressure })
            }
            Some(_) => {
                faults.push("caches: not all of l1, l2 and llc have a size and ways".into());
                None
            }
            None => None,
        };
        let mmu = Mmu { tags: self.tags, tlb: TlbShape { l1d, l1i, l2 }, psc, host_psc, nested_tlb, caches };
        let machines = self.turns.owners().count();
        if machines >= MOST_PROCESSES {
            faults.push(format!(
                "vms: {machines} copies in all, each with a process, where at most {MOST_PROCESSES} fit"
            ));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Cell {
            turns: self.turns,
            technique: self.technique.unwrap_or(Technique::Native),
            guest_pages: self.guest_pages,
            infer_ranges: self.infer_ranges,
            frames: if self.frames_scattered {
                FrameOrder::Scattered { seed: self.frames_seed, pool: self.frames_pool }
            } else {
                FrameOrder::Contiguous
            },
            host_pages: self.host_pages,
            guest_levels: self.guest_levels,
            host_levels: self.host_levels,
            host_backing: self.host_backing,
            shadow: self.shadow,
            pv_batch: self.pv_batch,
            mmu,
        })
    }
}

fn set_psc(psc: &mut [Array; 4], level: &str, rest: &[&str], value: &DeValue<'_>) -> Outcome {
    let at = PSC_LEVELS.iter().position(|name| *name == level).ok_or(Refusal::UnknownKey)?;
    psc[at].set_or_entries(rest, value)
}
