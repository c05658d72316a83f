//! Breadth-first search on a Kronecker graph, as in Graph500: the arrays of the search and which of their elements it
//! touches. The graph itself is held in memory, in about half as many bytes as the footprint.
//!
//! *Source:* Graph500 specification 2.0 (generator parameters 0.57, 0.19, 0.19, 0.05; edge factor 16).

use super::emit::{BASE, Emit, PROCESS, Pattern, WORD};
use super::workload::Synthetic;
use crate::chance::{Chance, Permutation};

/// log2 of the vertices of the largest graph whose arrays fit in `footprint`, if there is one.
pub fn scale(footprint: u64, degree: u64) -> Option<u32> {
    let words_per_vertex = degree.checked_mul(2)?.checked_add(3)?;
    (footprint.saturating_sub(WORD) / WORD / words_per_vertex).checked_ilog2()
}

/// Neighbours of vertex v: `targets[starts[v]..starts[v + 1]]`.
struct Graph {
    starts: Vec<u64>,
    targets: Vec<u32>,
}

impl Graph {
    /// Draws the edges twice over, first to count and then to place them, so that no list of edges is held.
    fn kronecker(scale: u32, degree: u64, seed: u64) -> Graph {
        let vertices = 1u64 << scale;
        let edges = |each: &mut dyn FnMut(u64, u64)| {
            let mut chance = Chance::new(seed);
            let names = Permutation::new(vertices, &mut chance);
            for _ in 0..vertices * degree {
                let (from, to) = edge(scale, &mut chance);
                each(names.at(from), names.at(to));
            }
        };
        let mut starts = vec![0u64; vertices as usize + 1];
        edges(&mut |from, to| {
            starts[from as usize + 1] += 1;
            starts[to as usize + 1] += 1;
        });
        for vertex in 1..starts.len() {
            starts[vertex] += starts[vertex - 1];
        }
        let mut free = starts.clone();
        let mut targets = vec![0u32; (2 * vertices * degree) as usize];
        edges(&mut |from, to| {
            for (from, to) in [(from, to), (to, from)] {
                targets[free[from as usize] as usize] = to as u32;
                free[from as usize] += 1;
            }
        });
        Graph { starts, targets }
    }
}

/// One edge: a quadrant of the adjacency matrix at each of `scale` levels, by 16 random bits each.
fn edge(scale: u32, chance: &mut Chance) -> (u64, u64) {
    // 0.57, 0.76 and 0.95 of 2^16.
    const BOUNDS: [u64; 3] = [37_356, 49_807, 62_259];
    let (mut from, mut to, mut bits) = (0, 0, 0);
    for level in 0..scale {
        if level % 4 == 0 {
            bits = chance.bits();
        }
        let quadrant = BOUNDS.iter().filter(|bound| bits & 0xffff >= **bound).count() as u64;
        bits >>= 16;
        from = from << 1 | quadrant >> 1;
        to = to << 1 | quadrant & 1;
    }
    (from, to)
}

/// The search from one root after another; one edge at a step.
struct Search {
    graph: Graph,
    chance: Chance,
    seen: Vec<u64>,
    queue: Vec<u32>,
    /// Place in the queue of the vertex under way.
    head: usize,
    /// The vertex's edges not yet looked at.
    edges: std::ops::Range<u64>,
    arrays: Arrays,
    mapped: bool,
}

/// Where each array begins.
struct Arrays {
    starts: u64,
    parents: u64,
    queue: u64,
    targets: u64,
    end: u64,
}

pub fn graph(of: &Synthetic) -> Box<dyn Pattern> {
    let scale = scale(of.footprint, of.degree).unwrap_or_default();
    let vertices = 1u64 << scale;
    let starts = BASE;
    let parents = starts + (vertices + 1) * WORD;
    let queue = parents + vertices * WORD;
    let targets = queue + vertices * WORD;
    Box::new(Search {
        graph: Graph::kronecker(scale, of.degree, of.seed),
        chance: Chance::new(of.seed.wrapping_add(1)),
        seen: vec![0; vertices.div_ceil(64) as usize],
        queue: Vec::with_capacity(vertices as usize),
        head: 0,
        edges: 0..0,
        arrays: Arrays { starts, parents, queue, targets, end: targets + 2 * vertices * of.degree * WORD },
        mapped: false,
    })
}

impl Pattern for Search {
    fn step(&mut self, out: &mut Emit) {
        if !self.mapped {
            out.map(PROCESS, BASE, self.arrays.end - BASE);
            self.mapped = true;
        }
        match self.edges.next() {
            Some(edge) => self.look(edge, out),
            None if self.head < self.queue.len() => self.take_vertex(out),
            None => self.start_again(out),
        }
    }
}

impl Search {
    fn look(&mut self, edge: u64, out: &mut Emit) {
        let target = self.graph.targets[edge as usize];
        out.load(PROCESS, self.arrays.targets + edge * WORD);
        out.load(PROCESS, self.arrays.parents + u64::from(target) * WORD);
        self.visit(target, out);
    }

    fn take_vertex(&mut self, out: &mut Emit) {
        let vertex = self.queue[self.head] as usize;
        out.load(PROCESS, self.arrays.queue + self.head as u64 * WORD);
        out.load(PROCESS, self.arrays.starts + vertex as u64 * WORD);
        out.load(PROCESS, self.arrays.starts + (vertex as u64 + 1) * WORD);
        self.edges = self.graph.starts[vertex]..self.graph.starts[vertex + 1];
        self.head += 1;
    }

    /// A new search from a random root; clearing the parents is left out.
    fn start_again(&mut self, out: &mut Emit) {
        self.seen.fill(0);
        self.queue.clear();
        self.head = 0;
        let vertices = self.graph.starts.len() as u64 - 1;
        let root = self.chance.below(vertices) as u32;
        self.visit(root, out);
    }

    fn visit(&mut self, vertex: u32, out: &mut Emit) {
        let (word, bit) = (vertex as usize / 64, 1 << (vertex % 64));
        if self.seen[word] & bit == 0 {
            self.seen[word] |= bit;
            out.store(PROCESS, self.arrays.parents + u64::from(vertex) * WORD);
            out.store(PROCESS, self.arrays.queue + self.queue.len() as u64 * WORD);
            self.queue.push(vertex);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edge_is_there_from_both_ends() {
        let graph = Graph::kronecker(6, 4, 1);
        let mut pairs: Vec<(u32, u32)> = (0..64)
            .flat_map(|v| {
                graph.targets[graph.starts[v as usize] as usize..graph.starts[v as usize + 1] as usize]
                    .iter()
                    .map(move |&t| (v, t))
            })
            .collect();
        let mut turned: Vec<(u32, u32)> = pairs.iter().map(|&(from, to)| (to, from)).collect();
        pairs.sort_unstable();
        turned.sort_unstable();
        assert_eq!(pairs.len(), 2 * 4 * 64);
        assert_eq!(pairs, turned);
    }

    #[test]
    fn degrees_are_skewed() {
        let graph = Graph::kronecker(12, 16, 1);
        let most = graph.starts.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert!(most > 10 * 32, "the hub has {most} neighbours, the mean is 32");
    }
}
