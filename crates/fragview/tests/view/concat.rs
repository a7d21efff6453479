//! Views joined to views, and pushed into builders.

use crate::support::{Layout, atomics, loaded, splits};
use fragview::memory::{Builder, Shared};
use fragview::{Error, FrozenView, SharedView, Untyped, View};

#[test]
fn parts_joined_again_are_the_bytes() {
    for split in splits(8) {
        let layout = Layout::new(&split);
        let base = layout.atomics();
        let (view, bytes) = (layout.shared(&base), layout.bytes());
        for index in 0..=bytes.len() {
            let (head, tail) = view.split_at(index).unwrap();
            assert_eq!(SharedView::concat([&head, &tail]).unwrap(), bytes[..]);
            let turned = SharedView::concat([&tail, &head.reversed(), &tail]).unwrap();
            let mut expected = bytes[index..].to_vec();
            expected.extend(bytes[..index].iter().rev());
            expected.extend(&bytes[index..]);
            assert_eq!(turned, expected[..]);
            assert!(turned.is_contiguous() && turned.is_writable());
        }
        // What is joined is the memory, not a copy.
        let joined = SharedView::concat([&view, &view]).unwrap();
        joined.set(bytes.len() + 1, 99).unwrap();
        assert_eq!(joined.get(1), Some(99));
        assert_eq!(
            base[layout.positions()[1]].load(std::sync::atomic::Ordering::Relaxed),
            99
        );
    }
}

#[test]
fn items_across_the_new_seams() {
    let base = [1, 2, 3, 4, 5, 6];
    let view = FrozenView::from_slices([&base[..]]).unwrap();
    let words = view.cast::<[u8; 2]>().unwrap();
    let joined = View::concat([&words.reversed(), &words]).unwrap();
    assert_eq!(
        joined.iter().collect::<Vec<_>>(),
        [[5, 6], [3, 4], [1, 2], [1, 2], [3, 4], [5, 6]]
    );
    let odd = FrozenView::concat([&view.slice(..1).unwrap(), &view.slice(3..).unwrap()]).unwrap();
    assert_eq!(odd.cast::<[u8; 2]>().unwrap().get(0), Some([1, 4]));
}

#[test]
fn items_of_two_sizes_do_not_join() {
    let view = FrozenView::from_slices([&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12][..]]).unwrap();
    let (pairs, triples) = (view.untyped(2).unwrap(), view.untyped(3).unwrap());
    assert_eq!(
        View::concat([&pairs, &triples]).unwrap_err(),
        Error::ItemSizeMismatch {
            expected: 2,
            actual: 3
        }
    );
    assert_eq!(View::concat([&triples, &triples]).unwrap().len(), 8);
}

/// A view of no views has items of its type. If it had bytes, a word written to what is joined to it would
/// reach past the item that was checked, into a hole.
#[test]
fn nothing_joined_has_the_type_s_size() {
    type Words<'a> = SharedView<'a, u32>;
    let none = Words::concat([]).unwrap();
    assert_eq!((none.len(), none.item_size()), (0, 4));
    let bytes: SharedView<'_, Untyped> = View::concat([]).unwrap();
    assert_eq!((bytes.len(), bytes.item_size()), (0, 1));

    let base = atomics(&[1, 2, 3, 4, 5]);
    let mut builder = Builder::<Shared<'_>>::new();
    builder.push_slice(&base).unwrap();
    builder.push_hole(3).unwrap();
    let words = SharedView::from(builder.finish()).into_cast::<u32>().unwrap();
    let joined = Words::concat([&none, &words]).unwrap();
    assert_eq!(joined.len(), 2);
    for index in 0..10 {
        assert_eq!(joined.set(index, u32::MAX).is_ok(), index == 0);
    }
    assert_eq!(loaded(&base), [255, 255, 255, 255, 5]);
}
