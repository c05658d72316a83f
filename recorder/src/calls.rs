//! System calls that change an address space, or the set of them.

use crate::instance::Instance;
use crate::qemu::PluginId;
use crate::slots::{self, Slot};
use crate::wire::{self, Birth, Kind};
use crate::{channel, exec};
use std::ffi::c_uint;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Numbers of the ops that calls become, as in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Map = 3,
    Unmap = 4,
    Protect = 5,
}

/// Numbers of x86-64's system calls.
mod number {
    pub const MMAP: i64 = 9;
    pub const MPROTECT: i64 = 10;
    pub const MUNMAP: i64 = 11;
    pub const BRK: i64 = 12;
    pub const MREMAP: i64 = 25;
    pub const MADVISE: i64 = 28;
    pub const CLONE: i64 = 56;
    pub const FORK: i64 = 57;
    pub const VFORK: i64 = 58;
    pub const EXECVE: i64 = 59;
    pub const EXIT: i64 = 60;
    pub const EXECVEAT: i64 = 322;
    pub const PKEY_MPROTECT: i64 = 329;
}

const MAP_FIXED: u64 = 0x10;
const MREMAP_DONTUNMAP: u64 = 4;
const MREMAP_FIXED: u64 = 2;
const MADV_DONTNEED: u64 = 4;
const MADV_FREE: u64 = 8;
const MADV_DONTNEED_LOCKED: u64 = 24;
const CLONE_VM: u64 = 0x100;
const CLONE_VFORK: u64 = 0x4000;

pub const PAGE_BYTES: u64 = 4096;

/// The end of the heap, or 0 before the program first asked for it.
static BREAK: AtomicU64 = AtomicU64::new(0);

/// Appends a call on the pages that hold `bytes` bytes from `start` on.
pub fn push_call(slot: &mut Slot, op: Op, start: u64, bytes: u64) {
    let first = start - start % PAGE_BYTES;
    let end = round_up(start.saturating_add(bytes));
    if end > first {
        slot.push_pair(wire::call(op as u8, first, end - first));
    }
}

fn round_up(address: u64) -> u64 {
    address.checked_next_multiple_of(PAGE_BYTES).unwrap_or(u64::MAX - PAGE_BYTES + 1)
}

/// A thread enters the kernel.
#[allow(clippy::too_many_arguments)]
pub extern "C" fn on_call(
    _: PluginId,
    vcpu: c_uint,
    call: i64,
    a: u64,
    b: u64,
    c: u64,
    d: u64,
    e: u64,
    _: u64,
    _: u64,
    _: u64,
) {
    let slot = Slot::of(vcpu);
    slot.call = (call, [a, b, c, d, e]);
    match call {
        // What the child inherits must not be sent twice, and must precede what it does.
        number::CLONE | number::FORK | number::VFORK => slot.send(),
        number::EXECVE => exec::follow(slot, a, b, c),
        number::EXECVEAT => exec::follow_at(slot, a, b, c, d, e),
        number::EXIT => slots::end(vcpu),
        _ if !Instance::is_alone() => slot.send(),
        _ => {}
    }
}

/// A thread comes back from the kernel.
pub extern "C" fn on_return(_: PluginId, vcpu: c_uint, call: i64, result: i64) {
    // The last page of the address space is for errors.
    if (-4095..0).contains(&result) || call == number::EXIT {
        return;
    }
    let slot = Slot::of(vcpu);
    let (entered, arguments) = slot.call;
    if entered == call {
        change(slot, vcpu, call, arguments, result as u64);
    }
}

fn change(slot: &mut Slot, vcpu: c_uint, call: i64, [a, b, c, d, e]: [u64; 5], result: u64) {
    match call {
        number::MMAP => {
            if d & MAP_FIXED != 0 {
                push_call(slot, Op::Unmap, result, b);
            }
            push_call(slot, Op::Map, result, b);
        }
        number::MUNMAP => push_call(slot, Op::Unmap, a, b),
        number::MPROTECT | number::PKEY_MPROTECT => push_call(slot, Op::Protect, a, b),
        number::MADVISE if matches!(c, MADV_DONTNEED | MADV_FREE | MADV_DONTNEED_LOCKED) => {
            push_call(slot, Op::Unmap, a, b);
            push_call(slot, Op::Map, a, b);
        }
        number::MREMAP => remap(slot, [a, b, c, d, e], result),
        number::BRK => change_break(slot, result),
        number::CLONE => clone(vcpu, a, result),
        number::FORK => forked(vcpu, Birth::Fork, result),
        number::VFORK => forked(vcpu, Birth::Vfork, result),
        _ => {}
    }
}

/// A move is an unmap and a map: the pages are lost to the TLB, and as a trace has no row that moves frames, they are
/// faulted in anew.
fn remap(slot: &mut Slot, [old, old_bytes, bytes, flags, _]: [u64; 5], new: u64) {
    let (old_end, new_end) = (round_up(old + old_bytes), round_up(new + bytes));
    if new == old {
        if new_end < old_end {
            push_call(slot, Op::Unmap, new_end, old_end - new_end);
        } else if new_end > old_end {
            push_call(slot, Op::Map, old_end, new_end - old_end);
        }
        return;
    }
    if flags & MREMAP_FIXED != 0 {
        push_call(slot, Op::Unmap, new, bytes);
    }
    push_call(slot, Op::Unmap, old, old_bytes);
    if flags & MREMAP_DONTUNMAP != 0 {
        push_call(slot, Op::Map, old, old_bytes);
    }
    push_call(slot, Op::Map, new, bytes);
}

fn change_break(slot: &mut Slot, now: u64) {
    let (before, now) = (BREAK.swap(now, Relaxed), round_up(now));
    let before = if before == 0 { now } else { round_up(before) };
    if now > before {
        push_call(slot, Op::Map, before, now - before);
    } else {
        push_call(slot, Op::Unmap, now, before - now);
    }
}

fn clone(vcpu: c_uint, flags: u64, child: u64) {
    if flags & CLONE_VFORK != 0 && flags & CLONE_VM != 0 {
        forked(vcpu, Birth::Vfork, child);
    } else if flags & CLONE_VM != 0 {
        Instance::has_company();
    } else {
        forked(vcpu, Birth::Fork, child);
    }
}

/// Both sides of a fork. QEMU makes a vfork a fork too; what the child of one does until it becomes another program
/// belongs to its parent's memory all the same, which `analyze` sees to.
fn forked(vcpu: c_uint, birth: Birth, child: u64) {
    if Instance::was_forked() {
        Instance::begin(birth);
        slots::keep_only(vcpu);
    } else if child > 0 {
        Instance::has_company();
        channel::tell(Kind::Forked, Instance::name(), &[child, birth as u64]);
    }
}
