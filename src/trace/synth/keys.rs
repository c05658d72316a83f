//! The parameters by name, as sweep files and the command line give them.

use super::flat::NODE;
use super::workload::{Synthetic, Workload};
use super::{graph, matmul};
use crate::bytes::{parse_bytes, parse_count, show_bytes};
use std::collections::BTreeMap;

/// A parameter of [`Synthetic`].
pub struct Key {
    pub name: &'static str,
    /// What it means, in a phrase.
    pub meaning: &'static str,
    /// The workloads to which it means something.
    pub workloads: &'static [Workload],
    accessor: Accessor,
}

/// Where the value is kept, and so how it is written.
enum Accessor {
    Bytes(fn(&mut Synthetic) -> &mut u64),
    Integer(fn(&mut Synthetic) -> &mut u64),
    Decimal(fn(&mut Synthetic) -> &mut f64),
}

use Accessor::{Bytes, Decimal, Integer};
use Workload::{Churn, ForkWait, Graph, Matmul, PointerChase, Sequential, Strided, Switch, Uniform, Zipf};

/// Every parameter, those of all workloads first.
pub const KEYS: &[Key] = &[
    Key {
        name: "footprint",
        meaning: "bytes of memory in use",
        workloads: &Workload::ALL,
        accessor: Bytes(|of| &mut of.footprint),
    },
    Key {
        name: "accesses",
        meaning: "loads and stores in all",
        workloads: &Workload::ALL,
        accessor: Integer(|of| &mut of.accesses),
    },
    Key {
        name: "seed",
        meaning: "equal seeds give equal rows",
        workloads: &Workload::ALL,
        accessor: Integer(|of| &mut of.seed),
    },
    Key {
        name: "stores",
        meaning: "share of the accesses that are stores, 0 to 1",
        workloads: &[Sequential, Strided, Uniform, Zipf, PointerChase, Churn, ForkWait, Switch],
        accessor: Decimal(|of| &mut of.stores),
    },
    Key {
        name: "stride",
        meaning: "bytes from one access to the next",
        workloads: &[Strided],
        accessor: Bytes(|of| &mut of.stride),
    },
    Key {
        name: "skew",
        meaning: "exponent of the popularity law; 0 is uniform",
        workloads: &[Zipf],
        accessor: Decimal(|of| &mut of.skew),
    },
    Key {
        name: "degree",
        meaning: "edges drawn per vertex; the vertices are as many as fit, a power of two",
        workloads: &[Graph],
        accessor: Integer(|of| &mut of.degree),
    },
    Key {
        name: "block",
        meaning: "rows of a block; 0 is the plain product",
        workloads: &[Matmul],
        accessor: Integer(|of| &mut of.block),
    },
    Key { name: "region", meaning: "bytes of one mapping", workloads: &[Churn], accessor: Bytes(|of| &mut of.region) },
    Key {
        name: "touches",
        meaning: "accesses per mapping, or per child",
        workloads: &[Churn, ForkWait],
        accessor: Integer(|of| &mut of.touches),
    },
    Key {
        name: "processes",
        meaning: "processes that take turns",
        workloads: &[Switch],
        accessor: Integer(|of| &mut of.processes),
    },
    Key {
        name: "quantum",
        meaning: "accesses per turn",
        workloads: &[Switch],
        accessor: Integer(|of| &mut of.quantum),
    },
];

impl Key {
    /// What kind of value it takes: `BYTES`, `COUNT` or `NUMBER`.
    pub fn kind(&self) -> &'static str {
        match self.accessor {
            Bytes(_) => "BYTES",
            Integer(_) => "COUNT",
            Decimal(_) => "NUMBER",
        }
    }

    /// The value in `of`, as [`Synthetic::set`] reads it.
    pub fn value(&self, of: &Synthetic) -> String {
        let mut of = of.clone();
        match self.accessor {
            Bytes(field) => show_bytes(*field(&mut of)),
            Integer(field) => field(&mut of).to_string(),
            Decimal(field) => field(&mut of).to_string(),
        }
    }

    /// The value that `workload` has by default.
    pub fn default(&self, workload: Workload) -> String {
        self.value(&Synthetic::new(workload))
    }
}

impl Workload {
    /// The parameters that mean something to this workload.
    pub fn keys(self) -> impl Iterator<Item = &'static Key> {
        KEYS.iter().filter(move |key| key.workloads.contains(&self))
    }
}

impl Synthetic {
    /// Sets a parameter from its text, such as `footprint` from `1G`.
    ///
    /// # Errors
    /// What was expected: a key that means something to this workload, a value of its kind.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let Some(key) = self.workload.keys().find(|known| known.name == key) else {
            let known: Vec<_> = self.workload.keys().map(|key| key.name).collect();
            return Err(format!("one of the keys of {}: {}", self.workload.name(), known.join(", ")));
        };
        match key.accessor {
            Bytes(field) => *field(self) = parse_bytes(value)?,
            Integer(field) => *field(self) = parse_count(value)?,
            Decimal(field) => *field(self) = decimal(value)?,
        }
        Ok(())
    }

    /// Whether the parameters go together.
    ///
    /// # Errors
    /// What was expected.
    pub fn check(&self) -> Result<(), String> {
        let must = |holds: bool, expected: &str| if holds { Ok(()) } else { Err(expected.to_string()) };
        must(self.accesses > 0, "accesses of at least 1")?;
        must((0.0..=1.0).contains(&self.stores), "stores from 0 to 1")?;
        must((4096..=1 << 46).contains(&self.footprint), "a footprint from 4K to 64T")?;
        match self.workload {
            Sequential | Uniform | Zipf | PointerChase | ForkWait | Churn | Strided => {
                must(self.footprint.is_multiple_of(4096.max(NODE)), "a footprint that is a multiple of 4K")?
            }
            Graph | Matmul | Switch => {}
        }
        match self.workload {
            Sequential | Uniform | PointerChase => Ok(()),
            Strided => must(self.stride > 0 && self.stride.is_multiple_of(8), "a stride that is a multiple of 8"),
            Zipf => must((0.0..=10.0).contains(&self.skew), "a skew from 0 to 10"),
            Graph => {
                must((1..=1024).contains(&self.degree), "a degree from 1 to 1024")?;
                must(self.footprint <= 64 << 30, "a footprint of at most 64G, since the graph is held in memory")?;
                must(
                    graph::scale(self.footprint, self.degree).is_some_and(|scale| scale > 0),
                    "a footprint that holds two vertices of that degree",
                )
            }
            Matmul => must(matmul::side(self.footprint) > 0, "a footprint that holds three matrices"),
            Churn => {
                must(
                    self.region > 0 && self.region.is_multiple_of(4096) && self.region <= self.footprint,
                    "a region that is a multiple of 4K and fits in the footprint",
                )?;
                must(self.touches > 0, "touches of at least 1")
            }
            ForkWait => must((1..=1 << 32).contains(&self.touches), "touches of at least 1"),
            Switch => {
                must((1..=1 << 16).contains(&self.processes), "from 1 to 65536 processes")?;
                must(self.quantum > 0, "a quantum of at least 1")?;
                must(self.footprint / self.processes >= 4096, "a footprint of at least 4K for every process")
            }
        }
    }

    /// The workload and each of its parameters, as text that [`Synthetic::set`] reads.
    pub fn describe(&self) -> BTreeMap<String, String> {
        let workload = ("synthetic".to_string(), self.workload.name().to_string());
        self.workload.keys().map(|key| (key.name.to_string(), key.value(self))).chain([workload]).collect()
    }
}

fn decimal(text: &str) -> Result<f64, String> {
    let expected = || format!("a decimal such as 0.5, not {text:?}");
    text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_sets_the_same_parameters() {
        for workload in Workload::ALL {
            let mut of = Synthetic::new(workload);
            of.set("footprint", "32M").unwrap();
            of.set("accesses", "5_000").unwrap();
            let mut again = Synthetic::new(workload);
            for (key, value) in of.describe() {
                if key != "synthetic" {
                    again.set(&key, &value).unwrap();
                }
            }
            assert_eq!(again, of);
            assert_eq!(of.check(), Ok(()));
        }
    }

    #[test]
    fn a_key_of_another_workload_is_refused_with_the_right_ones() {
        let refusal = Synthetic::new(Uniform).set("stride", "64").unwrap_err();
        assert_eq!(refusal, "one of the keys of uniform: footprint, accesses, seed, stores");
        assert!(Synthetic::new(Uniform).set("stores", "half").is_err());
        assert!(Synthetic::new(Zipf).set("skew", "NaN").is_err());
    }

    #[test]
    fn parameters_that_do_not_go_together_are_refused() {
        let wrong = |workload, key: &str, value: &str| {
            let mut of = Synthetic::new(workload);
            of.set(key, value).unwrap();
            of.check().unwrap_err()
        };
        wrong(Uniform, "stores", "1.5");
        wrong(Uniform, "accesses", "0");
        wrong(Sequential, "footprint", "4097");
        wrong(Strided, "stride", "12");
        wrong(Churn, "region", "128M");
        wrong(Switch, "processes", "100000");
        wrong(Graph, "footprint", "65G");
    }
}
