//! What is mapped before the program's first instruction: its segments, the loader's, and the stack.

use crate::calls::{Op, push_call};
use crate::qemu::{self, Block};
use crate::slots::Slot;
use std::ffi::{CStr, OsStr};
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// What is to be added to the program's addresses to find its bytes in this process.
static BASE: AtomicU64 = AtomicU64::new(0);
static STACK_KNOWN: AtomicBool = AtomicBool::new(false);
static PROGRAM: OnceLock<&'static Path> = OnceLock::new();

const LOAD: u32 = 1;
const INTERPRETER: u32 = 3;
const EXECUTABLE: u32 = 1;

pub fn stack_is_known() -> bool {
    STACK_KNOWN.load(Relaxed)
}

/// The file of the program that runs, where QEMU tells.
pub fn program() -> Option<&'static Path> {
    PROGRAM.get().copied()
}

/// Bytes of the program's memory, as many of `bytes` as there are at `address`.
pub fn read(address: u64, bytes: &mut [u8]) -> usize {
    // Through the kernel, since an address that the program gives may lead nowhere.
    let place = address.wrapping_add(BASE.load(Relaxed));
    File::open("/proc/self/mem").and_then(|memory| memory.read_at(bytes, place)).unwrap_or(0)
}

/// Records the segments of the program and of its loader, whose first block this is.
pub fn record(block: *mut Block) {
    // SAFETY: QEMU lends the block for the time of the callback that this is called from; the path is a text that is
    // never freed.
    let (entry, host, path, start_code) = unsafe {
        let first = qemu::qemu_plugin_tb_get_insn(block, 0);
        let path = qemu::qemu_plugin_path_to_binary();
        let path = if path.is_null() { None } else { Some(CStr::from_ptr(path)) };
        let host = qemu::qemu_plugin_insn_haddr(first).addr() as u64;
        (qemu::qemu_plugin_tb_vaddr(block), host, path, qemu::qemu_plugin_start_code())
    };
    if host != 0 {
        BASE.store(host.wrapping_sub(entry), Relaxed);
    }
    let Some(path) = path.map(|path| Path::new(OsStr::from_bytes(path.to_bytes()))) else { return };
    let _ = PROGRAM.set(path);
    let Some(program) = Elf::read(path) else { return };
    let slot = Slot::of(0);
    let lowest = program.loads().filter(|load| load.flags & EXECUTABLE != 0).map(|load| load.start).min();
    program.record(slot, start_code.wrapping_sub(lowest.unwrap_or(start_code)));
    if let Some(loader) = program.loader.as_deref().and_then(Elf::read) {
        loader.record(slot, entry.wrapping_sub(loader.entry));
    }
}

/// Records the mapping that holds `address`, which the program's first access is to.
#[cold]
pub fn record_stack(slot: &mut Slot, address: u64) {
    STACK_KNOWN.store(true, Relaxed);
    let base = BASE.load(Relaxed);
    let place = address.wrapping_add(base);
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let stack = maps.lines().find_map(|line| {
        let (start, rest) = line.split_once('-')?;
        let (end, rest) = rest.split_once(' ')?;
        let range = u64::from_str_radix(start, 16).ok()?..u64::from_str_radix(end, 16).ok()?;
        (range.contains(&place) && rest.starts_with("rw-p")).then_some(range)
    });
    if let Some(stack) = stack {
        push_call(slot, Op::Map, stack.start.wrapping_sub(base), stack.end - stack.start);
    }
}

/// What an ELF file says about its image in memory.
struct Elf {
    entry: u64,
    segments: Vec<Segment>,
    loader: Option<std::path::PathBuf>,
}

struct Segment {
    kind: u32,
    flags: u32,
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
            let kinds = u64_at(&part, 0)?;
            let (kind, flags) = (kinds as u32, (kinds >> 32) as u32);
            if kind == INTERPRETER {
                let mut name = vec![0; usize::try_from(u64_at(&part, 32)?).ok()?.min(4096)];
                file.read_exact_at(&mut name, u64_at(&part, 8)?).ok()?;
                name.truncate(name.iter().position(|&byte| byte == 0)?);
                elf.loader = Some(OsStr::from_bytes(&name).into());
            }
            elf.segments.push(Segment { kind, flags, start: u64_at(&part, 16)?, bytes: u64_at(&part, 40)? });
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
