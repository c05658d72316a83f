//! Several traces as the processes of one machine.

use super::Named;
use super::renumber::{Free, Renumber};
use crate::error::{Defect, Error, Result};
use crate::trace::check::Unsound;
use crate::trace::{CHUNK_ROWS, Row, Source};

/// Which trace goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// One after the other, each for so many rows, at least 1.
    Turns(u64),
    /// The one whose next row has the lowest time; the first of those at the same time.
    Time,
    /// The same, with times counted from each trace's first row.
    Elapsed,
}

impl Order {
    fn needs_times(self) -> bool {
        match self {
            Order::Turns(_) => false,
            Order::Time | Order::Elapsed => true,
        }
    }
}

/// Traces interleaved until all have ended. The order of rows within a trace never changes: one whose time is before
/// that of a row ahead of it comes when that row does. Processes get new ids, from 1 in the order in which they appear.
pub struct Merge {
    turns: Vec<Turn>,
    order: Order,
    /// Whether every trace has times.
    timed: bool,
    /// Whose turn it is, and the rows that it may still give.
    current: usize,
    left: u64,
    free: Free,
    times: Vec<u64>,
}

/// A trace and how far it was read.
struct Turn {
    trace: Named,
    renumber: Renumber,
    read: Vec<Row>,
    used: usize,
    /// Rows given out.
    rows: u64,
    ended: bool,
    /// What its times are counted from; unknown before the first row where that is what counts.
    start: Option<u64>,
    /// The first and the latest time of the rows given out, and how many were before that of a row ahead of them.
    first: Option<u64>,
    latest: u64,
    late: u64,
}

impl Merge {
    /// # Errors
    /// [`Error::Input`] that names every trace without times, if times are to order them.
    pub fn new(traces: Vec<Named>, order: Order) -> Result<Merge> {
        let timed = traces.iter().all(Named::is_timed);
        if !timed && order.needs_times() {
            let untimed = traces.iter().filter(|trace| !trace.is_timed());
            return Err(Error::Input(untimed.map(no_times).collect()));
        }
        let start = (order != Order::Elapsed).then_some(0);
        let turns: Vec<_> = traces.into_iter().map(|trace| Turn::new(trace, start)).collect();
        let (current, times) = (turns.len().saturating_sub(1), Vec::new());
        Ok(Merge { turns, order, timed, current, left: 0, free: Free::default(), times })
    }

    /// For each trace, which process became which.
    pub fn processes(&self) -> impl Iterator<Item = String> {
        self.turns.iter().map(|turn| turn.renumber.shown())
    }

    /// For each trace, how many rows had a time before that of a row ahead of them.
    pub fn late(&self) -> impl Iterator<Item = u64> {
        self.turns.iter().map(|turn| turn.late)
    }

    /// Whether each of several traces had ended when the next one began.
    pub fn is_apart(&self) -> bool {
        let mut spans: Vec<_> = self.turns.iter().map(|turn| (turn.first, Some(turn.latest))).collect();
        spans.sort_unstable();
        spans.len() > 1 && spans.windows(2).all(|pair| pair[0].1 < pair[1].0)
    }

    /// The trace that goes on, and for how many of the `room` rows there may be; `None` at the end of all.
    fn next(&mut self, room: usize) -> Result<Option<(usize, usize)>> {
        match self.order {
            Order::Turns(quantum) => self.next_in_turn(quantum, room),
            Order::Time | Order::Elapsed => self.earliest(room),
        }
    }

    fn next_in_turn(&mut self, quantum: u64, room: usize) -> Result<Option<(usize, usize)>> {
        for _ in 0..=self.turns.len() {
            if self.left > 0 && self.turns[self.current].has_rows()? {
                let most = room.min(usize::try_from(self.left).unwrap_or(usize::MAX));
                let count = self.turns[self.current].unused().len().min(most);
                self.left -= count as u64;
                return Ok(Some((self.current, count)));
            }
            self.current = (self.current + 1) % self.turns.len().max(1);
            self.left = quantum;
        }
        Ok(None)
    }

    fn earliest(&mut self, room: usize) -> Result<Option<(usize, usize)>> {
        let mut lowest = [(u64::MAX, usize::MAX); 2];
        for (index, turn) in self.turns.iter_mut().enumerate() {
            if turn.has_rows()? {
                let next = (turn.times().next().unwrap_or(u64::MAX), index);
                lowest = if next < lowest[0] { [next, lowest[0]] } else { [lowest[0], lowest[1].min(next)] };
            }
        }
        let [(_, index), other] = lowest;
        let before = |turn: &Turn| turn.times().take(room).take_while(|&time| (time, index) < other).count();
        Ok(self.turns.get(index).map(|turn| (index, before(turn))))
    }
}

fn no_times(trace: &Named) -> Defect {
    Defect::new(&trace.name, "", "a trace without times")
        .expected("a column `time` of type u64, as imports write it where they find times")
        .remedy("--by turns needs none")
}

impl Turn {
    fn new(trace: Named, start: Option<u64>) -> Turn {
        let (renumber, read) = Default::default();
        Turn { trace, renumber, read, used: 0, rows: 0, ended: false, start, first: None, latest: 0, late: 0 }
    }

    /// Reads on where nothing is left; false at the end.
    fn has_rows(&mut self) -> Result<bool> {
        if self.used == self.read.len() && !self.ended {
            self.trace.source.fill(&mut self.read)?;
            self.used = 0;
            self.ended = self.read.is_empty();
            self.start = self.start.or_else(|| self.trace.source.times()?.first().copied());
        }
        Ok(!self.ended)
    }

    fn unused(&self) -> &[Row] {
        &self.read[self.used..]
    }

    /// Times of the unused rows as they are counted here.
    fn own_times(&self) -> impl Iterator<Item = u64> {
        let times = self.trace.source.times().unwrap_or_default();
        let start = self.start.unwrap_or_default();
        times.iter().skip(self.used).map(move |time| time.saturating_sub(start))
    }

    /// When the unused rows come: not before those ahead of them.
    fn times(&self) -> impl Iterator<Item = u64> {
        self.own_times().scan(self.latest, |latest, time| {
            *latest = time.max(*latest);
            Some(*latest)
        })
    }

    /// Moves so many rows that were read to `rows`, and their times, if any, to `times`.
    fn give(&mut self, count: usize, rows: &mut Vec<Row>, times: &mut Vec<u64>, free: &mut Free) -> Result<()> {
        let given = times.len();
        times.extend(self.own_times().take(count));
        self.first = self.first.or(times.get(given).copied());
        for &time in &times[given..] {
            self.late += u64::from(time < self.latest);
            self.latest = self.latest.max(time);
        }
        for row in &self.read[self.used..self.used + count] {
            let mut row = *row;
            self.renumber.rename(&mut row, free).map_err(|Unsound { found, expected }| {
                Defect::new(&self.trace.name, format!("row {}", self.rows), found).expected(expected)
            })?;
            self.rows += 1;
            rows.push(row);
        }
        self.used += count;
        Ok(())
    }
}

impl Source for Merge {
    fn fill(&mut self, rows: &mut Vec<Row>) -> Result<()> {
        rows.clear();
        self.times.clear();
        while rows.len() < CHUNK_ROWS
            && let Some((index, count)) = self.next(CHUNK_ROWS - rows.len())?
        {
            self.turns[index].give(count, rows, &mut self.times, &mut self.free)?;
        }
        Ok(())
    }

    fn expected_rows(&self) -> Option<u64> {
        self.turns.iter().map(|turn| turn.trace.source.expected_rows()).sum()
    }

    fn times(&self) -> Option<&[u64]> {
        self.timed.then_some(&self.times)
    }
}
