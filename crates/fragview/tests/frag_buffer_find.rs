//! `FragBuffer::find_within`: holes that are leapt over, and searches in steps of every size, against a plain
//! search.

use fragview::memory::{Builder, Frozen};
use fragview::search::{Finder, Step};
use fragview::{FragBuffer, View};

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
