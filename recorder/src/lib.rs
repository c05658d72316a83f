//! A QEMU plugin that records what a program does to its memory: every load and store, fetches if asked for, and the
//! system calls that change the address space, with their results. `analyze trace record` builds it in, starts QEMU
//! with it, and takes the rows.
//!
//! All that is unsafe in this project is here: QEMU's interface is C's.

mod accesses;
mod calls;
mod channel;
mod exec;
mod image;
mod instance;
mod libc;
#[path = "../../src/trace/record/meeting.rs"]
mod meeting;
// `analyze` uses the other half of these two.
#[allow(dead_code)]
#[path = "../../src/trace/record/program.rs"]
mod program;
mod qemu;
mod settings;
mod slots;
mod table;
#[allow(dead_code)]
#[path = "../../src/trace/record/wire.rs"]
mod wire;

use instance::Instance;
use qemu::{Block, PluginId};
use settings::Settings;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
use wire::{Birth, Kind};

/// The version of the interface that QEMU is asked for, read before anything else of the plugin runs but
/// `choose_version`. What is used here is the same in all versions from 1 to 5.
#[allow(non_upper_case_globals)]
#[unsafe(no_mangle)]
pub static qemu_plugin_version: AtomicI32 = AtomicI32::new(1);

#[used]
#[unsafe(link_section = ".init_array")]
static CHOOSE_VERSION: extern "C" fn() = choose_version;

/// The versions that there are told by functions that came with them, the newest first: a QEMU refuses versions above its
/// own, and may refuse those far below.
const NEWER: [(&CStr, i32); 3] = [
    (c"qemu_plugin_write_memory_vaddr", 5),
    (c"qemu_plugin_read_memory_vaddr", 4),
    (c"qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu", 2),
];

extern "C" fn choose_version() {
    // SAFETY: looks a name up in what is loaded; a null handle means all of it.
    let has = |name: &CStr| !unsafe { libc::dlsym(ptr::null_mut(), name.as_ptr()) }.is_null();
    if let Some((_, version)) = NEWER.iter().find(|(name, _)| has(name)) {
        qemu_plugin_version.store(*version, Relaxed);
    }
}

/// Called by QEMU once, before the program is loaded. Returns 0, or 1 if the arguments are not `analyze`'s.
///
/// # Safety
/// `arguments` points to `count` texts, as QEMU promises.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qemu_plugin_install(
    id: PluginId,
    _about: *const c_void,
    count: c_int,
    arguments: *const *const c_char,
) -> c_int {
    // SAFETY: as QEMU promises.
    if unsafe { Settings::read(count, arguments) }.is_none() {
        return 1;
    }
    // SAFETY: the callbacks have the types that the interface asks for and live as long as the process.
    unsafe {
        qemu::qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
        qemu::qemu_plugin_register_vcpu_syscall_cb(id, calls::on_call);
        qemu::qemu_plugin_register_vcpu_syscall_ret_cb(id, calls::on_return);
        qemu::qemu_plugin_register_atexit_cb(id, on_exit, ptr::null_mut());
    }
    0
}

/// A block was translated and is about to run. The first one finds the program loaded and not yet begun.
extern "C" fn on_translation(_: PluginId, block: *mut Block) {
    static FIRST: Once = Once::new();
    FIRST.call_once(|| {
        Instance::begin(Birth::Image);
        image::record(block);
    });
    accesses::instrument(block);
}

/// The process ends, and its threads no longer run. What a signal ends does not come here: `analyze` sees it end.
extern "C" fn on_exit(_: PluginId, _: *mut c_void) {
    slots::end_all();
    channel::tell(Kind::Gone, Instance::name(), &[]);
}
