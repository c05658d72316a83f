//! Rows column by column: what a replay needs of a trace, as it is stored.

use super::Row;

/// The accesses of some rows, column by column, and the calls (map, unmap, protect, fork, exit) between them.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// Numbers of the operations: load, store or fetch.
    pub ops: Vec<u8>,
    pub addresses: Vec<u64>,
    pub processes: Vec<u32>,
    /// `None` where nobody asks who runs on which processor.
    pub threads: Option<Vec<u32>>,
    /// Each call with the number of accesses that precede it.
    pub calls: Vec<(usize, Row)>,
    /// Room for rows before they are taken apart.
    rows: Vec<Row>,
}

impl Columns {
    /// None, with or without a column for threads.
    pub fn new(with_threads: bool) -> Columns {
        Columns { threads: with_threads.then(Vec::new), ..Columns::default() }
    }

    pub fn of(rows: &[Row]) -> Columns {
        let mut columns = Columns::default();
        rows.iter().for_each(|row| columns.push(row));
        columns
    }

    pub fn clear(&mut self) {
        self.ops.clear();
        self.addresses.clear();
        self.processes.clear();
        self.threads.iter_mut().for_each(Vec::clear);
        self.calls.clear();
    }

    /// Replaces the content by the rows that `fill` yields.
    pub fn refill<E>(&mut self, fill: impl FnOnce(&mut Vec<Row>) -> Result<(), E>) -> Result<(), E> {
        self.clear();
        let mut rows = std::mem::take(&mut self.rows);
        let outcome = fill(&mut rows);
        rows.iter().for_each(|row| self.push(row));
        self.rows = rows;
        outcome
    }

    pub fn push(&mut self, row: &Row) {
        if row.op.is_access() {
            self.ops.push(row.op as u8);
            self.addresses.push(row.address);
            self.processes.push(row.process);
            self.threads.iter_mut().for_each(|threads| threads.push(row.thread));
        } else {
            self.calls.push((self.ops.len(), *row));
        }
    }

    /// Appends accesses, given column by column.
    pub fn extend(&mut self, ops: &[u8], addresses: &[u64], processes: &[u32], threads: &[u32]) {
        self.ops.extend_from_slice(ops);
        self.addresses.extend_from_slice(addresses);
        self.processes.extend_from_slice(processes);
        self.threads.iter_mut().for_each(|column| column.extend_from_slice(threads));
    }

    /// Appends rows.
    pub fn append(&mut self, part: Part<'_>) {
        let before = self.ops.len();
        self.calls.extend(part.calls().map(|(at, call)| (before + at, *call)));
        self.extend(part.ops, part.addresses, part.processes, part.threads.unwrap_or(&[]));
    }

    /// All rows.
    pub fn all(&self) -> Part<'_> {
        let Columns { ops, addresses, processes, threads, calls, .. } = self;
        Part { ops, addresses, processes, threads: threads.as_deref(), calls, before: 0 }
    }

    /// The rows behind so many accesses and calls.
    pub fn behind(&self, (accesses, calls): (usize, usize)) -> Part<'_> {
        self.all().split_at(accesses, calls).1
    }
}

/// Some of the rows of [`Columns`], one after another.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    pub ops: &'a [u8],
    pub addresses: &'a [u64],
    pub processes: &'a [u32],
    pub threads: Option<&'a [u32]>,
    calls: &'a [(usize, Row)],
    /// Accesses of the columns before these.
    before: usize,
}

impl<'a> Part<'a> {
    /// Rows: accesses and calls.
    pub fn rows(&self) -> usize {
        self.ops.len() + self.calls.len()
    }

    /// Each call with the number of accesses of these rows that precede it.
    pub fn calls(&self) -> impl Iterator<Item = (usize, &'a Row)> {
        let before = self.before;
        self.calls.iter().map(move |(at, call)| (at - before, call))
    }

    /// Where they end, in accesses and calls, if this is where they begin.
    pub fn end(&self, (accesses, calls): (usize, usize)) -> (usize, usize) {
        (accesses + self.ops.len(), calls + self.calls.len())
    }

    /// The first `rows` rows, and the others.
    pub fn split(self, rows: usize) -> (Part<'a>, Part<'a>) {
        let calls = self.calls().enumerate().take_while(|(call, (at, _))| at + call < rows).count();
        self.split_at(rows - calls, calls)
    }

    /// The first `accesses` accesses with the calls up to the next, and the others.
    pub fn split_behind(self, accesses: usize) -> (Part<'a>, Part<'a>) {
        self.split_at(accesses, self.calls.partition_point(|(at, _)| at - self.before <= accesses))
    }

    fn split_at(self, accesses: usize, calls: usize) -> (Part<'a>, Part<'a>) {
        let (ops, later_ops) = self.ops.split_at(accesses);
        let (addresses, later_addresses) = self.addresses.split_at(accesses);
        let (processes, later_processes) = self.processes.split_at(accesses);
        let (threads, later_threads) = self.threads.map(|threads| threads.split_at(accesses)).unzip();
        let (calls, later_calls) = self.calls.split_at(calls);
        let first = Part { ops, addresses, processes, threads, calls, before: self.before };
        let later = Part {
            ops: later_ops,
            addresses: later_addresses,
            processes: later_processes,
            threads: later_threads,
            calls: later_calls,
            before: self.before + accesses,
        };
        (first, later)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Op;
    use proptest::prelude::*;

    /// Rows of which every third or so is a call, told apart by their addresses.
    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let op = prop_oneof![2 => Just(Op::Load), 1 => Just(Op::Exit)];
        let row = |(address, op)| Row { op, address, length: 0, process: 1, thread: 0 };
        prop::collection::vec(op, 0..40).prop_map(move |ops| (0..).zip(ops).map(row).collect())
    }

    /// The addresses of rows in order.
    fn order(part: Part<'_>) -> Vec<u64> {
        let mut order = part.addresses.to_vec();
        part.calls().enumerate().for_each(|(before, (at, call))| order.insert(at + before, call.address));
        order
    }

    proptest! {
        #[test]
        fn the_parts_of_a_split_are_the_rows_in_order(rows in rows(), cuts in prop::collection::vec(0usize..40, 0..5)) {
            let columns = Columns::of(&rows);
            let (mut left, mut whole, mut parts) = (columns.all(), Columns::default(), Vec::new());
            for cut in cuts {
                let (part, later) = left.split(cut.min(left.rows()));
                prop_assert_eq!(part.rows(), cut.min(left.rows()));
                parts.extend(order(part));
                whole.append(part);
                left = later;
            }
            parts.extend(order(left));
            whole.append(left);
            prop_assert_eq!(&parts, &order(columns.all()));
            prop_assert_eq!(&parts, &(0..rows.len() as u64).collect::<Vec<_>>());
            prop_assert_eq!(&parts, &order(whole.all()));
        }

        #[test]
        fn calls_stay_with_the_access_before_them(rows in rows(), accesses in 0usize..40) {
            let columns = Columns::of(&rows);
            let accesses = accesses.min(columns.ops.len());
            let (part, later) = columns.all().split_behind(accesses);
            prop_assert_eq!(part.ops.len(), accesses);
            prop_assert!(later.calls().all(|(at, _)| at > 0));
            prop_assert_eq!(part.rows() + later.rows(), rows.len());
        }
    }
}
