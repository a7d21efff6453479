//! Every slice of every split of a small buffer, on memory of each kind, against a plain vector.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use crate::support::{counting, cut, picked, slices, splits};
use fragview::{ExclusiveView, FrozenView, SharedView};
use zerocopy::byteorder::big_endian::U16;

const COUNT: u8 = 8;

#[test]
fn frozen_views_read_as_slices_do() {
    let data = counting(COUNT);
    for sizes in splits(data.len()) {
        let view = FrozenView::from_slices(cut(&data, &sizes)).unwrap();
        assert_eq!(view, data[..]);
        for slice in slices(data.len()) {
            let expected: Vec<u8> = picked(slice, data.len()).into_iter().map(|i| data[i]).collect();
            let part = view.slice_with_step(slice);
            assert_eq!(part.len(), expected.len());
            assert_eq!(part.to_vec().unwrap(), expected, "{sizes:?} {slice:?}");
            assert_eq!(part.iter().collect::<Vec<_>>(), expected);
            assert_eq!(
                part.iter().rev().collect::<Vec<_>>(),
                part.reversed().to_vec().unwrap()
            );
            assert_eq!(part.chunks().flatten().copied().collect::<Vec<_>>(), expected);
            assert_eq!(
                (0..part.len()).map(|i| part.get(i).unwrap()).collect::<Vec<_>>(),
                expected
            );
            assert_eq!(part.get(part.len()), None);
            assert_eq!(part, expected[..]);
            let lengths: usize = part.extents().map(|extent| extent.length).sum();
            assert_eq!(lengths, expected.len());
        }
    }
}

#[test]
fn slices_of_slices_and_splits() {
    let data = counting(COUNT);
    for sizes in splits(data.len()).iter().step_by(3) {
        let view = FrozenView::from_slices(cut(&data, sizes)).unwrap();
        for outer in slices(data.len()).step_by(7) {
            let places = picked(outer, data.len());
            let part = view.slice_with_step(outer);
            for inner in slices(places.len()).step_by(5) {
                let expected: Vec<u8> = picked(inner, places.len())
                    .into_iter()
                    .map(|i| data[places[i]])
                    .collect();
                assert_eq!(part.slice_with_step(inner).to_vec().unwrap(), expected);
            }
            for at in 0..=part.len() {
                let (head, tail) = part.split_at(at).unwrap();
                assert_eq!(FrozenView::concat([&head, &tail]).unwrap(), part);
                let swapped = FrozenView::concat([&tail, &head]).unwrap();
                assert_eq!(swapped.len(), part.len());
            }
            assert!(part.split_at(part.len() + 1).is_err());
        }
    }
}

#[test]
fn typed_reads_across_seams() {
    let data = counting(COUNT);
    for sizes in splits(data.len()) {
        let view = FrozenView::from_slices(cut(&data, &sizes)).unwrap();
        for at in 0..data.len() + 2 {
            let four = data
                .get(at..at + 4)
                .map(|item| u32::from_ne_bytes(item.try_into().unwrap()));
            assert_eq!(view.read_at::<u32>(at), four);
            let three = data
                .get(at..at + 3)
                .map(|item| <[u8; 3]>::try_from(item).unwrap());
            assert_eq!(view.read_at::<[u8; 3]>(at), three);
        }
        assert_eq!(view.read_at::<u64>(usize::MAX - 3), None);
        let shorts = view.cast::<U16>().unwrap();
        let expected: Vec<u16> = data
            .chunks(2)
            .map(|item| u16::from_be_bytes(item.try_into().unwrap()))
            .collect();
        assert_eq!(shorts.iter().map(U16::get).collect::<Vec<_>>(), expected);
        assert_eq!(
            shorts.reversed().iter().map(U16::get).collect::<Vec<_>>(),
            expected.iter().rev().copied().collect::<Vec<_>>()
        );
        assert!(view.cast::<[u8; 3]>().is_err());
        assert!(
            view.slice_with_step(fragview::geometry::Slice {
                start: None,
                stop: None,
                step: 2
            })
            .cast::<u16>()
            .is_err()
        );
    }
}

#[test]
fn exclusive_views_write_where_they_say() {
    let source = counting(COUNT);
    for sizes in splits(source.len()) {
        for slice in slices(source.len()).step_by(3) {
            let places = picked(slice, source.len());
            // Each fragment lies between canaries.
            let mut pages: Vec<Vec<u8>> = sizes.iter().map(|&size| vec![0xEE; size + 2]).collect();
            let fragments = pages.iter_mut().map(|page| {
                let end = page.len() - 1;
                &mut page[1..end]
            });
            let mut view = ExclusiveView::from_slices_mut(fragments).unwrap();
            view.copy_from_slice(&source).unwrap();
            let mut expected = source.clone();
            if slice.step == 1 {
                let first = places.first().copied().unwrap_or(0);
                let mut part = view.slice_mut(first..first + places.len()).unwrap();
                part.fill(7);
                for &place in &places {
                    expected[place] = 7;
                }
                for (index, chunk) in part.chunks_mut().enumerate() {
                    chunk[0] = u8::try_from(index).unwrap();
                }
                let mut at = places.first().copied().unwrap_or(0);
                for (index, chunk) in part.as_frozen().chunks().enumerate() {
                    expected[at] = u8::try_from(index).unwrap();
                    at += chunk.len();
                }
            } else {
                for (value, &place) in (100..).zip(&places) {
                    view.set(place, value).unwrap();
                    expected[place] = value;
                }
            }
            assert_eq!(view.as_frozen(), expected[..]);
            let inside: Vec<u8> = pages
                .iter()
                .flat_map(|page| page[1..page.len() - 1].to_vec())
                .collect();
            assert_eq!(inside, expected);
            assert!(
                pages
                    .iter()
                    .all(|page| page[0] == 0xEE && page[page.len() - 1] == 0xEE)
            );
        }
    }
}

#[test]
fn shared_views_move_memory_that_repeats_and_overlaps() {
    // The fragments are ranges of one arena: they may repeat and overlap. The oracle knows the place of each
    // byte.
    let layouts: [&[(usize, usize)]; 6] = [
        &[(0, 8)],
        &[(0, 3), (3, 5)],
        &[(0, 5), (2, 5), (4, 4)],
        &[(6, 2), (0, 2), (6, 2)],
        &[(1, 1); 8],
        &[(4, 4), (0, 4), (2, 3)],
    ];
    for layout in layouts {
        let places: Vec<usize> = layout
            .iter()
            .flat_map(|&(start, length)| start..start + length)
            .collect();
        for to in slices(places.len()).step_by(11) {
            for from in slices(places.len()).step_by(13) {
                let arena: Vec<AtomicU8> = (0..10).map(AtomicU8::new).collect();
                let view = SharedView::from_atomics(
                    layout
                        .iter()
                        .map(|&(start, length)| &arena[start..start + length]),
                )
                .unwrap();
                let mut model: Vec<u8> = (0..10).collect();
                let (target, source) = (picked(to, places.len()), picked(from, places.len()));
                let copied = view
                    .slice_with_step(to)
                    .copy_from_view(&view.slice_with_step(from));
                if target.len() == source.len() {
                    copied.unwrap();
                    let read: Vec<u8> = source.iter().map(|&i| model[places[i]]).collect();
                    for (&place, byte) in target.iter().zip(read) {
                        model[places[place]] = byte;
                    }
                } else {
                    copied.unwrap_err();
                }
                let now: Vec<u8> = arena.iter().map(|byte| byte.load(Relaxed)).collect();
                assert_eq!(now, model, "{layout:?} {to:?} {from:?}");
            }
        }
    }
}
