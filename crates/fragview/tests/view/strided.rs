//! Views whose items overlap, or are all the same bytes, against lists of their items.

use fragview::geometry::Window;
use fragview::memory::{Builder, Frozen, Shared};
use fragview::search::Finder;
use fragview::{Untyped, View};
use std::sync::atomic::AtomicU8;

const LINE: &[u8] = &[3, 1, 4, 1, 5, 9, 2];

/// The line, cut in three.
fn frozen() -> fragview::memory::Memory<Frozen<'static>> {
    let mut builder = Builder::<Frozen<'_>>::new();
    for part in [&LINE[..2], &LINE[2..3], &LINE[3..]] {
        builder.push_slice(part).unwrap();
    }
    builder.finish()
}

/// Each window of up to five items on the line.
fn windows() -> impl Iterator<Item = Window> {
    (0..LINE.len()).flat_map(|start| {
        (0..5).flat_map(move |count| {
            (-3..=3).flat_map(move |step| {
                (1..=3).filter_map(move |width| Window::strided(LINE.len(), start, count, step, width))
            })
        })
    })
}

fn items(line: &[u8], window: &Window) -> Vec<u8> {
    (0..window.len())
        .flat_map(|item| &line[window.offset(item)..][..window.width()])
        .copied()
        .collect()
}

#[test]
fn reading_gives_each_item_as_often_as_it_is_shown() {
    let memory = frozen();
    for window in windows() {
        let expected = items(LINE, &window);
        let view = View::<Frozen<'_>, Untyped, _>::from_window(&memory, window).unwrap();
        assert_eq!(view.to_vec().unwrap(), expected, "{window:?}");
        assert_eq!(view.chunks().collect::<Vec<_>>().concat(), expected);
        let reversed = view.reversed();
        let mut backwards: Vec<&[u8]> = expected.chunks(window.width()).collect();
        backwards.reverse();
        assert_eq!(reversed.to_vec().unwrap(), backwards.concat());
        assert!(view.same_bytes(&view.clone()));
        if window.width() == 1 {
            let bytes = view.into_bytes().unwrap();
            assert_eq!(bytes, expected);
            for needle in [&[1_u8][..], &[4, 4], &[1, 5], &[2, 2, 2]] {
                let found = expected.windows(needle.len()).position(|part| part == needle);
                assert_eq!(
                    Finder::new(needle).find(&bytes).unwrap(),
                    found,
                    "{window:?} {needle:?}"
                );
            }
        }
    }
}

#[test]
fn writing_is_in_the_items_order() {
    for window in windows() {
        let mut expected = LINE.to_vec();
        let atomics: Vec<AtomicU8> = LINE.iter().copied().map(AtomicU8::new).collect();
        let mut builder = Builder::<Shared<'_>>::new();
        builder.push_slice(&atomics[..4]).unwrap();
        builder.push_slice(&atomics[4..]).unwrap();
        let memory = builder.finish();
        let view = View::<Shared<'_>, Untyped, _>::from_window(&memory, window).unwrap();
        assert!(view.is_writable());
        let data: Vec<u8> = (100..).take(window.byte_count()).collect();
        for (item, bytes) in data.chunks(window.width()).enumerate() {
            expected[window.offset(item)..][..window.width()].copy_from_slice(bytes);
        }
        view.copy_from_slice(&data).unwrap();
        let now: Vec<u8> = atomics.into_iter().map(AtomicU8::into_inner).collect();
        assert_eq!(now, expected, "{window:?}");
    }
}

#[test]
fn one_read_only_byte_shown_often_is_read_only() {
    let byte = [AtomicU8::new(7)];
    let mut builder = Builder::<Shared<'_>>::new();
    builder.set_readonly(true);
    builder.push_slice(&byte).unwrap();
    let memory = builder.finish();
    let window = Window::strided(1, 0, isize::MAX.cast_unsigned(), 0, 1).unwrap();
    let view = View::<Shared<'_>, Untyped, _>::from_window(&memory, window).unwrap();
    assert!(!view.is_writable());
}
