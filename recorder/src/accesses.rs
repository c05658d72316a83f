//! Loads, stores and fetches: the path that must be short.

use crate::qemu::{self, Block, MemInfo};
use crate::settings::Settings;
use crate::slots::Slot;
use crate::{image, qemu_plugin_version, wire};
use std::ffi::{c_uint, c_void};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Has every access of a block recorded, and the block's fetch if fetches are.
pub fn instrument(block: *mut Block) {
    let on_access = if image::stack_is_known() { on_access } else { on_early_access };
    // SAFETY: QEMU lends the block and its instructions for the time of this call; the callbacks have the types that it
    // asks for.
    unsafe {
        let instructions = qemu::qemu_plugin_tb_n_insns(block);
        for index in 0..instructions {
            let instruction = qemu::qemu_plugin_tb_get_insn(block, index);
            let kinds = qemu::LOADS_AND_STORES;
            qemu::qemu_plugin_register_vcpu_mem_cb(instruction, on_access, qemu::NO_REGISTERS, kinds, ptr::null_mut());
        }
        if Settings::get().fetch && instructions > 0 {
            let start = qemu::qemu_plugin_tb_vaddr(block);
            let last = qemu::qemu_plugin_tb_get_insn(block, instructions - 1);
            let end = qemu::qemu_plugin_insn_vaddr(last) + qemu::qemu_plugin_insn_size(last) as u64;
            let word = wire::fetch(start, end - start);
            // The word travels in place of a pointer.
            let with = ptr::without_provenance_mut(word as usize);
            qemu::qemu_plugin_register_vcpu_tb_exec_cb(block, on_block, qemu::NO_REGISTERS, with);
        }
    }
}

extern "C" fn on_block(vcpu: c_uint, with: *mut c_void) {
    Slot::of(vcpu).push(with.addr() as u64);
}

extern "C" fn on_access(vcpu: c_uint, info: MemInfo, address: u64, _: *mut c_void) {
    Slot::of(vcpu).push(wire::access(bits(info), address));
}

/// As [`on_access`], in blocks translated before the stack was known: the first access of a program is to its stack.
extern "C" fn on_early_access(vcpu: c_uint, info: MemInfo, address: u64, with: *mut c_void) {
    if !image::stack_is_known() {
        image::record_stack(Slot::of(vcpu), address);
    }
    on_access(vcpu, info, address, with);
}

/// The upper bits of an access by what QEMU says of it, each entry with what it says: a few dozen values occur.
static BITS: [AtomicU64; 256] = [const { AtomicU64::new(0) }; 256];

#[inline(always)]
fn bits(info: MemInfo) -> u64 {
    let place = &BITS[(info ^ info >> 8 ^ info >> 16) as usize % BITS.len()];
    let known = place.load(Relaxed);
    // An access has bits 48 and up only, so that the lower half is free to say whose they are.
    if known as u32 == info && known != 0 { known & !u64::from(u32::MAX) } else { ask_bits(place, info) }
}

#[cold]
#[inline(never)]
fn ask_bits(place: &AtomicU64, info: MemInfo) -> u64 {
    // SAFETY: these look at their argument alone, which is as QEMU gave it.
    let (log2_bytes, stores) =
        unsafe { (qemu::qemu_plugin_mem_size_shift(info), qemu::qemu_plugin_mem_is_store(info)) };
    // Up to version 3 an atomic instruction is one access that loads and stores, which bit 16 alone tells. From version 4
    // on it is two, and the bit has come to mean something else.
    let loads = !stores || qemu_plugin_version.load(Relaxed) < 4 && info >> 16 & 1 != 0;
    let bits = wire::access_bits(log2_bytes, loads, stores);
    place.store(bits | u64::from(info), Relaxed);
    bits
}
