//! The keys of `[sweep]` and of processors: one row for each decides all that there is to know of it.

use super::array::{CACHE, TABLE, TABLE_OR_ENTRIES, named};
use super::key::Place::{Array, Elsewhere, Number, Price, Text, Word};
use super::key::Stands::{Machine, Processor, Run, Short};
use super::key::{Key, Place, Stands};
use super::values::{at_least, at_most, boolean, choose, levels, pool, put, refuse, warm};
use super::{CACHES, PSC_LEVELS};
use crate::address::PageSize;
use crate::bytes::parse_hertz;
use crate::guest::GuestPages;
use crate::technique::{self, Facts, HOST_BACKING, HOST_LEVELS, HOST_PAGES, Technique};
use crate::trace::MOST_PROCESSORS;
use crate::walk::DataPressure;
use std::sync::LazyLock;

/// The most VMs, and the most copies in each.
const MOST_VMS: u32 = 1 << 12;
const SIZES: &[&str] = &[PageSize::Size4K.name(), PageSize::Size2M.name(), PageSize::Size1G.name()];

/// Every key; the columns that all results have in their order.
pub fn keys() -> &'static [Key] {
    static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
        let mut keys = OF_RUNS.to_vec();
        for key in Technique::FACTS.into_iter().flat_map(|facts| facts.keys) {
            if !keys.iter().any(|known| known.name == key.name) {
                keys.push(of(key));
            }
        }
        keys.extend(OF_MACHINES);
        keys
    });
    &KEYS
}

/// What is run: the trace, the guest, the VMM. Keys of techniques that are not here follow.
static OF_RUNS: &[Key] = &[
    row(
        "interval",
        "",
        "Accesses after which counts and bill are taken by themselves, again and again, into the table `intervals`.",
        Elsewhere("one number of accesses, at least 1"),
    )
    .stands(Run),
    row(
        "sample.of",
        "",
        "The share of accesses that TLBs and walks are simulated for, instead of an interval.",
        Elsewhere("the share that is counted, such as \"1/16\": from \"1/2\" to \"1/1048576\""),
    )
    .stands(Run),
    row(
        "sample.warm",
        "0",
        "Accesses before each window that warm up TLBs and caches and are not counted.",
        Elsewhere("a number of accesses before each window"),
    )
    .stands(Run),
    row(
        "technique",
        "",
        "How guest memory is virtualized: native (not at all), shadow, ept (nested paging, also NPT) or pv (paravirtual).",
        Word(|of, value| put(&mut of.technique, choose(value, &Technique::FACTS.map(|it| (it.name, Some(it)))))),
    )
    .stands(Short),
    row(
        "guest_pages",
        "4K",
        "Page size of the guest's tables: 4K, 2M, 1G, or thp (2M where a mapping allows, else 4K).",
        Word(|of, value| {
            let sizes = PageSize::ALL.map(|size| (size.name(), GuestPages::One(size)));
            put(&mut of.guest_pages, choose(value, &[&sizes[..], &[("thp", GuestPages::Thp)]].concat()))
        }),
    )
    .stands(Short),
    of(&HOST_PAGES).stands(Short).merged(),
    row(
        "cpu",
        "",
        "The processor whose TLBs, paging-structure caches and data caches are modelled.",
        Text("the name of a processor, or a path to a .toml file"),
    )
    .stands(Short),
    row(
        "prices",
        "",
        "The price sheet: what each event costs in cycles.",
        Text("the name of a processor, or a path to a .toml file"),
    )
    .stands(Short),
    row(
        "guest_levels",
        "4",
        "Levels of the guest's page tables.",
        Number(|of, value| put(&mut of.guest_levels, levels(value))),
    )
    .stands(Short),
    of(&HOST_LEVELS).stands(Short),
    row(
        "vms",
        "1",
        "Virtual machines that take turns on the processor.",
        Number(|of, value| put(&mut of.turns.vms, at_most(value, MOST_VMS))),
    )
    .stands(Short),
    row(
        "copies",
        "1",
        "Copies of the trace in each virtual machine, each with processes of its own.",
        Number(|of, value| put(&mut of.turns.copies, at_most(value, MOST_VMS))),
    )
    .stands(Short),
    row(
        "quantum",
        "",
        "Rows of the trace per turn, where copies take turns.",
        Number(|of, value| put(&mut of.turns.quantum, at_least(value, 1, "at least 1 row").map(Some))),
    ),
    row(
        "cpus",
        "1",
        "Virtual CPUs of each virtual machine, each on a processor of its own; threads are dealt out to them.",
        Number(|of, value| put(&mut of.turns.cpus, at_most(value, MOST_PROCESSORS))),
    ),
    row(
        "warm",
        "1/2",
        "Accesses of each copy of the trace, or a share of them, after which it counts as steady; costs no simulation.",
        Word(|of, value| put(&mut of.warm, warm(value))),
    ),
    row(
        "thp.infer_ranges",
        "true",
        "Whether thp infers mappings for a trace that has no map rows.",
        Word(|of, value| put(&mut of.infer_ranges, boolean(value))),
    ),
    row(
        "frames",
        "contiguous",
        "The order of guest frames: contiguous, or scattered as after long uptime.",
        Word(|of, value| put(&mut of.frames_scattered, choose(value, &[("contiguous", false), ("scattered", true)]))),
    ),
    row(
        "frames_seed",
        "1",
        "Decides the order of scattered frames.",
        Number(|of, value| put(&mut of.frames_seed, at_least(value, 0, "a number of at least 0"))),
    ),
    row(
        "frames_pool",
        "1G",
        "Bytes within which frames are scattered.",
        Number(|of, value| put(&mut of.frames_pool, pool(value))),
    ),
    of(&HOST_BACKING),
];

/// What it runs on.
static OF_MACHINES: &[Key] = &[
    row(
        "data_pressure",
        "walked",
        "Which accesses' data compete with page-table entries for the data caches: walked, all or none.",
        Word(|of, value| {
            let choices = [("none", DataPressure::None), ("walked", DataPressure::Walked), ("all", DataPressure::All)];
            put(&mut of.data_pressure, choose(value, &choices))
        }),
    ),
    row("name", "", "The processor's full name.", Text("a name")).stands(Processor),
    row(
        "base",
        "software",
        "The processor whose keys and prices hold where this one gives none.",
        Text("the name of a processor, or a path to a .toml file"),
    )
    .stands(Processor),
    row(
        "clock",
        "",
        "Hertz of the processor, for run times.",
        Word(|_, value| {
            value
                .as_str()
                .and_then(|text| parse_hertz(text).ok())
                .map_or_else(|| refuse(value, "hertz such as \"2.6G\""), |_| Ok(()))
        }),
    )
    .stands(Processor),
    row("source", "", "Where the file's numbers come from.", Text("words")).stands(Processor),
    row(
        "posted_interrupts",
        "false",
        "Whether an interrupt reaches a virtual CPU that runs without an exit of its own.",
        Word(|of, value| put(&mut of.posted_interrupts, boolean(value))),
    )
    .stands(Processor),
    row(
        "ept",
        "true",
        "Whether the processor has nested paging; without, its ept cells are hypothetical.",
        Word(|_, value| boolean(value).map(|_| ())),
    )
    .stands(Processor),
    row(
        "tlb.tags",
        "true",
        "Whether TLB entries carry process tags; without, a switch empties the TLBs.",
        Word(|of, value| put(&mut of.tags, boolean(value))),
    )
    .stands(Machine),
    row(
        "tlb.l1d.SIZE",
        "",
        "The first-level data TLB array for SIZE pages.",
        Array(SIZES, TABLE, |of, size| named(&mut of.l1d, SIZES, size)),
    )
    .stands(Machine),
    row(
        "tlb.l1i.SIZE",
        "",
        "The first-level instruction TLB array for SIZE pages.",
        Array(SIZES, TABLE, |of, size| named(&mut of.l1i, SIZES, size)),
    )
    .stands(Machine),
    row(
        "tlb.l2.SIZES",
        "",
        "The second-level TLB array for SIZES pages.",
        Array(SIZES, TABLE, |of, sizes| of.second_level(sizes)),
    )
    .stands(Machine),
    row(
        "psc.LEVEL",
        "",
        "The paging-structure cache of LEVEL entries.",
        Array(&PSC_LEVELS, TABLE_OR_ENTRIES, |of, level| named(&mut of.psc, &PSC_LEVELS, level)),
    )
    .stands(Machine),
    row(
        "host_psc.LEVEL",
        "",
        "The host's paging-structure cache of LEVEL entries, by default as the guest's.",
        Array(&PSC_LEVELS, TABLE_OR_ENTRIES, |of, level| {
            named(of.host_psc.get_or_insert_default(), &PSC_LEVELS, level)
        }),
    )
    .stands(Machine)
    .only(Facts::is_nested),
    row(
        "nested_tlb",
        "",
        "The nested TLB, which holds translations of guest-physical pages.",
        Array(&[], TABLE_OR_ENTRIES, |of, _| Some(&mut of.nested_tlb)),
    )
    .stands(Machine)
    .only(Facts::is_nested),
    row(
        "caches",
        "none",
        "The data caches in which page-table entries are found.",
        Word(|of, value| match value.as_str() {
            Some("none") => put(&mut of.caches, Ok(None)),
            _ => refuse(value, "\"none\", or { l1, l2, llc } with `size` and `ways` each"),
        }),
    )
    .stands(Machine),
    row(
        "caches.LEVEL",
        "",
        "The LEVEL data cache.",
        Array(&CACHES, CACHE, |of, cache| named(of.caches.get_or_insert_default(), &CACHES, cache)),
    )
    .stands(Machine),
    row(
        "prices.PRICE",
        "",
        "The cycles of a price, as a number or as { cycles, source, confidence }; in [sweep] instead of the sheet's.",
        Price,
    )
    .stands(Machine),
];

const fn row(name: &'static str, default: &'static str, meaning: &'static str, place: Place) -> Key {
    Key { name, default, meaning, merged: false, stands: Stands::Axis, only: None, place }
}

/// A key of techniques.
const fn of(key: &'static technique::Key) -> Key {
    row(key.name, key.default, key.meaning, Place::Technique(key))
}

impl Key {
    const fn stands(self, stands: Stands) -> Key {
        Key { stands, ..self }
    }

    const fn only(self, heeds: fn(&Facts) -> bool) -> Key {
        Key { only: Some(heeds), ..self }
    }

    const fn merged(self) -> Key {
        Key { merged: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::*;
    use toml::de::DeValue;

    #[test]
    fn each_key_has_one_row_and_what_it_says_is_the_default_is_the_default() {
        for (i, key) in keys().iter().enumerate() {
            assert!(!keys()[..i].iter().any(|other| other.name == key.name), "{} has two", key.name);
            let (mut settings, quoted) = (Settings::default(), format!("\"{}\"", key.default));
            let value = DeValue::parse(key.default).or_else(|_| DeValue::parse(&quoted)).unwrap();
            if !key.default.is_empty() {
                settings.set(key.name, value.get_ref()).unwrap();
                let same = settings == Settings::default() || settings.cell() == Settings::default().cell();
                assert!(same, "{}", key.name);
            }
        }
    }
}
