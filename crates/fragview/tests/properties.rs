//! Random fragments and random operations against a plain vector; what fails shrinks.

mod support;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use fragview::geometry::Slice;
use fragview::{FrozenView, SharedView};
use proptest::collection::vec;
use proptest::prelude::*;

const ARENA: usize = 64;

#[derive(Clone, Debug)]
enum Step {
    Fill(Slice, u8),
    Copy(Slice, Slice),
    Set(usize, u8),
    Write(usize, u32),
    Put(Slice, u8),
}

fn slice() -> impl Strategy<Value = Slice> {
    let bound = || prop::option::of(-80_isize..80);
    (
        bound(),
        bound(),
        prop::sample::select(vec![-7_isize, -3, -2, -1, 1, 2, 3, 7, isize::MAX, isize::MIN]),
    )
        .prop_map(|(start, stop, step)| Slice { start, stop, step })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (slice(), any::<u8>()).prop_map(|(to, byte)| Step::Fill(to, byte)),
        (slice(), slice()).prop_map(|(to, from)| Step::Copy(to, from)),
        (0..ARENA, any::<u8>()).prop_map(|(at, byte)| Step::Set(at, byte)),
        (0..ARENA, any::<u32>()).prop_map(|(at, value)| Step::Write(at, value)),
        (slice(), any::<u8>()).prop_map(|(to, seed)| Step::Put(to, seed)),
    ]
}

/// The positions that a slice picks, by way of 128-bit arithmetic.
fn picked(slice: Slice, length: usize) -> Vec<usize> {
    let (first, count) = slice.resolve(length);
    (0..count as i128)
        .map(|i| usize::try_from(first as i128 + i * slice.step as i128).unwrap())
        .collect()
}

proptest! {
    #[test]
    fn slices_resolve_as_the_reference_says(start in prop::option::of(-20_isize..20), stop in prop::option::of(-20_isize..20), step in -5_isize..5, length in 0_usize..12) {
        prop_assume!(step != 0);
        let slice = Slice { start, stop, step };
        prop_assert_eq!(picked(slice, length), support::picked(slice, length));
    }

    #[test]
    fn operations_on_overlapping_memory(ranges in vec((0..ARENA, 0_usize..12), 0..20), steps in vec(step(), 0..20)) {
        let ranges: Vec<_> = ranges.into_iter().map(|(start, length)| start..(start + length).min(ARENA)).collect();
        let places: Vec<usize> = ranges.iter().cloned().flatten().collect();
        let arena: Vec<AtomicU8> = (0..64).map(AtomicU8::new).collect();
        let mut model: Vec<u8> = (0..64).collect();
        let view = SharedView::from_atomics(ranges.iter().map(|range| &arena[range.clone()])).unwrap();
        prop_assert_eq!(view.len(), places.len());
        for step in steps {
            match step {
                Step::Fill(to, byte) => {
                    view.slice_with_step(to).fill(byte).unwrap();
                    for i in picked(to, places.len()) { model[places[i]] = byte; }
                }
                Step::Copy(to, from) => {
                    let (to_places, from_places) = (picked(to, places.len()), picked(from, places.len()));
                    let result = view.slice_with_step(to).copy_from_view(&view.slice_with_step(from));
                    prop_assert_eq!(result.is_ok(), to_places.len() == from_places.len());
                    if result.is_ok() {
                        let read: Vec<u8> = from_places.iter().map(|&i| model[places[i]]).collect();
                        to_places.iter().zip(read).for_each(|(&i, byte)| model[places[i]] = byte);
                    }
                }
                Step::Set(at, byte) => {
                    prop_assert_eq!(view.set(at, byte).is_ok(), at < places.len());
                    if let Some(&place) = places.get(at) { model[place] = byte; }
                }
                Step::Write(at, value) => {
                    let fits = at + 4 <= places.len();
                    let result = view.slice(at.min(view.len())..).and_then(|rest| rest.slice(..4)).and_then(|four| four.cast::<u32>()).and_then(|item| item.set(0, value));
                    prop_assert_eq!(result.is_ok(), fits);
                    if fits {
                        value.to_ne_bytes().iter().enumerate().for_each(|(i, &byte)| model[places[at + i]] = byte);
                        prop_assert!(places[at..at + 4].iter().collect::<std::collections::HashSet<_>>().len() < 4 || view.read_at::<u32>(at) == Some(value));
                    }
                }
                Step::Put(to, seed) => {
                    let to_places = picked(to, places.len());
                    let bytes: Vec<u8> = (0..to_places.len()).map(|i| seed.wrapping_add(u8::try_from(i).unwrap())).collect();
                    view.slice_with_step(to).copy_from_slice(&bytes).unwrap();
                    to_places.iter().zip(bytes).for_each(|(&i, byte)| model[places[i]] = byte);
                }
            }
            let now: Vec<u8> = arena.iter().map(|byte| byte.load(Relaxed)).collect();
            prop_assert_eq!(&now, &model);
            prop_assert_eq!(view.to_vec().unwrap(), places.iter().map(|&i| model[i]).collect::<Vec<_>>());
        }
    }

    #[test]
    fn order_equality_and_hash_do_not_see_fragments(data in vec(any::<u8>(), 0..9000), other in vec(any::<u8>(), 0..60), cuts in vec(0_usize..9000, 0..30), more in vec(0_usize..9000, 0..30)) {
        let pieces = |data: &'_ [u8], cuts: &[usize]| {
            let mut cuts: Vec<usize> = cuts.iter().map(|&cut| cut.min(data.len())).chain([0, data.len()]).collect();
            cuts.sort_unstable();
            cuts.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>()
        };
        let one = FrozenView::from_slices(support::cut(&data, &pieces(&data, &cuts))).unwrap();
        let two = FrozenView::from_slices(support::cut(&data, &pieces(&data, &more))).unwrap();
        let three = FrozenView::from_slices(support::cut(&other, &pieces(&other, &more))).unwrap();
        prop_assert!(one == two);
        prop_assert_eq!(one.cmp(&three), data.cmp(&other));
        let hash = |view: &FrozenView<'_>| {
            let mut hasher = DefaultHasher::new();
            view.hash(&mut hasher);
            hasher.finish()
        };
        prop_assert_eq!(hash(&one), hash(&two));
        if data != other { prop_assert_ne!(hash(&one), hash(&three)); }
    }
}
