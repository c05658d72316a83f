//! The keys of `[sweep]` and of processors: one row for each decides all that there is to know of it.

use super::array::{CACHE, TABLE, TABLE_OR_ENTRIES, named};
use super::key::Place::{Array, Elsewhere, Number, Text, Word};
use super::key::Stands::{Machine, Processor, Run, Short};
use super::key::{Key, Place, Stands};
use super::values::{at_least, at_most, boolean, choose, levels, page_size, pool, put, refuse};
use super::{CACHES, PSC_LEVELS};
use crate::address::PageSize;
use crate::guest::GuestPages;
use crate::technique::{Fill, HostBacking, OnSwitch, Technique};
use crate::walk::DataPressure;

/// The most VMs, and the most copies in each.
const MOST_VMS: u32 = 1 << 12;
const SIZES: &[&str] = &[PageSize::Size4K.name(), PageSize::Size2M.name(), PageSize::Size1G.name()];

/// Every key; the columns that all results have in their order.
pub const KEYS: &[Key] = &[
    row(
        "interval",
        "",
        "Accesses after which counts are taken, again and again.",
        Elsewhere("one number of accesses, at least 1"),
    )
    .stands(Run),
    row(
        "sample.of",
        "",
        "The share of the accesses that is looked up and walked, in periodic windows.",
        Elsewhere("the share that is counted, such as \"1/16\": from \"1/2\" to \"1/1048576\""),
    )
    .stands(Run),
    row(
        "sample.warm",
        "0",
        "Accesses before each window that warm up TLBs and caches.",
        Elsewhere("a number of accesses before each window"),
    )
    .stands(Run),
    row(
        "technique",
        "",
        "How guest memory is virtualized: native (not at all), shadow, ept (nested paging, also NPT) or pv (paravirtual).",
        Word(|of, value| put(&mut of.technique, choose(value, &Technique::ALL.map(|it| (it.name(), Some(it)))))),
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
    row(
        "host_pages",
        "4K",
        "Page size of the host's tables; empty for native and pv, to which it means nothing.",
        Word(|of, value| put(&mut of.host_pages, page_size(value))),
    )
    .stands(Short)
    .only(&["shadow", "ept"])
    .merged(),
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
    row(
        "host_levels",
        "4",
        "Levels of the host's page tables.",
        Number(|of, value| put(&mut of.host_levels, levels(value))),
    )
    .stands(Short)
    .only(&["ept"]),
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
    row(
        "host_backing",
        "lazy",
        "Whether the host backs guest memory on first use (lazy) or before the run (prealloc).",
        Word(|of, value| {
            let choices = [("lazy", HostBacking::Lazy), ("prealloc", HostBacking::Prealloc)];
            put(&mut of.host_backing, choose(value, &choices))
        }),
    )
    .only(&["ept"]),
    row(
        "shadow.fill",
        "eager",
        "Whether the exit that maps a page fills the shadow entry (eager) or a hidden fault does (lazy).",
        Word(|of, value| put(&mut of.shadow.fill, choose(value, &[("eager", Fill::Eager), ("lazy", Fill::Lazy)]))),
    )
    .only(&["shadow"]),
    row(
        "shadow.on_switch",
        "keep",
        "Whether a shadow table is kept or dropped when its process is switched away from.",
        Word(|of, value| {
            put(&mut of.shadow.on_switch, choose(value, &[("keep", OnSwitch::Keep), ("drop", OnSwitch::Drop)]))
        }),
    )
    .only(&["shadow"]),
    row(
        "pv.batch",
        "2048",
        "Page-table updates per hypercall.",
        Number(|of, value| put(&mut of.pv_batch, at_least(value, 1, "at least 1 update"))),
    )
    .only(&["pv"]),
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
    row("source", "", "Where the file's numbers come from.", Text("words")).stands(Processor),
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
        Array(&PSC_LEVELS, TABLE_OR_ENTRIES, |of, level| named(of.host_psc.get_or_insert_default(), &PSC_LEVELS, level)),
    )
    .stands(Machine)
    .only(&["ept"]),
    row(
        "nested_tlb",
        "",
        "The nested TLB, which holds translations of guest-physical pages.",
        Array(&[], TABLE_OR_ENTRIES, |of, _| Some(&mut of.nested_tlb)),
    )
    .stands(Machine)
    .only(&["ept"]),
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
        "The cycles of a price, as a number or as { cycles, source, confidence }.",
        Elsewhere("cycles: a number from 0 to below 10^9, with at most nine decimals"),
    )
    .stands(Processor),
];

const fn row(name: &'static str, default: &'static str, meaning: &'static str, place: Place) -> Key {
    Key { name, default, meaning, techniques: None, merged: false, stands: Stands::Axis, place }
}

impl Key {
    const fn stands(self, stands: Stands) -> Key {
        Key { stands, ..self }
    }

    const fn only(self, techniques: &'static [&'static str]) -> Key {
        Key { techniques: Some(techniques), ..self }
    }

    const fn merged(self) -> Key {
        Key { merged: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::*;
    use crate::words::ORDINARY;
    use toml::de::DeValue;

    #[test]
    fn each_key_has_one_row_and_what_it_says_is_the_default_is_the_default() {
        for (i, key) in KEYS.iter().enumerate() {
            assert!(!KEYS[..i].iter().any(|other| other.name == key.name), "{} has two", key.name);
            let mut settings = Settings::default();
            let quoted = format!("\"{}\"", key.default);
            let value = DeValue::parse(key.default).or_else(|_| DeValue::parse(&quoted)).unwrap();
            if !key.default.is_empty() {
                settings.set(key.name, value.get_ref()).unwrap();
                assert_eq!(settings, Settings::default(), "{}", key.name);
            }
        }
    }

    #[test]
    fn numbers_of_the_short_columns_are_ordinary_at_their_defaults() {
        let numbers = KEYS.iter().filter(|key| key.stands == Short && !key.is_word());
        assert!(numbers.map(|key| (key.name, key.default)).eq(ORDINARY));
    }
}
