//! Fragments of a map in one go are the same as one by one.

use std::ops::Range;

use fragview::Error;
use fragview::geometry::{Map, MapBuilder};
use proptest::collection::vec;
use proptest::prelude::*;

/// A payload is the place of the fragment's first byte in some memory.
fn map(lengths: &[usize], first: usize) -> Map<usize> {
    let mut builder = MapBuilder::new();
    for (index, &length) in lengths.iter().enumerate() {
        builder.push(length, first + 1000 * index).unwrap();
    }
    builder.finish()
}

/// The range, fragment by fragment.
fn push_each(builder: &mut MapBuilder<usize>, map: &Map<usize>, range: Range<usize>) {
    for (run, place) in map.runs(range) {
        builder
            .push(run.len(), place.payload + (run.start - place.start))
            .unwrap();
    }
}

fn places(map: &Map<usize>) -> Vec<(usize, usize, usize)> {
    let place = |index| map.fragment(index).unwrap();
    (0..map.fragment_count())
        .map(|index| (place(index).start, place(index).end, place(index).payload))
        .collect()
}

/// Both ways to search: with the directory or division, and without.
fn check(map: &Map<usize>, expected: &Map<usize>) {
    assert_eq!(places(map), places(expected));
    for offset in 0..map.len() + 2 {
        assert_eq!(map.find_once(offset), expected.find_once(offset));
    }
    for offset in 0..map.len() + 2 {
        assert_eq!(map.find(offset), expected.find(offset));
    }
    assert_eq!(map.heap_size(), expected.heap_size(), "the same way to search");
}

#[test]
fn every_range_of_small_maps() {
    for lengths in [&[][..], &[1], &[3, 3, 3], &[3, 3, 2], &[2, 3, 3], &[1, 5, 1, 1]] {
        let from = map(lengths, 0);
        for before in [&[][..], &[3], &[3, 3], &[2, 3]] {
            for start in 0..=from.len() {
                for end in start..=from.len() {
                    let (mut one, mut each) = (MapBuilder::new(), MapBuilder::new());
                    for builder in [&mut one, &mut each] {
                        push_each(builder, &map(before, 9_000_000), 0..before.iter().sum());
                    }
                    one.extend(&from, start..end, |place, bytes| place + bytes)
                        .unwrap();
                    push_each(&mut each, &from, start..end);
                    assert_eq!(one.last(), each.last());
                    for builder in [&mut one, &mut each] {
                        builder.push(3, 77).unwrap();
                    }
                    check(&one.finish(), &each.finish());
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn many_ranges(
        lengths in vec(1_usize..5, 1..60),
        same in any::<bool>(),
        ranges in vec((0.0..1.0, 0.0..1.0), 0..6),
    ) {
        let lengths = if same { vec![4; lengths.len()] } else { lengths };
        let from = map(&lengths, 0);
        let (mut one, mut each) = (MapBuilder::new(), MapBuilder::new());
        for (a, b) in ranges {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            let at = |part: f64| (part * (from.len() + 1) as f64) as usize;
            let range = at(a).min(at(b))..at(a).max(at(b));
            one.extend(&from, range.clone(), |place, bytes| place + bytes).unwrap();
            push_each(&mut each, &from, range);
        }
        check(&one.finish(), &each.finish());
    }
}

#[test]
fn what_does_not_fit_leaves_the_builder_as_it_was() {
    let most = isize::MAX.cast_unsigned();
    let huge = map(&[most - 1, 1], 0);
    let mut builder = MapBuilder::new();
    builder.push(2, 5).unwrap();
    let length = |start, end| Error::RangeOutOfRange {
        start,
        end,
        length: most,
    };
    let cut = |place, bytes| place + bytes;
    assert_eq!(builder.extend(&huge, 0..most, cut), Err(Error::TooLong));
    assert_eq!(builder.extend(&huge, 1..most + 1, cut), Err(length(1, most + 1)));
    #[expect(clippy::reversed_empty_ranges, reason = "it is what is refused")]
    let reversed = builder.extend(&huge, 3..2, cut);
    assert_eq!(reversed, Err(length(3, 2)));
    builder.extend(&huge, 2..most, cut).unwrap();
    let map = builder.finish();
    assert_eq!(
        places(&map),
        [(0, 2, 5), (2, most - 1, 2), (most - 1, most, 1000)]
    );
}
