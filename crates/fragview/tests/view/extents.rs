//! Views of extents, of every kind of source, against a plain Vec.

use std::sync::atomic::AtomicU8;

use crate::extents_oracle::{BASE, SIZE, expected, gathered, inner, lists, runs};
use crate::support::{Layout, Numbers, Page, atomics, loaded};
use fragview::geometry::{Extent, Extents, Slice};
use fragview::memory::{Builder, Shared};
use fragview::{Error, ExclusiveView, FrozenView, SharedView, View};

#[test]
fn of_borrowed_bytes() {
    for extents in lists() {
        let source = &BASE[inner()];
        let view = View::from_extents(source, extents.iter().copied());
        let places = match expected(&extents, SIZE) {
            Ok(places) => places,
            Err(error) => {
                assert_eq!(view.unwrap_err(), error, "{extents:?}");
                continue;
            }
        };
        let view = view.unwrap();
        assert_eq!(view, gathered(source, &places), "{extents:?}");
        let runs = runs(&places);
        assert_eq!(view.memory().fragment_count(), runs.len(), "{extents:?}");
        for (chunk, run) in view.chunks().zip(&runs) {
            assert_eq!(chunk.len(), run.len());
            // The memory itself, not a copy.
            assert!(
                run[0].is_none_or(|place| std::ptr::eq(chunk, &raw const source[place..place + run.len()]))
            );
        }
        // What is collected first is the same.
        let collected: Extents = extents.iter().copied().collect();
        assert_eq!(View::from_extents(source, &collected).unwrap(), view);
        assert_eq!(View::from_extents(source, collected).unwrap(), view);
    }
}

/// A shared view is written through, but not where a hole is, and not around the extents.
fn writes_through<R: fragview::MemoryRef>(
    view: &View<Shared<'_>, u8, R>,
    places: &[Option<usize>],
    bytes: impl Fn() -> Vec<u8>,
) {
    let before = bytes();
    let writable = places.iter().all(Option::is_some);
    assert_eq!(view.is_writable(), writable);
    let new: Vec<u8> = (100..).take(places.len()).collect();
    let mut after = before.clone();
    if writable {
        for (byte, place) in new.iter().zip(places) {
            after[place.unwrap()] = *byte;
        }
        view.copy_from_slice(&new).unwrap();
    } else {
        assert_eq!(view.copy_from_slice(&new), Err(Error::ReadOnly));
    }
    assert_eq!(bytes(), after);
}

#[test]
fn of_atomics() {
    for extents in lists() {
        let base = atomics(&BASE);
        let view = View::from_extents(&base[inner()], extents.iter().copied());
        match expected(&extents, SIZE) {
            Ok(places) => {
                let view: SharedView<'_> = view.unwrap();
                assert_eq!(view, gathered(&BASE[inner()], &places));
                let places: Vec<_> = places.iter().map(|place| place.map(|place| place + 2)).collect();
                writes_through(&view, &places, || loaded(&base));
            }
            Err(error) => assert_eq!(view.unwrap_err(), error),
        }
    }
}

#[test]
fn of_an_owner() {
    for extents in lists() {
        let page = Page::new(&BASE[inner()], true);
        let view = View::from_extents(page.clone(), extents.iter().copied());
        match expected(&extents, SIZE) {
            Ok(places) => {
                let view = view.unwrap();
                assert_eq!(view, gathered(&BASE[inner()], &places));
                assert_eq!(view.memory().fragment_count(), runs(&places).len());
                writes_through(&view, &places, || page.bytes());
                assert_eq!((page.clones(), view.memory().owners().len()), (2, 1));
                // What the view holds is enough.
                drop(page);
                assert_eq!(view.len(), places.len());
            }
            Err(error) => {
                assert_eq!(view.unwrap_err(), error);
                assert_eq!(page.clones(), 1);
            }
        }
    }
    let readonly = Page::new(&BASE, false);
    assert!(!View::from_extents(readonly, [(1, 2)]).unwrap().is_writable());
}

/// Views of three bytes in every cut, forwards and backwards.
#[test]
fn of_a_view() {
    for cut in [&[3][..], &[1, 2], &[2, 1], &[1, 1, 1], &[0, 1, 0, 2, 0]] {
        let layout = Layout::new(cut);
        let (base, positions) = (layout.base(), layout.positions());
        let shared = layout.atomics();
        for step in [1, -1] {
            let slice = Slice {
                start: None,
                stop: None,
                step,
            };
            let frozen = layout.frozen(&base).slice_with_step(slice);
            let bytes = frozen.to_vec().unwrap();
            for extents in lists() {
                let view = View::from_extents(&frozen, extents.iter().copied());
                let places = match expected(&extents, SIZE) {
                    Ok(places) => places,
                    Err(error) => {
                        assert_eq!(view.unwrap_err(), error);
                        continue;
                    }
                };
                let view = view.unwrap();
                assert_eq!(view, gathered(&bytes, &places));
                let in_base: Vec<_> = places
                    .iter()
                    .map(|place| Some(positions[if step < 0 { SIZE - 1 - (*place)? } else { (*place)? }]))
                    .collect();
                if step > 0 {
                    assert_eq!(
                        view.memory().fragment_count(),
                        runs(&in_base).len(),
                        "{cut:?} {extents:?}"
                    );
                }
                let atomics = layout.shared(&shared).slice_with_step(slice);
                let view = View::from_extents(&atomics, extents).unwrap();
                writes_through(&view, &in_base, || loaded(&shared));
            }
        }
    }
}

/// A view's read-only parts and holes stay what they are.
#[test]
fn of_a_view_with_a_hole_and_a_seal() {
    let page = Page::new(&[1, 2, 3, 4], true);
    let mut builder = Builder::new();
    builder
        .push_extents(page.clone(), [(Some(0), 2), (None, 2)])
        .unwrap();
    builder.set_readonly(true);
    builder.push_extents(page.clone(), [(2, 2)]).unwrap();
    let view = View::from(builder.finish());
    assert_eq!(view, [1, 2, 0, 0, 3, 4]);
    for start in 0..=6 {
        for end in start..=6 {
            for more in 0..6 {
                let part = View::from_extents(&view, [(start, end - start), (more, 1)]).unwrap();
                let mut bytes = view.slice(start..end).unwrap().to_vec().unwrap();
                bytes.push(view.get(more).unwrap());
                assert_eq!(part, bytes);
                assert_eq!(
                    part.is_writable(),
                    end.min(6) <= 2.max(start) && more < 2,
                    "{start} {end} {more}"
                );
                // The hole has no owner.
                assert!(part.memory().owners().len() <= 1);
            }
        }
    }
}

#[test]
fn numbers_that_are_too_large() {
    let base = [1, 2, 3];
    let frozen = FrozenView::from_slices([&base[..1], &base[1..]]).unwrap();
    let mut exclusive = base;
    for (offset, length) in [
        (usize::MAX, 1),
        (1, usize::MAX),
        (usize::MAX, usize::MAX),
        (4, 0),
        (usize::MAX, 0),
    ] {
        let extents = [(0, 1), (3, 0), (offset, length)];
        let error = Error::ExtentOutOfRange {
            index: 2,
            offset,
            length,
            size: 3,
        };
        assert_eq!(View::from_extents(&base, extents).unwrap_err(), error);
        assert_eq!(View::from_extents(&frozen, extents).unwrap_err(), error);
        assert_eq!(View::from_extents(&mut exclusive, extents).unwrap_err(), error);
        assert_eq!(
            View::from_extents(Page::new(&base, true), extents).unwrap_err(),
            error
        );
    }
    for holes in [
        vec![(None, usize::MAX)],
        vec![(None, usize::MAX), (None, 1)],
        vec![(None, usize::MAX / 2), (None, 1)],
        vec![(Some(0), 1), (None, usize::MAX / 2)],
    ] {
        assert_eq!(
            View::from_extents(&base, holes.clone()).unwrap_err(),
            Error::TooLong
        );
        assert_eq!(View::from_extents(&frozen, holes).unwrap_err(), Error::TooLong);
    }
    let long = View::from_extents(&base, [(None, usize::MAX / 2 - 1), (Some(2), 1)]).unwrap();
    assert_eq!(long.get(usize::MAX / 2 - 1), Some(3));
}

/// Enough fragments for the directory, extents forwards, backwards and here and there, three views deep.
#[test]
fn many_fragments() {
    let mut numbers = Numbers::new(11);
    for round in 0..60 {
        let lengths: Vec<usize> = (0..=numbers.below(90)).map(|_| numbers.below(9)).collect();
        let layout = Layout::new(&lengths);
        let (base, shared) = (layout.base(), layout.atomics());
        let mut frozen = layout.frozen(&base);
        let mut written = layout.shared(&shared);
        let mut bytes = layout.bytes();
        for _ in 0..3 {
            let mut extents: Vec<Extent> = (0..numbers.below(60))
                .map(|_| {
                    let offset = numbers.below(bytes.len() + 1);
                    let length = numbers.below((bytes.len() - offset + 1).min(12));
                    Extent::from(((numbers.below(9) > 0).then_some(offset), length))
                })
                .collect();
            match round % 3 {
                0 => extents.sort_by_key(|extent| extent.offset),
                1 => extents.sort_by_key(|extent| std::cmp::Reverse(extent.offset)),
                _ => {}
            }
            bytes = gathered(&bytes, &expected(&extents, bytes.len()).unwrap());
            frozen = View::from_extents(&frozen, extents.iter().copied()).unwrap();
            written = View::from_extents(&written, &extents.into_iter().collect::<Extents>()).unwrap();
            assert_eq!(frozen, bytes);
            assert_eq!(written, bytes);
        }
    }
}

/// However many extents of a view there are, an owner is held once, and nothing leads through the view.
#[test]
fn owners_are_held_once() {
    let pages = [Page::new(&[1; 50], true), Page::new(&[2; 50], true)];
    let outer = View::from_owners(pages.clone()).unwrap();
    let ends = (0..100).flat_map(|index| [(index, 1), (99 - index, 1)]);
    let view = View::from_extents(&outer, ends).unwrap();
    drop(outer);
    assert_eq!((view.len(), view.memory().owners().len()), (200, 2));
    assert_eq!(pages.each_ref().map(Page::clones), [2, 2]);
    drop(view);
    assert_eq!(pages.each_ref().map(Page::clones), [1, 1]);
}

#[test]
fn a_builder_takes_extents_of_many_sources() {
    let (one, two) = (vec![1, 2, 3, 4], [5, 6]);
    let outer = FrozenView::from_slices([&one[..2], &two]).unwrap();
    let mut builder = Builder::new();
    builder.push_extents(&one, [(3, 1), (0, 2)]).unwrap();
    builder.push_extents(&two, [(None, 1), (Some(1), 1)]).unwrap();
    builder.push_extents(&outer, [(1, 2)]).unwrap();
    builder.push_slice(&one[1..2]).unwrap();
    // Two slices that touch by chance stay two.
    builder.push_extents(&one[2..], [(0, 1)]).unwrap();
    let view = FrozenView::from(builder.finish());
    assert_eq!(view, [4, 1, 2, 0, 6, 2, 5, 2, 3]);
    assert_eq!(view.memory().fragment_count(), 8);

    let shared = [const { AtomicU8::new(7) }; 2];
    let of_vec: Vec<AtomicU8> = atomics(&[8, 9]);
    let mut builder = Builder::new();
    builder.push_extents(&shared, [(1, 1)]).unwrap();
    builder.push_extents(&of_vec, [(0, 2)]).unwrap();
    assert_eq!(SharedView::from(builder.finish()), [7, 8, 9]);

    let mut vec = vec![1, 2, 3];
    let mut array = [4, 5, 6];
    let mut builder = Builder::new();
    builder.push_extents(&mut vec, [(2, 1), (0, 1)]).unwrap();
    builder.push_extents(&mut array, [(1, 2)]).unwrap();
    ExclusiveView::from(builder.finish()).fill(0);
    assert_eq!((vec, array), (vec![0, 2, 0], [4, 0, 0]));
}
