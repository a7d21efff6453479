//! Views of owned memory, of slices, and of windows.

use crate::support::{Page, atomics};
use fragview::geometry::Window;
use fragview::memory::{Builder, Frozen, Memory, Shared};
use fragview::{Error, FrozenView, SharedView, View};

#[test]
fn owners_end_to_end() {
    let pages = [
        Page::new(&[1, 2], true),
        Page::new(&[], true),
        Page::new(&[3], false),
    ];
    let view = View::from_owners(pages.clone()).unwrap();
    assert_eq!(view, [1, 2, 3]);
    assert_eq!(view.memory().owners().len(), 3);
    assert!(view.slice(..2).unwrap().is_writable() && !view.is_writable());
    view.slice(..2).unwrap().fill(7).unwrap();
    assert_eq!(pages[0].bytes(), [7, 7]);
    // The same page twice is the same memory twice.
    let twice = View::from_owners([pages[0].clone(), pages[0].clone()]).unwrap();
    twice.set(0, 9).unwrap();
    assert_eq!((twice.get(2), twice.memory().owners().len()), (Some(9), 1));
    let none = View::from_owners(Vec::<Page>::new()).unwrap();
    assert!(none.is_empty());
}

#[test]
fn an_extent_past_the_owner_is_an_error() {
    let page = Page::new(&[1, 2, 3], true);
    for extent in [(0, 4), (3, 1), (usize::MAX, 2), (4, 0)] {
        let (offset, length) = extent;
        assert_eq!(
            View::from_extents(page.clone(), [(0, 1), extent]).unwrap_err(),
            Error::ExtentOutOfRange {
                index: 1,
                offset,
                length,
                size: 3
            }
        );
    }
    assert_eq!(page.clones(), 1);
}

#[cfg(feature = "bytes")]
#[test]
fn bytes_are_frozen_memory() {
    use bytes::Bytes;

    let file = Bytes::from(b"0123456789".to_vec());
    let view = View::from_extents(file.clone(), [(2, 3), (5, 1), (0, 2), (9, 1), (4, 0)]).unwrap();
    assert_eq!(view, b"2345019");
    assert_eq!(view.chunks().collect::<Vec<_>>(), [&b"2345"[..], b"01", b"9"]);
    let joined = View::concat([
        &view,
        &View::from_owners([file, Bytes::new(), Bytes::from("!")]).unwrap(),
    ]);
    let joined = joined.unwrap();
    assert_eq!(joined, b"23450190123456789!");
    assert_eq!(
        joined.memory().owners().filter(|owner| owner.len() == 10).count(),
        1
    );
    drop(view);
    assert_eq!(
        std::thread::spawn(move || joined.to_vec().unwrap().len())
            .join()
            .unwrap(),
        18
    );
}

#[test]
fn a_window_must_lie_in_the_memory() {
    let base = atomics(&[1, 2, 3, 4, 5, 6]);
    let mut builder = Builder::<Shared<'_>>::new();
    builder.push_slice(&base[..4]).unwrap();
    builder.push_slice(&base[4..]).unwrap();
    let memory: Memory<Shared<'_>> = builder.finish();
    let view = |window: Window| View::from_window(&memory, window);
    let far = Window::whole(usize::MAX);
    assert_eq!(
        view(Window::whole(6)).unwrap().to_vec().unwrap(),
        [1, 2, 3, 4, 5, 6]
    );
    assert!(view(Window::whole(7)).is_none());
    assert!(view(far).is_none());
    for (first, count, step) in [
        (6, 1, 1),
        (5, 2, 1),
        (6, 7, -1),
        (usize::MAX - 1, 1, 1),
        (usize::MAX - 1, 2, -1),
        (0, 2, isize::MAX),
        (7, 0, 1),
    ] {
        assert!(
            view(far.slice_with_step(first, count, step).unwrap()).is_none(),
            "{first} {count} {step}"
        );
    }
    // Windows that no line has room for, and steps that the numbers have no room for.
    let wide = far.regroup(3).unwrap();
    let steps = [1, 2, isize::MAX / 2, isize::MAX - 1];
    for step in steps.into_iter().chain(steps.map(|step| -step)) {
        for first in [0, 1, wide.len() / 2, wide.len() - 1] {
            for window in [
                wide.slice_with_step(first, 2, step),
                wide.slice_with_step(first, 3, step),
            ]
            .into_iter()
            .flatten()
            {
                let Some(view) = view(window) else { continue };
                assert!(window.span().end <= 6 && view.to_vec().unwrap().len() == window.byte_count());
            }
        }
    }
    let reversed = far.slice_with_step(5, 3, -2).unwrap();
    assert_eq!(view(reversed).unwrap().to_vec().unwrap(), [6, 4, 2]);
    let empty = far.slice_with_step(6, 0, 1).unwrap();
    assert!(view(empty).unwrap().to_vec().unwrap().is_empty());
}

#[test]
fn ranges_of_every_form() {
    use std::ops::Bound::{Excluded, Included, Unbounded};

    let view = FrozenView::from_slices([&b"ab"[..], b"cde"]).unwrap();
    assert_eq!(view.slice(..).unwrap(), b"abcde");
    assert_eq!(view.slice(1..=3).unwrap(), b"bcd");
    assert_eq!(view.slice(..=1).unwrap(), b"ab");
    assert_eq!(view.slice((Excluded(1), Included(4))).unwrap(), b"cde");
    assert_eq!(view.slice((Excluded(4), Unbounded)).unwrap(), b"");
    assert_eq!(view.slice(5..).unwrap(), b"");
    let reversed = view.reversed();
    assert_eq!(reversed.slice(1..3).unwrap(), b"dc");
    let range = |start, end| Error::RangeOutOfRange {
        start,
        end,
        length: 5,
    };
    assert_eq!(view.slice(6..).unwrap_err(), range(6, 5));
    assert_eq!(view.slice(..6).unwrap_err(), range(0, 6));
    assert_eq!(view.slice((Included(3), Excluded(2))).unwrap_err(), range(3, 2));
    assert_eq!(view.slice(..=usize::MAX).unwrap_err(), range(0, usize::MAX));
    assert_eq!(
        view.slice((Excluded(usize::MAX), Unbounded)).unwrap_err(),
        range(usize::MAX, 5)
    );
    assert_eq!(view.split_at(6).unwrap_err(), range(0, 6));
}

#[test]
fn slices_with_a_hole_between() {
    let (head, tail) = ([1, 2], [3]);
    let mut builder = Builder::<Frozen<'_>>::default();
    builder.reserve(3).unwrap();
    builder.push_slice(&head).unwrap();
    builder.push_hole(2).unwrap();
    builder.push_slice(&tail).unwrap();
    let view = FrozenView::from(builder.finish());
    let mut joined = Builder::<Frozen<'_>>::new();
    joined.push_view(&view).unwrap();
    joined.push_view(&view.slice(1..3).unwrap().reversed()).unwrap();
    joined
        .push_view(&view.slice(..4).unwrap().cast::<u16>().unwrap())
        .unwrap();
    assert_eq!(
        FrozenView::from(joined.finish()),
        [1, 2, 0, 0, 3, 0, 2, 1, 2, 0, 0]
    );
    assert_eq!(
        SharedView::from_atomics(std::iter::empty())
            .unwrap()
            .memory()
            .fragment_count(),
        0
    );
}
