//! The map against a plain list of starts.

use crate::support::Numbers;
use fragview::Error;
use fragview::geometry::{Map, MapBuilder, Place};

/// Where each fragment starts and ends, empty ones left out.
fn places(lengths: &[usize]) -> Vec<Place<usize>> {
    let mut start = 0;
    let mut places = Vec::new();
    for &length in lengths {
        if length > 0 {
            let index = places.len();
            places.push(Place {
                index,
                start,
                end: start + length,
                payload: index,
            });
        }
        start += length;
    }
    places
}

fn map(lengths: &[usize]) -> Map<usize> {
    let mut builder = MapBuilder::new();
    for &length in lengths {
        let payload = builder.fragment_count();
        builder.push(length, payload).unwrap();
    }
    builder.finish()
}

fn naive(places: &[Place<usize>], offset: usize) -> Option<Place<usize>> {
    let after = places.partition_point(|place| place.end <= offset);
    places.get(after).copied()
}

/// Checks everything a map answers, at these offsets.
fn check(lengths: &[usize], offsets: impl IntoIterator<Item = usize>) {
    let offsets: Vec<usize> = offsets.into_iter().collect();
    let (map, places) = (map(lengths), places(lengths));
    let length: usize = lengths.iter().sum();
    assert_eq!((map.fragment_count(), map.len()), (places.len(), length));
    for place in &places {
        assert_eq!(map.fragment(place.index), Some(*place));
    }
    assert_eq!(map.fragment(places.len()), None);
    assert_eq!(map.fragment(usize::MAX), None);

    let limit = 16 * (places.len() + 1);
    assert!(map.heap_size() <= limit, "before a lookup: {}", map.heap_size());
    // Lookups that walk build no directory.
    for &offset in &offsets {
        assert_eq!(map.find_once(offset), naive(&places, offset), "{offset}");
    }
    assert!(map.heap_size() <= limit, "after a walk: {}", map.heap_size());
    for &offset in &offsets {
        assert_eq!(map.find(offset), naive(&places, offset), "{offset}");
        assert_eq!(map.find_once(offset), naive(&places, offset), "{offset}");
    }
    assert!(
        map.heap_size() <= 20 * places.len() + 16,
        "after: {}",
        map.heap_size()
    );
    let hints = [0, 1, places.len() / 2, places.len().saturating_sub(1)];
    for hint in hints.into_iter().filter_map(|index| places.get(index)) {
        for &offset in &offsets {
            assert_eq!(map.find_from(*hint, offset), naive(&places, offset), "{offset}");
            assert_eq!(
                map.find_with_hint(hint.index, offset),
                naive(&places, offset),
                "{offset}"
            );
        }
    }
}

/// Checks the runs of a range against the places cut to it.
fn check_runs(lengths: &[usize], start: usize, end: usize) {
    let expected: Vec<_> = places(lengths)
        .into_iter()
        .filter(|place| place.start < end && start < place.end && start < end)
        .map(|place| (place.start.max(start)..place.end.min(end), place))
        .collect();
    assert_eq!(
        map(lengths).runs(start..end).collect::<Vec<_>>(),
        expected,
        "{start}..{end}"
    );
}

/// Sizes that reach each way to search, and the borders between them.
fn shapes() -> Vec<Vec<usize>> {
    let mut numbers = Numbers::new(1);
    let mut random = |count: usize, most: usize| (0..count).map(|_| numbers.below(most)).collect();
    let mut shapes: Vec<Vec<usize>> = vec![vec![], vec![0], vec![1], vec![7], vec![0, 0, 3, 0]];
    for count in [2, 3, 12, 13, 14, 15, 16, 17, 31, 200] {
        for size in [1, 2, 3, 5, 7, 8, 64] {
            let equal = vec![size; count];
            for last in [1, size.max(2) - 1, size, size + 1, 1000] {
                let mut shape = equal.clone();
                shape[count - 1] = last;
                shapes.push(shape.clone());
                shape.swap(0, count - 1);
                shapes.push(shape);
            }
        }
        shapes.push(random(count, 10));
        shapes.push(random(count, 1000));
        shapes.push((0..count).collect());
        // Skewed: nearly all fragments in one bucket, at the front, in the middle, at the end.
        for place in [0, count / 2, count - 1] {
            let mut shape = vec![1; count];
            shape[place] = 5000;
            shapes.push(shape);
            let mut shape: Vec<usize> = random(count, 3);
            shape[place] = 5000;
            shapes.push(shape);
        }
    }
    shapes
}

#[test]
fn lookups_find_what_a_list_of_starts_finds() {
    for shape in shapes() {
        let length: usize = shape.iter().sum();
        let step = (length / 300).max(1);
        check(&shape, (0..length + 3).step_by(step));
        let borders = places(&shape);
        let borders: Vec<usize> = borders
            .iter()
            .flat_map(|place| [place.start, place.end - 1, place.end])
            .collect();
        check(&shape, borders.iter().copied().chain([usize::MAX]));
    }
}

#[test]
fn runs_are_the_fragments_cut_to_the_range() {
    for shape in shapes().into_iter().filter(|shape| shape.len() < 20) {
        let length: usize = shape.iter().sum();
        let step = (length / 12).max(1);
        for start in (0..length + 2).step_by(step) {
            for end in (0..length + 2).step_by(step).chain([usize::MAX]) {
                check_runs(&shape, start, end);
            }
        }
    }
}

#[test]
fn thousands_of_fragments() {
    let mut numbers = Numbers::new(2);
    let mixed: Vec<usize> = (0..20_000).map(|_| 1 + numbers.below(900)).collect();
    let skewed: Vec<usize> = (0..20_000)
        .map(|index| if index % 5000 == 7 { 1 << 40 } else { 1 + index % 2 })
        .collect();
    for shape in [vec![1; 20_000], vec![48; 20_000], mixed, skewed] {
        let length: usize = shape.iter().sum();
        let offsets: Vec<usize> = (0..5000).map(|_| numbers.below(length)).collect();
        check(&shape, offsets.into_iter().chain([0, length - 1, length]));
        let starts: Vec<usize> = places(&shape)
            .iter()
            .step_by(7)
            .flat_map(|place| [place.start, place.end - 1])
            .collect();
        check(&shape, starts.iter().copied());
    }
}

#[test]
fn division_is_exact_for_every_size() {
    const MOST: usize = isize::MAX.cast_unsigned();
    let sizes = (2..70).chain([
        1000,
        4095,
        4097,
        (1 << 31) - 1,
        (1 << 32) + 1,
        MOST / 7,
        MOST / 3,
        MOST / 2,
    ]);
    for size in sizes {
        let count = (MOST / size).min(5);
        let mut shape = vec![size; count];
        // The last fragment may be shorter.
        shape.push(size.min(MOST - size * count));
        let places = places(&shape);
        let map = map(&shape);
        for place in &places {
            for offset in [
                place.start,
                place.start + 1,
                place.start + (place.end - place.start) / 2,
                place.end - 1,
            ] {
                assert_eq!(map.find(offset), naive(&places, offset), "{size}: {offset}");
            }
        }
    }
}

#[test]
fn the_longest_line() {
    const MOST: usize = isize::MAX.cast_unsigned();
    let mut builder = MapBuilder::new();
    builder.push(MOST - 20, 0).unwrap();
    for index in 1..=20 {
        builder.push(1, index).unwrap();
    }
    assert_eq!(builder.push(1, 21), Err(Error::TooLong));
    assert_eq!(builder.push(usize::MAX, 21), Err(Error::TooLong));
    assert_eq!(builder.extend_last(1), Err(Error::TooLong));
    assert_eq!(builder.extend_last(usize::MAX), Err(Error::TooLong));
    builder.push(0, 21).unwrap();
    assert_eq!(
        (builder.fragment_count(), builder.len(), builder.last()),
        (21, MOST, Some((1, 20)))
    );
    let map = builder.finish();
    assert_eq!(map.len(), MOST);
    for _ in 0..2 {
        assert_eq!(map.find(MOST - 21).unwrap().index, 0);
        assert_eq!(map.find(MOST - 20).unwrap().index, 1);
        assert_eq!(map.find(MOST - 1).unwrap().index, 20);
        assert_eq!(map.find(MOST), None);
        assert_eq!(map.find(0).unwrap().end, MOST - 20);
    }
    assert_eq!(map.runs(0..usize::MAX).count(), 21);
}

#[test]
fn a_longer_last_fragment_counts_from_then_on() {
    for (extended, count) in [(0, 2), (1, 3), (2, 20)] {
        let mut builder = MapBuilder::new();
        let mut lengths = vec![4; count];
        for (index, length) in lengths.iter_mut().enumerate() {
            builder.push(4, index).unwrap();
            if index == extended {
                builder.extend_last(3).unwrap();
                *length = 7;
            }
        }
        let (map, places) = (builder.finish(), places(&lengths));
        for offset in 0..=map.len() {
            assert_eq!(
                map.find(offset),
                naive(&places, offset),
                "{offset} of {lengths:?}"
            );
        }
    }
}

#[test]
fn room_that_no_machine_has_is_an_error() {
    let mut builder = MapBuilder::<usize>::new();
    assert_eq!(builder.reserve(usize::MAX), Err(Error::OutOfMemory));
    assert_eq!(builder.reserve(usize::MAX / 32), Err(Error::OutOfMemory));
    builder.reserve(10).unwrap();
    builder.push(3, 0).unwrap();
    assert_eq!(builder.finish().len(), 3);
}

#[test]
fn threads_may_build_the_directory_at_once() {
    let lengths: Vec<usize> = (0..3000).map(|index| 1 + index % 11).collect();
    let (map, places) = (map(&lengths), places(&lengths));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (map, places) = (&map, &places);
            scope.spawn(move || {
                for offset in (thread..map.len()).step_by(5) {
                    assert_eq!(map.find(offset), naive(places, offset));
                }
            });
        }
    });
}

/// The first lookup at random builds the directory, and only where sizes differ.
#[test]
fn the_directory_is_built_when_it_is_needed() {
    let mixed = map(&(0..1000).map(|index| 1 + index % 7).collect::<Vec<usize>>());
    let before = mixed.heap_size();
    assert!(mixed.find_once(100).is_some() && mixed.runs(0..mixed.len()).count() == 1000);
    assert_eq!(mixed.heap_size(), before);
    assert!(mixed.find(100).is_some());
    assert!(before < mixed.heap_size() && mixed.heap_size() <= before + 4 * 1000);
    for lengths in [vec![5; 1000], (1..7).collect()] {
        let map = map(&lengths);
        let before = map.heap_size();
        assert!(map.find(6).is_some());
        assert_eq!(map.heap_size(), before);
    }
}
