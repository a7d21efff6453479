//! Views of 2^62 bytes, of ten million fragments, of a million slices and edits: arithmetic at its limits,
//! answers without a look at each byte, and refusals instead of years of work, which the watchdog would end.

mod support;
mod watchdog;

use fragview::geometry::{Extents, Slice};
use fragview::memory::{Builder, Shared};
use fragview::{Error, FragBuffer, FrozenView, SharedView, View};
use support::{Page, atomics};
use watchdog::watched;

const VAST: usize = 1 << 62;
const MOST: usize = isize::MAX.cast_unsigned();

const fn step(step: isize) -> Slice {
    Slice {
        start: None,
        stop: None,
        step,
    }
}

/// A byte, 2^62 - 2 zeros of a hole, a byte.
fn vast() -> FrozenView<'static> {
    View::from_extents(b"ab", [(Some(0), 1), (None, VAST - 2), (Some(1), 1)]).unwrap()
}

/// 2^42 bytes, all of them the same page of 2^20, 2^22 times.
fn repeated(
    page: &Page,
) -> View<Shared<'static>, u8, std::sync::Arc<fragview::memory::Memory<Shared<'static>, Page>>> {
    let mut builder = Builder::new();
    let source = builder.add_source(page.clone()).unwrap();
    for _ in 0..1 << 22 {
        builder.push(source, 0, 1 << 20).unwrap();
    }
    builder.finish().into()
}

#[test]
fn vast_views_are_indexed_sliced_and_reversed() {
    watched("a view of 2^62 bytes", || {
        let view = vast();
        assert_eq!((view.len(), view.byte_len()), (VAST, VAST));
        for (index, byte) in [(0, b'a'), (1, 0), (1 << 61, 0), (VAST - 2, 0), (VAST - 1, b'b')] {
            assert_eq!(view.get(index), Some(byte));
            assert_eq!(view.reversed().get(VAST - 1 - index), Some(byte));
        }
        assert_eq!((view.get(VAST), view.get(usize::MAX)), (None, None));
        assert_eq!(view.slice(VAST - 3..).unwrap(), b"\0\0b");
        assert_eq!(
            view.slice(..=usize::MAX).unwrap_err(),
            Error::RangeOutOfRange {
                start: 0,
                end: usize::MAX,
                length: VAST
            }
        );
        for width in [1, 3, 1 << 20, 1 << 61, (1 << 61) + 1, isize::MAX] {
            for width in [width, -width] {
                let part = view.slice_with_step(step(width));
                assert_eq!(part.len(), (VAST - 1) / width.unsigned_abs() + 1);
                assert_eq!(part.get(0), Some(if width > 0 { b'a' } else { b'b' }));
                assert_eq!(part.get(part.len()), None);
            }
        }
        assert_eq!(view.slice_with_step(step(isize::MIN)), b"b");
        assert_eq!(view.cast::<u64>().unwrap().len(), VAST / 8);
        assert_eq!(
            view.cast::<u64>().unwrap().get(VAST / 8 - 1),
            Some(u64::from_ne_bytes(*b"\0\0\0\0\0\0\0b"))
        );
        assert_eq!(
            view.untyped(3).unwrap_err(),
            Error::NotDivisible {
                bytes: VAST,
                item_size: 3
            }
        );
        assert_eq!(view.read_at::<[u8; 4]>(VAST - 4), Some(*b"\0\0\0b"));
        assert_eq!(view.read_at::<[u8; 4]>(VAST - 3), None);
        assert_eq!(view.read_at::<[u8; 4]>(usize::MAX), None);
    });
}

#[test]
fn vast_views_refuse_what_would_copy_them() {
    let page = Page::new(&vec![0; 1 << 20], true);
    let repeated = watched("4 million fragments", || repeated(&page));
    let shared = repeated.memory();
    watched("copies of views larger than any memory", || {
        for view in [vast(), vast().reversed(), vast().slice_with_step(step(2))] {
            assert_eq!(view.to_vec(), Err(Error::OutOfMemory));
            assert_eq!(view.to_hex(), Err(Error::OutOfMemory));
        }
        assert_eq!(repeated.to_vec(), Err(Error::OutOfMemory));
        assert_eq!(repeated.to_hex(), Err(Error::OutOfMemory));
        assert_eq!(
            shared.item_table(repeated.window(), 1).unwrap_err(),
            Error::OutOfMemory
        );
        // A memmove onto itself goes through a scratch of all of it.
        assert_eq!(
            repeated.copy_from_view(&repeated.reversed()),
            Err(Error::OutOfMemory)
        );
        assert_eq!(
            repeated.copy_from_view(&repeated.slice(1..).unwrap()),
            Err(Error::LengthMismatch {
                expected: 1 << 42,
                actual: (1 << 42) - 1
            })
        );
        assert_eq!(repeated.find(&[0; 64]).unwrap(), Some(0));
        assert_eq!(vast().find(b"\0a").ok(), Some(None));
        assert_eq!(vast().rfind(b"b"), Ok(Some(VAST - 1)));
    });
}

#[test]
fn gaps_too_many_for_any_memory_are_refused_at_once() {
    let page = Page::new(&vec![0; 1 << 20], true);
    let repeated = repeated(&page);
    watched("a fragment for each of 2^41 bytes", || {
        let gappy = repeated.slice_with_step(step(2));
        let mut builder = Builder::new();
        assert_eq!(builder.push_view(&gappy), Err(Error::TooManyFragments));
        assert_eq!(builder.len(), 0);
        assert_eq!(
            View::concat([&gappy, &gappy]).unwrap_err(),
            Error::TooManyFragments
        );
        assert_eq!(gappy.splice(..1, []).unwrap_err(), Error::TooManyFragments);
        // In a hole there is one, whatever the gaps.
        assert_eq!(
            vast()
                .slice_with_step(step(2))
                .splice(..0, [&vast().slice(..1).unwrap()])
                .unwrap()
                .len(),
            VAST / 2 + 1
        );
    });
}

#[test]
fn totals_past_the_longest_line_are_refused() {
    let hole = |length| View::<_, u8>::from_extents(&b""[..], [(None, length)]);
    assert_eq!(hole(MOST).unwrap().len(), MOST);
    assert_eq!(hole(MOST + 1).unwrap_err(), Error::TooLong);
    assert_eq!(hole(usize::MAX).unwrap_err(), Error::TooLong);
    assert_eq!(
        View::from_extents(&b""[..], [(None, VAST), (None, VAST)]).unwrap_err(),
        Error::TooLong
    );
    assert_eq!(View::concat([&vast(), &vast()]).unwrap_err(), Error::TooLong);
    assert_eq!(vast().splice(..0, [&vast()]).unwrap_err(), Error::TooLong);
    assert_eq!(vast().splice(VAST - 1.., [&vast()]).unwrap().len(), MOST);
    let mut buffer = FragBuffer::new();
    let page = Page::new(b"abc", true);
    let vast = View::from_extents(page.clone(), [(Some(0), 3), (None, VAST)]).unwrap();
    buffer.append_view(&vast).unwrap();
    assert_eq!(buffer.append_view(&vast), Err(Error::TooLong));
    assert_eq!(buffer.prepend_view(&vast), Err(Error::TooLong));
    assert_eq!(buffer.len(), VAST + 3);
    assert_eq!(buffer.consume(VAST).unwrap().len(), VAST);
    assert_eq!(buffer.into_view().unwrap(), b"\0\0\0");
    // Extents are cut where no source goes on.
    let extents: Extents = [(None, usize::MAX), (None, 5)].into_iter().collect();
    assert_eq!((extents.len(), extents.byte_len()), (1, usize::MAX));
    assert!(View::from_extents(&b""[..], &extents).is_err());
    // Offsets whose ends have no number.
    for offset in [usize::MAX, usize::MAX - 1, MOST] {
        let outcome = View::from_extents(&b"abc"[..], [(offset, 2)]);
        assert!(matches!(outcome, Err(Error::ExtentOutOfRange { size: 3, .. })));
    }
}

#[test]
fn ten_million_fragments() {
    const COUNT: usize = 10_000_000;
    let base: Vec<u8> = (0..=u8::MAX).cycle().take(1 << 16).collect();
    let place = |index: usize| (index.wrapping_mul(40_503) % 65_000, 1 + index % 3);
    watched("ten million fragments", || {
        let view = View::from_extents(&base, (0..COUNT).map(place)).unwrap();
        assert!(view.memory().fragment_count() > COUNT - 10);
        // Three fragments have six bytes.
        for index in (0..COUNT).step_by(99_991) {
            let offset = index / 3 * 6 + [0, 1, 3][index % 3];
            let (start, length) = place(index);
            for byte in 0..length {
                assert_eq!(view.get(offset + byte), Some(base[start + byte]));
            }
        }
        let edited = view.splice(9..view.len() - 9, []).unwrap();
        assert_eq!(edited.len(), 18);
        assert!(view.memory().heap_size() <= 20 * COUNT + 100);
    });
}

#[test]
fn a_million_slices_of_slices() {
    let base = atomics(&vec![7; 3_000_003]);
    let mut view = SharedView::from_atomics(base.chunks(1000)).unwrap();
    watched("a million slices", || {
        let mut kept = Vec::new();
        for index in 0..1_000_000 {
            view = view.slice(1..view.len() - 1).unwrap().reversed();
            kept.push(view.clone());
            if index % 2 == 0 {
                view = view.reversed();
            }
        }
        assert_eq!(view.len(), 1_000_003);
        assert_eq!(view.get(5), Some(7));
        drop(kept);
    });
}

#[test]
fn long_chains_of_edits_are_as_flat_as_one() {
    let pages: Vec<Page> = (0..200_u8).map(|byte| Page::new(&[byte; 3], true)).collect();
    watched("chains of edits and of views of views", || {
        let mut view = View::from_owners(pages.iter().cloned()).unwrap();
        let put = View::from_owners([Page::new(b"xy", true)]).unwrap();
        let mut oracle = view.to_vec().unwrap();
        for index in 0..20_000 {
            let at = index * 7919 % (oracle.len() - 2);
            view = view.splice(at..at + 2, [&put]).unwrap();
            oracle.splice(at..at + 2, *b"xy");
        }
        assert_eq!(view, oracle);
        let mut sum = view.slice(..0).unwrap();
        for _ in 0..3000 {
            sum = View::concat([&sum, &put]).unwrap();
        }
        assert_eq!(sum.len(), 6000);
        // A view of a view of a view… is one map on the memory itself.
        let mut nested = view;
        for _ in 0..3000 {
            nested = View::from_extents(&nested, [(0, nested.len())]).unwrap();
        }
        assert_eq!(nested, oracle);
        // Their drops don't go down a chain either.
        drop((nested, sum));
    });
    assert!(pages.iter().all(|page| page.clones() == 1));
}
