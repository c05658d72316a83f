//! Invented traces: known access patterns, the same bytes from the same seed on every machine.

mod emit;
mod flat;
mod graph;
mod keys;
mod matmul;
mod process;
mod random;
mod workload;

pub use keys::{KEYS, Key};
pub use workload::{Synthetic, Workload};

use super::Source;
use emit::Generated;

impl Synthetic {
    /// The rows, from the first; call it again for the same rows again. Takes parameters that [`Synthetic::check`]
    /// accepts. Holds one chunk in memory, and for `graph` the graph.
    pub fn source(&self) -> Box<dyn Source> {
        let pattern = match self.workload {
            Workload::Sequential => flat::sequential(self),
            Workload::Strided => flat::strided(self),
            Workload::Uniform => flat::uniform(self),
            Workload::Zipf => flat::zipf(self),
            Workload::PointerChase => flat::pointer_chase(self),
            Workload::Graph => graph::graph(self),
            Workload::Matmul => matmul::matmul(self),
            Workload::Churn => process::churn(self),
            Workload::ForkWait => process::fork_wait(self),
            Workload::Switch => process::switch(self),
        };
        Box::new(Generated::new(pattern, self.accesses))
    }
}

#[cfg(test)]
mod tests {
    use super::workload::MIB;
    use super::*;
    use crate::trace::check::{self, Sequence};
    use crate::trace::{Op, ParquetSink, Row};

    fn rows(of: &Synthetic) -> Vec<Row> {
        let (mut source, mut all, mut chunk) = (of.source(), Vec::new(), Vec::new());
        loop {
            source.fill(&mut chunk).unwrap();
            if chunk.is_empty() {
                return all;
            }
            all.extend_from_slice(&chunk);
        }
    }

    fn small(workload: Workload) -> Synthetic {
        Synthetic { accesses: 50_000, footprint: MIB, ..Synthetic::new(workload) }
    }

    #[test]
    fn every_row_is_sound_and_the_accesses_are_as_many_as_asked_for() {
        for workload in Workload::ALL {
            let (of, mut sequence) = (small(workload), Sequence::default());
            of.check().unwrap();
            let rows = rows(&of);
            for row in &rows {
                check::row(row).and_then(|()| sequence.check(row)).unwrap();
                assert!(!check::crosses_page(row));
            }
            assert_eq!(rows.iter().filter(|row| row.op.is_access()).count(), 50_000, "{}", workload.name());
        }
    }

    #[test]
    fn every_access_lies_in_a_mapped_range_of_the_footprint() {
        for workload in Workload::ALL {
            let of = small(workload);
            let (mut low, mut high) = (u64::MAX, 0);
            for row in rows(&of) {
                match row.op {
                    Op::Map => (low, high) = (row.address, row.address + row.length),
                    Op::Load | Op::Store => assert!((low..high).contains(&row.address), "{}", workload.name()),
                    Op::Fetch | Op::Unmap | Op::Protect | Op::Fork | Op::Exit => {}
                }
            }
            assert!(high - emit::BASE <= of.footprint, "{}", workload.name());
        }
    }

    #[test]
    fn stores_are_the_share_asked_for() {
        for workload in [Workload::Sequential, Workload::Uniform, Workload::Zipf, Workload::Churn, Workload::Switch] {
            for stores in [0.0, 0.2, 0.5, 0.8, 1.0] {
                let rows = rows(&Synthetic { stores, ..small(workload) });
                let made = rows.iter().filter(|row| row.op == Op::Store).count() as f64 / 50_000.0;
                assert!((made - stores).abs() < 0.02, "{}: {made} for {stores}", workload.name());
            }
        }
    }

    /// These digests may change only with the patterns themselves: a machine, a compiler or a library must not.
    #[test]
    fn the_same_seed_makes_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let digest = |of: &Synthetic| {
            let mut sink = ParquetSink::create(&folder.path().join("x"), Default::default()).unwrap();
            sink.extend(&rows(of)).unwrap();
            sink.finish().unwrap().digest[..14].to_string()
        };
        let found = Workload::ALL.map(|workload| (workload.name(), digest(&small(workload))));
        let expected = include_str!("digests.txt").lines().filter_map(|line| line.split_once(' '));
        assert!(expected.eq(found.iter().map(|(name, digest)| (*name, digest.as_str()))), "{found:#?}");
        assert_ne!(digest(&Synthetic { seed: 2, ..small(Workload::Uniform) }), found[2].1);
    }
}
