//! Random configurations for property tests; `traces.rs` has the traces.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::config::{
    Backing, Config, Fill, Geometry, GuestPages, OnSwitch, PageSize, Policy, Pressure, Sync, Technique,
};
pub use super::traces::trace;

/// Up to 64 entries; any number of sets; often fully associative.
fn array() -> impl Strategy<Value = Geometry> {
    prop_oneof![
        (1..=64_usize).prop_map(Geometry::full),
        (1..=8_usize, 1..=8_usize).prop_map(|(ways, sets)| Geometry::new(ways * sets, ways)),
        (1..=3_usize, 1..=21_usize).prop_map(|(ways, sets)| Geometry::new(ways * sets, ways)),
    ]
}

fn first_level() -> impl Strategy<Value = [Option<Geometry>; 3]> {
    let one = || option::weighted(0.8, array());
    [one(), one(), one()]
}

fn second_level() -> impl Strategy<Value = Vec<(Vec<PageSize>, Geometry)>> {
    vec((subsequence(PageSize::ALL.to_vec(), 1..=3), array()), 0..=3)
}

/// 0 to 8 entries, mostly fully associative.
fn paging_structure_cache() -> impl Strategy<Value = Geometry> {
    prop_oneof![
        1 => Just(Geometry::NONE),
        3 => (1..=8_usize).prop_map(Geometry::full),
        2 => (1..=4_usize, 1..=2_usize).prop_map(|(sets, ways)| Geometry::new(sets * ways, ways)),
        1 => (1..=3_usize).prop_map(|sets| Geometry::new(2 * sets, 2)),
    ]
}

fn paging_structure_caches() -> impl Strategy<Value = [Geometry; 4]> {
    let one = paging_structure_cache;
    prop_oneof![
        4 => [one(), one(), one(), one()],
        1 => Just([Geometry::NONE; 4]),
    ]
}

fn nested_tlb() -> impl Strategy<Value = Option<Geometry>> {
    option::weighted(
        0.6,
        prop_oneof![
            (1..=16_usize).prop_map(Geometry::full),
            (1..=4_usize, 1..=4_usize).prop_map(|(ways, sets)| Geometry::new(ways * sets, ways)),
        ],
    )
}

fn caches() -> impl Strategy<Value = Option<[Geometry; 3]>> {
    let cache =
        |sets: usize| (1..=4_usize, 1..=sets).prop_map(|(ways, sets): (usize, usize)| Geometry::new(ways * sets, ways));
    option::weighted(0.7, [cache(3), cache(8), cache(32)])
}

fn either<T: Clone + std::fmt::Debug + 'static>(a: T, b: T) -> impl Strategy<Value = T> {
    select(vec![a, b])
}

/// Lru more often than each of the others.
pub fn policy() -> impl Strategy<Value = Policy> {
    let seed = select(vec![0, 1, 2, u64::MAX]);
    prop_oneof![
        3 => Just(Policy::Lru),
        1 => Just(Policy::Fifo),
        1 => seed.prop_map(|seed| Policy::Random { seed }),
        1 => Just(Policy::TreePlru),
        1 => Just(Policy::Nru),
    ]
}

/// Any configuration, with structures so small that a short trace fills them: all lru, or of any policies.
pub fn config() -> impl Strategy<Value = Config> {
    (lru_config(), option::of(vec(policy(), 21))).prop_map(|(mut config, policies)| {
        config.arrays_mut().zip(policies.into_iter().flatten()).for_each(|(array, policy)| *array = array.with(policy));
        config
    })
}

fn lru_config() -> impl Strategy<Value = Config> {
    let technique = prop_oneof![
        1 => Just(Technique::Native),
        3 => Just(Technique::Shadow),
        3 => Just(Technique::Ept),
        1 => Just(Technique::Pv),
    ];
    let guest_pages = prop_oneof![
        4 => Just(GuestPages::One(PageSize::K4)),
        3 => Just(GuestPages::One(PageSize::M2)),
        1 => Just(GuestPages::One(PageSize::G1)),
        4 => Just(GuestPages::Thp),
    ];
    let host_pages = select(PageSize::ALL.to_vec());
    let paging = (technique, guest_pages, host_pages, either(4_u32, 5), either(4_u32, 5));
    let many = (
        prop_oneof![2 => Just(1_usize), 1 => 2..=3_usize],
        prop_oneof![2 => Just(1_usize), 1 => 2..=3_usize],
        option::weighted(0.6, prop_oneof![1..20_usize, 20..200_usize]),
    );
    let policies = (
        either(Backing::Lazy, Backing::Prealloc),
        either(Fill::Eager, Fill::Lazy),
        either(OnSwitch::Keep, OnSwitch::Drop),
        either(Sync::Traced, Sync::Lazy),
        any::<bool>(),
        select(vec![1_u64, 2, 3, 8, 512, 513, 2048]),
        0..150_u64,
        select(vec![Pressure::None, Pressure::Walked, Pressure::All]),
        any::<bool>(),
    );
    let processors = (prop_oneof![2 => Just(1), 3 => 1..=5_usize], any::<bool>());
    let tlb = (first_level(), first_level(), second_level());
    let walk = (paging_structure_caches(), paging_structure_caches(), nested_tlb(), caches());
    (paging, many, policies, processors, tlb, walk).prop_map(|(paging, many, policies, processors, tlb, walk)| {
        let (technique, guest_pages, host_pages, guest_levels, host_levels) = paging;
        let (mut vms, mut copies, quantum) = many;
        // Each 1G page on 4K takes 262 144 host leaves; one VM with one copy of that is slow enough.
        if (guest_pages, host_pages) == (GuestPages::One(PageSize::G1), PageSize::K4) {
            (vms, copies) = (1, 1);
        }
        let (host_backing, shadow_fill, on_switch, shadow_sync, shadow_bypass, pv_batch, warm, data_pressure, tags) =
            policies;
        let (cpus, posted_interrupts) = processors;
        // `shadow.on_switch = "drop"` with more than one vCPU is refused.
        let shadow_on_switch = if cpus > 1 { OnSwitch::Keep } else { on_switch };
        let (l1d, l1i, l2) = tlb;
        let (psc, host_psc, nested_tlb, caches) = walk;
        Config {
            technique,
            guest_pages,
            host_pages,
            guest_levels,
            host_levels,
            vms,
            copies,
            quantum,
            cpus,
            posted_interrupts,
            host_backing,
            shadow_fill,
            shadow_on_switch,
            shadow_sync,
            shadow_bypass,
            pv_batch,
            warm,
            data_pressure,
            tags,
            l1d,
            l1i,
            l2,
            psc,
            host_psc,
            nested_tlb,
            caches,
        }
    })
}

/// Any configuration without section 10, one page size, and all lru.
pub fn plain_config() -> impl Strategy<Value = Config> {
    (lru_config(), select(PageSize::ALL.to_vec())).prop_map(|(config, size)| {
        let guest_pages = match config.guest_pages {
            GuestPages::Thp => GuestPages::One(size.min(config.host_pages)),
            one => one,
        };
        Config { guest_pages, ..config }
    })
}
