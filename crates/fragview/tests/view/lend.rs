//! What frozen and exclusive memory lends: slices of the memory itself.

use std::io::{IoSliceMut, Read, Write};

use crate::support::{Layout, picked, slices, splits};
use fragview::geometry::Slice;

#[test]
fn chunks_are_the_fragments_cut_to_the_view() {
    for split in splits(8) {
        let layout = Layout::new(&split);
        let (base, positions) = (layout.base(), layout.positions());
        let view = layout.frozen(&base);
        for start in 0..=8 {
            for end in start..=8 {
                let part = view.slice(start..end).unwrap();
                // A run ends where the next byte lies elsewhere.
                let expected: Vec<&[u8]> = positions[start..end]
                    .chunk_by(|one, next| one + 1 == *next)
                    .map(|run| &base[run[0]..run[0] + run.len()])
                    .collect();
                let chunks: Vec<&[u8]> = part.chunks().collect();
                assert_eq!(chunks, expected);
                // The memory itself, not a copy.
                assert!(
                    chunks
                        .iter()
                        .zip(&expected)
                        .all(|(chunk, run)| std::ptr::eq(*chunk, *run))
                );
                assert!(
                    part.io_slices()
                        .map(|slice| slice.len())
                        .eq(expected.iter().map(|run| run.len()))
                );
                assert_eq!(part.cast::<u8>().unwrap().chunks().count(), expected.len());
            }
        }
    }
}

#[test]
fn chunks_of_a_view_with_gaps_are_its_items() {
    for split in splits(8).into_iter().step_by(5) {
        let layout = Layout::new(&split);
        let (base, bytes) = (layout.base(), layout.bytes());
        let view = layout.frozen(&base);
        for slice in slices(4) {
            let expected: Vec<u8> = picked(slice, 4)
                .into_iter()
                .flat_map(|item| [bytes[item * 2], bytes[item * 2 + 1]])
                .collect();
            let items = view.cast::<[u8; 2]>().unwrap().slice_with_step(slice);
            let joined: Vec<u8> = items.chunks().flatten().copied().collect();
            assert_eq!(joined, expected);
        }
    }
}

#[test]
fn chunks_to_write_are_all_alive_at_once() {
    for split in splits(8) {
        let layout = Layout::new(&split);
        for start in 0..=8 {
            for end in start..=8 {
                for reversed in [false, true] {
                    let mut base = layout.base();
                    let mut expected = base.clone();
                    let mut view = layout.exclusive(&mut base).into_slice(start..end).unwrap();
                    if reversed {
                        view = view.into_reversed();
                    }
                    let mut chunks: Vec<&mut [u8]> = view.chunks_mut().collect();
                    for byte in chunks.iter_mut().rev().flat_map(|chunk| chunk.iter_mut()) {
                        *byte ^= 0x80;
                    }
                    for chunk in &mut chunks {
                        chunk.reverse();
                        chunk.reverse();
                    }
                    for &position in &layout.positions()[start..end] {
                        expected[position] ^= 0x80;
                    }
                    assert_eq!(base, expected);
                }
            }
        }
    }
}

#[test]
fn parts_lend_on_their_own() {
    let layout = Layout::new(&[5, 2, 1]);
    let mut base = layout.base();
    let mut view = layout.exclusive(&mut base);
    let (mut head, mut tail) = view.split_at_mut(6).unwrap();
    let heads: Vec<&mut [u8]> = head.chunks_mut().collect();
    let tails: Vec<&mut [u8]> = tail.chunks_mut().collect();
    assert_eq!((heads.len(), tails.len()), (2, 2));
    for (chunk, byte) in heads.into_iter().chain(tails).zip(10..) {
        chunk.fill(byte);
    }
    assert_eq!(view.to_vec().unwrap(), [10, 10, 10, 10, 10, 11, 12, 13]);
    let frozen = view.as_frozen();
    let both = (frozen.clone(), frozen.reversed());
    assert_eq!(both.0.chunks().count() + both.1.chunks().count(), 3 + 8);
    let middle = frozen.slice_with_step(Slice {
        start: Some(4),
        stop: Some(7),
        step: 1,
    });
    assert_eq!(middle.chunks().collect::<Vec<_>>(), [&[10][..], &[11, 12]]);
}

#[test]
fn vectored_reads_and_writes() {
    let layout = Layout::new(&[3, 0, 5, 1]);
    let mut base = layout.base();
    let mut view = layout.exclusive(&mut base);
    let mut slices: Vec<IoSliceMut<'_>> = view.io_slices_mut().collect();
    let read = (&b"abcdefghijk"[..]).read_vectored(&mut slices).unwrap();
    assert_eq!((read, slices.len()), (9, 3));
    assert_eq!(view, b"abcdefghi");
    let mut file = Vec::new();
    let frozen = view.as_frozen();
    let written = file
        .write_vectored(&frozen.io_slices().collect::<Vec<_>>())
        .unwrap();
    assert_eq!((written, &file[..]), (9, &b"abcdefghi"[..]));
}
