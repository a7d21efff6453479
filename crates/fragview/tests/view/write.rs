//! Writing to views of both kinds that can be written: each byte goes where it belongs, and no other changes.

use crate::support::{Layout, Paint, loaded, splits};
use fragview::Error;
use zerocopy::IntoBytes;
use zerocopy::byteorder::big_endian;

/// Does something to an exclusive view and to a shared one, and compares both bases with the one expected.
macro_rules! both {
    ($layout:ident, $expected:expr, |$view:ident| $body:expr) => {{
        let expected: &[u8] = $expected;
        let mut base = $layout.base();
        let $view = $layout.exclusive(&mut base);
        $body;
        assert_eq!(base, expected, "exclusive, {:?}", $layout);
        let base = $layout.atomics();
        let $view = $layout.shared(&base);
        $body;
        assert_eq!(loaded(&base), expected, "shared, {:?}", $layout);
    }};
}

/// The base with these bytes from byte `start` of the view on.
fn written(layout: &Layout, start: usize, bytes: &[u8]) -> Vec<u8> {
    let mut base = layout.base();
    for (&position, &byte) in layout.positions()[start..].iter().zip(bytes) {
        base[position] = byte;
    }
    base
}

#[test]
fn every_item_of_every_width() {
    for split in splits(9) {
        let layout = Layout::new(&split);
        for start in 0..9 {
            macro_rules! set {
                ($type:ty, $value:expr) => {{
                    let value: $type = $value;
                    let count = (9 - start) / size_of::<$type>();
                    for index in 0..count {
                        let at = start + index * size_of::<$type>();
                        both!(layout, &written(&layout, at, value.as_bytes()), |view| view
                            .into_slice(start..start + count * size_of::<$type>())
                            .unwrap()
                            .into_cast::<$type>()
                            .unwrap()
                            .set(index, value)
                            .unwrap());
                    }
                }};
            }
            set!(u8, 0xA1);
            set!(u16, 0xA1A2);
            set!([u8; 3], [0xA1, 0xA2, 0xA3]);
            set!(big_endian::U32, 0xA1A2_A3A4.into());
            set!(f64, 1.5e300);
        }
    }
}

#[test]
fn ranges_of_bytes() {
    for split in splits(8) {
        let layout = Layout::new(&split);
        for start in 0..=8 {
            for end in start..=8 {
                let source: Vec<u8> = (0xA0..).take(end - start).collect();
                let base = written(&layout, start, &source);
                both!(layout, &base, |view| view
                    .into_slice(start..end)
                    .unwrap()
                    .copy_from_slice(&source)
                    .unwrap());
                let painted = written(&layout, start, &vec![7; end - start]);
                both!(layout, &painted, |view| view
                    .into_slice(start..end)
                    .unwrap()
                    .paint(7)
                    .unwrap());
                let turned: Vec<u8> = source.iter().rev().copied().collect();
                let base = written(&layout, start, &turned);
                both!(layout, &base, |view| view
                    .into_slice(start..end)
                    .unwrap()
                    .into_reversed()
                    .copy_from_slice(&source)
                    .unwrap());
            }
        }
    }
}

#[test]
fn wide_items_in_reverse() {
    for split in splits(8) {
        let layout = Layout::new(&split);
        let source = [1, 2, 3, 4, 5, 6, 7, 8].map(|byte| byte + 0xA0);
        let turned: Vec<u8> = source.chunks(2).rev().flatten().copied().collect();
        both!(layout, &written(&layout, 0, &turned), |view| view
            .into_cast::<u16>()
            .unwrap()
            .into_reversed()
            .copy_from_slice(&source)
            .unwrap());
        both!(layout, &written(&layout, 2, &[0xB1, 0xB2]), |view| view
            .into_cast::<[u8; 2]>()
            .unwrap()
            .into_reversed()
            .set(2, [0xB1, 0xB2])
            .unwrap());
    }
}

#[test]
fn a_refused_write_changes_nothing() {
    for split in splits(8) {
        let layout = Layout::new(&split);
        let base = layout.base();
        let length = |expected, actual| Err(Error::LengthMismatch { expected, actual });
        for count in [0, 1, 7, 9, 100] {
            both!(layout, &base, |view| assert_eq!(
                view.into_slice(..).unwrap().copy_from_slice(&vec![1; count]),
                length(8, count)
            ));
        }
        for index in [4, 5, usize::MAX] {
            both!(layout, &base, |view| assert_eq!(
                view.into_cast::<u16>().unwrap().set(index, 1),
                Err(Error::IndexOutOfRange { index, length: 4 })
            ));
        }
        both!(layout, &base, |view| {
            let source = layout.base();
            let other = layout.frozen(&source);
            assert_eq!(view.into_slice(1..).unwrap().copy_from_view(&other), length(7, 8));
        });
    }
}

#[test]
fn parts_of_an_exclusive_view_are_written_apart() {
    for split in splits(8) {
        let layout = Layout::new(&split);
        for index in 0..=8 {
            let mut base = layout.base();
            let mut view = layout.exclusive(&mut base);
            let (mut head, mut tail) = view.split_at_mut(index).unwrap();
            // Both live at once, on two threads.
            std::thread::scope(|scope| {
                scope.spawn(|| head.fill(1));
                scope.spawn(|| tail.fill(2));
            });
            // One reads what the other wrote.
            if index == 4 {
                tail.set(0, 9).unwrap();
                head.copy_from_view(&tail).unwrap();
                assert_eq!(view.to_vec().unwrap(), [9, 2, 2, 2, 9, 2, 2, 2]);
            } else {
                let expected = [&vec![1; index][..], &vec![2; 8 - index]].concat();
                assert_eq!(view.to_vec().unwrap(), expected);
            }
        }
    }
}

#[test]
fn a_cast_of_a_part_is_written_back() {
    let (mut head, mut tail) = ([0_u8; 3], [0_u8; 6]);
    let mut view = fragview::ExclusiveView::from_slices_mut([&mut head[..], &mut tail]).unwrap();
    let mut words = view
        .slice_mut(1..)
        .unwrap()
        .into_cast::<big_endian::U32>()
        .unwrap();
    for index in 0..words.len() {
        let value = u32::try_from(index).unwrap() + 0x0A0B_0C0D;
        words.set(index, value.into()).unwrap();
    }
    let (mut first, mut second) = words.split_at_mut(1).unwrap();
    first.set(0, 0x0102_0304.into()).unwrap();
    assert_eq!(second.get(0).map(big_endian::U32::get), Some(0x0A0B_0C0E));
    second.slice_mut(..0).unwrap().fill(9);
    assert_eq!((head, tail), ([0, 1, 2], [3, 4, 0x0A, 0x0B, 0x0C, 0x0E]));
}
