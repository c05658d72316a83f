//! Rows dealt out to the copies of a trace, collapsed, and cut where a stretch of the machine's accesses ends.

use super::Turns;
use super::batch::Batch;
use super::feed::{Decoded, Feed};
use super::watch::Phase;
use crate::program::{Columns, Owner, Part, Strip, Vcpus};

pub struct Dealer<'a> {
    feed: &'a Feed<'a>,
    owners: Vec<Owner>,
    quantum: Option<u64>,
    /// Whose turn it is.
    owner: usize,
    /// Rows of the turn: with a quantum of every owner's, held while all of them have theirs.
    held: Columns,
    /// Accesses and calls of them that are dealt out; `None` until the rows are all there.
    dealt: Option<(usize, usize)>,
    /// Accesses and calls that are held of the columns that come next.
    taken: (usize, usize),
    /// Accesses dealt out so far, by owner.
    accesses: Vec<u64>,
    stretches: Stretches,
    strip: Strip,
    /// All copies have the same threads in the same order.
    vcpus: Vcpus,
    /// A part is written run by run here: in memory that another core has read that takes several times as long.
    fresh: Decoded,
}

impl<'a> Dealer<'a> {
    pub fn new(feed: &'a Feed<'a>, turns: Turns) -> Dealer<'a> {
        let owners: Vec<Owner> = turns.owners().collect();
        let (left, list) = feed.watch.stretches(owners.len() as u64);
        let stretches = Stretches { list, at: None, left };
        Dealer {
            feed,
            accesses: vec![0; owners.len()],
            owners,
            quantum: turns.quantum,
            owner: 0,
            held: turns.columns(),
            dealt: None,
            taken: (0, 0),
            stretches,
            strip: feed.strip.clone(),
            vcpus: Vcpus::new(turns.cpus),
            fresh: Decoded::default(),
        }
    }

    /// Deals out rows until there are no more of them, or no room for more parts.
    pub fn deal(&mut self, rows: &mut Batch<Columns>, parts: &mut Batch<Decoded>) {
        while let Some(part) = parts.room() {
            let Some(dealt) = self.dealt.or_else(|| self.hold(rows).then_some((0, 0))) else {
                parts.ended = rows.ended.take();
                return;
            };
            let accesses = &mut self.accesses[self.owner];
            let rows = cut_at(&self.feed.warm, *accesses, self.held.behind(dealt));
            let (begins, now) = self.stretches.cut(rows, self.feed.chunk_rows);
            let is_call = now.calls().next().is_some_and(|(at, _)| at == 0);
            part.access = accesses.saturating_sub(is_call as u64);
            *accesses += now.ops.len() as u64;
            self.fresh.refill(now, &mut self.strip, &mut self.vcpus, self.feed.every_address);
            part.copy(&self.fresh);
            part.chunk.owner = self.owners[self.owner];
            part.phase = self.stretches.phase();
            part.begins = begins;
            let dealt = now.end(dealt);
            self.dealt = Some(dealt);
            if self.held.behind(dealt).rows() == 0 {
                self.end_turn();
            }
            parts.add();
        }
    }

    /// The next owner's turn begins, or that of the next rows.
    fn end_turn(&mut self) {
        self.dealt = None;
        if self.quantum.is_some() {
            self.owner = (self.owner + 1) % self.owners.len();
            match self.owner {
                0 => self.held.clear(),
                _ => self.dealt = Some((0, 0)),
            }
        }
    }

    /// Takes the rows of the next turn; says whether they are all there.
    fn hold(&mut self, rows: &mut Batch<Columns>) -> bool {
        while let Some(columns) = rows.first() {
            let left = columns.behind(self.taken);
            let ends = left.rows() == 0;
            let whole = match self.quantum {
                None if ends => {
                    self.owner += 1;
                    false
                }
                None => {
                    std::mem::swap(&mut self.held, columns);
                    true
                }
                Some(_) if ends => self.held.all().rows() > 0,
                Some(quantum) => {
                    let wanted = quantum - self.held.all().rows() as u64;
                    let (now, later) = left.split(wanted.min(left.rows() as u64) as usize);
                    self.held.append(now);
                    self.taken = now.end(self.taken);
                    if later.rows() > 0 {
                        return true;
                    }
                    now.rows() as u64 == wanted
                }
            };
            self.taken = (0, 0);
            rows.pass();
            if whole {
                return true;
            }
        }
        false
    }
}

/// The rows up to the next of some numbers of accesses, of which so many went before; calls belong to the access before them.
fn cut_at<'a>(numbers: &[u64], before: u64, rows: Part<'a>) -> Part<'a> {
    let begins_with_call = rows.calls().next().is_some_and(|(at, _)| at == 0);
    let is_next = |number: &&u64| if begins_with_call && before > 0 { **number >= before } else { **number > before };
    match numbers.iter().find(is_next).map(|number| number - before) {
        Some(left) if left < rows.ops.len() as u64 => rows.split_behind(left as usize).0,
        _ => rows,
    }
}

struct Stretches {
    /// Those that follow the first, again and again; none where all is one.
    list: Vec<(Phase, u64)>,
    /// The current, none for the first, and the accesses left of it.
    at: Option<usize>,
    left: u64,
}

impl Stretches {
    fn phase(&self) -> Phase {
        self.at.map_or(Phase::Count, |at| self.list[at].0)
    }

    /// Whether a stretch begins with these rows, and those that are dealt out together: of one stretch, and at most so many.
    fn cut<'a>(&mut self, rows: Part<'a>, most: usize) -> (bool, Part<'a>) {
        let chunk = |rows: Part<'a>| rows.split(rows.rows().min(most)).0;
        if self.list.is_empty() {
            return (false, chunk(rows));
        }
        let begins = self.left == 0 && rows.calls().next().is_none_or(|(at, _)| at > 0);
        if begins {
            let at = self.at.map_or(0, |at| (at + 1) % self.list.len());
            (self.at, self.left) = (Some(at), self.list[at].1);
        }
        let accesses = self.left.min(rows.ops.len() as u64);
        let now = chunk(rows.split_behind(accesses as usize).0);
        self.left -= now.ops.len() as u64;
        (begins, now)
    }
}
