//! Views of extents, of every kind of source, against a plain Vec.

mod support;

use std::sync::atomic::AtomicU8;

use fragview::geometry::{Extent, Extents, Slice};
use fragview::memory::{Builder, Shared};
use fragview::records::RecordLayout;
use fragview::{Error, ExclusiveView, FrozenView, SharedView, View, formats};
use support::{CANARY, Layout, Numbers, Page, atomics, loaded};

const SIZE: usize = 3;

/// The source's bytes with canaries around.
const BASE: [u8; 7] = [CANARY, CANARY, 1, 2, 3, CANARY, CANARY];

fn inner() -> std::ops::Range<usize> {
    2..2 + SIZE
}

/// Every list of up to three extents in and around a source of three bytes, holes and nothings among them.
fn lists() -> Vec<Vec<Extent>> {
    let offsets = (0..=SIZE + 1).map(Some).chain([None]);
    let all: Vec<Extent> = offsets
        .flat_map(|offset| (0..=SIZE + 1).map(move |length| Extent::from((offset, length))))
        .collect();
    let mut lists = vec![vec![]];
    for first in &all {
        lists.push(vec![*first]);
        for second in &all {
            lists.push(vec![*first, *second]);
            lists.extend(all.iter().map(|third| vec![*first, *second, *third]));
        }
    }
    lists
}

/// Where each byte lies in the source, `None` in a hole; or the fault.
fn expected(extents: &[Extent], size: usize) -> Result<Vec<Option<usize>>, Error> {
    let mut places = Vec::new();
    for (index, &Extent { offset, length }) in extents.iter().enumerate() {
        match offset {
            Some(offset) if offset + length > size => {
                return Err(Error::ExtentOutOfRange {
                    index,
                    offset,
                    length,
                    size,
                });
            }
            Some(offset) => places.extend((offset..offset + length).map(Some)),
            None => places.extend((0..length).map(|_| None)),
        }
    }
    Ok(places)
}

/// As `expected` of exclusive memory: holes and overlaps are faults as well.
fn expected_exclusive(extents: &[Extent], size: usize) -> Result<Vec<usize>, Error> {
    let hole = extents
        .iter()
        .position(|extent| extent.offset.is_none() && extent.length > 0);
    // What comes first is what is told.
    let before = &extents[..hole.unwrap_or(extents.len())];
    let places = expected(before, size)?;
    if let Some(index) = hole {
        return Err(Error::ExclusiveHole { index });
    }
    let ranges: Vec<_> = extents
        .iter()
        .filter(|extent| extent.length > 0)
        .map(|extent| extent.offset.unwrap()..extent.offset.unwrap() + extent.length)
        .collect();
    for (index, one) in ranges.iter().enumerate() {
        for other in &ranges[..index] {
            if one.start < other.end && other.start < one.end {
                // Which two are told is looked at elsewhere.
                return Err(Error::ExtentsOverlap {
                    first: 0,
                    second: 0,
                    offset: 0,
                });
            }
        }
    }
    Ok(places.into_iter().flatten().collect())
}

/// The bytes at these places, holes as zeros.
fn gathered(source: &[u8], places: &[Option<usize>]) -> Vec<u8> {
    places
        .iter()
        .map(|place| place.map_or(0, |place| source[place]))
        .collect()
}

/// Runs of places that follow each other, or are a hole.
fn runs(places: &[Option<usize>]) -> Vec<&[Option<usize>]> {
    places
        .chunk_by(|one, next| match (one, next) {
            (Some(one), Some(next)) => one + 1 == *next,
            (None, None) => true,
            _ => false,
        })
        .collect()
}

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
    let sealed = Page::new(&BASE, false);
    assert!(!View::from_extents(sealed, [(1, 2)]).unwrap().is_writable());
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
            let frozen = layout.frozen(&base).pick(slice);
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
                let atomics = layout.shared(&shared).pick(slice);
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
    builder.seal(true);
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
fn of_exclusive_bytes() {
    let told = |error: Error| match error {
        Error::ExtentsOverlap { .. } => Error::ExtentsOverlap {
            first: 0,
            second: 0,
            offset: 0,
        },
        error => error,
    };
    for extents in lists() {
        let new: Vec<u8> = (100..).take(SIZE).collect();
        let mut base = BASE;
        let mut whole = BASE;
        let mut cut = BASE;
        let expected = expected_exclusive(&extents, SIZE);
        let list = || extents.iter().copied();
        let view = View::from_extents(&mut base[inner()], list());
        let (left, right) = whole[inner()].split_at_mut(1);
        let outer = ExclusiveView::from_slices_mut([left, right]).unwrap();
        let of_view = View::from_extents(outer, list());
        let (left, right) = cut[inner()].split_at_mut(2);
        let mut outer = ExclusiveView::from_slices_mut([left, right]).unwrap();
        let of_part = View::from_extents(outer.slice_mut(..).unwrap().into_reversed(), list());
        let places = match expected {
            Ok(places) => places,
            Err(error) => {
                assert_eq!(told(view.unwrap_err()), error, "{extents:?}");
                assert_eq!(told(of_view.unwrap_err()), error);
                assert_eq!(told(of_part.unwrap_err()), error);
                continue;
            }
        };
        let (mut view, mut of_view, mut of_part) = (view.unwrap(), of_view.unwrap(), of_part.unwrap());
        let mut written = BASE;
        let mut backwards = BASE;
        for (byte, place) in new.iter().zip(&places) {
            written[2 + place] = *byte;
            backwards[2 + SIZE - 1 - place] = *byte;
        }
        let new = &new[..places.len()];
        assert_eq!(
            view.as_frozen(),
            gathered(
                &BASE[inner()],
                &places.iter().copied().map(Some).collect::<Vec<_>>()
            )
        );
        view.copy_from_slice(new).unwrap();
        of_view.copy_from_slice(new).unwrap();
        of_part.copy_from_slice(new).unwrap();
        // All references at once: no two share a byte.
        let mut chunks: Vec<&mut [u8]> = of_view.chunks_mut().collect();
        for chunk in &mut chunks {
            chunk.reverse();
        }
        for chunk in &mut chunks {
            chunk.reverse();
        }
        // The whole view is back when its part is gone.
        outer.fill(9);
        assert_eq!(base, written, "{extents:?}");
        assert_eq!(whole, written, "{extents:?}");
        assert_eq!(cut, [CANARY, CANARY, 9, 9, 9, CANARY, CANARY]);

        let mut cut = BASE;
        let (left, right) = cut[inner()].split_at_mut(2);
        let outer = ExclusiveView::from_slices_mut([left, right])
            .unwrap()
            .into_reversed();
        View::from_extents(outer, list())
            .unwrap()
            .copy_from_slice(new)
            .unwrap();
        assert_eq!(cut, backwards, "{extents:?}");
    }
}

#[test]
fn the_overlap_is_told() {
    let mut base = [0; 9];
    let overlap = |first, second, offset| Error::ExtentsOverlap {
        first,
        second,
        offset,
    };
    for (extents, error) in [
        (vec![(0, 2), (5, 2), (1, 2)], overlap(0, 2, 1)),
        (vec![(4, 2), (3, 2)], overlap(1, 0, 4)),
        (vec![(0, 0), (0, 9), (8, 1)], overlap(1, 2, 8)),
        (vec![(7, 1), (7, 1)], overlap(0, 1, 7)),
        (vec![(2, 3), (0, 9), (7, 1)], overlap(1, 0, 2)),
    ] {
        assert_eq!(View::from_extents(&mut base, extents).unwrap_err(), error);
    }
    assert_eq!(
        overlap(0, 2, 1).to_string(),
        "extents 0 and 2 overlap at offset 1; exclusive memory is seen once"
    );
    let hole = View::from_extents(&mut base, [(Some(1), 2), (None, 0), (None, 3)]).unwrap_err();
    assert_eq!(hole.to_string(), "extent 2 is a hole; an exclusive view has none");
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

/// An exclusive view that is lent to read is a source like another.
#[test]
fn of_an_exclusive_view_that_is_lent() {
    let mut base = *b"abcdef";
    let mut view = ExclusiveView::from_slices_mut([&mut base[..]]).unwrap();
    {
        let frozen = view.as_frozen();
        assert_eq!(
            View::from_extents(&frozen, [(4, 2), (0, 2), (4, 1)]).unwrap(),
            b"efabe"
        );
    }
    {
        let (head, tail) = view.split_at_mut(3).unwrap();
        let mut head = View::from_extents(head, [(2, 1), (0, 1)]).unwrap();
        let mut tail = View::from_extents(tail, [(1, 2)]).unwrap();
        head.copy_from_slice(b"12").unwrap();
        tail.copy_from_slice(b"34").unwrap();
    }
    view.slice_mut(1..2).unwrap().fill(b'-');
    assert_eq!(&base, b"2-1d34");
}

#[test]
fn from_a_file_to_a_view() {
    // A disk of 1024 bytes in clusters of 512: nothing, then the file's last cluster.
    let mut image = vec![0; 2048];
    image[..8].copy_from_slice(b"QFI\xfb\0\0\0\x02");
    image[23] = 9; // clusters of 512 bytes
    image[30] = 4; // the disk's size
    image[39] = 1; // entries of the L1 table
    image[46] = 2; // its offset
    image[512 + 6] = 4; // the L2 table's offset
    image[1024 + 8 + 6] = 6; // the second cluster's
    image[1536..].fill(7);
    let container = formats::open(&image, None, false).unwrap();
    let disk = View::from_extents(&image, &container.streams[0].extents).unwrap();
    assert_eq!(disk, [[0; 512], [7; 512]].concat());

    // The same from any bytes: slices, arrays, views.
    let same = formats::open(&image[..], Some("qcow2"), true).unwrap();
    assert_eq!(same, container);
    let array: [u8; 2048] = image.clone().try_into().unwrap();
    assert_eq!(formats::open(&array, None, false).unwrap(), container);
    let pieces = FrozenView::from_slices([&image[..700], &image[700..]]).unwrap();
    assert_eq!(formats::open(&pieces, None, false).unwrap(), container);
    assert_eq!(
        View::from_extents(&pieces, &container.streams[0].extents).unwrap(),
        disk
    );
    let dynamic: &dyn fragview::Bytes = &image;
    assert_eq!(formats::open(dynamic, None, false).unwrap(), container);

    // Records of records, in every kind of bytes.
    let mut file = b"\x04\x02xy-\x01b\x02cd".to_vec();
    let layout = RecordLayout::new("B", &["length"]).unwrap();
    let outer = layout.scan(&file, ..).unwrap();
    assert_eq!(outer.offsets(), [0, 5, 7]);
    assert_eq!(layout.scan(&file, 5..).unwrap().offsets(), [5, 7]);
    assert_eq!(layout.scan(&file, 5..=6).unwrap().offsets(), [5]);
    assert!(layout.scan(&file, 10..).unwrap().is_empty());
    let contents = View::from_extents(&file, outer.join()).unwrap();
    assert_eq!(contents, b"\x02xy-bcd");
    let record = View::from_extents(&file, [outer.content(1)]).unwrap();
    assert_eq!(record, b"b");
    // A record within a record: a view of a view.
    let inner = layout.scan(&contents, ..3).unwrap();
    let inner = View::from_extents(&contents, inner.join()).unwrap();
    assert_eq!(inner, b"xy");
    assert!(inner.chunks().eq([&file[2..4]]));
    let mut view = ExclusiveView::from_slices_mut([&mut file[..]]).unwrap();
    let table = layout.scan(&view, ..).unwrap();
    View::from_extents(view.slice_mut(..).unwrap(), table.join())
        .unwrap()
        .fill(0);
    assert_eq!(file, b"\x04\0\0\0\0\x01\0\x02\0\0");
}

#[cfg(feature = "bytes")]
#[test]
fn of_bytes() {
    use bytes::{Bytes, BytesMut};

    let file = b"\x03one\x02tw\x01o".to_vec();
    let layout = RecordLayout::new("B", &["length"]).unwrap();
    let (shared, growing) = (Bytes::from(file.clone()), BytesMut::from(&file[..]));
    let table = layout.scan(&shared, ..).unwrap();
    assert_eq!(table.offsets(), layout.scan(&growing, ..).unwrap().offsets());
    let view = View::from_extents(shared.clone(), table.join()).unwrap();
    assert_eq!(view, b"onetwo");
    let of_view = View::from_extents(&view, [(Some(2), 2), (None, 1)]).unwrap();
    drop((shared, view));
    assert_eq!(of_view, b"et\0");
    assert!(formats::open(&growing, None, false).is_err());
    for end in 0..=file.len() {
        for start in 0..=end + 1 {
            let mut target = vec![0; end.saturating_sub(start)];
            let read = fragview::Bytes::read(&growing, start, &mut target);
            assert_eq!(read.is_some(), start + target.len() <= file.len());
            assert!(read.is_none() || target == file[start..start + target.len()]);
        }
    }
}
