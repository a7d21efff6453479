//! `FragmentRuns` against items looked up one by one.

use crate::support::splits;
use fragview::geometry::{FragmentRun, Map, MapBuilder, Window};

fn map(lengths: &[usize]) -> Map<()> {
    let mut builder = MapBuilder::new();
    for &length in lengths {
        builder.push(length, ()).unwrap();
    }
    builder.finish()
}

/// Each item's offset, and whether it lies across a seam, from the stretches.
fn items(map: &Map<()>, window: Window) -> Vec<(usize, bool)> {
    let mut items = Vec::new();
    for stretch in map.fragment_runs(window) {
        match stretch {
            FragmentRun::Whole { place, offset, count } => {
                assert!(count > 0);
                for item in 0..count {
                    let start = (place.start + offset)
                        .checked_add_signed(window.step() * isize::try_from(item).unwrap())
                        .unwrap();
                    assert!(place.start <= start && start + window.width() <= place.end);
                    items.push((start, false));
                }
            }
            FragmentRun::Seam { offset } => items.push((offset, true)),
        }
    }
    items
}

fn check(map: &Map<()>, window: Window) {
    let expected: Vec<(usize, bool)> = (0..window.len())
        .map(|item| {
            let offset = window.offset(item);
            (offset, map.find(offset).unwrap().end < offset + window.width())
        })
        .collect();
    assert_eq!(items(map, window), expected, "{window:?} on {map:?}");
}

#[test]
fn stretches_are_the_items_in_order() {
    for split in splits(9) {
        let map = map(&split);
        for width in [1, 2, 3] {
            for lead in 0..width {
                let bytes = (9 - lead) / width * width;
                let items = Window::whole(9)
                    .slice_with_step(lead, bytes, 1)
                    .and_then(|window| window.regroup(width))
                    .unwrap();
                for first in 0..items.len() {
                    for count in 1..=items.len() {
                        for step in [-4, -3, -2, -1, 1, 2, 3, 4] {
                            if let Some(window) = items.slice_with_step(first, count, step) {
                                check(&map, window);
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn neighbours_in_a_fragment_are_one_stretch() {
    let map = map(&[5, 5, 5]);
    let runs = |step: isize, first, count| {
        map.fragment_runs(Window::whole(15).slice_with_step(first, count, step).unwrap())
            .count()
    };
    assert_eq!(runs(1, 0, 15), 3);
    assert_eq!(runs(-1, 14, 15), 3);
    assert_eq!(runs(2, 0, 8), 3);
    assert_eq!(runs(-2, 14, 8), 3);
    assert_eq!(runs(5, 0, 3), 3);
    assert_eq!(runs(14, 0, 2), 2);
}

#[test]
fn many_fragments_both_ways() {
    let lengths: Vec<usize> = (0..500).map(|index| 1 + index * 7 % 13).collect();
    let map = map(&lengths);
    let bytes = Window::whole(map.len());
    for (step, width) in [
        (1_isize, 1),
        (-1, 1),
        (3, 1),
        (-5, 1),
        (1, 4),
        (-1, 4),
        (-3, 8),
        (101, 2),
    ] {
        let words = bytes
            .slice_with_step(0, bytes.len() / width * width, 1)
            .and_then(|window| window.regroup(width))
            .unwrap();
        let count = (words.len() - 1) / step.unsigned_abs() + 1;
        let first = if step < 0 { words.len() - 1 } else { 0 };
        check(&map, words.slice_with_step(first, count, step).unwrap());
    }
}

#[test]
fn a_window_past_the_line_ends_the_walk() {
    let map = map(&[3, 4]);
    assert_eq!(map.fragment_runs(Window::whole(100)).count(), 2);
    let far = Window::whole(usize::MAX).slice_with_step(50, 5, 1).unwrap();
    assert_eq!(map.fragment_runs(far).count(), 0);
    assert_eq!(map.fragment_runs(Window::whole(0)).count(), 0);
    let empty = MapBuilder::<()>::new().finish();
    assert_eq!(empty.fragment_runs(Window::whole(3)).count(), 0);
}
