//! Bytes by their offset in items laid end to end, and fragments by items, against the same joined.

use std::mem::MaybeUninit;
use std::sync::atomic::AtomicU8;

use crate::support::{atomics, loaded};
use fragview::geometry::Slice;
use fragview::memory::{Builder, Shared};
use fragview::{Error, SharedView, View};

/// Every way to cut 8 bytes with fragments of 0, 1 and more bytes that these stand for.
const CUTS: [&[usize]; 5] = [&[8], &[1; 8], &[3, 0, 5], &[2, 1, 1, 4], &[7, 1]];

fn view<'a>(bytes: &'a [AtomicU8], cut: &[usize]) -> SharedView<'a> {
    let mut start = 0;
    let slices = cut.iter().map(|length| {
        start += length;
        &bytes[start - length..start]
    });
    SharedView::from_atomics(slices).unwrap()
}

#[test]
fn bytes_at_each_offset() {
    for cut in CUTS {
        for size in [1, 2, 4] {
            for step in [1, 2, 3, -1, -2] {
                let bytes = atomics(&[1, 2, 3, 4, 5, 6, 7, 8]);
                let items = view(&bytes, cut).untyped(size).unwrap().slice_with_step(Slice {
                    start: None,
                    stop: None,
                    step,
                });
                let expected = items.to_vec().unwrap();
                let length = expected.len();
                for offset in 0..=length + 1 {
                    for count in 0..=length + 1 {
                        let mut target = vec![MaybeUninit::new(0xEE); count];
                        let outcome = items.copy_bytes_to_uninit(offset, &mut target);
                        // SAFETY: each byte was initialised above.
                        let copied: Vec<u8> =
                            target.iter().map(|byte| unsafe { byte.assume_init() }).collect();
                        if offset + count <= length {
                            assert_eq!(outcome, Ok(()));
                            assert_eq!(copied, expected[offset..offset + count]);
                            let written = vec![0x55; count];
                            let before = items.to_vec().unwrap();
                            assert_eq!(items.copy_bytes_from_slice(offset, &written), Ok(()));
                            let mut after = before.clone();
                            after[offset..offset + count].fill(0x55);
                            assert_eq!(items.to_vec().unwrap(), after);
                            assert_eq!(items.copy_bytes_from_slice(0, &before), Ok(()));
                        } else {
                            assert!(matches!(outcome, Err(Error::RangeOutOfRange { .. })));
                            assert!(copied.iter().all(|&byte| byte == 0xEE));
                            assert!(items.copy_bytes_from_slice(offset, &vec![0; count]).is_err());
                            assert_eq!(items.to_vec().unwrap(), expected);
                        }
                    }
                }
                assert_eq!(loaded(&bytes), [1, 2, 3, 4, 5, 6, 7, 8]);
            }
        }
    }
}

/// A byte of the range that is read-only: nothing is written, before or behind it.
#[test]
fn all_or_nothing() {
    let bytes = atomics(&[1, 2, 3, 4]);
    let mut builder = Builder::<Shared<'_>>::new();
    builder.push_slice(&bytes[..2]).unwrap();
    builder.push_hole(2).unwrap();
    builder.push_slice(&bytes[2..]).unwrap();
    let items = SharedView::from(builder.finish()).slice_with_step(Slice {
        start: None,
        stop: None,
        step: 2,
    });
    assert_eq!(items.to_vec().unwrap(), [1, 0, 3]);
    assert_eq!(items.copy_bytes_from_slice(0, &[9, 9]), Err(Error::ReadOnly));
    assert_eq!(items.copy_bytes_from_slice(1, &[9, 9]), Err(Error::ReadOnly));
    assert_eq!(loaded(&bytes), [1, 2, 3, 4]);
    items.copy_bytes_from_slice(2, &[9]).unwrap();
    assert_eq!(loaded(&bytes), [1, 2, 9, 4]);
}

/// Where an item lies, as a view of the items joined has it: a builder makes a fragment of each piece.
#[test]
fn fragments_of_items() {
    for cut in CUTS {
        for hole in [0, 1, 4] {
            let bytes = atomics(&[1, 2, 3, 4, 5, 6, 7, 8]);
            let mut builder = Builder::<Shared<'_>>::new();
            builder.push_view(&view(&bytes[..4], &[4])).unwrap();
            builder.push_hole(hole).unwrap();
            builder.push_view(&view(&bytes, cut)).unwrap();
            let all = SharedView::from(builder.finish());
            for size in [1, 2, 4] {
                for step in [1, 2, 3, -1, -3] {
                    let Ok(items) = all.untyped(size) else { continue };
                    let items = items.slice_with_step(Slice {
                        start: None,
                        stop: None,
                        step,
                    });
                    let mut joined = Builder::<Shared<'_>>::new();
                    joined.push_view(&items).unwrap();
                    let joined = View::from(joined.finish());
                    for index in 0..items.len() {
                        let (fragment, range) = joined.memory().locate(index * size).unwrap();
                        let expected = (fragment, index * size - range.start);
                        assert_eq!(
                            items.locate(index),
                            Some(expected),
                            "{cut:?} {hole} {size} {step} {index}"
                        );
                    }
                    assert_eq!(items.locate(items.len()), None);
                    let whole = joined.memory().fragment_count() == items.len()
                        && (0..items.len()).all(|index| items.locate(index) == Some((index, 0)));
                    if !items.is_contiguous() && hole == 0 {
                        assert_eq!(items.items_are_fragments(), whole);
                    }
                }
            }
        }
    }
}
