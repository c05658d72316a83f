//! What is mapped before the program's first instruction: its segments, the loader's, and the stack.

use crate::calls::{Op, PAGE_BYTES, push_call};
use crate::libc::{self, Bytes};
use crate::qemu::{self, Block};
use crate::settings::Settings;
use crate::slots::Slot;
use std::ffi::{OsStr, c_int};
use std::fs::{self, File};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// What is to be added to the program's addresses to find its bytes in this process.
static BASE: AtomicU64 = AtomicU64::new(0);
static STACK_KNOWN: AtomicBool = AtomicBool::new(false);
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

const LOAD: u32 = 1;
const INTERPRETER: u32 = 3;

pub fn stack_is_known() -> bool {
    STACK_KNOWN.load(Relaxed)
}

/// The file of the program that runs.
pub fn program() -> &'static Path {
    // Before the program can change the folder that it is named from.
    PROGRAM.get_or_init(|| {
        let named = &Settings::get().program;
        named.canonicalize().unwrap_or_else(|_| named.clone())
    })
}

/// Bytes of the program's memory, as many of `bytes` as there are at `address`.
pub fn read(address: u64, bytes: &mut [u8]) -> usize {
    // Through the kernel, since an address that the program gives may lead nowhere. A process that has changed its user cannot
    // open /proc/self/mem; where system calls are filtered, the other way may be closed.
    let place = address.wrapping_add(BASE.load(Relaxed));
    let from = Bytes { start: ptr::without_provenance_mut(place as usize), length: bytes.len() };
    let into = Bytes { start: bytes.as_mut_ptr().cast(), length: bytes.len() };
    // SAFETY: the kernel writes `into` alone, which is `bytes`, and reads `from` as far as it is there.
    let count = unsafe { libc::process_vm_readv(std::process::id() as c_int, &into, 1, &from, 1, 0) };
    let through_file = |_| File::open("/proc/self/mem").and_then(|memory| memory.read_at(bytes, place));
    usize::try_from(count).or_else(through_file).unwrap_or(0)
}

/// Records the segments of the program and of its loader, whose first block this is.
pub fn record(block: *mut Block) {
    // SAFETY: QEMU lends the block for the time of the callback that this is called from.
    let (entry, host) = unsafe {
        let first = qemu::qemu_plugin_tb_get_insn(block, 0);
        (qemu::qemu_plugin_tb_vaddr(block), qemu::qemu_plugin_insn_haddr(first).addr() as u64)
    };
    if host != 0 {
        BASE.store(host.wrapping_sub(entry), Relaxed);
    }
    let Some(program) = Elf::read(program()) else { return };
    let slot = Slot::of(0);
    let lowest = program.loads().map(|load| load.start - load.start % PAGE_BYTES).min();
    // QEMU's own word for where the program is, `qemu_plugin_start_code`, is missing in QEMU 10.0.
    let name = self::program().as_os_str().as_bytes();
    let mapped = mapping(|_, about| about.strip_suffix(name).is_some_and(|about| about.ends_with(b" ")));
    if let (Some(lowest), Some(mapped)) = (lowest, mapped) {
        program.record(slot, mapped.start.wrapping_sub(lowest));
    }
    if let Some(loader) = program.loader.as_deref().and_then(Elf::read) {
        loader.record(slot, entry.wrapping_sub(loader.entry));
    }
}

/// Records the mapping that holds `address`, which the program's first access is to.
#[cold]
pub fn record_stack(slot: &mut Slot, address: u64) {
    STACK_KNOWN.store(true, Relaxed);
    if let Some(stack) = mapping(|range, about| range.contains(&address) && about.starts_with(b"rw-p")) {
        push_call(slot, Op::Map, stack.start, stack.end - stack.start);
    }
}

/// The first mapping of this process that is `wanted` by its range, in the program's addresses, and by what the kernel
/// says of it: its rights, and its file at the end.
fn mapping(wanted: impl Fn(&Range<u64>, &[u8]) -> bool) -> Option<Range<u64>> {
    let maps = fs::read("/proc/self/maps").unwrap_or_default();
    maps.split(|&byte| byte == b'\n').find_map(|line| {
        let mut parts = line.splitn(2, |&byte| byte == b' ');
        let (range, about) = (str::from_utf8(parts.next()?).ok()?, parts.next()?);
        let (start, end) = range.split_once('-')?;
        let place = |hex| Some(u64::from_str_radix(hex, 16).ok()?.wrapping_sub(BASE.load(Relaxed)));
        let range = place(start)?..place(end)?;
        wanted(&range, about).then_some(range)
    })
}

/// What an ELF file says about its image in memory.
struct Elf {
    entry: u64,
    segments: Vec<Segment>,
    loader: Option<PathBuf>,
}

struct Segment {
    kind: u32,
    start: u64,
    bytes: u64,
}

impl Elf {
    fn read(path: &Path) -> Option<Elf> {
        let file = File::open(path).ok()?;
        let mut header = [0; 64];
        file.read_exact_at(&mut header, 0).ok()?;
        let (entry, table) = (u64_at(&header, 24)?, u64_at(&header, 32)?);
        let count = usize::from(u16::from_le_bytes([header[56], header[57]]));
        let mut elf = Elf { entry, segments: Vec::new(), loader: None };
        for index in 0..count {
            let mut part = [0; 56];
            file.read_exact_at(&mut part, table + 56 * index as u64).ok()?;
            let kind = u64_at(&part, 0)? as u32;
            if kind == INTERPRETER {
                let mut name = vec![0; usize::try_from(u64_at(&part, 32)?).ok()?.min(4096)];
                file.read_exact_at(&mut name, u64_at(&part, 8)?).ok()?;
                name.truncate(name.iter().position(|&byte| byte == 0)?);
                elf.loader = Some(OsStr::from_bytes(&name).into());
            }
            elf.segments.push(Segment { kind, start: u64_at(&part, 16)?, bytes: u64_at(&part, 40)? });
        }
        Some(elf)
    }

    fn loads(&self) -> impl Iterator<Item = &Segment> {
        self.segments.iter().filter(|segment| segment.kind == LOAD && segment.bytes > 0)
    }

    fn record(&self, slot: &mut Slot, offset: u64) {
        for load in self.loads() {
            push_call(slot, Op::Map, load.start.wrapping_add(offset), load.bytes);
        }
    }
}

fn u64_at(bytes: &[u8], place: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(place..)?.first_chunk()?))
}
