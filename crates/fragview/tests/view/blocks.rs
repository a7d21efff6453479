//! Blocks: for each way to cut, all bytes once and in order, of the lengths that were asked for, lent exactly
//! where one fragment holds them.

use std::borrow::Cow;
use std::mem::MaybeUninit;
use std::num::NonZero;

use fragview::geometry::Slice;
use fragview::memory::Frozen;
use fragview::{FrozenView, View};

/// Every way to split eight bytes into fragments, with an empty one in front and in the middle.
fn splits(data: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    (0..1_u32 << (data.len() - 1)).map(|seams| {
        let mut parts = vec![&data[..0]];
        let mut start = 0;
        for at in 1..=data.len() {
            if at == data.len() || seams >> (at - 1) & 1 == 1 {
                parts.push(&data[start..at]);
                start = at;
            }
        }
        parts.insert(1 + parts.len() / 2, &data[..0]);
        parts
    })
}

fn size(size: usize) -> NonZero<usize> {
    NonZero::new(size).unwrap_or(NonZero::<usize>::MIN)
}

const DATA: &[u8] = b"abcdefgh";

#[test]
fn even_blocks_of_every_split() {
    for parts in splits(DATA) {
        let view = FrozenView::from_slices(parts.iter().copied()).unwrap();
        for length in 1..=9 {
            let blocks: Vec<_> = view.blocks(size(length)).collect();
            assert_eq!(
                view.blocks(size(length)).size_hint(),
                (blocks.len(), Some(blocks.len()))
            );
            for (block, expected) in blocks.iter().zip(DATA.chunks(length)) {
                assert_eq!(block.to_cow().unwrap(), expected);
                assert_eq!(block.to_vec().unwrap(), expected);
                assert_eq!(&DATA[block.range().clone()], expected);
                let first = view.locate(block.range().start).unwrap().0;
                let last = view.locate(block.range().end - 1).unwrap().0;
                assert_eq!(block.window().is_some(), first == last, "{parts:?} by {length}");
                assert_eq!(matches!(block.to_cow().unwrap(), Cow::Borrowed(_)), first == last);
            }
            assert_eq!(blocks.len(), DATA.chunks(length).len());
        }
    }
}

#[test]
fn coalesced_blocks_of_every_split() {
    for parts in splits(DATA) {
        let view = FrozenView::from_slices(parts.iter().copied()).unwrap();
        let lengths: Vec<_> = parts
            .iter()
            .map(|part| part.len())
            .filter(|&length| length > 0)
            .collect();
        for most in 1..=9 {
            let mut expected: Vec<(usize, usize)> = Vec::new();
            for &length in &lengths {
                match expected.last_mut() {
                    Some((bytes, fragments)) if *bytes + length <= most => {
                        *bytes += length;
                        *fragments += 1;
                    }
                    _ => expected.push((length, 1)),
                }
            }
            let mut at = 0;
            let mut blocks = view.coalesced(size(most));
            for (bytes, fragments) in expected {
                let block = blocks.next().unwrap();
                assert_eq!(*block.range(), at..at + bytes);
                assert_eq!(block.window().is_some(), fragments == 1, "{parts:?} by {most}");
                assert_eq!(block.to_cow().unwrap(), &DATA[at..at + bytes]);
                at += bytes;
            }
            assert!(blocks.next().is_none() && blocks.next().is_none());
        }
    }
}

#[test]
fn slices_steps_and_wide_items() {
    for parts in splits(DATA) {
        let view = FrozenView::from_slices(parts.iter().copied()).unwrap();
        for (start, stop, step) in [(1, 7, 1), (0, 8, 2), (7, 0, -1), (1, 8, 3), (6, 2, -2), (3, 3, 1)] {
            let slice = Slice {
                start: Some(start),
                stop: Some(stop),
                step,
            };
            let some = view.slice_with_step(slice);
            let expected = some.to_vec().unwrap();
            check(&some, &expected);
        }
        let wide = view.cast::<[u8; 2]>().unwrap();
        check(&wide, DATA);
        let every = wide.slice_with_step(Slice {
            start: None,
            stop: None,
            step: -2,
        });
        check(&every, b"ghcd");
    }
}

fn check<T>(view: &View<Frozen<'_>, T>, expected: &[u8]) {
    for length in 1..=9 {
        for blocks in [view.blocks(size(length)), view.coalesced(size(length))] {
            let mut all = Vec::new();
            for block in blocks {
                let mut target = vec![MaybeUninit::new(0); block.range().len()];
                block.copy_to_uninit(&mut target).unwrap();
                let cow = block.to_cow().unwrap();
                all.extend_from_slice(&cow);
                assert_eq!(cow.len(), target.len());
                assert!(block.copy_to_uninit(&mut target[1..]).is_err());
            }
            assert_eq!(all, expected);
        }
    }
}
