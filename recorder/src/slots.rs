//! What each virtual processor, that is each thread, has done and not yet sent.

use crate::channel;
use crate::instance::Instance;
use crate::wire::{HEADER_WORDS, Header, Kind, MOST_WORDS};
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering::Relaxed};

const END: usize = HEADER_WORDS + MOST_WORDS;
/// Threads of one process at a time; a further one shares a slot with another.
const SLOTS: usize = 1 << 16;

/// A thread's datagram in the making, and the call it is in.
pub struct Slot {
    next: usize,
    thread: u32,
    /// Number and arguments of the last system call.
    pub call: (i64, [u64; 5]),
    words: [u64; END],
}

/// Each is used by the thread whose virtual processor has its index, and by no other but at the end of the process and
/// in a forked child, where that thread is not running.
static ALL: [AtomicPtr<Slot>; SLOTS] = [const { AtomicPtr::new(ptr::null_mut()) }; SLOTS];
/// One more than the highest index in use.
static USED: AtomicU32 = AtomicU32::new(0);

impl Slot {
    /// The slot of the calling thread, whose processor's index is `vcpu`.
    #[inline(always)]
    pub fn of<'a>(vcpu: u32) -> &'a mut Slot {
        let slot = ALL[vcpu as usize % SLOTS].load(Relaxed);
        if slot.is_null() {
            return Slot::begin(vcpu);
        }
        // SAFETY: the pointer is from `begin`, and freed by `end` only, which takes it out first. No other thread uses
        // this slot, and no callback runs inside another one of the same thread, so there is no second reference.
        unsafe { &mut *slot }
    }

    #[cold]
    #[inline(never)]
    fn begin<'a>(vcpu: u32) -> &'a mut Slot {
        let slot = Slot { next: HEADER_WORDS, thread: Instance::next_thread(), call: (-1, [0; 5]), words: [0; END] };
        let slot = Box::leak(Box::new(slot));
        ALL[vcpu as usize % SLOTS].store(slot, Relaxed);
        USED.fetch_max(vcpu % SLOTS as u32 + 1, Relaxed);
        slot
    }

    /// Appends a word.
    #[inline(always)]
    pub fn push(&mut self, word: u64) {
        if self.next == END {
            self.send();
        }
        // SAFETY: `next` is below END, the length of `words`: it grows by one here and by two in `push_pair`, both
        // after a look at the end, and is else set to HEADER_WORDS.
        unsafe { *self.words.get_unchecked_mut(self.next) = word };
        self.next += 1;
    }

    /// Appends two words that belong together.
    pub fn push_pair(&mut self, words: [u64; 2]) {
        if self.next + 2 > END {
            self.send();
        }
        self.words[self.next..self.next + 2].copy_from_slice(&words);
        self.next += 2;
    }

    #[cold]
    #[inline(never)]
    pub fn send(&mut self) {
        if self.next > HEADER_WORDS {
            let header = Header { kind: Kind::Rows, thread: self.thread, instance: Instance::name() };
            channel::send(header, &mut self.words[..self.next]);
            self.next = HEADER_WORDS;
        }
    }

    /// Forgets what was not sent, and takes a number in the process that this now is.
    fn renew(&mut self) {
        self.next = HEADER_WORDS;
        self.thread = Instance::next_thread();
    }
}

/// Sends what a thread has left and frees its slot.
pub fn end(vcpu: u32) {
    Slot::of(vcpu).send();
    let slot = ALL[vcpu as usize % SLOTS].swap(ptr::null_mut(), Relaxed);
    if !slot.is_null() {
        // SAFETY: from Box::leak in `begin`, and no longer to be found.
        drop(unsafe { Box::from_raw(slot) });
    }
}

/// Sends what all threads have left, as their process ends and none of them runs any more.
pub fn end_all() {
    for vcpu in 0..USED.load(Relaxed) {
        if !ALL[vcpu as usize].load(Relaxed).is_null() {
            end(vcpu);
        }
    }
}

/// In a forked child: what the parent's threads had not sent is the parent's, and only the thread that forked is here.
pub fn keep_only(vcpu: u32) {
    for other in (0..USED.load(Relaxed)).filter(|&other| other != vcpu) {
        // Its memory is left: the thread that used it may have been copied in the midst of a change.
        ALL[other as usize].store(ptr::null_mut(), Relaxed);
    }
    Slot::of(vcpu).renew();
}
