//! `FragBuffer::find` and `find_within` against a plain search: needles across seams and windows, holes that
//! are leapt over, steps of every size.

mod support;

use fragview::memory::{Builder, Frozen};
use fragview::search::{Finder, Step};
use fragview::{FragBuffer, View};
use support::splits;

fn hole(zeros: usize) -> View<Frozen<'static>> {
    let mut builder = Builder::<Frozen<'static>>::new();
    builder.push_hole(zeros).unwrap();
    View::from(builder.finish())
}

/// A buffer of these parts, and its bytes: `Ok` is bytes, `Err` a hole of so many zeros.
fn buffer_of(parts: &[Result<&'static [u8], usize>]) -> (FragBuffer<Frozen<'static>>, Vec<u8>) {
    let (mut buffer, mut bytes) = (FragBuffer::<Frozen<'static>>::new(), Vec::new());
    for part in parts {
        match *part {
            Ok(part) => {
                buffer.append_slice(part).unwrap();
                bytes.extend(part);
            }
            Err(zeros) => {
                buffer.append_view(&hole(zeros)).unwrap();
                bytes.resize(bytes.len() + zeros, 0);
            }
        }
    }
    (buffer, bytes)
}

fn plain(bytes: &[u8], needle: &[u8], start: usize) -> Option<usize> {
    if needle.is_empty() {
        return (start <= bytes.len()).then_some(start);
    }
    let rest = bytes.get(start..)?;
    rest.windows(needle.len())
        .position(|window| window == needle)
        .map(|at| start + at)
}

#[test]
fn needles_across_seams() {
    let bytes = b"abcabcdab";
    for lengths in splits(bytes.len()) {
        let mut buffer = FragBuffer::<Frozen<'_>>::new();
        let mut rest = &bytes[..];
        for &length in &lengths {
            buffer.append_slice(&rest[..length]).unwrap();
            rest = &rest[length..];
        }
        for start in 0..12 {
            for needle in [
                &b""[..],
                b"a",
                b"ab",
                b"abcd",
                b"cabcdab",
                b"x",
                b"abcabcdabx",
                b"dab",
            ] {
                let expected = plain(bytes, needle, start);
                assert_eq!(
                    buffer.find(needle, start).unwrap(),
                    expected,
                    "{needle:?} {start}"
                );
            }
        }
    }
    assert_eq!(FragBuffer::<Frozen<'_>>::new().find(b"", 0).unwrap(), Some(0));
    assert_eq!(FragBuffer::<Frozen<'_>>::new().find(b"a", 0).unwrap(), None);
}

/// Windows are looked through one after the other: a needle at each place around their borders, short and
/// long ones.
#[test]
fn needles_across_windows() {
    let mut bytes = vec![b'.'; 100_000];
    for needle_length in [1, 2, 17, 5000, 20_000] {
        let needle = vec![b'n'; needle_length];
        for at in [
            0,
            16_383 - needle_length.min(16_383),
            16_383,
            16_384,
            16_385,
            49_000,
            80_000,
        ] {
            bytes[at..at + needle_length].copy_from_slice(&needle);
            let mut buffer = FragBuffer::<Frozen<'_>>::new();
            for piece in bytes.chunks(777) {
                buffer.append_slice(piece).unwrap();
            }
            assert_eq!(buffer.find(&needle, 0).unwrap(), Some(at));
            assert_eq!(buffer.find(&needle, at).unwrap(), Some(at));
            assert_eq!(buffer.find(&needle, at + 1).unwrap(), None);
            bytes[at..at + needle_length].fill(b'.');
        }
    }
}

#[test]
fn holes_and_steps() {
    for zeros in [1, 2, 100, 16_383, 16_384, 16_385, 16_390, 70_000] {
        let (buffer, bytes) = buffer_of(&[Ok(b"ab\0"), Err(zeros), Ok(b"\0cd"), Err(zeros), Ok(b"e\0\0f")]);
        let long = vec![0; zeros + 2];
        let wide = [b"b".as_slice(), &long, b"cd"].concat();
        for needle in [
            &b""[..],
            b"\0",
            b"b\0\0",
            b"\0\0c",
            b"\0c",
            b"cd\0",
            b"\0\0e\0",
            b"e\0\0f",
            b"x",
            b"\0\0f\0",
            &long,
            &wide,
        ] {
            for start in [
                0,
                1,
                3,
                zeros,
                zeros + 4,
                zeros + 7,
                bytes.len() - 1,
                bytes.len(),
                bytes.len() + 1,
            ] {
                let expected = plain(&bytes, needle, start);
                assert_eq!(buffer.find(needle, start).unwrap(), expected);
                for step in [1, 1000, 20_000, usize::MAX] {
                    let (finder, mut at) = (Finder::new(needle), start);
                    let found = loop {
                        match buffer.find_within(&finder, &mut at, step).unwrap() {
                            Step::Found(found) => break Some(found),
                            Step::End => break None,
                            Step::Paused => {}
                        }
                    };
                    assert_eq!(found, expected, "{zeros} {start} {step} {}", needle.len());
                }
            }
        }
    }
}

#[test]
fn a_hole_costs_nothing() {
    let (buffer, _) = buffer_of(&[Ok(b"head")]);
    let mut all = buffer;
    all.append_view(&hole(1 << 60)).unwrap();
    all.append_slice(b"tail").unwrap();
    assert_eq!(all.find(b"\0tail", 0).unwrap(), Some((1 << 60) + 3));
    assert_eq!(all.find(b"none", 0).unwrap(), None);
    assert_eq!(all.find(b"\0\0", 0).unwrap(), Some(4));
}
