//! Are the rows what programs do to their memory?

use super::*;

/// What a row of `steps.c` says, in pages of its region: op, first page, pages.
fn in_pages(row: &Row) -> (Op, u64, u64) {
    (row.op, (row.address - REGION) / PAGE, row.length.div_ceil(PAGE))
}

#[test]
fn calls_become_exactly_the_rows_that_they_mean() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    let touched = |pages: std::ops::Range<u64>| pages.map(|page| (Op::Store, page, 1));
    let mut parent = vec![(Op::Map, 0, 64), (Op::Unmap, 0, 16), (Op::Map, 0, 16)];
    parent.extend(touched(0..16));
    parent.extend([(Op::Protect, 1, 2), (Op::Unmap, 4, 2), (Op::Map, 4, 2)]);
    parent.extend(touched(4..6));
    parent.extend([(Op::Unmap, 12, 4), (Op::Map, 12, 2)]);
    parent.extend(touched(12..14));
    parent.extend([(Op::Unmap, 12, 2), (Op::Unmap, 32, 4), (Op::Unmap, 8, 4), (Op::Map, 32, 4)]);
    parent.extend(touched(32..33));
    parent.extend(touched(0..1));
    for name in ["steps", "steps.static"] {
        let place = Place::new();
        let run = place.record(&[], &[&program(name)]);
        assert_eq!(run.status.code(), Some(5), "{}", text(&run.stderr));
        assert_eq!(text(&run.stdout), format!("{REGION:#x}\n"), "its standard output is its own");
        let rows = place.rows();
        let region: Vec<&Row> = rows.iter().filter(|row| (REGION..REGION + 64 * PAGE).contains(&row.address)).collect();
        let of =
            |process| region.iter().filter(|row| row.process == process).map(|row| in_pages(row)).collect::<Vec<_>>();
        assert_eq!(of(1), parent, "{name}");
        assert_eq!(of(2), [(Op::Store, 0, 1)], "{name}: the child");
        let lives: Vec<_> = rows.iter().filter(|row| matches!(row.op, Op::Fork | Op::Exit)).collect();
        let lives: Vec<_> = lives.iter().map(|row| (row.op, row.process, row.length)).collect();
        assert_eq!(lives, [(Op::Fork, 1, 2), (Op::Exit, 2, 0), (Op::Exit, 1, 0)], "{name}");
        // The image and the stack precede the first access.
        let first = rows.iter().position(|row| row.op.is_access()).unwrap();
        let mapped = |address| {
            rows[..first]
                .iter()
                .any(|row| row.op == Op::Map && (row.address..row.address + row.length).contains(&address))
        };
        assert!(mapped(rows[first].address), "{name}: the stack");
        assert!(first >= 4, "{name}: segments");
    }
}

#[test]
fn the_recorder_and_lackey_see_the_same_accesses() {
    if !ready(&["cc", "qemu-x86_64", "valgrind"]) {
        return;
    }
    let [ours, lackeys] = [&[][..], &["--with", "lackey"]].map(|options| {
        let place = Place::new();
        let run = place.record(options, &[&program("known")]);
        assert!(run.status.success(), "{}", text(&run.stderr));
        let region = 0x1000_0000..0x1000_0000 + 64 * PAGE;
        let rows = place.rows().into_iter().filter(|row| row.op.is_access() && region.contains(&row.address));
        let mut rows: Vec<_> = rows.map(|row| (row.op, row.address, row.length)).collect();
        // Valgrind makes a locked instruction a load, and a compare-and-swap that loads again.
        rows.dedup();
        rows
    });
    assert!(ours.len() > 20_000);
    let differ = ours.iter().zip(&lackeys).position(|(one, other)| one != other);
    assert_eq!((differ, ours.len()), (None, lackeys.len()));
}

#[test]
fn threads_have_ids_of_their_own_in_one_process() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    let place = Place::new();
    let run = place.record(&[], &[&program("threads")]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let rows = place.rows();
    assert!(rows.iter().all(|row| row.process == 1));
    let mut of_region = Vec::new();
    for worker in 0..4 {
        let own = REGION + worker * 8 * PAGE..REGION + (worker + 1) * 8 * PAGE;
        let stores: Vec<_> = rows.iter().filter(|row| row.op == Op::Store && own.contains(&row.address)).collect();
        assert_eq!(stores.len(), 2000);
        assert!(stores.iter().all(|row| row.thread == stores[0].thread));
        of_region.push(stores[0].thread);
    }
    of_region.sort();
    assert_eq!(of_region, [2, 3, 4, 5]);
    // Each addition to the word that they share is a load and a store; the first thread looks at the sum once more.
    let to_sum = |op| rows.iter().filter(|row| row.op == op && row.address == REGION + 32 * PAGE).count();
    assert_eq!((to_sum(Op::Load), to_sum(Op::Store)), (8001, 8000));
}

#[test]
fn windows_keep_what_was_asked_for() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    let place = Place::new();
    let accesses = |place: &Place| -> Vec<Row> { place.rows().into_iter().filter(|row| row.op.is_access()).collect() };
    let known = program("known.static");
    assert!(place.record(&[], &[&known]).status.success());
    let whole = accesses(&place);
    assert!(place.record(&["--skip", "5_000", "--limit", "10K"], &[&known]).status.success());
    let part = accesses(&place);
    assert_eq!(part.len(), 10_000);
    // Elsewhere the addresses may differ from run to run.
    let in_region = |rows: Vec<Row>| -> Vec<Row> {
        rows.into_iter().filter(|row| (0x1000_0000..0x1000_0000 + 64 * PAGE).contains(&row.address)).collect()
    };
    let (whole, part) = (in_region(whole), in_region(part));
    assert!(part.len() > 500 && whole.windows(part.len()).any(|window| window == part), "{}", part.len());
    assert!(place.note("window").contains("after 5000 accesses, at most 10000"));
    // A program without end is ended.
    let ids = place.0.path().join("ids");
    let run = place.record(&["--limit", "3M"], &[&program("forever"), ids.to_str().unwrap()]);
    assert_eq!((run.status.code(), accesses(&place).len()), (Some(0), 3_000_000), "{}", text(&run.stderr));
    for id in fs::read_to_string(&ids).unwrap().split_whitespace() {
        eventually(|| !is_alive(id.parse().unwrap()), "ended");
    }
    assert!(place.record(&["--fetch", "--limit", "1M"], &[&known]).status.success());
    let fetches = place.rows().iter().filter(|row| row.op == Op::Fetch).count();
    assert!(fetches > 10_000, "{fetches}");
}

#[test]
fn times_of_recordings_made_one_after_the_other_do_not_overlap() {
    if !ready(&["qemu-x86_64"]) {
        return;
    }
    let place = Place::new();
    let times = || {
        assert!(place.record(&["--times"], &["true"]).status.success());
        let (mut source, mut rows, mut times) = (ParquetSource::open(&place.trace()).unwrap(), Vec::new(), Vec::new());
        while {
            source.fill(&mut rows).unwrap();
            times.extend_from_slice(source.times().unwrap());
            !rows.is_empty()
        } {}
        times
    };
    let (first, second) = (times(), times());
    assert!(first.is_sorted() && first.len() > 1000 && place.note("times").contains("since 1970"));
    assert!(first.last() < second.first());
}
