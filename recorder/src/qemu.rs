//! QEMU's plugin interface, as far as it is used here: what versions 1 (QEMU 7.2) to 5 (QEMU 10.2) have in common.
//!
//! *Source:* include/qemu/qemu-plugin.h.

use std::ffi::{c_int, c_uint, c_void};

pub type PluginId = u64;
pub type MemInfo = u32;

/// A translation block, an instruction of one: known to QEMU alone.
#[repr(C)]
pub struct Block(c_void);
#[repr(C)]
pub struct Instruction(c_void);

/// `QEMU_PLUGIN_CB_NO_REGS`: the callback looks at no register.
pub const NO_REGISTERS: c_int = 0;
/// `QEMU_PLUGIN_MEM_RW`.
pub const LOADS_AND_STORES: c_int = 3;

pub type OnBlock = extern "C" fn(PluginId, *mut Block);
pub type OnExecution = extern "C" fn(c_uint, *mut c_void);
pub type OnAccess = extern "C" fn(c_uint, MemInfo, u64, *mut c_void);
pub type OnCall = extern "C" fn(PluginId, c_uint, i64, u64, u64, u64, u64, u64, u64, u64, u64);
pub type OnReturn = extern "C" fn(PluginId, c_uint, i64, i64);
pub type OnExit = extern "C" fn(PluginId, *mut c_void);

unsafe extern "C" {
    pub fn qemu_plugin_register_vcpu_tb_trans_cb(id: PluginId, call: OnBlock);
    pub fn qemu_plugin_register_vcpu_syscall_cb(id: PluginId, call: OnCall);
    pub fn qemu_plugin_register_vcpu_syscall_ret_cb(id: PluginId, call: OnReturn);
    pub fn qemu_plugin_register_atexit_cb(id: PluginId, call: OnExit, with: *mut c_void);
    pub fn qemu_plugin_register_vcpu_tb_exec_cb(block: *mut Block, call: OnExecution, flags: c_int, with: *mut c_void);
    pub fn qemu_plugin_register_vcpu_mem_cb(
        instruction: *mut Instruction,
        call: OnAccess,
        flags: c_int,
        kinds: c_int,
        with: *mut c_void,
    );
    pub fn qemu_plugin_tb_n_insns(block: *const Block) -> usize;
    pub fn qemu_plugin_tb_vaddr(block: *const Block) -> u64;
    pub fn qemu_plugin_tb_get_insn(block: *const Block, index: usize) -> *mut Instruction;
    pub fn qemu_plugin_insn_vaddr(instruction: *const Instruction) -> u64;
    pub fn qemu_plugin_insn_size(instruction: *const Instruction) -> usize;
    pub fn qemu_plugin_insn_haddr(instruction: *const Instruction) -> *mut c_void;
    pub fn qemu_plugin_mem_size_shift(info: MemInfo) -> c_uint;
    pub fn qemu_plugin_mem_is_store(info: MemInfo) -> bool;
}
