//! Matrix multiplication, plain and blocked: C = A × B over square matrices of eight-byte numbers, row by row.

use super::emit::{BASE, Emit, PROCESS, Pattern, WORD};
use super::workload::Synthetic;

/// Matrices held at a time.
const MATRICES: u64 = 3;

/// Rows (and columns) of the largest three matrices that fit in `footprint`.
pub fn side(footprint: u64) -> u64 {
    (footprint / MATRICES / WORD).isqrt()
}

/// The loops `for ii, jj, kk by block { for i, j, k in the block }`, one turn of the innermost at a step. A block as
/// large as the matrices is the plain product.
struct Product {
    side: u64,
    block: u64,
    /// First row, column and term of the block.
    corner: [u64; 3],
    /// Row, column and term of the step.
    at: [u64; 3],
    mapped: bool,
}

pub fn matmul(of: &Synthetic) -> Box<dyn Pattern> {
    let side = side(of.footprint);
    let block = if of.block == 0 { side } else { of.block.min(side) };
    Box::new(Product { side, block, corner: [0; 3], at: [0; 3], mapped: false })
}

impl Pattern for Product {
    fn step(&mut self, out: &mut Emit) {
        if !self.mapped {
            out.map(PROCESS, BASE, MATRICES * self.side * self.side * WORD);
            self.mapped = true;
        }
        let [i, j, k] = self.at;
        let end = (self.corner[2] + self.block).min(self.side);
        // The sum starts at zero in the first block of terms and is taken up again in the others.
        if k == self.corner[2] && k > 0 {
            out.load(PROCESS, self.element(2, i, j));
        }
        out.load(PROCESS, self.element(0, i, k));
        out.load(PROCESS, self.element(1, k, j));
        if k + 1 == end {
            out.store(PROCESS, self.element(2, i, j));
        }
        self.advance();
    }
}

impl Product {
    fn element(&self, matrix: u64, row: u64, column: u64) -> u64 {
        BASE + ((matrix * self.side + row) * self.side + column) * WORD
    }

    /// Counts up the six loop variables, innermost first; after the last, the product is computed again.
    fn advance(&mut self) {
        for loop_variable in (0..3).rev() {
            self.at[loop_variable] += 1;
            if self.at[loop_variable] < (self.corner[loop_variable] + self.block).min(self.side) {
                return;
            }
            self.at[loop_variable] = self.corner[loop_variable];
        }
        for loop_variable in (0..3).rev() {
            self.corner[loop_variable] += self.block;
            if self.corner[loop_variable] < self.side {
                break;
            }
            self.corner[loop_variable] = 0;
        }
        self.at = self.corner;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::synth::Workload;
    use crate::trace::{CHUNK_ROWS, Op};

    /// How often each element is loaded and stored in one whole product of `side` 10.
    fn counts(block: u64) -> (usize, usize) {
        let turns = if block == 0 { 1 } else { 10u64.div_ceil(block) };
        let accesses = 10 * 10 * (2 * 10 + 2 * turns - 1);
        let of = Synthetic { footprint: 2400, accesses, block, ..Synthetic::new(Workload::Matmul) };
        let mut rows = Vec::with_capacity(CHUNK_ROWS);
        of.source().fill(&mut rows).unwrap();
        let last = *rows.last().unwrap();
        assert_eq!((last.op, last.address), (Op::Store, BASE + 299 * 8), "the last element of C comes last");
        let of = |op| rows.iter().filter(|row| row.op == op).count();
        (of(Op::Load), of(Op::Store))
    }

    #[test]
    fn a_blocked_product_takes_its_sums_up_again() {
        assert_eq!(counts(0), (2000, 100));
        assert_eq!(counts(4), (2000 + 200, 300), "three blocks of terms");
    }
}
