//! The workloads, and their parameters with their defaults.

/// An access pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Workload {
    Sequential,
    Strided,
    Uniform,
    Zipf,
    PointerChase,
    Graph,
    Matmul,
    Churn,
    ForkWait,
    Switch,
}

impl Workload {
    pub const ALL: [Workload; 10] = [
        Workload::Sequential,
        Workload::Strided,
        Workload::Uniform,
        Workload::Zipf,
        Workload::PointerChase,
        Workload::Graph,
        Workload::Matmul,
        Workload::Churn,
        Workload::ForkWait,
        Workload::Switch,
    ];

    /// The name in sweep files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Workload::Sequential => "sequential",
            Workload::Strided => "strided",
            Workload::Uniform => "uniform",
            Workload::Zipf => "zipf",
            Workload::PointerChase => "pointer-chase",
            Workload::Graph => "graph",
            Workload::Matmul => "matmul",
            Workload::Churn => "churn",
            Workload::ForkWait => "forkwait",
            Workload::Switch => "switch",
        }
    }

    pub fn by_name(name: &str) -> Option<Workload> {
        Self::ALL.into_iter().find(|workload| workload.name() == name)
    }

    /// What it does, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Workload::Sequential => "word after word through the footprint, again and again",
            Workload::Strided => "one word every `stride` bytes, modulo the footprint",
            Workload::Uniform => "random words, each read and then written (GUPS)",
            Workload::Zipf => "random words on pages whose popularity falls with their rank",
            Workload::PointerChase => "one random cycle through all 64-byte nodes of the footprint",
            Workload::Graph => "breadth-first searches on a Kronecker graph (Graph500); holds the graph in memory",
            Workload::Matmul => "a matrix product, plain or blocked",
            Workload::Churn => "map a region, touch its pages, unmap it, go on with the next",
            Workload::ForkWait => "fork, the child touches some pages and exits, the parent touches as many, again",
            Workload::Switch => "processes in turn, each on random words of its own part of the footprint",
        }
    }
}

/// A workload and its parameters. Those that mean nothing to the workload are ignored; [`KEYS`] says which those are.
#[derive(Clone, Debug, PartialEq)]
pub struct Synthetic {
    pub workload: Workload,
    /// Bytes of memory in use, over all processes.
    pub footprint: u64,
    /// Loads and stores in all: exactly as many are made.
    pub accesses: u64,
    /// Share of the accesses that are stores, 0 to 1.
    pub stores: f64,
    /// Equal seeds give equal rows.
    pub seed: u64,
    /// Bytes from one access to the next.
    pub stride: u64,
    /// Exponent of the popularity law: 0 is uniform.
    pub skew: f64,
    /// Edges drawn per vertex; a vertex has twice as many neighbours on average.
    pub degree: u64,
    /// Rows of a block; 0 is the plain product.
    pub block: u64,
    /// Bytes of one mapping.
    pub region: u64,
    /// Accesses per mapping, or per child.
    pub touches: u64,
    /// Processes that take turns.
    pub processes: u64,
    /// Accesses per turn.
    pub quantum: u64,
}

const KIB: u64 = 1 << 10;
pub const MIB: u64 = 1 << 20;

impl Synthetic {
    /// A workload with its defaults.
    pub fn new(workload: Workload) -> Synthetic {
        let (footprint, accesses, stores) = match workload {
            Workload::Sequential | Workload::Strided | Workload::Zipf => (256 * MIB, 10_000_000, 0.3),
            Workload::Uniform => (256 * MIB, 10_000_000, 0.5),
            Workload::PointerChase => (256 * MIB, 10_000_000, 0.0),
            Workload::Graph => (64 * MIB, 10_000_000, 0.0),
            Workload::Matmul => (96 * MIB, 10_000_000, 0.0),
            Workload::Churn => (64 * MIB, 1_000_000, 1.0),
            Workload::ForkWait => (MIB, 200_000, 0.5),
            Workload::Switch => (64 * MIB, 10_000_000, 0.3),
        };
        Synthetic {
            workload,
            footprint,
            accesses,
            stores,
            seed: 1,
            // A page and a line: another page and another cache set at every access.
            stride: 4 * KIB + 64,
            skew: 0.99,
            degree: 16,
            block: 0,
            region: 64 * KIB,
            touches: 16,
            processes: 8,
            quantum: 1000,
        }
    }
}
