//! Reading views of each kind, of every split of a small buffer, as items of many types.

use std::collections::HashSet;
use std::fmt::Debug;

use crate::support::{CANARY, Layout, picked, slices, splits};
use fragview::geometry::Slice;
use fragview::memory::Kind;
use fragview::{Error, MemoryRef, View};
use zerocopy::byteorder::big_endian;
use zerocopy::{FromBytes, Immutable, KnownLayout};

/// Items of a file: odd sizes, no alignment.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, KnownLayout, PartialEq)]
#[repr(C)]
struct Entry {
    tag: u8,
    length: big_endian::U16,
}

/// One slice of each kind that the bounds around `length` can make.
fn distinct(length: usize) -> Vec<Slice> {
    let mut seen = HashSet::new();
    slices(length)
        .filter(|&slice| seen.insert((slice.resolve(length), slice.step)))
        .collect()
}

/// Everything that reads, against the bytes that are to be read.
fn check<K: Kind, T, R: MemoryRef>(view: &View<K, T, R>, expected: &[T])
where
    T: FromBytes + Copy + Debug + PartialEq + zerocopy::IntoBytes + Immutable,
{
    let bytes: Vec<u8> = expected
        .iter()
        .flat_map(|item| item.as_bytes().to_vec())
        .collect();
    assert_eq!(view.len(), expected.len());
    assert_eq!(view.is_empty(), expected.is_empty());
    assert_eq!((view.item_size(), view.byte_len()), (size_of::<T>(), bytes.len()));
    assert_eq!(view.iter().collect::<Vec<T>>(), expected);
    assert!(view.iter().rev().eq(expected.iter().rev().copied()));
    for (index, &item) in expected.iter().enumerate() {
        assert_eq!(view.get(index), Some(item));
        assert_eq!(view.iter().nth(index), Some(item));
    }
    assert_eq!(view.get(expected.len()), None);
    assert_eq!(view.get(usize::MAX), None);
    assert_eq!(view.to_vec().as_deref(), Ok(&bytes[..]));
    let mut target = vec![CANARY; bytes.len() + 2];
    let end = target.len() - 1;
    view.copy_to_slice(&mut target[1..end]).unwrap();
    assert_eq!(
        (target[0], &target[1..end], target[end]),
        (CANARY, &bytes[..], CANARY)
    );
    assert_eq!(
        view.copy_to_slice(&mut target),
        Err(Error::LengthMismatch {
            expected: bytes.len(),
            actual: bytes.len() + 2
        })
    );
    // From both ends at once.
    let (mut items, mut both) = (view.iter(), Vec::new());
    while let Some(item) = items.next() {
        assert_eq!(items.len(), expected.len() - both.len() - 1);
        both.push(item);
        both.extend(items.next_back());
    }
    assert_eq!(
        (both.len(), items.next(), items.next_back()),
        (expected.len(), None, None)
    );
}

/// All slices of a view as items of one type.
fn check_slices<K: Kind, T, R: MemoryRef + Clone>(view: &View<K, u8, R>, bytes: &[u8])
where
    T: FromBytes + Copy + Debug + PartialEq + zerocopy::IntoBytes + Immutable,
    View<K, u8, R>: Clone,
    View<K, T, R>: Clone,
{
    for lead in 0..size_of::<T>().min(bytes.len()) {
        let count = (bytes.len() - lead) / size_of::<T>();
        let part = lead..lead + count * size_of::<T>();
        let items: Vec<T> = (bytes[part.clone()].chunks(size_of::<T>()))
            .map(|item| T::read_from_bytes(item).unwrap())
            .collect();
        let typed = view.slice(part).unwrap().cast::<T>().unwrap();
        for slice in distinct(count) {
            let expected: Vec<T> = picked(slice, count)
                .into_iter()
                .map(|index| items[index])
                .collect();
            check(&typed.slice_with_step(slice), &expected);
        }
    }
}

#[test]
fn bytes_of_shared_and_frozen_views() {
    for split in splits(9) {
        let layout = Layout::new(&split);
        let (base, atomics, bytes) = (layout.base(), layout.atomics(), layout.bytes());
        check_slices::<_, u8, _>(&layout.frozen(&base), &bytes);
        check_slices::<_, u8, _>(&layout.shared(&atomics), &bytes);
    }
}

#[test]
fn wider_items_of_shared_and_frozen_views() {
    for split in splits(10) {
        let layout = Layout::new(&split);
        let (base, atomics, bytes) = (layout.base(), layout.atomics(), layout.bytes());
        let (frozen, shared) = (layout.frozen(&base), layout.shared(&atomics));
        check_slices::<_, u16, _>(&frozen, &bytes);
        check_slices::<_, u32, _>(&shared, &bytes);
        check_slices::<_, u64, _>(&shared, &bytes);
        check_slices::<_, [u8; 3], _>(&shared, &bytes);
        check_slices::<_, [u8; 9], _>(&frozen, &bytes);
        check_slices::<_, big_endian::U32, _>(&frozen, &bytes);
    }
}

#[test]
fn exclusive_views_read_what_frozen_ones_do() {
    for split in splits(9) {
        let layout = Layout::new(&split);
        let (mut base, bytes) = (layout.base(), layout.bytes());
        let mut view = layout.exclusive(&mut base);
        check(&view, &bytes);
        for start in 0..=bytes.len() {
            for end in start..=bytes.len() {
                check(&view.slice_mut(start..end).unwrap(), &bytes[start..end]);
                let part = view.slice_mut(start..end).unwrap().into_reversed();
                let expected: Vec<u8> = bytes[start..end].iter().rev().copied().collect();
                check(&part, &expected);
                check(&part.as_frozen().reversed(), &bytes[start..end]);
            }
            let (head, tail) = view.split_at_mut(start).unwrap();
            check(&head, &bytes[..start]);
            check(&tail, &bytes[start..]);
        }
        let words = view.into_slice(1..).unwrap().into_cast::<u32>().unwrap();
        let expected: Vec<u32> = (bytes[1..].chunks(4))
            .map(|word| u32::read_from_bytes(word).unwrap())
            .collect();
        check(&words, &expected);
    }
}

#[test]
fn structs_across_seams() {
    for split in splits(9) {
        let layout = Layout::new(&split);
        let base = layout.atomics();
        let entries = layout.shared(&base).cast::<Entry>().unwrap();
        let read: Vec<(u8, u16)> = (entries.iter())
            .map(|entry| (entry.tag, entry.length.get()))
            .collect();
        assert_eq!(read, [(1, 0x0203), (4, 0x0506), (7, 0x0809)]);
    }
}

#[test]
fn values_at_every_offset() {
    for split in splits(9) {
        let layout = Layout::new(&split);
        let (mut base, atomics, bytes) = (layout.base(), layout.atomics(), layout.bytes());
        let shared = layout.shared(&atomics);
        let exclusive = layout.exclusive(&mut base);
        for start in 0..=bytes.len() {
            let part = shared.slice(start..).unwrap();
            for at in (0..=bytes.len() + 1).chain([usize::MAX - 3, usize::MAX]) {
                let word: Option<[u8; 4]> = (start.checked_add(at))
                    .and_then(|at| bytes.get(at..at.checked_add(4)?))
                    .map(|word| word.try_into().unwrap());
                assert_eq!(part.read_at::<[u8; 4]>(at), word);
                assert_eq!(part.read_at::<u32>(at), word.map(u32::from_ne_bytes));
                if start == 0 {
                    assert_eq!(exclusive.read_at::<[u8; 4]>(at), word);
                }
            }
        }
        let head = shared.slice(..4).unwrap();
        // Bytes behind the view are not its own.
        assert_eq!(head.read_at::<[u8; 2]>(3), None);
        assert_eq!(shared.reversed().read_at::<u16>(0), None);
        assert_eq!(shared.read_at::<[u8; 0]>(0), None);
    }
}

#[test]
fn casts_that_do_not_fit() {
    let layout = Layout::new(&[3, 5]);
    let base = layout.base();
    let view = layout.frozen(&base);
    let not_divisible = |item_size| Error::NotDivisible { bytes: 8, item_size };
    assert_eq!(view.cast::<[u8; 3]>().unwrap_err(), not_divisible(3));
    assert_eq!(view.cast::<()>().unwrap_err(), not_divisible(0));
    assert_eq!(view.untyped(0).unwrap_err(), not_divisible(0));
    assert_eq!(view.untyped(usize::MAX).unwrap_err(), not_divisible(usize::MAX));
    assert_eq!(view.cast::<[u64; 1 << 40]>().unwrap_err(), not_divisible(8 << 40));
    assert_eq!(view.reversed().cast::<u16>().unwrap_err(), Error::NotContiguous);
    // One item has no gaps, whichever way it is seen.
    assert_eq!(view.untyped(8).unwrap().reversed().untyped(4).unwrap().len(), 2);
    let none = view.slice(8..).unwrap();
    assert_eq!(none.cast::<u64>().unwrap().len(), 0);
    assert_eq!(none.reversed().cast::<u64>().unwrap().get(0), None);
}
