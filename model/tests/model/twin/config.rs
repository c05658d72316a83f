//! What one cell is: the options of docs/model.md in plain terms.

/// 4K, 2M or 1G.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PageSize {
    K4,
    M2,
    G1,
}

impl PageSize {
    pub const ALL: [PageSize; 3] = [PageSize::K4, PageSize::M2, PageSize::G1];

    /// log2 of the size: 12, 21, 30.
    pub fn shift(self) -> u32 {
        match self {
            PageSize::K4 => 12,
            PageSize::M2 => 21,
            PageSize::G1 => 30,
        }
    }

    pub fn bytes(self) -> u64 {
        1 << self.shift()
    }

    /// The leaf level: "1, 2, 3 for page size 4K, 2M, 1G".
    pub fn leaf_level(self) -> u32 {
        match self {
            PageSize::K4 => 1,
            PageSize::M2 => 2,
            PageSize::G1 => 3,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Technique {
    Native,
    Shadow,
    Ept,
    Pv,
}

/// The guest's page size, or mixed pages (section 10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestPages {
    One(PageSize),
    Thp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backing {
    Lazy,
    Prealloc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    Eager,
    Lazy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnSwitch {
    Keep,
    Drop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sync {
    Traced,
    Lazy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressure {
    None,
    Walked,
    All,
}

/// Which entry of a full set makes room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    Lru,
    Fifo,
    Random {
        seed: u64,
    },
    /// Ways are a power of two.
    TreePlru,
    Nru,
}

/// Entries, ways and policy of an array; `entries` is a multiple of `ways`. Entries of a data cache are its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    pub entries: usize,
    pub ways: usize,
    pub policy: Policy,
}

impl Geometry {
    /// For a paging-structure cache: there is none.
    pub const NONE: Geometry = Geometry { entries: 0, ways: 1, policy: Policy::Lru };

    /// An array under LRU.
    pub fn new(entries: usize, ways: usize) -> Geometry {
        Geometry { entries, ways, policy: Policy::Lru }
    }

    pub fn full(entries: usize) -> Geometry {
        Geometry::new(entries, entries.max(1))
    }

    /// As many sets under another policy; for a tree, of as many ways as it can have.
    pub fn with(self, policy: Policy) -> Geometry {
        let ways = if policy == Policy::TreePlru { 1 << self.ways.ilog2() } else { self.ways };
        Geometry { entries: self.entries / self.ways * ways, ways, policy }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    pub technique: Technique,
    pub guest_pages: GuestPages,
    /// Ignored by native and pv.
    pub host_pages: PageSize,
    /// 4 or 5.
    pub guest_levels: u32,
    pub host_levels: u32,
    pub vms: usize,
    pub copies: usize,
    /// Rows per turn; `None`: to the end.
    pub quantum: Option<usize>,
    /// Virtual CPUs of each VM.
    pub cpus: usize,
    /// Of the processor file.
    pub posted_interrupts: bool,
    pub host_backing: Backing,
    pub shadow_fill: Fill,
    pub shadow_on_switch: OnSwitch,
    pub shadow_sync: Sync,
    pub shadow_bypass: bool,
    pub pv_batch: u64,
    /// Accesses of each copy before its steady state.
    pub warm: u64,
    pub data_pressure: Pressure,
    pub tags: bool,
    /// First-level arrays by page size: 4K, 2M, 1G.
    pub l1d: [Option<Geometry>; 3],
    pub l1i: [Option<Geometry>; 3],
    /// Second-level arrays, each with the page sizes that it holds.
    pub l2: Vec<(Vec<PageSize>, Geometry)>,
    /// Paging-structure caches of levels 2, 3, 4, 5; entries 0: none.
    pub psc: [Geometry; 4],
    pub host_psc: [Geometry; 4],
    pub nested_tlb: Option<Geometry>,
    /// l1, l2, llc.
    pub caches: Option<[Geometry; 3]>,
}

impl Config {
    /// Every array.
    pub fn arrays_mut(&mut self) -> impl Iterator<Item = &mut Geometry> {
        let first = self.l1d.iter_mut().chain(&mut self.l1i).flatten();
        let second = self.l2.iter_mut().map(|(_, array)| array);
        let walk = self.psc.iter_mut().chain(&mut self.host_psc).chain(&mut self.nested_tlb);
        first.chain(second).chain(walk).chain(self.caches.iter_mut().flatten())
    }

    /// The model's defaults, and no TLB, no paging-structure cache, no nested TLB, no data caches.
    pub fn bare(technique: Technique, guest: PageSize, host: PageSize) -> Config {
        Config {
            technique,
            guest_pages: GuestPages::One(guest),
            host_pages: host,
            guest_levels: 4,
            host_levels: 4,
            vms: 1,
            copies: 1,
            quantum: None,
            cpus: 1,
            posted_interrupts: true,
            host_backing: Backing::Lazy,
            shadow_fill: Fill::Eager,
            shadow_on_switch: OnSwitch::Keep,
            shadow_sync: Sync::Traced,
            shadow_bypass: false,
            pv_batch: 2048,
            warm: 0,
            data_pressure: Pressure::Walked,
            tags: true,
            l1d: [None; 3],
            l1i: [None; 3],
            l2: vec![],
            psc: [Geometry::NONE; 4],
            host_psc: [Geometry::NONE; 4],
            nested_tlb: None,
            caches: None,
        }
    }
}
