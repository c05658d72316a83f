//! Several virtual CPUs (section 13): who runs where, and who is interrupted.

use vmmu_model::program::Row;

use super::config::Technique::{Ept, Native, Pv, Shadow};
use super::machine::{Machine, Pid};
use super::processor::Processor;

impl Machine<'_> {
    /// "The k-th distinct (process, thread) of a copy, by first row, k from 0, runs on vCPU k mod N, for good. vCPU i of every VM runs
    /// on processor i."
    pub fn run_on_its_processor(&mut self, pid: Pid, row: &Row) {
        let threads = self.threads.entry((pid.vm, pid.copy)).or_default();
        let thread = (row.process, row.thread);
        if !threads.contains(&thread) {
            threads.push(thread);
        }
        let k = threads.iter().position(|known| *known == thread).unwrap();
        self.on = k % self.config.cpus;
    }

    /// The one that runs the row.
    pub fn processor(&mut self) -> &mut Processor {
        &mut self.processors[self.on]
    }

    /// "A row that invalidates or flushes acts on its own processor as on a single one; every other processor in the mask of the process (those on
    /// which a row of it ran since it began; exit ends it) loses the same entries."
    pub fn flushed_processors(&mut self, pid: Pid) -> Vec<usize> {
        self.process(pid).ran_on.iter().copied().collect()
    }

    /// "Those of them whose latest row is the process's are interrupted (the others find out when they next switch)."
    fn interrupted(&mut self, pid: Pid) -> u64 {
        let others = self.flushed_processors(pid).into_iter().filter(|processor| *processor != self.on);
        others.filter(|processor| self.processors[*processor].previous == Some(pid)).count() as u64
    }

    /// A row invalidates or flushes, n times. Under shadow, "each of the row's invalidations and full flushes, once more per processor
    /// interrupted", counts in `exit_invlpg`.
    pub fn others_flush_too(&mut self, pid: Pid, n: u64) {
        self.row_interrupts = self.interrupted(pid);
        if self.config.technique == Shadow {
            self.count("exit_invlpg", n * self.row_interrupts);
        }
    }

    /// "Per row with any, `shootdown_rounds += 1`, `shootdowns += ` their number." "The processor that interrupts exits, and without
    /// posted interrupts so does the one that is interrupted."
    pub fn row_of_shootdowns_ends(&mut self) {
        let interrupted = std::mem::take(&mut self.row_interrupts);
        if interrupted == 0 {
            return;
        }
        self.count("shootdown_rounds", 1);
        self.count("shootdowns", interrupted);
        match self.config.technique {
            Native | Pv => {}
            Shadow | Ept => {
                let exits = if self.config.posted_interrupts { interrupted } else { 2 * interrupted };
                self.count("exit_ipi", exits);
            }
        }
    }
}
