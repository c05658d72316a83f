//! Do packed arrays hit and miss as lists do?

use super::*;
use crate::arrays::short::LOW_BITS;
use fearless_simd::{Level, dispatch};
use proptest::prelude::*;

/// Sets as lists, most recent first.
struct Plain(Geometry, Vec<Vec<u64>>);

impl Plain {
    fn new(shape: Geometry) -> Plain {
        Plain(shape, vec![Vec::new(); shape.entries / shape.ways])
    }

    fn touch(&mut self, tag: u64) -> bool {
        let sets = self.1.len() as u64;
        let set = &mut self.1[(tag % sets) as usize];
        let place = set.iter().position(|held| *held == tag);
        place.map(|place| set.remove(place));
        set.insert(0, tag);
        set.truncate(self.0.ways);
        place.is_some()
    }
}

#[derive(Clone, Debug)]
enum Step {
    Touch(usize, u64),
    Sift(Vec<u64>),
    RemoveOdd,
    Clear,
}

/// Few tags that are near each other, in as many blocks as `blocks` says.
fn steps(blocks: u64) -> impl Strategy<Value = Vec<Step>> {
    let tag = (0..blocks, 0..100u64).prop_map(|(block, low)| block << 40 | low << 25 >> (low % 2 * 25));
    let step = prop_oneof![
        20 => (0..2usize, tag.clone()).prop_map(|(i, tag)| Step::Touch(i, tag)),
        5 => prop::collection::vec(tag, 0..40).prop_map(Step::Sift),
        1 => Just(Step::RemoveOdd),
        1 => Just(Step::Clear),
    ];
    prop::collection::vec(step, 0..600)
}

fn shape() -> impl Strategy<Value = Geometry> {
    let ways = prop_oneof![1..=40usize, Just(8), Just(16), Just(32), 63..=65usize];
    (prop_oneof![1..=6usize, Just(1500), Just(2048)], ways)
        .prop_map(|(sets, ways)| Geometry::try_new(sets * ways, ways).unwrap())
}

/// With few blocks tags stay short; with 200 they become long on the way.
fn run(shapes: [Geometry; 2], steps: &[Step]) {
    let mut packed = Packed::new([Some(shapes[0]), None, Some(shapes[1])]);
    let mut plain = shapes.map(Plain::new);
    for step in steps {
        match step {
            &Step::Touch(i, tag) => {
                let held = dispatch!(Level::new(), simd => packed.touch(simd, 2 * i, tag, tag));
                assert_eq!(held, plain[i].touch(tag));
            }
            Step::Sift(tags) => {
                const FLAG: u64 = 1 << 63;
                let mut left: Vec<u64> = tags.iter().map(|tag| tag | (tag % 3 / 2) << 63).collect();
                let mut expected = left.clone();
                for (i, plain) in plain.iter_mut().enumerate() {
                    dispatch!(Level::new(), simd => packed.sift(simd, 2 * i, &mut left, !FLAG));
                    expected.retain(|tag| !plain.touch(tag & !FLAG));
                    assert_eq!(left, expected);
                }
            }
            Step::RemoveOdd => {
                packed.remove_if(|tag| tag % 2 == 1);
                plain.iter_mut().flat_map(|plain| &mut plain.1).for_each(|set| set.retain(|tag| tag % 2 == 0));
            }
            Step::Clear => {
                packed.clear();
                plain = shapes.map(Plain::new);
            }
        }
    }
}

proptest! {
    #[test]
    fn it_hits_and_misses_as_lists_do(shapes in [shape(), shape()], few in steps(3), many in steps(200)) {
        run(shapes, &few);
        run(shapes, &many);
    }
}

#[test]
fn tags_become_long_and_nothing_is_forgotten() {
    let shape = Geometry::try_new(1024, 16).unwrap();
    let (mut packed, mut plain) = (Packed::new([Some(shape)]), Plain::new(shape));
    let mut became_long = false;
    for i in 0..5000u64 {
        let tag = ((i % 97) << LOW_BITS) + i % 700;
        let was = packed.long.is_some();
        assert_eq!(dispatch!(Level::new(), simd => packed.touch(simd, 0, tag, tag)), plain.touch(tag));
        became_long |= !was && packed.long.is_some();
    }
    assert!(became_long);
}
