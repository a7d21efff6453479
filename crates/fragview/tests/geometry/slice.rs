//! Slices as Python writes them, against one that counts index by index.

use crate::support::{picked, slices};
use fragview::geometry::Slice;

/// What a slice resolves to, index by index.
fn resolved(slice: Slice, length: usize) -> Vec<usize> {
    let (first, count) = slice.resolve(length);
    (0..count)
        .map(|item| {
            first
                .checked_add_signed(slice.step * isize::try_from(item).unwrap())
                .unwrap()
        })
        .collect()
}

#[test]
fn every_small_slice_picks_what_python_picks() {
    for length in 0..=10 {
        for slice in slices(length) {
            assert_eq!(
                resolved(slice, length),
                picked(slice, length),
                "{slice:?} of {length}"
            );
        }
    }
}

#[test]
fn bounds_far_outside_do_not_overflow() {
    const MOST: usize = isize::MAX.cast_unsigned();
    for (start, stop, step, length, expected) in [
        (Some(isize::MIN), Some(isize::MAX), 1, 5, (0, 5)),
        (Some(isize::MAX), Some(isize::MIN), -1, 5, (4, 5)),
        (Some(isize::MAX), Some(isize::MIN), 1, 5, (5, 0)),
        (None, None, isize::MAX, 5, (0, 1)),
        (None, None, isize::MIN, 5, (4, 1)),
        (None, None, isize::MIN, MOST, (MOST - 1, 1)),
        (None, None, -1, MOST, (MOST - 1, MOST)),
        (None, None, 1, MOST, (0, MOST)),
        (Some(-1), None, 1, MOST, (MOST - 1, 1)),
        (Some(isize::MIN), None, isize::MAX, MOST, (0, 1)),
        (None, None, 1, usize::MAX, (0, usize::MAX)),
        (None, None, -2, usize::MAX, (usize::MAX - 1, MOST + 1)),
        (Some(3), Some(1), 0, 5, (3, 0)),
    ] {
        let slice = Slice { start, stop, step };
        assert_eq!(slice.resolve(length), expected, "{slice:?} of {length}");
    }
}
