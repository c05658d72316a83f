//! Which replacement policies may arrays have, and what do they change?

use super::{SMALL, refused, sweep, table};
use std::collections::{BTreeMap, BTreeSet};

/// The results of a sweep of ept on Nehalem with these keys, row by row, column by column.
fn with(keys: &str) -> Vec<BTreeMap<String, String>> {
    let csv = table(&format!("[sweep]\ntechnique = \"ept\"\ncpu = \"nehalem\"\n{keys}"));
    csv::Reader::from_reader(csv.as_bytes()).deserialize().map(Result::unwrap).collect()
}

#[test]
fn every_array_is_lru_where_nothing_else_is_said() {
    let default = with("");
    let arrays = ["tlb.l1d.4K", "tlb.l1i.4K", "tlb.l2.4K", "psc.pd", "host_psc.pd", "nested_tlb", "caches.l1"];
    for array in arrays.map(|array| array.replace("4K", "\"4K\"")) {
        assert_eq!(with(&format!("{array}.policy = \"lru\"\n{array}.seed = 7")), default, "{array}");
    }
}

#[test]
fn policies_are_an_axis() {
    let key = "tlb.l1d.4K.policy";
    let mut rows = with("tlb.l1d.\"4K\".policy = [\"lru\", \"fifo\", \"random\", \"tree-plru\", \"nru\"]");
    rows.retain(|row| row["trace"] == "uniform");
    let policies: Vec<String> = rows.iter_mut().map(|row| row.remove(key).unwrap()).collect();
    assert_eq!(policies, ["lru", "fifo", "random", "tree-plru", "nru"]);
    assert_eq!(rows[0], with("")[0]);
    let hits: BTreeSet<&String> = rows.iter().map(|row| &row["l1_hits"]).collect();
    assert_eq!(hits.len(), 5, "{hits:?}");
    let mut seeds = with("tlb.l1d.\"4K\" = { policy = \"random\", seed = [1, 2] }");
    seeds.iter_mut().for_each(|row| _ = row.remove("tlb.l1d.4K.seed"));
    assert_eq!(seeds[0], rows[2], "the seed is 1 where nothing else is said");
    assert_ne!(seeds[0], seeds[1]);
}

#[test]
fn a_policy_that_cannot_be_is_a_defect() {
    let given = |line: &str| format!("[sweep]\ntechnique = \"native\"\ncpu = \"nehalem\"\n{line}");
    let policies = "expected: one of `lru`, `fifo`, `random`, `tree-plru`, `nru`; did you mean `tree-plru`?";
    let cases = [
        (
            "caches.llc.policy = \"tree_plru\"",
            ["line 6, column 21: caches.llc.policy: the string \"tree_plru\"", policies],
        ),
        ("psc.pd.seed = -1", ["line 6, column 15: psc.pd.seed: the number -1", "a number of at least 0"]),
        (
            "tlb.l1d.\"1G\".policy = \"fifo\"",
            ["line 6, column 23: tlb.l1d.1G: policy without entries", "give the array both"],
        ),
        (
            "tlb.l2.\"4K\" = { ways = [4, 12], entries = 768, policy = \"tree-plru\" }",
            [
                "line 6, column 57: tlb.l2.4K.policy: tree-plru with 12 ways",
                "change the ways, or choose another policy",
            ],
        ),
        (
            "[cpu.own]\nnested_tlb = { entries = 12, ways = \"full\", policy = \"tree-plru\" }",
            ["nested_tlb.policy: tree-plru with 12 ways", "line 7"],
        ),
    ];
    for (line, words) in cases {
        refused(sweep(SMALL, &given(line)).path(), &words);
    }
}
