//! Copies from view to view: between kinds, of memory that overlaps, and of fragments that repeat.

use std::ops::Range;

use crate::support::{CANARY, Layout, Numbers, atomics, loaded, picked, splits};
use fragview::geometry::Slice;
use fragview::{Error, ExclusiveView, FrozenView, SharedView};

#[test]
fn between_kinds_and_splits() {
    let splits = splits(8);
    for (index, split) in splits.iter().enumerate() {
        let (to, from) = (Layout::new(split), Layout::new(&splits[index * 7 % splits.len()]));
        let source: Vec<u8> = from.base().into_iter().map(|byte| byte ^ 0x80).collect();
        let bytes: Vec<u8> = from
            .positions()
            .into_iter()
            .map(|position| source[position])
            .collect();
        let shared_source = atomics(&source);
        let mut exclusive_source = source.clone();
        let mut expected = to.base();
        for (position, &byte) in to.positions().into_iter().zip(&bytes) {
            expected[position] = byte;
        }
        let frozen = from.frozen(&source);
        let shared = from.shared(&shared_source);
        let exclusive = from.exclusive(&mut exclusive_source);
        let mut base = to.base();
        to.exclusive(&mut base).copy_from_view(&frozen).unwrap();
        assert_eq!(base, expected);
        let mut base = to.base();
        to.exclusive(&mut base).copy_from_view(&shared).unwrap();
        assert_eq!(base, expected);
        let mut base = to.base();
        to.exclusive(&mut base).copy_from_view(&exclusive).unwrap();
        assert_eq!(base, expected);
        let base = to.atomics();
        to.shared(&base).copy_from_view(&frozen).unwrap();
        assert_eq!(loaded(&base), expected);
        let base = to.atomics();
        to.shared(&base).copy_from_view(&shared).unwrap();
        assert_eq!(loaded(&base), expected);
        let base = to.atomics();
        to.shared(&base)
            .cast::<u16>()
            .unwrap()
            .copy_from_view(&exclusive.as_frozen().cast::<u64>().unwrap())
            .unwrap();
        assert_eq!(loaded(&base), expected);
        // With gaps on either side, or on both.
        let base = to.atomics();
        to.shared(&base)
            .reversed()
            .copy_from_view(&frozen.reversed())
            .unwrap();
        assert_eq!(loaded(&base), expected);
        let base = to.atomics();
        let turned: Vec<u8> = bytes.iter().rev().copied().collect();
        to.shared(&base).reversed().copy_from_view(&shared).unwrap();
        assert_eq!(to.shared(&base).to_vec().unwrap(), turned);
        let canaries = |base: Vec<u8>| base.into_iter().filter(|&byte| byte == CANARY).count();
        assert_eq!(canaries(loaded(&base)), canaries(to.base()));
    }
}

/// Ranges of one base, which may overlap and repeat.
fn ranges(numbers: &mut Numbers, size: usize) -> Vec<Range<usize>> {
    (0..=numbers.below(6))
        .map(|_| {
            let start = numbers.below(size);
            start..start + numbers.below(size - start + 1).min(7)
        })
        .collect()
}

fn slice(numbers: &mut Numbers, length: usize, count: usize) -> Option<Slice> {
    if count == 0 || count > length {
        return None;
    }
    let widest = if count == 1 { 3 } else { (length - 1) / (count - 1) };
    let step = 1 + numbers.below(widest.max(1));
    let first = numbers.below(length - (count - 1) * step);
    let (first, step) = (isize::try_from(first).unwrap(), isize::try_from(step).unwrap());
    let last = first + step * (isize::try_from(count).unwrap() - 1);
    Some(if numbers.below(2) == 0 {
        Slice {
            start: Some(first),
            stop: Some(last + 1),
            step,
        }
    } else {
        let stop = (first > 0).then(|| first - 1);
        Slice {
            start: Some(last),
            stop,
            step: -step,
        }
    })
}

/// As if all were read before the first byte is written; a byte written twice keeps the later one.
#[test]
fn overlapping_and_repeated_memory() {
    const SIZE: usize = 24;
    let mut numbers = Numbers::new(7);
    for round in 0..6000 {
        let original: Vec<u8> = (0..24).collect();
        let base = atomics(&original);
        let (to_ranges, from_ranges) = (ranges(&mut numbers, SIZE), ranges(&mut numbers, SIZE));
        let view = |ranges: &[Range<usize>]| {
            SharedView::from_atomics(ranges.iter().map(|range| &base[range.clone()])).unwrap()
        };
        let (to, from) = (view(&to_ranges), view(&from_ranges));
        let count = numbers.below(to.len().min(from.len()) + 1);
        let (Some(to_slice), Some(from_slice)) = (
            slice(&mut numbers, to.len(), count),
            slice(&mut numbers, from.len(), count),
        ) else {
            continue;
        };
        let positions = |ranges: &[Range<usize>], slice: Slice| -> Vec<usize> {
            let all: Vec<usize> = ranges.iter().cloned().flatten().collect();
            picked(slice, all.len())
                .into_iter()
                .map(|index| all[index])
                .collect()
        };
        let mut expected = original.clone();
        for (to, from) in positions(&to_ranges, to_slice)
            .into_iter()
            .zip(positions(&from_ranges, from_slice))
        {
            expected[to] = original[from];
        }
        let (to, from) = (to.slice_with_step(to_slice), from.slice_with_step(from_slice));
        assert_eq!((to.len(), from.len()), (count, count));
        to.copy_from_view(&from).unwrap();
        assert_eq!(
            loaded(&base),
            expected,
            "round {round}: {to_slice:?} of {to_ranges:?} from {from_slice:?} of {from_ranges:?}"
        );
    }
}

#[test]
fn a_view_onto_itself() {
    for split in splits(8) {
        let layout = Layout::new(&split);
        for shift in 0..=8 {
            let base = layout.atomics();
            let view = layout.shared(&base);
            let mut expected = layout.bytes();
            expected.copy_within(..8 - shift, shift);
            let (low, high) = (view.slice(..8 - shift).unwrap(), view.slice(shift..).unwrap());
            high.copy_from_view(&low).unwrap();
            assert_eq!(view, expected[..]);
            expected.copy_within(shift.., 0);
            low.copy_from_view(&high).unwrap();
            assert_eq!(view, expected[..]);
            view.copy_from_view(&view.reversed()).unwrap();
            expected.reverse();
            assert_eq!(view, expected[..]);
        }
    }
}

/// Interleaved items share no byte although their spans overlap.
#[test]
fn every_other_byte_onto_the_ones_between() {
    let base = atomics(&[1, 2, 3, 4, 5, 6, 7, 8]);
    let view = SharedView::from_atomics([&base[..3], &base[3..]]).unwrap();
    let every_other = |start| {
        view.slice_with_step(Slice {
            start: Some(start),
            stop: None,
            step: 2,
        })
    };
    every_other(1).copy_from_view(&every_other(0)).unwrap();
    assert_eq!(loaded(&base), [1, 1, 3, 3, 5, 5, 7, 7]);
}

#[test]
fn large_copies_pass_every_way_of_copying() {
    let mut numbers = Numbers::new(8);
    let mut cut = |total: usize, most: usize| {
        let (mut lengths, mut left) = (Vec::new(), total);
        while left > 0 {
            let length = (1 + numbers.below(most)).min(left);
            lengths.push(length);
            left -= length;
        }
        Layout::new(&lengths)
    };
    let total = 20_000;
    for most in [3, 40, 300, 3000, 20_000] {
        let (to, from) = (cut(total, most), cut(total, most * 2));
        let source: Vec<u8> = (0..=u8::MAX).cycle().take(from.base().len()).collect();
        let view = from.frozen(&source);
        let base = to.atomics();
        to.shared(&base).copy_from_view(&view).unwrap();
        assert_eq!(to.shared(&base), view);
        let mut private = to.base();
        to.exclusive(&mut private)
            .copy_from_view(&to.shared(&base))
            .unwrap();
        assert_eq!(private, loaded(&base));
        let shared = to.shared(&base);
        let before = shared.to_vec().unwrap();
        let (low, high) = (shared.slice(..total - 333).unwrap(), shared.slice(333..).unwrap());
        high.copy_from_view(&low).unwrap();
        assert_eq!(high, before[..total - 333]);
        assert_eq!(shared.slice(..333).unwrap(), before[..333]);
    }
}

#[test]
fn lengths_that_differ() {
    let (mut one, two) = ([1_u8; 3], [2_u8; 4]);
    let mut view = ExclusiveView::from_slices_mut([&mut one[..]]).unwrap();
    let other = FrozenView::from_slices([&two[..]]).unwrap();
    let mismatch = Error::LengthMismatch {
        expected: 3,
        actual: 4,
    };
    assert_eq!(view.copy_from_view(&other), Err(mismatch));
    assert_eq!(one, [1; 3]);
}
