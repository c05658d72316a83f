//! Which image of which process this is.

use crate::channel;
use crate::settings::Settings;
use crate::wire::{Birth, Kind};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

static NAME: AtomicU64 = AtomicU64::new(0);
static PROCESS: AtomicU32 = AtomicU32::new(0);
static THREADS: AtomicU32 = AtomicU32::new(0);
static ONE: AtomicBool = AtomicBool::new(true);

/// The image that runs in this process now.
pub struct Instance;

impl Instance {
    /// Its name: the process id, and below it the time, since ids are used again.
    pub fn name() -> u64 {
        NAME.load(Relaxed)
    }

    /// A number for a new thread, from 1.
    pub fn next_thread() -> u32 {
        THREADS.fetch_add(1, Relaxed) + 1
    }

    /// Whether this is the only thread of the only process as far as it knows, so that nothing depends on when its rows
    /// are sent.
    pub fn is_alone() -> bool {
        ONE.load(Relaxed)
    }

    /// Another thread or process is recorded from now on.
    pub fn has_company() {
        ONE.store(false, Relaxed);
    }

    /// Tells `analyze` that a new image begins.
    pub fn begin(birth: Birth) {
        let parent = NAME.load(Relaxed);
        let process = std::process::id();
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let name = u64::from(process) << 32 | u64::from((time.as_nanos() >> 8) as u32);
        NAME.store(name, Relaxed);
        PROCESS.store(process, Relaxed);
        THREADS.store(0, Relaxed);
        ONE.store(birth == Birth::Image && Settings::get().one, Relaxed);
        channel::connect_life(name);
        channel::tell(Kind::Born, name, &[u64::from(process), parent, birth as u64]);
    }

    /// Whether this process was forked since [`Instance::begin`].
    pub fn was_forked() -> bool {
        PROCESS.load(Relaxed) != std::process::id()
    }
}
