//! Random sound traces for property tests.

use std::collections::BTreeSet;
use std::iter::repeat_n;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use vmmu_model::program::{Op, Row};

const PAGE: u64 = 4096;
/// Pages of a region: 8 MiB, so that it holds several 2M pages.
const REGION: u64 = 2048;
/// The first 4 KiB page of each region. They lie so that nodes of every level are shared by some and not by others.
const BASES: [u64; 8] = [
    0,                                          // page 0
    0x0000_0000_0040_0000,                      // the same 1G page as the one before
    0x0000_0000_4000_0000 - (4 << 20),          // across a 1G boundary
    0x0000_0080_0000_0000 - (2 << 20),          // across a 512G boundary
    0x0000_7fff_ffff_f000 - ((8 << 20) - PAGE), // the top of the low half
    0xffff_8000_0000_0000,                      // the bottom of the high half
    0xffff_ffff_8000_0000,                      // where Linux has its kernel
    0xffff_ffff_ffff_f000 - (8 << 20),          // up to the last page but one
];
/// The top of each half; the last page of all is left alone, for its range would end at 2^64.
const LOW_END: u64 = 0x0000_8000_0000_0000;
const HIGH_END: u64 = 0xffff_ffff_ffff_f000;

/// What happens next; numbers are indices, to be taken modulo what there is.
#[derive(Clone, Debug)]
enum Action {
    /// Accesses of one process to pages `stride` pages apart.
    Accesses {
        process: usize,
        region: usize,
        page: u64,
        stride: u64,
        kinds: Vec<(Op, u64, u64)>,
    },
    /// Map, unmap or protect.
    Range {
        op: Op,
        process: usize,
        region: usize,
        page: u64,
        pages: u64,
        back: bool,
    },
    /// Map a whole region, and a little less sometimes: what thp needs for a 2M page.
    Region {
        process: usize,
        region: usize,
        cut: u64,
    },
    /// A fork, then what makes parent and child part: stores, unmaps and protects of a few pages by either, maybe an exit.
    Family {
        process: usize,
        child: usize,
        region: usize,
        page: u64,
        steps: Vec<Step>,
    },
    /// Everything in one half.
    Half {
        op: Op,
        process: usize,
        high: bool,
    },
    Fork {
        process: usize,
        child: usize,
    },
    Exit {
        process: usize,
    },
}

/// What one of a family does to `pages` pages, from `page` of the family's pages on.
#[derive(Clone, Debug)]
struct Step {
    of_child: bool,
    op: Op,
    page: u64,
    pages: u64,
}

const IDS: [u32; 5] = [1, 2, 7, 0, u32::MAX];

/// A page of a region: mostly few, so that rows meet again, with some at the borders of 2M pages.
fn page() -> impl Strategy<Value = u64> {
    prop_oneof![
        6 => 0..12_u64,
        3 => 506..518_u64,
        2 => 1020..1030_u64,
        1 => (0..4_u64).prop_map(|i| 512 * i),
        1 => 0..REGION,
    ]
}

fn pages() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => 1..4_u64,
        3 => 4..40_u64,
        2 => 32..36_u64,
        2 => 510..515_u64,
        2 => select(vec![512_u64, 1024, 1536, 2048]),
        2 => 1..5000_u64,
        1 => select(vec![512 * 512_u64, 2 * 512 * 512, 512 * 512 + 1, 512 * 512 * 512]),
    ]
}

fn access() -> impl Strategy<Value = (Op, u64, u64)> {
    let op = prop_oneof![3 => Just(Op::Load), 3 => Just(Op::Store), 1 => Just(Op::Fetch)];
    (op, 0..PAGE, select(vec![1_u64, 2, 3, 4, 8, 16, 32, 64]))
}

fn action() -> impl Strategy<Value = Action> {
    let process = || 0..IDS.len();
    let stride = prop_oneof![6 => Just(1_u64), 2 => Just(0_u64), 1 => 2..40_u64, 1 => Just(512_u64)];
    let kinds = prop_oneof![4 => vec(access(), 1..6), 2 => vec(access(), 6..24), 1 => vec(access(), 34..44)];
    let accesses = (process(), 0..8_usize, page(), stride, kinds)
        .prop_map(|(process, region, page, stride, kinds)| Action::Accesses { process, region, page, stride, kinds });
    let range_op = || prop_oneof![2 => Just(Op::Map), 2 => Just(Op::Unmap), 1 => Just(Op::Protect)];
    let range = (range_op(), process(), 0..8_usize, page(), pages(), prop::bool::weighted(0.3))
        .prop_map(|(op, process, region, page, pages, back)| Action::Range { op, process, region, page, pages, back });
    let region = (process(), 0..8_usize, prop_oneof![4 => Just(0_u64), 1 => 1..600_u64])
        .prop_map(|(process, region, cut)| Action::Region { process, region, cut });
    let op = prop_oneof![
        6 => Just(Op::Store),
        2 => Just(Op::Load),
        2 => Just(Op::Unmap),
        1 => Just(Op::Protect),
        1 => Just(Op::Fork),
        1 => Just(Op::Exit),
    ];
    let step = (any::<bool>(), op, 0..3_u64, prop_oneof![4 => 1..4_u64, 1 => 500..1030_u64])
        .prop_map(|(of_child, op, page, pages)| Step { of_child, op, page, pages });
    let family = (process(), process(), 0..8_usize, page(), vec(step, 1..8))
        .prop_map(|(process, child, region, page, steps)| Action::Family { process, child, region, page, steps });
    let half =
        (range_op(), process(), any::<bool>()).prop_map(|(op, process, high)| Action::Half { op, process, high });
    prop_oneof![
        12 => accesses,
        6 => range,
        3 => region,
        3 => family,
        1 => half,
        2 => (process(), process()).prop_map(|(process, child)| Action::Fork { process, child }),
        1 => process().prop_map(|process| Action::Exit { process }),
    ]
}

/// A sound trace: page-aligned ranges inside one half of canonical 48-bit space, accesses that do not cross 4 KiB, no
/// fork to a live process, no exit of one that is not there; never empty.
pub fn trace() -> impl Strategy<Value = Vec<Row>> {
    let regions = subsequence(BASES.to_vec(), 1..=3);
    // Some traces keep to one process or two, so that state builds up.
    let processes = prop_oneof![2 => Just(1_usize), 3 => Just(2), 2 => Just(3), 1 => 4..=IDS.len()];
    // Threads in stretches of rows, again and again.
    let rows = prop_oneof![2 => 1..3_usize, 1 => 3..20_usize];
    let threads = vec((0..4_u32, rows), 1..20);
    (regions, processes, vec(action(), 1..40), threads).prop_map(|(regions, processes, actions, threads)| {
        let mut rows = vec![];
        let mut live = BTreeSet::new();
        for action in &actions {
            append(&mut rows, &mut live, action, &regions, processes);
        }
        if rows.is_empty() {
            rows.push(Row { op: Op::Load, address: regions[0], length: 8, process: IDS[0], thread: 0 });
        }
        let threads = threads.iter().cycle().flat_map(|(thread, rows)| repeat_n(*thread, *rows));
        rows.iter_mut().zip(threads).for_each(|(row, thread)| row.thread = thread);
        rows
    })
}

fn append(rows: &mut Vec<Row>, live: &mut BTreeSet<u32>, action: &Action, regions: &[u64], processes: usize) {
    let ids = &IDS[..processes];
    let id = |process: usize| ids[process % ids.len()];
    let base = |region: usize| regions[region % regions.len()];
    match action {
        Action::Accesses { process, region, page, stride, kinds } => {
            let process = id(*process);
            live.insert(process);
            for (i, &(op, byte, length)) in kinds.iter().enumerate() {
                let page = (page + stride * i as u64) % REGION;
                let length = length.min(PAGE - byte);
                rows.push(Row { op, address: base(*region) + page * PAGE + byte, length, process, thread: 0 });
            }
        }
        Action::Range { op, process, region, page, pages, back } => {
            let process = id(*process);
            live.insert(process);
            // Forward from the page, or backward to it; what would leave the half is cut off.
            let at = base(*region) + page * PAGE;
            let (low, high) = if at < LOW_END { (0, LOW_END) } else { (!(LOW_END - 1), HIGH_END) };
            let bytes = pages * PAGE;
            let start = if *back { low + (at - low).saturating_sub(bytes) } else { at };
            let end = if *back { at } else { at + bytes.min(high - at) };
            if start < end {
                rows.push(Row { op: *op, address: start, length: end - start, process, thread: 0 });
            }
        }
        Action::Half { op, process, high } => {
            let process = id(*process);
            live.insert(process);
            let (start, end) = if *high { (!(LOW_END - 1), HIGH_END) } else { (0, LOW_END) };
            rows.push(Row { op: *op, address: start, length: end - start, process, thread: 0 });
        }
        Action::Region { process, region, cut } => {
            let process = id(*process);
            live.insert(process);
            let (address, length) = (base(*region), (REGION - cut) * PAGE);
            rows.push(Row { op: Op::Map, address, length, process, thread: 0 });
        }
        Action::Family { process, child, region, page, steps } => {
            let parent = id(*process);
            let at = |page: u64| base(*region) + (page % REGION) * PAGE;
            live.insert(parent);
            rows.push(Row { op: Op::Store, address: at(*page), length: 8, process: parent, thread: 0 });
            rows.push(Row { op: Op::Load, address: at(page + 1), length: 8, process: parent, thread: 0 });
            let Some(child) = fork(rows, live, parent, *child) else { return };
            for step in steps {
                let process = if step.of_child { child } else { parent };
                let (address, first) = (at(page + step.page), (page + step.page) % REGION);
                let length = if step.op.is_access() { 8 } else { step.pages.min(REGION - first) * PAGE };
                match step.op {
                    Op::Exit => exit(rows, live, process),
                    Op::Fork => _ = fork(rows, live, process, 0),
                    op => {
                        live.insert(process);
                        rows.push(Row { op, address, length, process, thread: 0 });
                    }
                }
            }
        }
        Action::Fork { process, child } => _ = fork(rows, live, id(*process), *child),
        Action::Exit { process } => exit(rows, live, id(*process)),
    }
}

/// Forks to the first id from `child` on that is neither live nor the parent's, if there is one.
fn fork(rows: &mut Vec<Row>, live: &mut BTreeSet<u32>, process: u32, child: usize) -> Option<u32> {
    let mut ids = (0..IDS.len()).map(|i| IDS[(child + i) % IDS.len()]);
    let child = ids.find(|c| *c != process && !live.contains(c))?;
    live.extend([process, child]);
    rows.push(Row { op: Op::Fork, address: 0, length: u64::from(child), process, thread: 0 });
    Some(child)
}

fn exit(rows: &mut Vec<Row>, live: &mut BTreeSet<u32>, process: u32) {
    if live.remove(&process) {
        rows.push(Row { op: Op::Exit, address: 0, length: 0, process, thread: 0 });
    }
}
