//! Which windows may be written, against a flag a byte.

use std::sync::Arc;

use crate::support::{Numbers, Page};
use fragview::memory::{Builder, Memory, Shared};
use fragview::{Error, View};

type Line = View<Shared<'static>, u8, Arc<Memory<Shared<'static>, Page>>>;

/// A line of fragments of which some are of a read-only page, some set read-only, some holes; and a flag for
/// each byte.
fn line(numbers: &mut Numbers) -> (Line, Vec<bool>) {
    let mut builder = Builder::new();
    let open = builder.add_source(Page::new(&[1; 64], true)).unwrap();
    let closed = builder.add_source(Page::new(&[2; 64], false)).unwrap();
    builder.merge_touching(numbers.below(2) == 0);
    let (mut flags, mut at) = (Vec::new(), 0);
    for _ in 0..numbers.below(9) {
        let length = numbers.below(4);
        let writable = match numbers.below(5) {
            0 => builder.push(closed, at, length).map(|()| false),
            1 => builder.push_hole(length).map(|()| false),
            2 => {
                builder.set_readonly(true);
                let pushed = builder.push(open, at, length).map(|()| false);
                builder.set_readonly(false);
                pushed
            }
            _ => builder.push(open, at, length).map(|()| true),
        };
        flags.extend(std::iter::repeat_n(writable.unwrap(), length));
        at += length;
    }
    (builder.finish().into(), flags)
}

#[test]
fn a_window_is_writable_where_all_its_bytes_are() {
    let mut numbers = Numbers::new(5);
    for _ in 0..150 {
        let (view, flags) = line(&mut numbers);
        for width in [1, 2, 3] {
            let Ok(items) = view
                .slice(..flags.len() / width * width)
                .and_then(|view| view.untyped(width))
            else {
                continue;
            };
            for first in 0..items.len() {
                for count in 1..=items.len() {
                    for step in [-7, -4, -3, -2, -1, 1, 2, 3, 4, 7] {
                        let Some(window) = items.window().slice_with_step(first, count, step) else {
                            continue;
                        };
                        let expected = (0..count).all(|item| {
                            let start = window.offset(item);
                            flags[start..start + width].iter().all(|&flag| flag)
                        });
                        assert_eq!(
                            view.memory().is_writable(&window),
                            expected,
                            "{window:?} on {flags:?}"
                        );
                        let some = flags[window.span()].iter().any(|&flag| flag);
                        assert_eq!(
                            view.memory().has_writable(&window),
                            some,
                            "{window:?} on {flags:?}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn nothing_is_written_where_one_byte_is_read_only() {
    let mut numbers = Numbers::new(6);
    for _ in 0..300 {
        let (view, flags) = line(&mut numbers);
        let pages: Vec<Vec<u8>> = view.memory().owners().map(Page::bytes).collect();
        let before = view.to_vec().unwrap();
        if flags.iter().all(|&flag| flag) {
            continue;
        }
        assert_eq!(view.fill(9), Err(Error::ReadOnly));
        assert_eq!(view.copy_from_slice(&before), Err(Error::ReadOnly));
        assert_eq!(view.copy_from_view(&view), Err(Error::ReadOnly));
        assert_eq!(view.reversed().fill(9), Err(Error::ReadOnly));
        for (index, &flag) in flags.iter().enumerate() {
            let written = view.set(index, before[index]);
            assert_eq!(written, if flag { Ok(()) } else { Err(Error::ReadOnly) });
            let word = view.memory().write_at(index, &[9_u8; 3]);
            let expected = match flags.get(index..index + 3) {
                None => Err(Error::IndexOutOfRange {
                    index,
                    length: flags.len(),
                }),
                Some(flags) if flags.iter().all(|&flag| flag) => Ok(()),
                Some(_) => Err(Error::ReadOnly),
            };
            assert_eq!(word, expected);
            if word.is_ok() {
                let restored = view.slice(index..index + 3).unwrap();
                restored.copy_from_slice(&before[index..index + 3]).unwrap();
            }
        }
        assert_eq!(view, before[..]);
        let after: Vec<Vec<u8>> = view.memory().owners().map(Page::bytes).collect();
        assert_eq!(after, pages);
    }
}

#[test]
fn an_item_across_the_border_of_a_permission_is_read_only() {
    let mut builder = Builder::<Shared<'static>, Page>::new();
    let open = builder.add_source(Page::new(&[1; 8], true)).unwrap();
    let closed = builder.add_source(Page::new(&[2; 8], false)).unwrap();
    builder.push(open, 0, 3).unwrap();
    builder.push(closed, 0, 2).unwrap();
    builder.push(open, 3, 3).unwrap();
    builder.push_hole(2).unwrap();
    builder.push(open, 6, 2).unwrap();
    let view = View::from(builder.finish());
    let words = view.cast::<u16>().unwrap();
    let written: Vec<bool> = (0..words.len())
        .map(|index| words.set(index, 7).is_ok())
        .collect();
    assert_eq!(written, [true, false, false, true, false, true]);
    assert_eq!(
        words.set(6, 7),
        Err(Error::IndexOutOfRange { index: 6, length: 6 })
    );
    // Only every third item, none of which is read-only.
    let open = words.slice_with_step(fragview::geometry::Slice {
        start: Some(0),
        stop: Some(4),
        step: 3,
    });
    assert!(open.is_writable());
    open.copy_from_slice(&[3; 4]).unwrap();
    assert_eq!(view, [3, 3, 1, 2, 2, 1, 3, 3, 0, 0, 7, 0]);
}

/// Far past the memory there is nothing to write, whatever a window says.
#[test]
fn writes_past_the_memory_are_refused() {
    let view = View::from_owners([Page::new(&[1, 2, 3], true)]).unwrap();
    let memory = view.memory();
    for index in [1, 2, 3, 4, usize::MAX - 1, usize::MAX] {
        assert_eq!(
            memory.write_at(index, &[0_u8; 3]),
            Err(Error::IndexOutOfRange { index, length: 3 })
        );
        assert_eq!(memory.read::<[u8; 3]>(index), None);
    }
    assert_eq!(memory.write_at(0, &[4_u8, 5, 6]), Ok(()));
    assert_eq!(memory.read::<[u8; 3]>(0), Some([4, 5, 6]));
}
