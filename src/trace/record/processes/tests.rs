use super::*;
use crate::trace::record::window::Window;
use crate::trace::record::wire::{self, HEADER_WORDS};

fn processes() -> Processes {
    Processes::new(WindowPosition::new(Window::default()))
}

fn say(to: &mut Processes, kind: Kind, instance: u64, thread: u32, body: &[u64]) {
    let words = [&Header { kind, thread, instance }.words()[..], body].concat();
    let (header, body) = Header::parse(&words).unwrap();
    assert_eq!(words.len(), HEADER_WORDS + body.len());
    to.take(header, body);
}

fn load(address: u64) -> u64 {
    wire::access(wire::access_bits(3, true, false), address)
}

fn rows(of: &mut Processes) -> Vec<(Op, u64, u64, u32, u32)> {
    let rows = of.rows.rows().iter().map(|r| (r.op, r.address, r.length, r.process, r.thread)).collect();
    of.rows.clear();
    rows
}

#[test]
fn words_become_rows_and_an_access_over_a_boundary_two() {
    let mut all = processes();
    say(&mut all, Kind::Born, 10, 0, &[100, 0, 0]);
    let [map, bytes] = wire::call(3, 0x1000, 8192);
    let atomic = wire::access(wire::access_bits(2, true, true), 0x1ffe);
    say(&mut all, Kind::Rows, 10, 1, &[map, bytes, load(0x1008), atomic, wire::fetch(0x40_0000, 17)]);
    let expected = [
        (Op::Map, 0x1000, 8192, 1, 1),
        (Op::Load, 0x1008, 8, 1, 1),
        (Op::Load, 0x1ffe, 2, 1, 1),
        (Op::Load, 0x2000, 2, 1, 1),
        (Op::Store, 0x1ffe, 2, 1, 1),
        (Op::Store, 0x2000, 2, 1, 1),
        (Op::Fetch, 0x40_0000, 17, 1, 1),
    ];
    assert_eq!(rows(&mut all), expected);
    assert_eq!(all.split, 2);
}

#[test]
fn a_window_counts_rows_and_may_end_within_an_access() {
    let mut all = Processes::new(WindowPosition::new(Window { skip: 1, limit: Some(2), sample: None }));
    say(&mut all, Kind::Born, 10, 0, &[100, 0, 0]);
    say(&mut all, Kind::Rows, 10, 1, &[load(0x1ffc), load(0x2ffc), load(0x4000)]);
    assert_eq!(rows(&mut all), [(Op::Load, 0x2000, 4, 1, 1), (Op::Load, 0x2ffc, 4, 1, 1)]);
    assert_eq!((all.split, all.full), (0, true));
}

#[test]
fn a_fork_precedes_the_child_whoever_tells_of_it_first() {
    for parent_first in [true, false] {
        let mut all = processes();
        say(&mut all, Kind::Born, 10, 0, &[100, 0, 0]);
        let tell = |all: &mut Processes, parent: bool| match parent {
            true => say(all, Kind::Forked, 10, 0, &[101, 1]),
            false => say(all, Kind::Born, 11, 0, &[101, 10, 1]),
        };
        tell(&mut all, parent_first);
        tell(&mut all, !parent_first);
        say(&mut all, Kind::Rows, 11, 1, &[load(0x1000)]);
        say(&mut all, Kind::Gone, 11, 0, &[]);
        let fork = [(Op::Fork, 0, 2, 1, 1), (Op::Load, 0x1000, 8, 2, 1), (Op::Exit, 0, 0, 2, 1)];
        assert_eq!(rows(&mut all), fork, "{parent_first}");
        assert_eq!((all.alive(), all.expected(), all.count()), (1, 0, 2));
    }
}

#[test]
fn a_child_may_end_before_its_parent_tells_of_it() {
    let mut all = processes();
    say(&mut all, Kind::Born, 10, 0, &[100, 0, 0]);
    say(&mut all, Kind::Born, 11, 0, &[101, 10, 1]);
    say(&mut all, Kind::Gone, 11, 0, &[]);
    say(&mut all, Kind::Forked, 10, 0, &[101, 1]);
    assert_eq!(rows(&mut all), [(Op::Fork, 0, 2, 1, 1), (Op::Exit, 0, 0, 2, 1)]);
    assert_eq!((all.alive(), all.expected(), all.count()), (1, 0, 2));
}

#[test]
fn execve_ends_the_process_and_starts_it_anew() {
    let mut all = processes();
    say(&mut all, Kind::Born, 10, 0, &[100, 0, 0]);
    say(&mut all, Kind::Rows, 10, 1, &[load(0x1000)]);
    say(&mut all, Kind::Execs, 10, 0, &[]);
    say(&mut all, Kind::Rows, 10, 1, &[load(0x2000)]);
    say(&mut all, Kind::Born, 20, 0, &[100, 0, 0]);
    say(&mut all, Kind::Gone, 10, 0, &[]);
    say(&mut all, Kind::Rows, 20, 1, &[load(0x3000)]);
    let expected =
        [(Op::Load, 0x1000, 8, 1, 1), (Op::Load, 0x2000, 8, 1, 1), (Op::Exit, 0, 0, 1, 1), (Op::Load, 0x3000, 8, 1, 1)];
    assert_eq!(rows(&mut all), expected);
    assert_eq!((all.alive(), all.count()), (1, 1));
}

#[test]
fn a_vforked_child_is_a_thread_of_its_parent_until_it_executes() {
    let mut all = processes();
    say(&mut all, Kind::Born, 10, 0, &[100, 0, 0]);
    say(&mut all, Kind::Rows, 10, 1, &[load(0x1000)]);
    say(&mut all, Kind::Born, 11, 0, &[101, 10, 2]);
    say(&mut all, Kind::Rows, 11, 1, &[load(0x1000)]);
    say(&mut all, Kind::Forked, 10, 0, &[101, 2]);
    say(&mut all, Kind::Execs, 11, 0, &[]);
    say(&mut all, Kind::Born, 21, 0, &[101, 0, 0]);
    say(&mut all, Kind::Rows, 21, 1, &[load(0x1000)]);
    say(&mut all, Kind::Gone, 21, 0, &[]);
    let expected =
        [(Op::Load, 0x1000, 8, 1, 1), (Op::Load, 0x1000, 8, 1, 2), (Op::Load, 0x1000, 8, 2, 1), (Op::Exit, 0, 0, 2, 1)];
    assert_eq!(rows(&mut all), expected);
    assert_eq!((all.alive(), all.expected()), (1, 0));
}

#[test]
fn what_strangers_send_is_left() {
    let mut all = processes();
    assert!(Header::parse(&[1, 2, 3]).is_none());
    assert!(Header::parse(&[]).is_none());
    say(&mut all, Kind::Rows, 99, 1, &[load(0x1000)]);
    say(&mut all, Kind::Born, 10, 0, &[1]);
    say(&mut all, Kind::Forked, 99, 0, &[5, 1]);
    say(&mut all, Kind::Gone, 99, 0, &[]);
    say(&mut all, Kind::Born, 10, 0, &[100, 0, 0]);
    let [call, _] = wire::call(3, 0x1000, 0);
    let [exit, _] = wire::call(7, 0, 0);
    say(&mut all, Kind::Rows, 10, 1, &[exit, 0, call, 0, call]);
    assert_eq!(rows(&mut all), []);
}
