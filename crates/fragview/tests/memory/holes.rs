//! Holes: zeros without memory, up to the longest line there is.

use std::io::IoSlice;

use crate::support::{atomics, loaded};
use fragview::geometry::Slice;
use fragview::memory::{Builder, Frozen, Shared};
use fragview::{Error, FrozenView, SharedView};

const MOST: usize = isize::MAX.cast_unsigned();

/// Bytes, a hole, bytes, two holes.
fn shared(base: &[std::sync::atomic::AtomicU8]) -> SharedView<'_> {
    let mut builder = Builder::<Shared<'_>>::new();
    builder.push_slice(&base[..3]).unwrap();
    builder.push_hole(2).unwrap();
    builder.push_slice(&base[3..]).unwrap();
    builder.push_hole(4).unwrap();
    builder.push_hole(1).unwrap();
    builder.finish().into()
}

#[test]
fn holes_read_as_zeros() {
    let base = atomics(&[1, 2, 3, 4, 5]);
    let view = shared(&base);
    let bytes = [1, 2, 3, 0, 0, 4, 5, 0, 0, 0, 0, 0];
    assert_eq!(view, bytes);
    assert_eq!(view.iter().collect::<Vec<u8>>(), bytes);
    assert_eq!(view.iter().rev().count(), 12);
    for start in 0..=bytes.len() {
        for end in start..=bytes.len() {
            let part = view.slice(start..end).unwrap();
            assert_eq!(part.to_vec().unwrap(), bytes[start..end]);
            let reversed: Vec<u8> = bytes[start..end].iter().rev().copied().collect();
            assert_eq!(part.reversed().to_vec().unwrap(), reversed);
        }
        let word = bytes.get(start..start + 4).map(|word| word.try_into().unwrap());
        assert_eq!(view.read_at::<[u8; 4]>(start), word);
        assert_eq!(view.memory().read::<[u8; 4]>(start), word);
    }
    let words: Vec<u32> = view.cast::<u32>().unwrap().iter().collect();
    assert_eq!(
        words,
        [[1, 2, 3, 0], [0, 4, 5, 0], [0, 0, 0, 0]].map(u32::from_ne_bytes)
    );
}

#[test]
fn holes_are_never_written() {
    let base = atomics(&[1, 2, 3, 4, 5]);
    let view = shared(&base);
    let words = view.cast::<u32>().unwrap();
    for index in 0..words.len() {
        assert_eq!(words.set(index, u32::MAX), Err(Error::ReadOnly));
    }
    for index in 3..5 {
        assert_eq!(view.set(index, 1), Err(Error::ReadOnly));
        assert_eq!(view.memory().write_at(index, &[1_u8; 4]), Err(Error::ReadOnly));
    }
    assert_eq!(view.memory().write_at(2, &[9_u8; 2]), Err(Error::ReadOnly));
    assert_eq!(view.memory().write_at(3, &()), Ok(()));
    assert_eq!(view.fill(1), Err(Error::ReadOnly));
    assert_eq!(view.slice(2..4).unwrap().fill(1), Err(Error::ReadOnly));
    assert_eq!(view.copy_from_slice(&[1; 12]), Err(Error::ReadOnly));
    // Every fifth byte: none of them in a hole.
    let sparse = view.slice_with_step(Slice {
        start: Some(0),
        stop: Some(7),
        step: 5,
    });
    assert_eq!(sparse.copy_from_slice(&[7, 8]), Ok(()));
    assert_eq!(loaded(&base), [7, 2, 3, 8, 5]);
}

#[test]
fn holes_are_copied_as_zeros() {
    let base = atomics(&[1, 2, 3, 4, 5]);
    let view = shared(&base);
    let target = atomics(&[9; 12]);
    let out = SharedView::from_atomics([&target[..5], &target[5..]]).unwrap();
    out.copy_from_view(&view).unwrap();
    assert_eq!(loaded(&target), [1, 2, 3, 0, 0, 4, 5, 0, 0, 0, 0, 0]);
    out.copy_from_view(&view.reversed()).unwrap();
    assert_eq!(loaded(&target), [0, 0, 0, 0, 0, 5, 4, 0, 0, 3, 2, 1]);
    let mut private = [9; 12];
    let (head, tail) = private.split_at_mut(4);
    let mut exclusive = fragview::ExclusiveView::from_slices_mut([head, tail]).unwrap();
    exclusive.copy_from_view(&view).unwrap();
    assert_eq!(private, [1, 2, 3, 0, 0, 4, 5, 0, 0, 0, 0, 0]);
    // A hole onto bytes of its own memory.
    let part = view.slice(..3).unwrap();
    part.copy_from_view(&view.slice(2..5).unwrap()).unwrap();
    assert_eq!(loaded(&base), [3, 0, 0, 4, 5]);
}

#[test]
fn a_hole_lends_zeros_in_parts() {
    let mut builder = Builder::<Frozen<'_>>::new();
    builder.push_slice(&[1, 2]).unwrap();
    builder.push_hole(10_000).unwrap();
    builder.push_slice(&[3]).unwrap();
    let view = FrozenView::from(builder.finish());
    for part in [
        view.clone(),
        view.slice(1..10_003).unwrap(),
        view.slice(5..6).unwrap(),
        view.slice(100..9000).unwrap(),
        view.slice(7..7).unwrap(),
    ] {
        let joined: Vec<u8> = part.chunks().flatten().copied().collect();
        assert_eq!(joined, part.to_vec().unwrap());
        assert!(part.chunks().all(|chunk| !chunk.is_empty()));
        let slices: Vec<IoSlice<'_>> = part.io_slices().collect();
        assert_eq!(
            slices.iter().map(|slice| slice.len()).sum::<usize>(),
            part.byte_len()
        );
    }
}

#[test]
fn the_longest_view_of_nothing() {
    let mut builder = Builder::<Shared<'_>>::new();
    let base = atomics(&[1, 2, 3]);
    builder.push_slice(&base[..2]).unwrap();
    builder.push_hole(MOST - 3).unwrap();
    builder.push_slice(&base[2..]).unwrap();
    assert_eq!(builder.push_hole(1), Err(Error::TooLong));
    assert_eq!(builder.push_slice(&base), Err(Error::TooLong));
    let view = SharedView::from(builder.finish());
    assert_eq!((view.len(), view.byte_len()), (MOST, MOST));
    assert_eq!(view.get(MOST - 1), Some(3));
    assert_eq!(view.get(MOST), None);
    assert_eq!(view.get(usize::MAX), None);
    assert_eq!(view.read_at::<[u8; 3]>(MOST - 3), Some([0, 0, 3]));
    assert_eq!(view.read_at::<[u8; 3]>(MOST - 2), None);
    assert_eq!(view.read_at::<u64>(usize::MAX - 3), None);
    assert_eq!(view.to_vec(), Err(Error::OutOfMemory));
    assert_eq!(
        view.copy_to_slice(&mut [0; 4]),
        Err(Error::LengthMismatch {
            expected: MOST,
            actual: 4
        })
    );
    assert!(!view.is_writable());
    assert_eq!(view.fill(1), Err(Error::ReadOnly));

    let reversed = view.reversed();
    assert_eq!((reversed.get(0), reversed.get(MOST - 1)), (Some(3), Some(1)));
    assert_eq!(reversed.get(MOST - 2), Some(2));
    assert_eq!(reversed.iter().next_back(), Some(1));
    assert_eq!(reversed.iter().nth(MOST - 2), Some(2));
    let ends = view.slice_with_step(Slice {
        start: None,
        stop: None,
        step: isize::MAX - 1,
    });
    assert_eq!(ends.to_vec().unwrap(), [1, 3]);
    assert!(ends.is_writable());
    ends.reversed().copy_from_slice(&[7, 8]).unwrap();
    assert_eq!(loaded(&base), [8, 2, 7]);
    let words = view.slice(..MOST - 7).unwrap().cast::<u64>().unwrap();
    assert_eq!(words.len(), MOST / 8);
    assert_eq!(words.get(words.len() - 1), Some(0));
    assert_eq!(words.set(0, 1), Err(Error::ReadOnly));
    assert_eq!(words.set(words.len() - 1, 1), Err(Error::ReadOnly));
    assert_eq!(view.extents().count(), 3);
    assert!(view.slice(1..).unwrap() < view);
    assert!(matches!(
        view.slice(1..usize::MAX),
        Err(Error::RangeOutOfRange { .. })
    ));
    assert!(matches!(
        view.slice(..=usize::MAX),
        Err(Error::RangeOutOfRange { .. })
    ));
    let joined = SharedView::concat([&view, &view.slice(..0).unwrap()]).unwrap();
    assert_eq!(joined.len(), MOST);
    assert_eq!(SharedView::concat([&view, &view]).unwrap_err(), Error::TooLong);
}

#[test]
fn a_table_for_the_longest_view_is_out_of_memory() {
    let mut builder = Builder::<Shared<'_>>::new();
    builder.push_hole(MOST).unwrap();
    let view = SharedView::from(builder.finish());
    assert_eq!(
        view.memory().item_table(view.window(), 1).unwrap_err(),
        Error::OutOfMemory
    );
    // All items of a table share its zeros; one item of all the bytes has none.
    assert_eq!(
        view.memory().item_table(view.window(), MOST).unwrap_err(),
        Error::OutOfMemory
    );
    assert_eq!(
        view.memory().contiguous(view.window()),
        Some(fragview::memory::Contiguous::Hole)
    );
}
