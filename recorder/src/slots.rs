//! What each virtual processor, that is each thread, has done and not yet sent.

use crate::channel;
use crate::instance::Instance;
use crate::table::Table;
use crate::wire::{HEADER_WORDS, Header, Kind, MOST_WORDS};
use std::ptr;

const END: usize = HEADER_WORDS + MOST_WORDS;

/// A thread's datagram in the making, and the call it is in.
pub struct Slot {
    next: usize,
    thread: u32,
    /// Number and arguments of the last system call.
    pub call: (i64, [u64; 5]),
    words: [u64; END],
}

/// Each is used by the thread whose virtual processor has its index, and by no other but at the end of the process and
/// in a forked child, where that thread is not running. Indices grow as long as the newest thread outlives another, so
/// there is no bound on them but their type's.
static ALL: Table<Slot> = Table::new();

impl Slot {
    /// The slot of the calling thread, whose processor's index is `vcpu`.
    #[inline(always)]
    pub fn of<'a>(vcpu: u32) -> &'a mut Slot {
        let slot = ALL.get(vcpu);
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
        ALL.swap(vcpu, slot);
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
    let slot = ALL.swap(vcpu, ptr::null_mut());
    if !slot.is_null() {
        // SAFETY: from Box::leak in `begin`, and no longer to be found.
        drop(unsafe { Box::from_raw(slot) });
    }
}

/// Sends what all threads have left, as their process ends and none of them runs any more.
pub fn end_all() {
    ALL.indices().for_each(end);
}

/// In a forked child: what the parent's threads had not sent is the parent's, and only the thread that forked is here.
pub fn keep_only(vcpu: u32) {
    for other in ALL.indices().filter(|&other| other != vcpu) {
        // Its memory is left: the thread that used it may have been copied in the midst of a change.
        ALL.swap(other, ptr::null_mut());
    }
    Slot::of(vcpu).renew();
}
