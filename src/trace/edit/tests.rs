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

/// Rows with times.
struct Clocked {
    rows: MemorySource,
    times: Vec<u64>,
    used: std::ops::Range<usize>,
}

impl Source for Clocked {
    fn fill(&mut self, rows: &mut Vec<Row>) -> crate::error::Result<()> {
        self.rows.fill(rows)?;
        self.used = self.used.end..self.used.end + rows.len();
        Ok(())
    }

    fn expected_rows(&self) -> Option<u64> {
        None
    }

    fn times(&self) -> Option<&[u64]> {
        Some(&self.times[self.used.clone()])
    }
}

fn clocked(rows: &[(Row, u64)]) -> Named {
    let (rows, times): (Vec<_>, _) = rows.iter().copied().unzip();
    let rows = MemorySource::new(rows).in_chunks_of(3);
    Named { name: "x".into(), source: Box::new(Clocked { rows, times, used: 0..0 }) }
}

/// All rows with their times.
fn all_timed(source: &mut impl Source) -> Vec<(Row, u64)> {
    let (mut all, mut rows) = (Vec::new(), Vec::new());
    while source.fill(&mut rows).is_ok() && !rows.is_empty() {
        let times = source.times().unwrap();
        assert_eq!(times.len(), rows.len());
        all.extend(rows.iter().copied().zip(times.iter().copied()));
    }
    all
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

fn selection(skip: u64, limit: u64) -> Selection {
    Selection { counted: Counted::Accesses, skip, limit, every: 1, length: 10 }
}

fn cut(rows: &[Row], selection: Selection) -> Vec<Row> {
    all(Cut::new(named(rows).source, selection)).unwrap()
}

#[test]
fn a_cut_without_limits_is_the_trace_itself() {
    let rows = [row(Op::Map, 0x1000, 4096, 1), load(0x1000, 1), row(Op::Fork, 0, 2, 1), row(Op::Exit, 0, 0, 2)];
    assert_eq!(cut(&rows, selection(0, u64::MAX)), rows);
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
    assert_eq!(cut(&rows, selection(2, 1)), kept);
}

#[test]
fn rows_that_stand_for_calls_are_of_a_thread_that_there_is() {
    let of = |thread: u32, row: Row| Row { thread, ..row };
    let rows = [
        of(7, row(Op::Map, 0x1000, 0x4000, 1)),
        of(7, row(Op::Fork, 0, 2, 1)),
        of(8, load(0x1000, 1)),
        of(9, load(0x1000, 2)),
        of(8, load(0x2000, 1)),
    ];
    let kept = cut(&rows, selection(2, 1));
    assert!(kept.iter().map(|row| (row.process, row.thread)).eq([(1, 8), (2, 9), (1, 8)]), "{kept:?}");
}

#[test]
fn ranges_that_meet_between_the_halves_stay_apart() {
    let (low, high) = (0x00ff_ffff_ffff_f000, 0xff00_0000_0000_0000);
    let maps = [row(Op::Map, low, 4096, 1), row(Op::Map, high, 4096, 1), row(Op::Map, !0xfff, 4096, 1)];
    let rows = [&maps[..], &[load(0x1000, 1), load(0x2000, 1)]].concat();
    assert_eq!(cut(&rows, selection(1, 1)), [&maps[..], &[load(0x2000, 1)]].concat());
}

#[test]
fn calls_between_windows_are_kept_and_accesses_are_not() {
    let mut rows: Vec<Row> = (0..40).map(|page| load(page << 12, 1)).collect();
    rows.insert(15, row(Op::Unmap, 0x1000, 4096, 1));
    let kept = cut(&rows, Selection { every: 2, ..selection(0, u64::MAX) });
    let pages: Vec<_> = kept.iter().filter(|row| row.op == Op::Load).map(|row| row.address >> 12).collect();
    assert_eq!(pages, (0..10).chain(20..30).collect::<Vec<_>>());
    assert_eq!(kept[10].op, Op::Unmap);
}

#[test]
fn rows_can_be_counted_instead_of_accesses() {
    let rows = [row(Op::Map, 0x1000, 4096, 1), load(0x1000, 1), load(0x2000, 1)];
    let rows_counted = Selection { counted: Counted::Rows, ..selection(0, 2) };
    assert_eq!(cut(&rows, rows_counted), rows[..2]);
}

#[test]
fn merged_traces_take_turns_and_their_processes_do_not_collide() {
    let a = [load(0x1000, 7), load(0x2000, 7), load(0x3000, 7)];
    let b = [row(Op::Fork, 0, 8, 7), load(0x9000, 8), row(Op::Exit, 0, 0, 8), row(Op::Fork, 0, 8, 7)];
    let mut merge = Merge::new(vec![named(&a), named(&b)], Order::Turns(2)).unwrap();
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
    let message = rebase(&rows, 0, &[(7, 3), (1, 5)]).unwrap_err();
    assert!(message.contains("no process 7 to rename") && message.contains("of the trace: 1, 2"), "{message}");
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
            let kept = cut(&a, Selection { counted: counts, skip, limit, every, length });
            prop_assert!(sound(&kept) && counted(&kept) <= limit);
        }
        let whole = cut(&a, Selection { every: 1, ..selection(skip, u64::MAX) });
        prop_assert_eq!(counted(&whole), counted(&a).saturating_sub(skip));
        let merged = all(Merge::new(vec![named(&a), named(&b)], Order::Turns(quantum)).unwrap()).unwrap();
        prop_assert!(sound(&merged) && merged.len() == a.len() + b.len());
        let joined = all(Concat::new(vec![named(&a), named(&b)], true)).unwrap();
        prop_assert!(sound(&joined) && joined.len() == a.len() + b.len());
    }
}

#[test]
fn times_stay_with_their_rows() {
    let rows = [
        (row(Op::Map, 0x1000, 0x4000, 1), 3),
        (load(0x1000, 1), 4),
        (load(0x2000, 1), 6),
        (load(0x3000, 1), 5),
        (load(0x4000, 1), 9),
    ];
    let cut = all_timed(&mut Cut::new(clocked(&rows).source, selection(1, 2)));
    assert_eq!(cut, [(rows[0].0, 6), rows[2], rows[3]], "what was mapped stands at the time of the first row");
    let moved = all_timed(&mut Rebase::new(clocked(&rows), 0x1000, HashMap::new()));
    assert!(moved.iter().map(|(_, time)| *time).eq([3, 4, 6, 5, 9]));
    assert_eq!(all_timed(&mut Concat::new(vec![clocked(&rows), clocked(&rows)], false)), [rows, rows].concat());
    let mixed = || vec![clocked(&rows), named(&[load(0x9000, 2)])];
    assert!(Concat::new(mixed(), false).times().is_none());
    assert!(Merge::new(mixed(), Order::Turns(2)).unwrap().times().is_none());
    let message = Merge::new(mixed(), Order::Time).err().unwrap().to_string();
    assert!(message.contains("x: a trace without times") && message.contains("--by turns"), "{message}");
}

#[test]
fn merged_by_the_time_elapsed_traces_begin_together() {
    let (a, b) = (
        [(load(0x1000, 1), 100), (load(0x2000, 1), 110)],
        [(load(0x3000, 1), 7), (load(0x4000, 1), 5), (load(0x5000, 1), 12)],
    );
    let mut merge = Merge::new(vec![clocked(&a), clocked(&b)], Order::Elapsed).unwrap();
    let merged: Vec<_> = all_timed(&mut merge).iter().map(|(row, time)| (row.address >> 12, *time)).collect();
    assert_eq!(merged, [(1, 0), (3, 0), (4, 0), (5, 5), (2, 10)]);
    assert_eq!(merge.late().collect::<Vec<_>>(), [0, 0]);
}

/// Loads, each of a page of its own, with times that may go back.
fn timed_trace(first: u64) -> impl Strategy<Value = Vec<(Row, u64)>> {
    proptest::collection::vec(0..20_u64, 0..60)
        .prop_map(move |times| (first..).zip(times).map(|(page, time)| (load(page << 12, 1), time)).collect())
}

proptest! {
    #[test]
    fn a_merge_by_time_is_a_stable_sort_and_holds_each_trace_as_it_was(a in timed_trace(0), b in timed_trace(100), c in timed_trace(200)) {
        let traces = [a, b, c];
        let mut merge = Merge::new(traces.iter().map(|rows| clocked(rows)).collect(), Order::Time).unwrap();
        let merged = all_timed(&mut merge);
        // A row cannot come before those ahead of it in its trace.
        let mut sorted = Vec::new();
        for rows in &traces {
            let mut latest = 0;
            sorted.extend(rows.iter().map(|(row, time)| {
                latest = latest.max(*time);
                (latest, row.address, *time)
            }));
        }
        sorted.sort_by_key(|(key, ..)| *key);
        let found: Vec<_> = merged.iter().map(|(row, time)| (row.address, *time)).collect();
        prop_assert_eq!(&found, &sorted.into_iter().map(|(_, address, time)| (address, time)).collect::<Vec<_>>());
        for (number, rows) in traces.iter().enumerate() {
            let of = |address: &u64| address >> 12 >= 100 * number as u64 && address >> 12 < 100 * (number as u64 + 1);
            let part: Vec<_> = found.iter().filter(|(address, _)| of(address)).copied().collect();
            prop_assert_eq!(part, rows.iter().map(|(row, time)| (row.address, *time)).collect::<Vec<_>>());
        }
        let late = |rows: &Vec<(Row, u64)>| (1..rows.len()).filter(|&i| rows[..i].iter().any(|(_, time)| *time > rows[i].1)).count() as u64;
        prop_assert_eq!(merge.late().collect::<Vec<_>>(), traces.iter().map(late).collect::<Vec<_>>());
    }
}
