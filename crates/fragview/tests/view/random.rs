//! Random fragments and random operations on exclusive views, against a plain vector; what fails shrinks.

use crate::support::Layout;
use fragview::{Error, ExclusiveView, FrozenView};
use proptest::collection::vec;
use proptest::prelude::*;
use zerocopy::byteorder::big_endian::U32;

/// What is done to a part of the view: the part's bounds are taken modulo what there is.
#[derive(Clone, Debug)]
enum Operation {
    Set(u8),
    SetWord(u32),
    Fill(u8),
    Write(u8),
    CopyFrozen(Vec<usize>),
    CopySibling,
    Chunks(u8),
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        any::<u8>().prop_map(Operation::Set),
        any::<u32>().prop_map(Operation::SetWord),
        any::<u8>().prop_map(Operation::Fill),
        any::<u8>().prop_map(Operation::Write),
        vec(0_usize..6, 0..12).prop_map(Operation::CopyFrozen),
        Just(Operation::CopySibling),
        any::<u8>().prop_map(Operation::Chunks),
    ]
}

/// Does one operation on a part, which may be reversed, and the same on the bytes it stands for.
fn apply(
    part: &mut View<'_>,
    bytes: &mut [u8],
    operation: &Operation,
    at: usize,
) -> Result<(), TestCaseError> {
    match operation {
        Operation::Set(value) => {
            let index = at % (bytes.len() + 1);
            prop_assert_eq!(part.set(index, *value).is_ok(), index < bytes.len());
            if let Some(byte) = bytes.get_mut(index) {
                *byte = *value;
            }
        }
        Operation::SetWord(value) => {
            let first = at % (bytes.len() + 1);
            let count = (bytes.len() - first) / 4;
            let some = part.slice_mut(first..first + count * 4).unwrap();
            if !some.is_contiguous() {
                prop_assert_eq!(some.into_cast::<U32>().unwrap_err(), Error::NotContiguous);
                return Ok(());
            }
            let mut words = some.into_cast::<U32>();
            let index = at / 7 % (count + 1);
            prop_assert_eq!(
                words.as_mut().unwrap().set(index, (*value).into()).is_ok(),
                index < count
            );
            if index < count {
                let start = first + index * 4;
                bytes[start..start + 4].copy_from_slice(&value.to_be_bytes());
            }
        }
        Operation::Fill(value) => {
            part.fill(*value);
            bytes.fill(*value);
        }
        Operation::Write(value) => {
            let source: Vec<u8> = (0..bytes.len())
                .map(|index| value.wrapping_add(index.to_le_bytes()[0]))
                .collect();
            part.copy_from_slice(&source).unwrap();
            bytes.copy_from_slice(&source);
        }
        Operation::CopyFrozen(lengths) => {
            let layout = Layout::new(lengths);
            let (base, source) = (layout.base(), layout.bytes());
            let count = source.len().min(bytes.len());
            let view: FrozenView<'_> = layout.frozen(&base).slice(..count).unwrap();
            part.slice_mut(..count).unwrap().copy_from_view(&view).unwrap();
            bytes[..count].copy_from_slice(&source[..count]);
        }
        Operation::CopySibling => {
            let half = bytes.len() / 2;
            let (mut head, tail) = part.split_at_mut(half).unwrap();
            let from = tail.as_frozen().slice(..half).unwrap();
            head.copy_from_view(&from).unwrap();
            bytes.copy_within(half..half * 2, 0);
        }
        Operation::Chunks(value) => {
            for byte in part.chunks_mut().flatten() {
                *byte = byte.wrapping_add(*value);
            }
            for byte in bytes {
                *byte = byte.wrapping_add(*value);
            }
        }
    }
    Ok(())
}

type View<'v> = ExclusiveView<'v>;

proptest! {
    #[test]
    fn exclusive_views_write_what_vectors_do(
        lengths in vec(0_usize..9, 0..40),
        operations in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>(), any::<usize>(), operation()), 1..12),
    ) {
        let layout = Layout::new(&lengths);
        let (mut base, mut bytes) = (layout.base(), layout.bytes());
        for (start, end, reversed, at, operation) in operations {
            let (start, end) = (start.index(bytes.len() + 1), end.index(bytes.len() + 1));
            let range = start.min(end)..start.max(end);
            let mut part = layout.exclusive(&mut base).into_slice(range.clone()).unwrap();
            if reversed {
                part = part.into_reversed();
                bytes[range.clone()].reverse();
            }
            apply(&mut part, &mut bytes[range.clone()], &operation, at)?;
            prop_assert_eq!(&part.to_vec().unwrap(), &bytes[range.clone()]);
            if reversed {
                bytes[range].reverse();
            }
        }
        let mut expected = layout.base();
        for (position, &byte) in layout.positions().into_iter().zip(&bytes) {
            expected[position] = byte;
        }
        prop_assert_eq!(base, expected, "canaries included");
    }

    #[test]
    fn casts_of_casts_read_the_same_bytes(lengths in vec(1_usize..9, 1..40), first in 0_usize..8, widths in vec(1_usize..20, 1..6)) {
        let layout = Layout::new(&lengths);
        let (base, bytes) = (layout.base(), layout.bytes());
        let first = first.min(bytes.len());
        let mut view = layout.frozen(&base).slice(first..).unwrap().untyped(1).unwrap();
        for width in widths {
            match view.untyped(width) {
                Ok(cast) => {
                    prop_assert_eq!((cast.len() * width, cast.item_size()), (bytes.len() - first, width));
                    view = cast;
                }
                Err(error) => {
                    prop_assert!((bytes.len() - first) % width != 0);
                    prop_assert_eq!(error, Error::NotDivisible { bytes: bytes.len() - first, item_size: width });
                }
            }
            prop_assert_eq!(&view.to_vec().unwrap(), &bytes[first..]);
            let turned: Vec<u8> = bytes[first..].chunks(view.item_size()).rev().flatten().copied().collect();
            prop_assert_eq!(view.reversed().to_vec().unwrap(), turned);
        }
    }
}
