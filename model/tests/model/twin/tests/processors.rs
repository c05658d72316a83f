//! Several virtual CPUs (section 13), worked out by hand.

use super::*;
use crate::twin::Technique::{Ept, Native, Pv, Shadow};
use crate::twin::{Geometry, Pressure};

fn on(thread: u32, row: Row) -> Row {
    Row { thread, ..row }
}

/// Two virtual CPUs, each with a first level for data.
fn two(technique: Technique) -> Config {
    Config { cpus: 2, l1d: [Some(Geometry::full(8)), None, None], ..bare(technique) }
}

#[test]
fn an_unmap_interrupts_the_other_thread() {
    let rows = [
        on(0, store(1, 0)),
        on(1, load(1, 0)),
        on(0, load(1, 0)),
        on(1, load(1, 0)),
        unmap(1, 0, 4096),
        on(1, load(1, 0)),
    ];
    let shared = [("invalidations", 1), ("shootdown_rounds", 1), ("shootdowns", 1), ("walks", 3), ("l1_hits", 2)];
    for (technique, own) in [
        (Native, [("exit_ipi", 0), ("exit_invlpg", 0), ("hypercall_invlpg", 0)]),
        (Shadow, [("exit_ipi", 1), ("exit_invlpg", 2), ("hypercall_invlpg", 0)]),
        (Ept, [("exit_ipi", 1), ("exit_invlpg", 0), ("hypercall_invlpg", 0)]),
        (Pv, [("exit_ipi", 0), ("exit_invlpg", 0), ("hypercall_invlpg", 1)]),
    ] {
        expect(&rows, &two(technique), &shared);
        expect(&rows, &two(technique), &own);
    }
    expect(&rows, &Config { posted_interrupts: false, ..two(Ept) }, &[("exit_ipi", 2)]);
    expect(&rows, &Config { cpus: 1, ..two(Shadow) }, &[("shootdown_rounds", 0), ("walks", 2), ("exit_invlpg", 1)]);
}

#[test]
fn a_processor_that_runs_another_process_is_not_interrupted_but_loses_its_entries() {
    let rows = [
        on(0, store(1, 0)),
        on(1, load(1, 0)),
        on(0, load(2, 0)),
        on(1, load(2, 0)),
        on(0, unmap(1, 0, 4096)),
        on(1, load(1, 0)),
    ];
    expect(
        &rows,
        &two(Shadow),
        &[("switches", 4), ("shootdowns", 0), ("walks", 5), ("l1_hits", 0), ("exit_invlpg", 1)],
    );
}

#[test]
fn a_switch_is_one_processors_own() {
    let rows = [on(0, load(1, 0)), on(1, load(1, 0)), on(0, load(2, 0)), on(1, load(1, 0)), on(0, load(1, 0))];
    expect(&rows, &Config { tags: false, ..two(Native) }, &[("switches", 2), ("walks", 4), ("l1_hits", 1)]);
    let rows = [on(0, load(1, 0)), on(1, load(1, 0))];
    expect(&rows, &Config { vms: 2, ..two(Native) }, &[("switches", 0), ("vm_switches", 2)]);
}

#[test]
fn exit_ends_the_mask() {
    let rows = [on(0, load(1, 0)), on(1, load(1, 0)), exit(1)];
    expect(&rows, &two(Native), &[("shootdown_rounds", 1), ("shootdowns", 1)]);
    let more = [&rows[..], &[load(1, 0), unmap(1, 0, 4096)]].concat();
    expect(&more, &two(Native), &[("shootdown_rounds", 1), ("full_flushes", 1), ("invalidations", 1)]);
}

#[test]
fn the_last_level_cache_alone_is_shared() {
    let rows = [on(0, load(1, 0)), on(0, load(1, 0)), on(1, load(1, 0))];
    let caches = Some([Geometry::full(64); 3]);
    let config = Config { caches, l1d: [None; 3], data_pressure: Pressure::None, ..two(Native) };
    expect(&rows, &config, &[("refs_dram", 4), ("refs_l1", 4), ("refs_llc", 4), ("refs_l2", 0)]);
}
