//! What the plugins of many processes say, to the rows of one trace.

use super::draft::Draft;
use super::window::{Verdict, WindowPosition};
use super::wire::{Birth, Header, Item, Kind, item};
use crate::trace::{Op, Row, check};
use std::collections::{HashMap, HashSet};

const PAGE_BYTES: u64 = 4096;

/// The processes that are recorded, by the ids they have in the trace: dense, from 1, never used again.
pub struct Processes {
    images: HashMap<u64, Image>,
    /// The image that a process of the machine runs.
    by_pid: HashMap<u64, u64>,
    /// Children that their parents have told of and that have not been heard of yet, with their ids in the trace.
    expected: HashMap<u64, u32>,
    /// Children that have been heard of before their parents told of them.
    early: HashSet<u64>,
    /// Highest thread id given in each process.
    threads: HashMap<u32, u32>,
    processes: u32,
    window: WindowPosition,
    /// Rows made and not yet taken.
    pub rows: Draft,
    /// Accesses that crossed a 4 KiB boundary.
    pub split: u64,
    /// Programs that were run and not recorded.
    pub left: Vec<String>,
    /// Whether the window has ended.
    pub full: bool,
}

/// One program in one process.
struct Image {
    pid: u64,
    process: u32,
    /// Whether it borrows its parent's memory, after vfork.
    borrows: bool,
    /// Thread ids of the trace, by those of the plugin from 1.
    threads: HashMap<u32, u32>,
}

impl Processes {
    pub fn new(window: WindowPosition) -> Processes {
        Processes {
            images: HashMap::new(),
            by_pid: HashMap::new(),
            expected: HashMap::new(),
            early: HashSet::new(),
            threads: HashMap::new(),
            processes: 0,
            window,
            rows: Draft::new(),
            split: 0,
            left: Vec::new(),
            full: false,
        }
    }

    /// Processes that have been heard of and have not ended.
    pub fn alive(&self) -> usize {
        self.images.len()
    }

    /// Children that have not been heard of.
    pub fn expected(&self) -> usize {
        self.expected.len()
    }

    /// Processes so far.
    pub fn count(&self) -> u32 {
        self.processes
    }

    /// Accesses that were kept.
    pub fn accesses(&self) -> u64 {
        self.window.kept()
    }

    /// Accesses left out before the first that was kept.
    pub fn skipped(&self) -> u64 {
        self.window.skipped()
    }

    /// Takes a datagram. What makes no sense is left: it is not from a plugin of ours.
    pub fn take(&mut self, header: Header, body: &[u64]) {
        let Header { kind, thread, instance } = header;
        match (kind, body) {
            (Kind::Rows, _) => self.take_rows(instance, thread, body),
            (Kind::Born, &[pid, parent, birth]) => {
                if let Some(birth) = Birth::from_number(birth) {
                    self.born(instance, pid, parent, birth);
                }
            }
            (Kind::Forked, &[pid, birth]) if !self.early.remove(&pid) => {
                if let Some(process) = self.conceive(instance, Birth::from_number(birth)) {
                    self.expected.insert(pid, process);
                }
            }
            (Kind::Left, _) => {
                let bytes: Vec<u8> = body.iter().flat_map(|word| word.to_le_bytes()).collect();
                self.left.push(String::from_utf8_lossy(&bytes).trim_end_matches('\0').to_string());
            }
            (Kind::Gone, _) => self.gone(instance),
            // The exit of the old program is written when the new one begins: execve may yet fail.
            (Kind::Execs | Kind::Born | Kind::Forked | Kind::Ended, _) => {}
        }
    }

    fn born(&mut self, instance: u64, pid: u64, parent: u64, birth: Birth) {
        let (process, borrows) = match birth {
            Birth::Image => (self.succeed(pid), false),
            Birth::Fork | Birth::Vfork => {
                let process = self.expected.remove(&pid).or_else(|| {
                    self.early.insert(pid);
                    self.conceive(parent, Some(birth))
                });
                (process.unwrap_or_else(|| self.next_process()), birth == Birth::Vfork)
            }
        };
        self.by_pid.insert(pid, instance);
        self.images.insert(instance, Image { pid, process, borrows, threads: HashMap::new() });
    }

    /// The process of a new program: the one that it replaces, which exits, or a new one.
    fn succeed(&mut self, pid: u64) -> u32 {
        let before = self.by_pid.remove(&pid).and_then(|instance| self.images.remove(&instance));
        match before {
            Some(image) if !image.borrows => {
                self.exit(&image);
                self.threads.remove(&image.process);
                image.process
            }
            _ => self.next_process(),
        }
    }

    /// The process of a child that `parent` makes: its own, by a fork, or its parent's.
    fn conceive(&mut self, parent: u64, birth: Option<Birth>) -> Option<u32> {
        let of_parent = self.images.get(&parent)?.process;
        match birth? {
            Birth::Image => None,
            Birth::Vfork => Some(of_parent),
            Birth::Fork => {
                let child = self.next_process();
                let thread = self.thread(parent, 1);
                self.rows.begin(of_parent, thread);
                self.rows.push(Op::Fork, 0, child.into());
                Some(child)
            }
        }
    }

    fn gone(&mut self, instance: u64) {
        let Some(image) = self.images.remove(&instance) else { return };
        if self.by_pid.get(&image.pid) == Some(&instance) {
            self.by_pid.remove(&image.pid);
        }
        if !image.borrows {
            self.exit(&image);
        }
    }

    fn exit(&mut self, image: &Image) {
        let thread = image.threads.get(&1).copied().unwrap_or(1);
        self.rows.begin(image.process, thread);
        self.rows.push(Op::Exit, 0, 0);
    }

    fn next_process(&mut self) -> u32 {
        self.processes += 1;
        self.processes
    }

    /// The id in the trace of a plugin's thread.
    fn thread(&mut self, instance: u64, thread: u32) -> u32 {
        let Some(image) = self.images.get_mut(&instance) else { return 0 };
        *image.threads.entry(thread).or_insert_with(|| {
            let highest = self.threads.entry(image.process).or_default();
            *highest += 1;
            *highest
        })
    }

    fn take_rows(&mut self, instance: u64, thread: u32, body: &[u64]) {
        let thread = self.thread(instance, thread);
        let Some(process) = self.images.get(&instance).map(|image| image.process) else { return };
        self.rows.begin(process, thread);
        let mut rest = body;
        while let Some((item, behind)) = item(rest) {
            rest = behind;
            match item {
                Item::Access { address, bytes, loads, stores } => {
                    if loads || !stores {
                        self.access(Op::Load, address, bytes);
                    }
                    if stores {
                        self.access(Op::Store, address, bytes);
                    }
                }
                Item::Fetch { address, bytes } => self.access(Op::Fetch, address, bytes),
                Item::Call { op, start, bytes } => {
                    let row = Op::from_number(op).map(|op| Row { op, address: start, length: bytes, process, thread });
                    if let Some(row) = row.filter(|row| row.op.is_range() && check::row(row).is_ok()) {
                        self.rows.push(row.op, row.address, row.length);
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn access(&mut self, op: Op, address: u64, bytes: u64) {
        if bytes <= PAGE_BYTES - address % PAGE_BYTES {
            self.access_of_page(op, address, bytes);
        } else {
            self.split_access(op, address, bytes);
        }
    }

    /// An access that crosses into the next page, and no further: none is longer than a page.
    #[cold]
    fn split_access(&mut self, op: Op, address: u64, bytes: u64) {
        let (here, before) = (PAGE_BYTES - address % PAGE_BYTES, self.rows.rows().len());
        self.access_of_page(op, address, here);
        self.access_of_page(op, address + here, bytes - here);
        self.split += u64::from(self.rows.rows().len() == before + 2);
    }

    #[inline(always)]
    fn access_of_page(&mut self, op: Op, address: u64, bytes: u64) {
        match self.window.next() {
            Verdict::Keep => self.rows.push(op, address, bytes),
            Verdict::Drop => {}
            Verdict::End => self.full = true,
        }
    }
}

#[cfg(test)]
mod tests;
