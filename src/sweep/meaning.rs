//! What each key of `[sweep]` means, in one sentence: the dictionary of the axes.

/// Keys that are whole.
const KEYS: [(&str, &str); 22] = [
    (
        "technique",
        "How guest memory is virtualized: native (not at all), shadow, ept (nested paging, also NPT) or pv (paravirtual).",
    ),
    ("guest_pages", "Page size of the guest's tables: 4K, 2M, 1G, or thp (2M where a mapping allows, else 4K)."),
    ("host_pages", "Page size of the host's tables; empty for native and pv, to which it means nothing."),
    ("cpu", "The processor whose TLBs, paging-structure caches and data caches are modelled."),
    ("prices", "The price sheet: what each event costs in cycles."),
    ("guest_levels", "Levels of the guest's page tables."),
    ("host_levels", "Levels of the host's page tables."),
    ("vms", "Virtual machines that take turns on the processor."),
    ("copies", "Copies of the trace in each virtual machine, each with processes of its own."),
    ("quantum", "Rows of the trace per turn, where copies take turns."),
    ("thp.infer_ranges", "Whether thp infers mappings for a trace that has no map rows."),
    ("frames", "The order of guest frames: contiguous, or scattered as after long uptime."),
    ("frames_seed", "Decides the order of scattered frames."),
    ("frames_pool", "Bytes within which frames are scattered."),
    ("host_backing", "Whether the host backs guest memory on first use (lazy) or before the run (prealloc)."),
    ("shadow.fill", "Whether the exit that maps a page fills the shadow entry (eager) or a hidden fault does (lazy)."),
    ("shadow.on_switch", "Whether a shadow table is kept or dropped when its process is switched away from."),
    ("pv.batch", "Page-table updates per hypercall."),
    ("data_pressure", "Which accesses' data compete with page-table entries for the data caches: walked, all or none."),
    ("tlb.tags", "Whether TLB entries carry process tags; without, a switch empties the TLBs."),
    ("nested_tlb", "The nested TLB, which holds translations of guest-physical pages."),
    ("caches", "The data caches in which page-table entries are found."),
];

/// The meaning of a dotted key; `None` where there is no such key.
pub fn meaning_of_key(key: &str) -> Option<String> {
    if let Some((_, meaning)) = KEYS.iter().find(|(known, _)| *known == key) {
        return Some(meaning.to_string());
    }
    let parts: Vec<&str> = key.split('.').collect();
    let (of, place) = match parts[..] {
        ["tlb", array, sizes, of] => (of, format!("the {} TLB array for {sizes} pages", tlb(array)?)),
        ["psc", level] => ("entries", format!("the paging-structure cache of {level} entries")),
        ["psc", level, of] => (of, format!("the paging-structure cache of {level} entries")),
        ["host_psc", level] => ("entries", format!("the host's paging-structure cache of {level} entries")),
        ["host_psc", level, of] => (of, format!("the host's paging-structure cache of {level} entries")),
        ["nested_tlb", of] => (of, "the nested TLB".into()),
        ["caches", level, of] => (of, format!("the {level} data cache")),
        _ => return None,
    };
    let of = match of {
        "entries" => "Entries",
        "ways" => "Ways",
        "size" => "Bytes",
        _ => return None,
    };
    Some(format!("{of} of {place}."))
}

fn tlb(array: &str) -> Option<&'static str> {
    Some(match array {
        "l1d" => "first-level data",
        "l1i" => "first-level instruction",
        "l2" => "second-level",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::settings::SWEEP_KEYS;

    #[test]
    fn every_key_that_may_be_an_axis_has_a_meaning() {
        let below =
            ["thp.infer_ranges", "shadow.fill", "pv.batch", "tlb.l2.4K+2M.ways", "psc.pd", "host_psc.pml4.ways"];
        for key in SWEEP_KEYS.into_iter().filter(|&key| key != "interval" && key != "sample") {
            let whole = meaning_of_key(key).is_some();
            assert!(whole || below.iter().any(|it| it.starts_with(key) && meaning_of_key(it).is_some()), "{key}");
        }
        assert_eq!(meaning_of_key("tlb.l2.4K.entries").unwrap(), "Entries of the second-level TLB array for 4K pages.");
        assert_eq!(meaning_of_key("tlb.l3.4K.entries"), None);
    }
}
