//! Items as numbers: one at a time, from both ends, and across seams.

use fragview::{MemoryRef, View, memory::Kind};
use zerocopy::{FromBytes, byteorder::big_endian, byteorder::little_endian};

use crate::input::Input;
use crate::material::{Material, Of};
use crate::model::{Model, Pages};

/// What items are read as.
pub(crate) trait Number: FromBytes + Copy + PartialEq + std::fmt::Debug {}
impl<T: FromBytes + Copy + PartialEq + std::fmt::Debug> Number for T {}

/// Reads the view as items of one type or another.
pub(crate) fn numbers<O: Material>(view: &Of<O>, model: &Model, pages: &Pages<O>, input: &mut Input<'_>)
where
    Of<O>: Clone,
{
    let expected = model.bytes(pages);
    if let Ok(bytes) = view.clone().into_bytes() {
        let at = input.up_to(expected.len() + 1);
        let contiguous = model.is_contiguous();
        same_at::<[u8; 3], _, _>(&bytes, at, &expected, contiguous);
        same_at::<u64, _, _>(&bytes, at, &expected, contiguous);
        same_at::<[u8; 90], _, _>(&bytes, at, &expected, contiguous);
        assert!(bytes.read_at::<[u8; 0]>(at).is_none());
        // The bytes themselves, also where they have gaps.
        items(&bytes, &expected, input);
    }
    match input.up_to(4) {
        0 => cast::<u16, _>(view, model, &expected, input),
        1 => cast::<little_endian::U32, _>(view, model, &expected, input),
        2 => cast::<big_endian::U64, _>(view, model, &expected, input),
        3 => cast::<[u8; 3], _>(view, model, &expected, input),
        _ => cast::<[u8; 40], _>(view, model, &expected, input),
    }
}

fn same_at<T, K, R>(bytes: &View<K, u8, R>, at: usize, expected: &[u8], contiguous: bool)
where
    T: Number,
    K: Kind,
    R: MemoryRef,
{
    let there = expected.get(at..at + size_of::<T>()).filter(|_| contiguous);
    assert_eq!(
        bytes.read_at::<T>(at),
        there.map(|bytes| T::read_from_bytes(bytes).ok().unwrap())
    );
}

fn cast<T, O>(view: &Of<O>, model: &Model, expected: &[u8], input: &mut Input<'_>)
where
    T: Number,
    O: Material,
    Of<O>: Clone,
{
    match (view.clone().into_cast::<T>(), model.regroup(size_of::<T>())) {
        (Ok(cast), Ok(_)) => items(&cast, expected, input),
        (cast, model) => assert_eq!(cast.err(), model.err()),
    }
}

/// Each item by its index, and all by an iterator that is driven from both ends.
pub(crate) fn items<T, K, R>(view: &View<K, T, R>, expected: &[u8], input: &mut Input<'_>)
where
    T: Number,
    K: Kind,
    R: MemoryRef,
{
    let expected: Vec<T> = expected
        .chunks_exact(size_of::<T>())
        .map(|bytes| T::read_from_bytes(bytes).ok().unwrap())
        .collect();
    assert_eq!(view.len(), expected.len());
    assert!(view.iter().eq(expected.iter().copied()));
    assert!(view.iter().rev().eq(expected.iter().rev().copied()));
    for (index, item) in expected.iter().enumerate() {
        assert_eq!(view.get(index).as_ref(), Some(item));
    }
    assert!(view.get(expected.len()).is_none() && view.get(usize::MAX).is_none());
    let (mut ours, mut theirs) = (view.iter(), expected.iter());
    for _ in 0..input.up_to(24) {
        assert_eq!(ours.len(), theirs.len());
        match input.up_to(5) {
            0 | 1 => assert_eq!(ours.next().as_ref(), theirs.next()),
            2 | 3 => assert_eq!(ours.next_back().as_ref(), theirs.next_back()),
            4 => {
                let skip = input.up_to(9);
                assert_eq!(ours.nth(skip).as_ref(), theirs.nth(skip));
            }
            _ => {
                let skip = input.up_to(300);
                assert_eq!(ours.nth(skip).as_ref(), theirs.nth(skip));
            }
        }
    }
    let rest: Vec<T> = if input.yes() {
        ours.fold(Vec::new(), |mut all, item| {
            all.push(item);
            all
        })
    } else {
        ours.collect()
    };
    assert!(rest.iter().eq(theirs));
}
