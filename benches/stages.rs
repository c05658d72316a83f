//! How many accesses does each stage take a second? `cargo bench --bench stages` prints a table; docs/performance.md has one machine's.
//!
//! Stages are measured by themselves, one thread each: real programs (`traces/git.parquet`), and the worst case, random words, where
//! nearly every access walks.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use vmmu::address::{Level, PageSize};
use vmmu::arrays::{AnyArray, Array, MattsonStack};
use vmmu::chance::SplitMix;
use vmmu::counts::{Counts, Event};
use vmmu::engine::{Plan, Watch};
use vmmu::guest::{FrameOrder, Guest, GuestPages, GuestShape};
use vmmu::prices::{Cycles, PRICES, Prices};
use vmmu::sweep::Sweep;
use vmmu::technique::{GuestNumbers, HostBacking, HostShape, HostTable};
use vmmu::tlb::{FirstLevel, Geometry, SecondLevel, Tlb, TlbShape};
use vmmu::trace::synth::{Synthetic, Workload};
use vmmu::trace::{Chunk, Columns, ParquetSource, Row, Source, Strip, Vcpus};
use vmmu::walk::{CacheShape, DataPressure, FirstShape, Follow, Host, Misses, PscShape, SecondShape, Walker};

const SMALL: PageSize = PageSize::Size4K;
const LEVELS: Level = Level::new(4);

fn git() -> Box<dyn Source> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("traces/git.parquet");
    Box::new(ParquetSource::open(&path).unwrap().for_replay())
}

fn synthetic(workload: Workload, keys: &[(&str, &str)]) -> Box<dyn Source> {
    let mut synthetic = Synthetic::new(workload);
    keys.iter().for_each(|(key, value)| synthetic.set(key, value).unwrap());
    synthetic.source()
}

fn uniform(footprint: &str) -> Box<dyn Source> {
    synthetic(Workload::Uniform, &[("footprint", footprint), ("accesses", "2_000_000"), ("stores", "0")])
}

fn rows(mut source: Box<dyn Source>) -> Vec<Vec<Row>> {
    let (mut all, mut rows) = (Vec::new(), Vec::new());
    while {
        source.fill(&mut rows).unwrap();
        !rows.is_empty()
    } {
        all.push(rows.clone());
    }
    all
}

fn collapsed(rows: &[Vec<Row>], mut strip: Strip) -> Vec<Chunk> {
    let collapse = |rows: &Vec<Row>| {
        let mut chunk = Chunk::default();
        chunk.collapse(Columns::of(rows).all(), &mut strip, &mut Vcpus::new(1));
        chunk
    };
    rows.iter().map(collapse).collect()
}

/// For the first level that is measured here.
fn strip() -> Strip {
    Strip::new(&[(SMALL, [16, 32])])
}

fn accesses(chunks: &[Chunk]) -> u64 {
    chunks.iter().map(|chunk| chunk.runs.iter().map(|run| run.count as u64).sum::<u64>()).sum()
}

fn guest() -> Guest {
    let shape = GuestShape {
        pages: GuestPages::One(SMALL),
        levels: LEVELS,
        frames: FrameOrder::Contiguous,
        infer_ranges: false,
    };
    Guest::new(shape, None)
}

fn geometry(entries: usize, ways: usize) -> Option<Geometry> {
    Geometry::try_new(entries, ways)
}

fn tlb() -> (FirstLevel, Tlb) {
    let second = SecondLevel { sizes: vec![SMALL], geometry: geometry(1536, 12).unwrap() };
    let shape = TlbShape { l1d: [geometry(64, 4), None, None], l1i: [geometry(128, 4), None, None], l2: vec![second] };
    let first = shape.first(&[SMALL], SMALL, true);
    (FirstLevel::new(&first), Tlb::new(&first, &shape.second(&[SMALL], SMALL)))
}

fn decoding(criterion: &mut Criterion) {
    let total = accesses(&collapsed(&rows(git()), strip()));
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(total));
    group.bench_function("git", |bencher| {
        // A sweep decodes on a thread other than the first, whose memory goes back to the system at every turn.
        let decode = |times| {
            let (start, mut columns) = (Instant::now(), Columns::default());
            for _ in 0..times {
                let mut source = git();
                while {
                    source.fill_columns(&mut columns).unwrap();
                    columns.all().rows() > 0
                } {
                    black_box(&columns);
                }
            }
            start.elapsed()
        };
        bencher.iter_custom(|times| std::thread::spawn(move || decode(times)).join().unwrap());
    });
    group.finish();
    let mut group = criterion.benchmark_group("collapse");
    for (name, rows) in [("git", rows(git())), ("uniform 1G", rows(uniform("1G")))] {
        group.throughput(Throughput::Elements(rows.iter().map(|rows| rows.len() as u64).sum()));
        group.bench_function(name, |bencher| {
            let (mut chunk, mut strip, mut vcpus) = (Chunk::default(), strip(), Vcpus::new(1));
            let columns: Vec<_> = rows.iter().map(|rows| Columns::of(rows)).collect();
            let mut collapse = |columns: &Columns| chunk.collapse(black_box(columns.all()), &mut strip, &mut vcpus);
            bencher.iter(|| columns.iter().for_each(&mut collapse));
        });
    }
    group.finish();
}

fn guests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("guest");
    let touches = [("footprint", "4G"), ("stride", "4096"), ("accesses", "1_000_000"), ("stores", "0")];
    for (name, source) in
        [("git", git()), ("uniform 1G", uniform("1G")), ("first touches", synthetic(Workload::Strided, &touches))]
    {
        let chunks = collapsed(&rows(source), strip());
        group.throughput(Throughput::Elements(accesses(&chunks)));
        group.bench_function(name, |bencher| {
            bencher.iter_batched_ref(
                guest,
                |guest| chunks.iter().for_each(|chunk| guest.replay(chunk)),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// Only the stage itself is timed; the guest that it needs runs in between.
fn tlbs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tlb");
    let runs = |chunks: &[Chunk]| chunks.iter().map(|chunk| chunk.runs.len() as u64).sum();
    // Touches of one page after the other, and what is left of them where chunks are stripped: as many for the trace.
    for (name, rows, strip) in [
        ("git", rows(git()), Strip::none()),
        ("git, stripped", rows(git()), strip()),
        ("uniform 1G", rows(uniform("1G")), strip()),
    ] {
        group.throughput(Throughput::Elements(runs(&collapsed(&rows, Strip::none()))));
        let chunks = collapsed(&rows, strip);
        group.bench_function(BenchmarkId::new("runs", name), |bencher| {
            bencher.iter_custom(|times| {
                (0..times)
                    .map(|_| {
                        let (mut guest, (mut first, mut tlb), mut spent) = (guest(), tlb(), Duration::ZERO);
                        for chunk in &chunks {
                            guest.replay(chunk);
                            let start = Instant::now();
                            first.replay(&chunk.runs, &guest.places, &guest.flushes);
                            tlb.replay(&first, &chunk.runs, &guest.places, &guest.flushes);
                            spent += start.elapsed();
                        }
                        spent
                    })
                    .sum()
            });
        });
    }
    group.finish();
}

/// Fully associative arrays by themselves: one, and 64 sizes of it in one pass.
fn arrays(criterion: &mut Criterion) {
    const REQUESTS: u64 = 1 << 20;
    let mut group = criterion.benchmark_group("array");
    group.throughput(Throughput::Elements(REQUESTS));
    for entries in [64, 1536] {
        let pages = 4 * entries as u64;
        let mut random = SplitMix::new(1);
        let uniform: Vec<u64> = (0..REQUESTS).map(|_| random.draw() % pages).collect();
        let sequential: Vec<u64> = (0..REQUESTS).map(|request| request % pages).collect();
        let shape = geometry(entries, entries).unwrap();
        for (name, tags) in [("uniform", &uniform), ("sequential", &sequential)] {
            group.bench_function(BenchmarkId::new(format!("{entries} ways"), name), |bencher| {
                let mut array = AnyArray::new(shape);
                bencher.iter(|| tags.iter().filter(|tag| array.touch(**tag, **tag)).count());
            });
            group.bench_function(BenchmarkId::new(format!("up to {entries} ways"), name), |bencher| {
                let mut stack = MattsonStack::new(shape);
                bencher
                    .iter(|| tags.iter().map(|tag| stack.touch(*tag, *tag).depth).filter(|depth| *depth < 32).count());
            });
        }
    }
    group.finish();
}

struct Walks {
    numbers: GuestNumbers,
    host: HostTable,
    one: Walker<()>,
    two: Walker<Host>,
}

fn walkers() -> Walks {
    let psc = PscShape([geometry(32, 32), geometry(4, 4), geometry(2, 2), None]);
    let levels = [geometry(512, 8), geometry(4096, 8), geometry(131_072, 16)].map(Option::unwrap);
    let caches = Some(&CacheShape { levels, pressure: DataPressure::Walked });
    let first = FirstShape { leaves: SMALL, levels: LEVELS, psc, tags: true };
    let second = SecondShape { pages: SMALL, levels: LEVELS, psc, nested_tlb: geometry(16, 16) };
    Walks {
        numbers: GuestNumbers::default(),
        host: HostTable::new(HostShape { pages: SMALL, levels: LEVELS, backing: HostBacking::Lazy }),
        one: Walker::new(first, caches, ()),
        two: Walker::new(first, caches, Host::new(second)),
    }
}

fn walks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("walk");
    for footprint in ["1G", "64G"] {
        let chunks = collapsed(&rows(uniform(footprint)), strip());
        group.throughput(Throughput::Elements(accesses(&chunks)));
        for dimensions in [1, 2] {
            group.bench_function(
                BenchmarkId::new(format!("{dimensions}-D"), format!("uniform {footprint}")),
                |bencher| {
                    bencher.iter_custom(|times| (0..times).map(|_| walk(&chunks, dimensions)).sum());
                },
            );
        }
    }
    group.finish();
}

fn walk(chunks: &[Chunk], dimensions: u8) -> Duration {
    let (mut guest, (mut first, mut tlb), mut of, mut spent) = (guest(), tlb(), walkers(), Duration::ZERO);
    for chunk in chunks {
        guest.replay(chunk);
        first.replay(&chunk.runs, &guest.places, &guest.flushes);
        tlb.replay(&first, &chunk.runs, &guest.places, &guest.flushes);
        of.numbers.replay(chunk, &guest);
        of.host.replay(chunk, &guest);
        let behind = match dimensions {
            1 => of.numbers.dimensions(chunk, &guest),
            _ => of.host.dimensions(chunk, &guest),
        };
        let misses = Misses::new(chunk, &guest, &tlb.misses, behind);
        let start = Instant::now();
        match dimensions {
            1 => misses.replay(&mut of.one),
            _ => misses.replay(&mut of.two),
        }
        spent += start.elapsed();
    }
    spent
}

fn pricing(criterion: &mut Criterion) {
    let prices = Prices::new(PRICES.map(|_| Cycles::parse("12.5")), [false; PRICES.len()]);
    let mut counts = Counts::default();
    Event::ALL.into_iter().zip(1..).for_each(|(event, n)| counts[event] = n * 1_000_003);
    let mut group = criterion.benchmark_group("price");
    group.throughput(Throughput::Elements(1));
    group.bench_function("rows", |bencher| bencher.iter(|| prices.bill(black_box(&counts)).unwrap().overhead()));
    group.finish();
}

/// Cells of a sweep over git, L1 × L2 sizes, with everything but the reading of the file system's cache and the results' files.
fn sweeps(criterion: &mut Criterion) {
    let text = |axes: &str| format!("traces = [\"traces/git.parquet\"]\n[sweep]\ncpu = \"nehalem\"\n{axes}");
    let thousand = r#"
        technique = ["native", "shadow", "ept", "pv"]
        guest_pages = ["4K", "2M"]
        host_pages = ["4K", "2M"]
        tlb.l1d."4K" = { entries = [16, 24, 32, 48, 64, 96, 128, 256], ways = 4 }
        tlb.l2."4K+2M" = { entries = [128, 256, 512, 1024, 1536, 2048, 3072, 4096], ways = 8 }
    "#;
    let accesses = accesses(&collapsed(&rows(git()), strip()));
    let mut group = criterion.benchmark_group("sweep");
    group.sample_size(10);
    for (name, axes) in [("one ept cell", "technique = \"ept\""), ("768 cells", thousand)] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("sweep.toml");
        let sweep = Sweep::parse(&file, &text(axes)).unwrap();
        let cells: Vec<_> = sweep.rows.iter().map(|row| row.cell.clone()).collect();
        group.throughput(Throughput::Elements(accesses * cells.len() as u64));
        group.bench_function(BenchmarkId::new("cell-accesses", name), |bencher| {
            bencher.iter(|| Plan::new(&cells).run(&|| sweep.traces[0].open(), "git", Watch::Whole, |_, _| {}).unwrap());
        });
    }
    group.finish();
}

criterion_group! {
    name = stages;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    targets = decoding, guests, tlbs, arrays, walks, pricing, sweeps
}

/// The benchmarks, then a table of the rates that this run and earlier ones of any stage have left.
fn main() {
    stages();
    Criterion::default().configure_from_args().final_summary();
    let folder = std::env::current_exe().unwrap();
    let folder = folder.ancestors().find(|it| it.ends_with("target")).map(|target| target.join("criterion"));
    let mut rates = BTreeMap::new();
    folder.into_iter().for_each(|folder| collect(&folder, &mut rates));
    println!("{:40} {:>14}", "stage", "millions/s");
    rates.into_iter().for_each(|(stage, rate)| println!("{stage:40} {:14.1}", rate / 1e6));
}

/// The median rate of every benchmark under a folder of criterion's, by name.
fn collect(folder: &Path, rates: &mut BTreeMap<String, f64>) {
    let read = |name| serde_json::from_slice::<Value>(&fs::read(folder.join(name)).ok()?).ok();
    if let (true, Some(about), Some(times)) = (folder.ends_with("new"), read("benchmark.json"), read("estimates.json"))
        && let Some(elements) = about["throughput"]["Elements"].as_f64()
        && let (Some(name), Some(time)) = (about["full_id"].as_str(), times["median"]["point_estimate"].as_f64())
    {
        rates.insert(name.to_string(), elements / time * 1e9);
    }
    fs::read_dir(folder).into_iter().flatten().flatten().for_each(|entry| collect(&entry.path(), rates));
}
