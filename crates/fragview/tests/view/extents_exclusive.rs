//! Extents of exclusive memory: each byte is seen once.

use crate::extents_oracle::{BASE, SIZE, expected, gathered, inner, lists};
use crate::support::CANARY;
use fragview::geometry::Extent;
use fragview::{Error, ExclusiveView, View};

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
