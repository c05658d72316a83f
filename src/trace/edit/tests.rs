use super::*;
use crate::trace::check::{self, Sequence};
use crate::trace::{MemorySource, Op, Row};
use proptest::prelude::*;
use std::collections::HashMap;

fn row(op: Op, address: u64, length: u64, process: u32) -> Row {
    Row { op, address, length, process, thread: 0 }
}

fn load(address: u64, process: u32) -> Row {
    row(Op::Load, address, 8, process)
}

fn named(rows: &[Row]) -> Named {
    Named { name: "x".into(), source: Box::new(MemorySource::new(rows.to_vec()).in_chunks_of(3)) }
}

fn all(mut source: impl Source) -> Result<Vec<Row>, String> {
    let (mut all, mut rows) = (Vec::new(), Vec::new());
    loop {
        source.fill(&mut rows).map_err(|error| error.to_string())?;
        if rows.is_empty() {
            return Ok(all);
        }
        all.append(&mut rows);
    }
}

fn window(skip: u64, limit: u64) -> Window {
    Window { counted: Counted::Accesses, skip, limit, every: 1, length: 10 }
}

fn cut(rows: &[Row], window: Window) -> Vec<Row> {
    all(Cut::new(named(rows).source, window)).unwrap()
}

#[test]
fn a_cut_without_limits_is_the_trace_itself() {
    let rows = [row(Op::Map, 0x1000, 4096, 1), load(0x1000, 1), row(Op::Fork, 0, 2, 1), row(Op::Exit, 0, 0, 2)];
    assert_eq!(cut(&rows, window(0, u64::MAX)), rows);
}

#[test]
fn what_was_mapped_before_a_window_stands_at_its_start() {
    let rows = [
        row(Op::Map, 0x1000, 0x4000, 1),
        row(Op::Map, 0x5000, 0x1000, 1),
        load(0x1000, 1),
        row(Op::Unmap, 0x2000, 0x1000, 1),
        row(Op::Fork, 0, 2, 1),
        row(Op::Map, 0x9000, 0x1000, 3),
        row(Op::Exit, 0, 0, 3),
        load(0x3000, 1),
        load(0x4000, 2),
        load(0x5000, 2),
    ];
    let mapped = |process| [row(Op::Map, 0x1000, 0x1000, process), row(Op::Map, 0x3000, 0x3000, process)];
    let kept = [&mapped(1)[..], &mapped(2), &[load(0x4000, 2)]].concat();
    assert_eq!(cut(&rows, window(2, 1)), kept);
}

#[test]
fn ranges_that_meet_between_the_halves_stay_apart() {
    let (low, high) = (0x00ff_ffff_ffff_f000, 0xff00_0000_0000_0000);
    let maps = [row(Op::Map, low, 4096, 1), row(Op::Map, high, 4096, 1), row(Op::Map, !0xfff, 4096, 1)];
    let rows = [&maps[..], &[load(0x1000, 1), load(0x2000, 1)]].concat();
    assert_eq!(cut(&rows, window(1, 1)), [&maps[..], &[load(0x2000, 1)]].concat());
}

#[test]
fn calls_between_windows_are_kept_and_accesses_are_not() {
    let mut rows: Vec<Row> = (0..40).map(|page| load(page << 12, 1)).collect();
    rows.insert(15, row(Op::Unmap, 0x1000, 4096, 1));
    let kept = cut(&rows, Window { every: 2, ..window(0, u64::MAX) });
    let pages: Vec<_> = kept.iter().filter(|row| row.op == Op::Load).map(|row| row.address >> 12).collect();
    assert_eq!(pages, (0..10).chain(20..30).collect::<Vec<_>>());
    assert_eq!(kept[10].op, Op::Unmap);
}

#[test]
fn rows_can_be_counted_instead_of_accesses() {
    let rows = [row(Op::Map, 0x1000, 4096, 1), load(0x1000, 1), load(0x2000, 1)];
    let window = Window { counted: Counted::Rows, ..window(0, 2) };
    assert_eq!(cut(&rows, window), rows[..2]);
}

#[test]
fn merged_traces_take_turns_and_their_processes_do_not_collide() {
    let a = [load(0x1000, 7), load(0x2000, 7), load(0x3000, 7)];
    let b = [row(Op::Fork, 0, 8, 7), load(0x9000, 8), row(Op::Exit, 0, 0, 8), row(Op::Fork, 0, 8, 7)];
    let mut merge = Merge::new(vec![named(&a), named(&b)], 2);
    let (mut merged, mut rows) = (Vec::new(), Vec::new());
    while merge.fill(&mut rows).is_ok() && !rows.is_empty() {
        merged.append(&mut rows);
    }
    let expected = [
        load(0x1000, 1),
        load(0x2000, 1),
        row(Op::Fork, 0, 3, 2),
        load(0x9000, 3),
        load(0x3000, 1),
        row(Op::Exit, 0, 0, 3),
        row(Op::Fork, 0, 4, 2),
    ];
    assert_eq!(merged, expected);
    assert_eq!(merge.processes().collect::<Vec<_>>(), ["7 is 1", "7 is 2, 8 is 3, 8 is 4"]);
}

#[test]
fn joined_traces_share_their_processes_unless_they_are_renumbered() {
    let rows = [load(0x1000, 7), row(Op::Fork, 0, 8, 7)];
    let joined = |renumber| all(Concat::new(vec![named(&rows), named(&rows)], renumber));
    let message = joined(false).unwrap_err();
    assert!(message.contains("x, row 1: process 7 forks process 8, which is alive"), "{message}");
    let expected = [load(0x1000, 1), row(Op::Fork, 0, 2, 1), load(0x1000, 3), row(Op::Fork, 0, 4, 3)];
    assert_eq!(joined(true).unwrap(), expected);
    let parts = Concat::new(vec![named(&rows), named(&[load(0x1000, 7)])], false);
    assert_eq!(all(parts).unwrap(), [&rows[..], &[load(0x1000, 7)]].concat());
}

#[test]
fn a_moved_trace_stays_in_its_half_and_keeps_its_processes_apart() {
    let rows = [row(Op::Map, 0x1000, 4096, 1), load(0x1008, 1), row(Op::Fork, 0, 2, 1), load(!0xfff, 1)];
    let rebase = |rows: &[Row], offset, ids: &[(u32, u32)]| {
        all(Rebase::new(named(rows), offset, ids.iter().copied().collect::<HashMap<_, _>>()))
    };
    let expected = [row(Op::Map, 0x3000, 4096, 9), load(0x3008, 9), row(Op::Fork, 0, 2, 9)];
    assert_eq!(rebase(&rows[..3], 0x2000, &[(1, 9)]).unwrap(), expected);
    assert!(rebase(&rows, 0x2000, &[]).unwrap_err().contains("row 3: load of address"));
    assert!(rebase(&rows, -0x2000, &[]).unwrap_err().contains("row 0: map of address 0x1000"));
    let message = rebase(&rows, 0, &[(1, 2)]).unwrap_err();
    assert!(message.contains("row 2: processes 1 and 2 would both be 2"), "{message}");
    assert!(rebase(&rows, 0, &[(1, 2), (2, 1)]).is_ok());
}

/// Sound rows: accesses and calls of a few processes.
fn trace() -> impl Strategy<Value = Vec<Row>> {
    let one = (0..8_usize, 0..64_u64, 1..5_u64, 0..4_u32, 0..4_u32);
    proptest::collection::vec(one, 1..200).prop_map(|rows| {
        let mut sequence = Sequence::default();
        let rows = rows.into_iter().map(|(op, page, length, process, child)| {
            let length = if Op::ALL[op] == Op::Fork { child.into() } else { length << 12 };
            row(Op::ALL[op], page << 12, length, process)
        });
        rows.filter(|row| check::row(row).is_ok() && sequence.check(row).is_ok()).collect()
    })
}

proptest! {
    #[test]
    fn what_is_made_of_sound_traces_is_sound(
        a in trace(), b in trace(), skip in 0..80_u64, limit in 1..80_u64, every in 1..4_u64, length in 1..9_u64, quantum in 1..9_u64,
    ) {
        let sound = |rows: &[Row]| {
            let mut sequence = Sequence::default();
            rows.iter().all(|row| check::row(row).is_ok() && sequence.check(row).is_ok())
        };
        let counted = |rows: &[Row]| rows.iter().filter(|row| row.op.is_access()).count() as u64;
        for counts in [Counted::Accesses, Counted::Rows] {
            let kept = cut(&a, Window { counted: counts, skip, limit, every, length });
            prop_assert!(sound(&kept) && counted(&kept) <= limit);
        }
        let whole = cut(&a, Window { every: 1, ..window(skip, u64::MAX) });
        prop_assert_eq!(counted(&whole), counted(&a).saturating_sub(skip));
        let merged = all(Merge::new(vec![named(&a), named(&b)], quantum)).unwrap();
        prop_assert!(sound(&merged) && merged.len() == a.len() + b.len());
        let joined = all(Concat::new(vec![named(&a), named(&b)], true)).unwrap();
        prop_assert!(sound(&joined) && joined.len() == a.len() + b.len());
    }
}
